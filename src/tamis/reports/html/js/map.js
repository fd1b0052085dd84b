// The map: a scatter plot, coloured by a column; a lasso or a name lists rows and copies their numbers.
const plane = values.map;
const atlas = { colour: 0, chosen: [], lasso: false, view: null };
const RAMP = { light: ["#d9d5cb", "#7fb0a6", "#0d6a60", "#062f2b"], dark: ["#33443f", "#3f8a7e", "#66cdbf", "#dffaf4"] };

function ramped(share) {
  const stops = RAMP[isDark() ? "dark" : "light"];
  const at = Math.min(share, 0.9999) * (stops.length - 1), i = Math.floor(at);
  const mixed = [1, 3, 5].map((k) => {
    const a = parseInt(stops[i].slice(k, k + 2), 16), b = parseInt(stops[i + 1].slice(k, k + 2), 16);
    return Math.round(a + (b - a) * (at - i));
  });
  return `rgb(${mixed.join(",")})`;
}

// Numbers are coloured by rank, so that a few large ones do not leave all others alike.
function ranks(column) {
  if (!column.ranks) {
    const known = column.values.filter((v) => v !== null).sort((a, b) => a - b);
    const first = new Map();
    for (const [i, v] of known.entries()) if (!first.has(v)) first.set(v, i / Math.max(1, known.length - 1));
    column.ranks = column.values.map((v) => (v === null ? null : first.get(v)));
    column.range = [known[0], known[known.length - 1]];
  }
  return column.ranks;
}

// What most points share says nothing by its colour.
const common = (column, name) => column.title === "finding" && 2 * column.values.filter((v) => column.names[v] === name).length > column.values.length;
const quiet = (column, name) => (column.title === "finding" && name === "no finding") || name === "other" || (column.title === "verdict" && name === "clean") || common(column, name);
function nameColours(column) {
  return column.names.map((name, code) => (quiet(column, name) ? colour("strong-line") : palette()[code % 10]));
}
function pointColour(column, i, names) {
  if (names) return names[column.values[i]];
  const rank = ranks(column)[i];
  return rank === null ? "rgb(128 128 128 / 0.25)" : ramped(rank);
}

function mapOptions() {
  const column = plane.colours[atlas.colour];
  const chosen = new Set(atlas.chosen);
  const names = column.kind === "names" ? nameColours(column) : null;
  const size = plane.rows.length > 1500 ? 5 : 7;
  return {
    animation: false,
    toolbox: { show: false },
    grid: { left: 14, right: 14, top: 14, bottom: 14 },
    xAxis: { type: "value", show: false, scale: true }, yAxis: { type: "value", show: false, scale: true },
    brush: { toolbox: [], xAxisIndex: 0, brushStyle: { borderColor: colour("accent"), borderWidth: 1.5, color: "rgba(13,106,96,0.10)" }, throttleType: "debounce", throttleDelay: 120, outOfBrush: { colorAlpha: 1 } },
    dataZoom: [{ type: "inside", xAxisIndex: 0, zoomOnMouseWheel: "shift", moveOnMouseMove: !atlas.lasso, filterMode: "none" }, { type: "inside", yAxisIndex: 0, zoomOnMouseWheel: "shift", moveOnMouseMove: !atlas.lasso, filterMode: "none" }],
    series: [{ type: "scatter", progressive: 0, symbolSize: size, emphasis: { scale: 2 }, data: plane.rows.map((_, i) => ({
      value: [plane.x[i], plane.y[i]],
      itemStyle: { color: pointColour(column, i, names), opacity: chosen.size && !chosen.has(i) ? 0.12 : 0.75 },
    })) }],
  };
}

function hover(i) {
  const facts = plane.colours.filter((c) => c.kind === "names").map((c) => c.names[c.values[i]]);
  byId("map-hover").replaceChildren(make("div", { class: "row small soft" }, make("b", {}, `row ${count(plane.rows[i])}`), ...facts.slice(0, 3).map((f) => make("span", {}, ...shown(words(f))))),
    make("div", { class: "text", dir: "auto" }, ...shown(plane.prompt[i] || "(no prompt)")), make("div", { class: "text soft", dir: "auto" }, ...shown(plane.response[i] || "(no answer)")));
}

