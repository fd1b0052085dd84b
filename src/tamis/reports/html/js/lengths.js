for (const node of document.querySelectorAll("[data-length]")) {
  const length = values.lengths[node.dataset.length];
  whenNear(node, () => chart(node, () => histogram(length.histogram, { log: false, unit: length.unit })));
}
