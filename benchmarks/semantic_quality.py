"""What a cosine means: precision and recall of thresholds, for the static table and MiniLM.

python -m benchmarks.semantic_quality      writes benchmarks/results/semantic_quality.json

- STS-B dev: pairs that people scored 4 of 5 or more ("mostly equivalent") should reach the threshold, others not.
- GPTeacher Toolformer before and after its makers removed similar rows, at 0.8 and more strictly at 0.6: rows
  that they removed should have a kept row at the threshold (recall); rows that they kept should not (false).
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from tamis.corpus import cache_folder
from tamis.models.embedders import Embedder, load
from tamis.packed import Packed

DATA = Path(os.environ.get("TAMIS_DATA", "../shared/data")) / "duplicates"
RESULTS = Path(__file__).parent / "results" / "semantic_quality.json"
THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
EMBEDDERS = ("static", "minilm")
SAME = 4.0


def sts(embedder: Embedder) -> dict[str, Any]:
    """Spearman correlation, and precision and recall of "mostly equivalent" by threshold."""
    with (DATA / "amao0o0_SynWMD--sts-dev.csv").open(encoding="utf-8", newline="") as file:
        rows = [line for line in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if len(line) >= 7]
    score = np.array([float(row[4]) for row in rows])
    one, other = (embedder.encode(Packed.of([row[side] for row in rows])) for side in (5, 6))
    cosine = (one * other).sum(axis=1)
    same = score >= SAME
    curve = []
    for threshold in THRESHOLDS:
        hit = cosine >= threshold
        curve.append(
            {
                "threshold": threshold,
                "pairs": int(hit.sum()),
                "precision": float(same[hit].mean()) if hit.any() else None,
                "recall": float(hit[same].mean()),
                "mean_score": float(score[hit].mean()) if hit.any() else None,
            }
        )
    return {"pairs": len(rows), "spearman": float(spearmanr(score, cosine).statistic), "curve": curve}


def toolformer(embedder: Embedder) -> list[dict[str, Any]]:
    """By how much was removed: the share of removed and of kept rows that have another kept row at a threshold."""
    before = _texts("dedupe-only")
    vectors = embedder.encode(Packed.of(before))
    found = []
    for name in ("0.8", "0.6"):
        after = set(_texts(f"similarity-{name}"))
        kept = np.array([text in after for text in before])
        nearest = _nearest(vectors, vectors[kept], np.flatnonzero(kept))
        for threshold in THRESHOLDS:
            hit = nearest >= threshold
            found.append(
                {
                    "after": name,
                    "removed": int((~kept).sum()),
                    "kept": int(kept.sum()),
                    "threshold": threshold,
                    "removed_with_match": float(hit[~kept].mean()),
                    "kept_with_match": float(hit[kept].mean()),
                }
            )
    return found


def _texts(name: str) -> list[str]:
    rows = json.loads((DATA / f"teknium1_GPTeacher--toolformer-{name}-dataset.json").read_text("utf-8"))
    return list(dict.fromkeys(f"{row['instruction']}\n\n{row['input']}".strip() for row in rows))


def _nearest(
    vectors: NDArray[np.float32], others: NDArray[np.float32], places: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The cosine of each row to the nearest of the others that is not itself."""
    best = np.empty(len(vectors), np.float32)
    own = np.full(len(vectors), -1)
    own[places] = np.arange(len(places))
    for start in range(0, len(vectors), 1024):
        block = vectors[start : start + 1024] @ others.T
        self_there = np.flatnonzero(own[start : start + 1024] >= 0)
        block[self_there, own[start : start + 1024][self_there]] = -1
        best[start : start + 1024] = block.max(axis=1)
    return best


def main() -> None:
    results = {}
    for name in EMBEDDERS:
        embedder = load(name, cache=cache_folder())
        results[name] = {"name": embedder.name, "sts": sts(embedder), "toolformer": toolformer(embedder)}
        print(name, results[name]["sts"]["spearman"], flush=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
