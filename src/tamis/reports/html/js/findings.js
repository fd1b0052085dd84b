// The browser of findings: filters, pages, and rows as conversations.
const browser = { rule: "", schema: "", language: "", source: "", verdict: "", words: "", page: 0 };
const PAGE_ROWS = 8;

function distinct(key) {
  const counts = new Map();
  for (const row of values.findings.rows) if (row[key]) counts.set(row[key], (counts.get(row[key]) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, n]) => [name, `${name} (${count(n)})`]);
}

const said = (row) => row.turns.map((t) => (t.text || []).map((p) => (typeof p === "string" ? p : p.mark || "")).join("")).join("\n").toLowerCase();

// The worst first, then as the rows stand.
const worst = (row) => Math.min(3, ...row.findings.map((f) => severities.indexOf(values.rules[f.rule].severity)));
const ranked = [...values.findings.rows].sort((a, b) => worst(a) - worst(b) || a.row - b.row);

function matching() {
  const { rule, schema, language, source, verdict, words: wanted } = browser;
  const needle = wanted.trim().toLowerCase();
  return ranked.filter((row) =>
    (!rule || (rule === "none" ? !row.findings.length : row.findings.some((f) => values.rules[f.rule].rule === rule)))
    && (!schema || row.schema === schema) && (!language || row.language === language) && (!source || row.source === source)
    && (!verdict || (verdict === "dropped") === row.dropped) && (!needle || said(row).includes(needle)));
}

function reason(found) {
  const rule = values.rules[found.rule];
  const item = make("li", {}, make("span", { class: `dot ${rule.severity}` }), make("span", {}, ...shown(rule.what)));
  if (found.value !== undefined && rule.unit !== "flag") item.append(make("span", { class: "soft mono" }, `${rule.signal} ${found.value}`));
  if (found.other !== undefined) item.append(make("span", { class: "soft" }, found.other >= 0 ? `see row ${count(found.other)}` : `see row ${count(-1 - found.other)} of the other set`));
  if (found.excerpt) item.append(make("span", { class: "soft text", dir: "auto" }, ...shown(found.excerpt)));
  if (rule.action === "drop") item.append(make("span", { class: "badge drop" }, "drops"));
  if (found.beside) item.append(make("div", { class: "text beside", dir: "auto" }, make("span", { class: "soft" }, "the item: "), ...shown(found.beside)));
  return item;
}

function rowCard(row) {
  const facts = [row.schema, row.language, row.source].filter(Boolean);
  const head = make("div", { class: "head" }, make("b", {}, ...shown(place(row))), make("span", {}, `row ${count(row.row)}`),
    ...facts.map((fact) => make("span", { class: "badge" }, ...shown(fact))),
    make("span", { class: `badge end ${row.dropped ? "drop" : row.findings.length ? "flag" : "keep"}` }, row.dropped ? "would be dropped" : row.findings.length ? "kept, flagged" : "kept"));
  const card = make("article", { class: "card", "aria-label": place(row) }, head);
  if (row.findings.length) {
    const reasons = [...row.findings].sort((a, b) => severities.indexOf(values.rules[a.rule].severity) - severities.indexOf(values.rules[b.rule].severity));
    card.append(make("ul", { class: "reasons" }, ...reasons.map(reason)));
  }
  card.append(...row.turns.map(turn));
  return card;
}

function drawFindings() {
  const rows = matching();
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  browser.page = Math.min(Math.max(0, browser.page), pages - 1);
  const first = browser.page * PAGE_ROWS;
  const some = rows.slice(first, first + PAGE_ROWS);
  byId("findings-rows").replaceChildren(...some.map(rowCard));
  turnPages(rows.length ? `${count(first + 1)} to ${count(first + some.length)} of ${count(rows.length)} rows` : "No row in this page matches",
    browser.page === 0, browser.page === pages - 1);
}
const turnPages = pager("findings", (by) => {
  browser.page += by;
  drawFindings();
  byId("findings").scrollIntoView();
});

function drawFilters() {
  const carried = new Map();
  for (const row of values.findings.rows) for (const found of row.findings) carried.set(found.rule, (carried.get(found.rule) || 0) + 1);
  const rules = values.rules.map((rule, i) => [rule.rule, `${rule.what} (${count(carried.get(i) || 0)} of ${count(rule.rows)})`, carried.get(i)]).filter((r) => r[2]);
  const set = (key) => (value) => { browser[key] = value; browser.page = 0; drawFindings(); };
  const label = values.findings.label ?? "Rule";
  const without = values.findings.rows.some((row) => !row.findings.length) ? [["none", "Rows without a finding"]] : [];
  const parts = [choice(label, [["", `All ${label.toLowerCase()}s`], ...rules, ...without], browser.rule, set("rule"), "wide")];
  for (const [key, label] of [["schema", "Schema"], ["language", "Language"], ["source", values.findings.by ? words(values.findings.by) : "Source"]]) {
    const options = distinct(key);
    if (options.length > 1) parts.push(choice(label, [["", "All"], ...options], browser[key], set(key)));
  }
  parts.push(choice("Pruning", [["", "All"], ["dropped", "Dropped"], ["kept", "Kept"]], browser.verdict, set("verdict")));
  const search = make("input", { type: "search", placeholder: "Words in the text", oninput: () => set("words")(search.value) });
  parts.push(make("label", { class: "field wide" }, "Search", search));
  byId("findings-filters").replaceChildren(...parts);
}

function showRule(rule) {
  Object.assign(browser, { rule, schema: "", language: "", source: "", verdict: "", words: "", page: 0 });
  drawFilters();
  drawFindings();
  byId("findings").scrollIntoView();
}

drawFilters();
drawFindings();
for (const button of document.querySelectorAll("[data-rule]")) button.addEventListener("click", () => showRule(button.dataset.rule));
