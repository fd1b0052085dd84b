// The frame: the page's values, making elements, the theme, and which section is in view.
const values = JSON.parse(document.getElementById("data").textContent);
const severities = ["high", "medium", "low"];

const byId = (id) => document.getElementById(id);
const count = (n) => Number(n).toLocaleString("en");
const words = (name) => name.replaceAll("_", " ");

function percent(share) {
  if (share === 0 || share === 1 || (share >= 0.0005 && share < 0.9995)) return `${(100 * share).toFixed(1)} %`;
  return share < 0.5 ? "< 0.1 %" : "> 99.9 %";
}

// An element with attributes and children; a string child becomes text, never markup.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function choice(label, options, chosen, changed, extra = "") {
  const select = make("select", { onchange: () => changed(select.value) },
    ...options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
  return make("label", { class: `field ${extra}` }, label, select);
}

// Buttons and a status for something shown page by page; every pager of that name is kept alike.
function pager(name, move) {
  const places = document.querySelectorAll(`[data-pager="${name}"]`);
  return (status, first, last) => {
    for (const [index, place] of [...places].entries()) {
      place.replaceChildren(
        make("span", index === 0 ? { class: "status", role: "status" } : { class: "status" }, status),
        make("button", { type: "button", disabled: first, onclick: () => move(-1) }, "Previous"),
        make("button", { type: "button", disabled: last, onclick: () => move(1) }, "Next"),
      );
    }
  };
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy"); // a page from a file may lack the clipboard interface
    area.remove();
    return done;
  }
}

function download(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// Work that waits until its section comes near the window, so that the page opens at once.
function whenNear(node, work) {
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      watcher.disconnect();
      work();
    }
  }, { rootMargin: "800px" });
  watcher.observe(node);
  window.addEventListener("beforeprint", () => { watcher.disconnect(); work(); }, { once: true });
}

const themed = []; // what is drawn anew in another theme
function remembered(theme) {
  try {
    if (theme) localStorage.setItem("tamis-theme", theme);
    return localStorage.getItem("tamis-theme");
  } catch {
    return null; // a page from a file may be refused storage
  }
}
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (systemDark.matches ? "dark" : "light")) === "dark";
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  for (const draw of themed) draw();
}
if (remembered()) document.documentElement.dataset.theme = remembered();
byId("theme").addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  remembered(theme);
  setTheme(theme);
});
systemDark.addEventListener("change", () => { for (const draw of themed) draw(); });

const links = [...document.querySelectorAll(".top nav a")];
const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links) {
      if (link.hash === `#${entry.target.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}, { rootMargin: "-20% 0px -70% 0px" });
for (const section of document.querySelectorAll("main > section")) inView.observe(section);
