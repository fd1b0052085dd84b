// The threshold explorer, and the recipe that it amounts to.
const explorer = values.thresholds.rules;
const changed = new Map(); // by rule: {threshold, action}
let current = 0;
const state = (rule) => changed.get(rule.rule) || { threshold: rule.threshold, action: rule.action };
const plain = (value) => `${+Number(value).toPrecision(6)}`;

function change(rule, part) {
  const next = { ...state(rule), ...part };
  if (next.threshold === rule.threshold && next.action === rule.action) changed.delete(rule.rule);
  else changed.set(rule.rule, next);
  markRules();
  byId("recipe").textContent = toml();
}

const affectedAt = (rule, threshold) => rule.affected[rule.stops.indexOf(threshold)] ?? rule.rows;
const hits = (rule, value, threshold) => (rule.key === "at_least" ? value >= threshold : value <= threshold);

function nearRows(rule, threshold) {
  const sorted = [...rule.examples].sort((a, b) => a.value - b.value);
  const hit = sorted.filter((e) => hits(rule, e.value, threshold)), spared = sorted.filter((e) => !hits(rule, e.value, threshold));
  return rule.key === "at_least" ? [hit.slice(0, 3), spared.slice(-3).reverse()] : [hit.slice(-3).reverse(), spared.slice(0, 3)];
}

function example(found) {
  const rows = [found.row, found.other].filter((row) => row !== undefined);
  const item = make("li", {}, make("div", { class: "row" }, make("span", { class: "mono" }, `${+found.value.toPrecision(5)}`), make("span", {}, rows.map((row) => `row ${count(row)}`).join(" and "))));
  for (const row of rows) {
    const brief = values.thresholds.briefs[row];
    if (!brief) continue;
    item.append(make("div", { class: "text", dir: "auto" }, ...shown(brief[0] || "(no prompt)")), make("div", { class: "text answer", dir: "auto" }, ...shown(brief[1] || "(no answer)")));
  }
  return item;
}

function nearList(title, rows, none) {
  return make("div", {}, make("h4", {}, title), make("ul", {}, ...(rows.length ? rows.map(example) : [make("li", { class: "soft" }, none)])));
}

let drawing = null;
function drawRule() {
  const rule = explorer[current];
  const panel = byId("rule-panel");
  const now = state(rule);
  const reading = make("b", {}), share = make("span", { class: "soft" }), output = make("output", { for: "slider" }), near = make("div", { class: "near" });
  const slider = make("input", { type: "range", id: "slider", min: 0, max: rule.stops.length - 1, step: 1, "aria-label": `Threshold of ${words(rule.rule)}` });
  slider.value = rule.stops.indexOf(now.threshold);
  const picture = make("div", { class: "chart", role: "img", "aria-label": `Histogram of ${words(rule.signal)}` });
  const action = choice("When it fires", [["drop", "drop the row"], ["flag", "flag the row"], ["off", "rule off"]], now.action, (value) => { change(rule, { action: value }); });
  panel.replaceChildren(
    make("div", { class: "row spread top-aligned" }, make("h3", {}, ...shown(rule.what)), action),
    make("p", { class: "soft small" }, ...shown(rule.summary)),
    rule.counted === "repeats" ? make("p", { class: "soft small" }, "Rows that repeat a kept one; the kept ones are not counted, and at each place it is settled anew which those are.") : "",
    rule.where ? make("p", { class: "soft small" }, "Only where ", make("code", {}, rule.where)) : "",
    make("div", { class: "reading" }, reading, share),
    picture,
    make("div", { class: "slider" }, slider, output),
    near,
  );
  const options = () => histogram(rule.histogram, { line: rule.stops[slider.value], hits: rule.key === "at_least" ? "above" : "below", unit: rule.unit });
  if (drawing) { drawing.drawn.dispose(); themed.splice(themed.indexOf(drawing.draw), 1); }
  drawing = chart(picture, options);
  function show() {
    const threshold = rule.stops[slider.value], rows = affectedAt(rule, threshold), by = rows - rule.rows;
    reading.textContent = `${count(rows)} ${rows === 1 ? "row" : "rows"}`;
    share.textContent = `${percent(rule.applies ? rows / rule.applies : 0)} of ${count(rule.applies)}${by ? `, ${by > 0 ? "+" : "−"}${count(Math.abs(by))} against the recipe` : ", as the recipe has it"}`;
    output.textContent = `${rule.signal} ${rule.key === "at_least" ? "≥" : "≤"} ${plain(threshold)}`;
    slider.setAttribute("aria-valuetext", `${output.textContent}: ${count(rows)} rows`);
    const [hit, spared] = nearRows(rule, threshold);
    near.replaceChildren(nearList("Just hit", hit, "No row that this page carries."), nearList("Just spared", spared, "No row that this page carries."));
  }
  slider.addEventListener("input", () => {
    show();
    drawing.draw();
    change(rule, { threshold: rule.stops[slider.value] });
  });
  show();
}

