// Texts of rows, which are never trusted: only text nodes are made of them.
const SIGNS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]/;

// Text with characters that would be obeyed or not be seen shown by their number.
function shown(text) {
  const parts = [];
  for (const piece of text.toWellFormed ? text.toWellFormed().split(new RegExp(`(${SIGNS.source})`)) : [text]) {
    if (piece.length === 1 && SIGNS.test(piece)) {
      const code = `U+${piece.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
      parts.push(make("span", { class: "sign", title: "a character that is not seen" }, code));
    } else if (piece) parts.push(piece);
  }
  return parts;
}

function piece(part) {
  if (typeof part === "string") return shown(part);
  if ("gap" in part) return [make("span", { class: "gap" }, `${count(part.gap)} characters left out`)];
  const rules = part.rules.map((rule) => values.rules[rule].what).join("; ");
  return [make("mark", { title: rules }, ...shown(part.mark))];
}

const textOf = (pieces) => make("div", { class: "text", dir: "auto" }, ...pieces.flatMap(piece));

// A long text is folded, and says so.
function folded(node) {
  const button = make("button", { type: "button", class: "plain hidden", onclick: () => {
    node.classList.toggle("long");
    button.textContent = node.classList.contains("long") ? "Show all" : "Show less";
  } }, "Show all");
  requestAnimationFrame(() => {
    const marked = node.querySelector("mark");
    // never hide what the row is shown for
    const deep = marked && marked.getBoundingClientRect().top - node.getBoundingClientRect().top > 240;
    if (node.scrollHeight > 380) {
      button.classList.remove("hidden");
      if (deep) button.textContent = "Show less";
      else node.classList.add("long");
    }
  });
  return [node, button];
}

function aside(title, pieces) {
  return make("div", { class: "aside" }, make("h5", {}, title), textOf(pieces));
}

function turn(said) {
  if (said.left_out) return make("div", { class: "turn" }, make("div"), make("div", { class: "soft" }, `${count(said.left_out)} more turns left out`));
  const known = ["system", "developer", "user", "assistant", "tool", "text"].includes(said.role);
  const who = make("div", { class: "who" }, ...shown(said.role || "no role"));
  if (said.name) who.append(make("div", {}, ...shown(said.name)));
  if (said.side) who.append(make("div", {}, ...shown(said.side)));
  const body = make("div", {});
  if (said.thought) body.append(aside("Reasoning", said.thought));
  if (said.text.length) body.append(...folded(textOf(said.text)));
  else if (!said.calls) body.append(make("div", { class: "empty" }, "empty"));
  if (said.calls) body.append(aside("Tool calls", said.calls));
  return make("div", { class: `turn ${known ? said.role : "unknown"} ${said.side === "rejected" ? "rejected" : ""}` }, who, body);
}

// Where a row stands, as an editor counts; the file too, where there are several.
const manyFiles = new Set(values.findings?.rows.map((row) => row.file)).size > 1;
function place(row) {
  const at = row.line ? `line ${count(row.line)}` : `row ${count(row.row)}`;
  return manyFiles ? `${row.file.split("/").pop()} ${at}` : at;
}

function differences(changes) {
  const kinds = { gone: "del", new: "ins" };
  return make("div", { class: "text", dir: "auto" }, ...changes.flatMap(([kind, text]) =>
    kind in kinds ? [make(kinds[kind], {}, ...shown(text))] : shown(text)));
}
