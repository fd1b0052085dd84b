// Clusters of duplicates: the kept row first, then what differs in each row that repeats it.
const repeats = { rule: 0, page: 0 };
const PAGE_CLUSTERS = 5;

function sideOf(title, content) {
  return make("div", { class: "side" }, make("span", {}, title), content);
}

const isBlank = (changes) => changes.length === 1 && changes[0][0] === "same" && changes[0][1] === "white space only";

function member(rule, found) {
  const sides = Object.entries(found.changes);
  const alike = rule.exact ? "equal" : found.similarity.toFixed(2);
  return make("div", { class: "member" },
    make("div", { class: "row small soft" }, make("b", {}, `row ${count(found.row)}`), make("span", { class: "badge" }, alike), sides.length ? "" : make("span", {}, "no difference in what is shown")),
    ...sides.map(([side, changes]) => sideOf(side === "response" ? "answer" : side, isBlank(changes) ? make("span", { class: "soft" }, "differs in white space only") : differences(changes))));
}

function cluster(rule, found) {
  const kept = found.kept >= 0 ? `row ${count(found.kept)}` : `row ${count(-1 - found.kept)} of the other set`;
  const card = make("article", { class: "card", "aria-label": `Cluster of ${kept}` },
    make("div", { class: "row spread" }, make("div", { class: "row" }, make("b", {}, kept), make("span", { class: "badge keep" }, "kept")), make("span", { class: "soft small" }, `${count(found.size)} rows`)));
  if (found.text) {
    card.append(sideOf("prompt", make("div", { class: "text", dir: "auto" }, ...shown(found.text.prompt || "(none)"))),
      sideOf("answer", make("div", {}, ...folded(make("div", { class: "text", dir: "auto" }, ...shown(found.text.response || "(none)"))))));
  } else card.append(make("p", { class: "soft small" }, "Its text is not in the data that was audited."));
  card.append(...found.members.map((m) => member(rule, m)));
  const rest = found.all.filter((row) => !found.members.some((m) => m.row === row));
  if (rest.length) {
    const more = found.size - 1 - found.members.length - rest.length;
    card.append(make("details", {}, make("summary", {}, `${count(found.size - 1 - found.members.length)} more rows`), make("p", { class: "soft small" }, `rows ${rest.map(count).join(" · ")}${more > 0 ? ` and ${count(more)} more` : ""}`)));
  }
  return card;
}

function drawClusters() {
  const rule = values.duplicates[repeats.rule];
  const pages = Math.ceil(rule.largest.length / PAGE_CLUSTERS);
  const first = repeats.page * PAGE_CLUSTERS;
  byId("duplicates-clusters").replaceChildren(...rule.largest.slice(first, first + PAGE_CLUSTERS).map((found) => cluster(rule, found)));
  turnClusters(`${count(rule.rows)} rows repeat ${count(rule.clusters)} kept ones (${rule.action === "drop" ? "dropped" : "flagged"}); clusters ${first + 1} to ${Math.min(first + PAGE_CLUSTERS, rule.largest.length)} of the largest ${rule.largest.length}`,
    repeats.page === 0, repeats.page >= pages - 1);
}
const turnClusters = pager("duplicates", (by) => { repeats.page += by; drawClusters(); });

byId("duplicates-filters").replaceChildren(choice("Kind", values.duplicates.map((rule, i) => [String(i), `${rule.what} (${count(rule.rows)})`]), "0",
  (value) => { Object.assign(repeats, { rule: Number(value), page: 0 }); drawClusters(); }, "wide"));
drawClusters();