function choose(index) {
  current = index;
  byId("rule-picker").value = index;
  markRules();
  drawRule();
}

function markRules() {
  for (const [i, button] of [...byId("rule-list").children].entries()) {
    button.classList.toggle("changed", changed.has(explorer[i].rule));
    if (i === current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

// TOML of plain values: strings in JSON's quotes are TOML's basic strings.
const quoted = (text) => JSON.stringify(text).replaceAll("\u007f", "\\u007f");
function value(of) {
  if (typeof of === "string") return quoted(of);
  if (Array.isArray(of)) return `[${of.map(value).join(", ")}]`;
  return typeof of === "number" ? plain(of) : String(of);
}
const keyed = (name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name));
function table(heading, entries) {
  return `[${heading}]\n${Object.entries(entries).map(([key, of]) => `${keyed(key)} = ${value(of)}`).join("\n")}\n`;
}

function toml() {
  const { extends: parent, tables, name } = values.thresholds.recipe;
  const off = [...changed].filter(([, now]) => now.action === "off").map(([rule]) => rule);
  const parts = [`description = ${quoted(`${name}, with thresholds set by looking`)}`];
  if (parent) {
    parts.unshift(`extends = ${quoted(parent)}`);
    if (off.length) parts.push("", "[rules]", ...off.map((rule) => `${keyed(rule)} = false`));
  } else {
    for (const [key, of] of Object.entries(tables)) if (!["rules", "signals", "description", "extends"].includes(key)) parts.push(`${keyed(key)} = ${value(of)}`);
    for (const [signal, options] of Object.entries(tables.signals || {})) parts.push("", table(`signals.${keyed(signal)}`, options).trim());
  }
  const rules = parent ? Object.fromEntries([...changed.keys()].map((rule) => [rule, {}])) : tables.rules || {};
  for (const [rule, entries] of Object.entries(rules)) {
    const now = changed.get(rule), known = explorer.find((e) => e.rule === rule);
    if (now?.action === "off") continue;
    const own = { ...entries };
    if (now && (!parent || now.threshold !== known.threshold)) own[known.key] = now.threshold;
    if (now && (!parent || now.action !== known.action)) own.action = now.action;
    parts.push("", table(`rules.${keyed(rule)}`, own).trim());
  }
  return `${parts.join("\n")}\n`;
}

function said_of(text) { byId("recipe-status").textContent = text; }

byId("rule-list").replaceChildren(...explorer.map((rule, i) => make("button", { type: "button", onclick: () => choose(i) }, make("span", {}, ...shown(rule.what)), make("span", {}, count(rule.rows)))));
byId("rule-picker").replaceChildren(...explorer.map((rule, i) => make("option", { value: i }, `${rule.what} (${count(rule.rows)})`)));
byId("rule-picker").addEventListener("change", (event) => choose(Number(event.target.value)));
byId("copy-recipe").addEventListener("click", async () => said_of(await copied(toml()) ? "Copied." : "Select the text above and copy it."));
byId("download-recipe").addEventListener("click", () => { download("my.toml", toml()); said_of("Saved as my.toml."); });
byId("reset-recipe").addEventListener("click", () => { changed.clear(); choose(current); byId("recipe").textContent = toml(); said_of("As the recipe has it."); });
byId("recipe").textContent = toml();
whenNear(byId("thresholds"), () => choose(0));