function drawLegend() {
  const column = plane.colours[atlas.colour];
  if (column.kind === "numbers") {
    ranks(column);
    const stops = RAMP[isDark() ? "dark" : "light"].join(", ");
    byId("map-legend").replaceChildren(make("div", { class: "ramp", style: `background: linear-gradient(to right, ${stops})` }),
      make("div", { class: "row spread small soft" }, make("span", {}, short(column.range[0])), make("span", {}, "coloured by rank"), make("span", {}, short(column.range[1]))));
    return;
  }
  const counts = column.names.map(() => 0), colours = nameColours(column);
  for (const code of column.values) counts[code] += 1;
  byId("map-legend").replaceChildren(...column.names.map((name, code) => make("button", { type: "button", onclick: () => pick(column.values.flatMap((v, i) => (v === code ? [i] : []))) },
    make("i", { style: `background: ${colours[code]}` }), make("span", {}, ...shown(words(name))), make("span", { class: "count" }, count(counts[code])))));
}

function pick(points) {
  atlas.chosen = points;
  atlas.view.draw();
  const rows = points.map((i) => plane.rows[i]);
  const status = make("span", { class: "soft small", role: "status" });
  const list = byId("map-picked");
  if (!points.length) return list.replaceChildren();
  return list.replaceChildren(
    make("div", { class: "row spread" }, make("h3", {}, `${count(points.length)} rows`), make("div", { class: "row" }, status,
      make("button", { type: "button", id: "map-copy", onclick: async () => { status.textContent = await copied(rows.join("\n")) ? "Copied." : "Not copied."; } }, "Copy their numbers"))),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Chosen rows" }, make("table", {}, make("thead", {}, make("tr", {}, make("th", { scope: "col", class: "n" }, "Row"), make("th", { scope: "col" }, "Prompt"), make("th", { scope: "col" }, "Answer"))),
      make("tbody", {}, ...points.slice(0, 100).map((i) => make("tr", {}, make("td", { class: "n" }, count(plane.rows[i])), make("td", { class: "text", dir: "auto" }, ...shown(plane.prompt[i])), make("td", { class: "text soft", dir: "auto" }, ...shown(plane.response[i]))))))),
    points.length > 100 ? make("p", { class: "soft small" }, "The first 100 are listed; all are copied.") : "");
}

function setLasso(on) {
  atlas.lasso = on;
  byId("map-lasso").setAttribute("aria-pressed", on);
  atlas.view.draw();
  atlas.view.drawn.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: on ? "polygon" : false, brushMode: "single" } });
}

function drawMap() {
  atlas.view = chart(byId("map-chart"), mapOptions);
  themed.push(drawLegend);
  drawLegend();
  atlas.view.drawn.on("mouseover", (event) => { if (event.dataIndex !== undefined) hover(event.dataIndex); });
  atlas.view.drawn.on("brushEnd", (event) => {
    const area = event.areas[0];
    if (!area || !area.coordRange) return;
    const inside = plane.rows.flatMap((_, i) => (within(plane.x[i], plane.y[i], area.coordRange) ? [i] : []));
    setLasso(false);
    pick(inside);
  });
}

// Whether a point is in a polygon, by the number of sides that a ray crosses.
function within(x, y, corners) {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
    const [ax, ay] = corners[i], [bx, by] = corners[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

byId("map-colour").replaceChildren(...plane.colours.map((column, i) => make("option", { value: i }, words(column.title))));
byId("map-colour").addEventListener("change", (event) => { atlas.colour = Number(event.target.value); drawLegend(); atlas.view?.draw(); });
byId("map-lasso").addEventListener("click", () => setLasso(!atlas.lasso));
byId("map-clear").addEventListener("click", () => { setLasso(false); pick([]); });
whenNear(byId("map"), drawMap);
