// Charts by ECharts, in the page's colours.
const probe = make("span", { class: "hidden" });
document.body.append(probe);
function colour(name) { // of this theme: a variable alone would read `light-dark(...)`
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}
const PALETTE = {
  light: ["#0d6a60", "#c2571a", "#4457a8", "#9a7a00", "#a03474", "#3f7d20", "#6b4fa0", "#1f7a99", "#8a4b2f", "#6c6a64", "#b9b5ac"],
  dark: ["#66cdbf", "#f19a63", "#93a4f0", "#e0c04a", "#e88bbf", "#93cf6f", "#bba2ef", "#6fc3e4", "#d39b7d", "#a8a59c", "#5d5b56"],
};
const palette = () => PALETTE[isDark() ? "dark" : "light"];

// A chart that is drawn anew when the theme changes and fits its element.
function chart(node, options) {
  const drawn = echarts.init(node, null, { renderer: "canvas" });
  const draw = () => drawn.setOption(options(), { notMerge: true });
  draw();
  themed.push(draw);
  new ResizeObserver(() => drawn.resize()).observe(node);
  return { drawn, draw };
}

const short = (value) => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)} M`;
  if (size >= 1e4) return `${+(value / 1e3).toPrecision(3)} k`;
  return `${+Number(value).toPrecision(4)}`;
};

const logged = (n) => Math.log10(1 + n);
const unlogged = (value) => Math.round(10 ** value - 1);

// A histogram as ECharts options. `line` is a threshold; bars on its side that `hits` names are coloured.
function histogram({ edges, counts }, { line = null, hits = "above", log = true, unit = "" } = {}) {
  const scale = log ? logged : (n) => n;
  const ink = colour("soft"), rule = colour("line"), on = colour("accent"), off = colour("strong-line");
  const whole = edges.every((edge) => Number.isInteger(edge));
  const label = (i) => whole && edges[i + 1] - edges[i] === 1 ? short(edges[i]) : `${short(edges[i])}–${short(whole ? edges[i + 1] - 1 : edges[i + 1])}`;
  const at = line === null ? null : place(line);
  function place(value) { // where a value is on the axis of bars
    const bin = edges.findIndex((edge, i) => i < counts.length && value < edges[i + 1]);
    if (bin < 0) return counts.length - 0.5;
    const step = edges[bin + 1] - edges[bin];
    return bin - 0.5 + Math.max(0, (value - edges[bin]) / step);
  }
  const hit = (i) => line !== null && (hits === "above" ? i + 0.5 > at + 1e-9 && i + 0.5 - at >= 0.5 : i - 0.5 < at - 1e-9 || edges[i] === line);
  return {
    animation: false,
    grid: { left: 46, right: 12, top: 14, bottom: 40 },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, backgroundColor: colour("surface"), borderColor: rule, textStyle: { color: colour("ink"), fontSize: 13 },
      formatter: ([bar]) => make("div", {}, `${label(bar.dataIndex)} ${unit}: ${count(counts[bar.dataIndex])} rows`) },
    xAxis: [
      { type: "category", data: counts.map((_, i) => label(i)), axisTick: { show: false }, axisLine: { lineStyle: { color: off }, onZero: false }, axisLabel: { color: ink, fontSize: 11, hideOverlap: true } },
      { type: "value", min: -0.5, max: counts.length - 0.5, show: false },
    ],
    yAxis: { type: "value", axisLine: { show: false }, axisTick: { show: false }, splitNumber: 3, interval: log ? 1 : undefined, minInterval: 1, splitLine: { lineStyle: { color: rule } }, axisLabel: { color: ink, fontSize: 11,
      formatter: (value) => short(log ? (value === 0 ? 0 : 10 ** value) : value) } },
    series: [
      { type: "bar", barCategoryGap: "12%", barMaxWidth: 64, data: counts.map((n, i) => ({ value: scale(n), itemStyle: { color: hit(i) || line === null ? on : off, borderRadius: [2, 2, 0, 0] } })) },
      at === null ? null : { type: "line", xAxisIndex: 1, data: [], silent: true, markLine: { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: colour("ink"), width: 1.5, type: "solid" }, data: [{ xAxis: at }] } },
    ].filter(Boolean),
  };
}
