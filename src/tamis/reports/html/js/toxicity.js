for (const node of document.querySelectorAll("[data-toxicity]")) {
  const side = values.toxicity[node.dataset.toxicity];
  whenNear(node, () => chart(node, () => histogram(side.histogram, { line: side.threshold, unit: "score" })));
}
