"""Train the head on MiniLM's vectors that `--toxicity-model minilm` adds to the screen; needs the extra `minilm`.

python training/toxicity_head.py --data ../shared/data --wordnet /tmp/wordnet/usr/share/wordnet

It is fitted on the texts of the screen. How much of it is added is chosen on OLID's validation part, which neither saw:
on the texts of its own training the screen knows too much for a mixture to be learned there. The intercept makes the
mean score there that of the screen, so that a threshold means the same, and a cascade of both has scores of one kind.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import toxicity_texts as texts
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tamis.models.embedders import Embedder
from tamis.models.toxicity import load_screen
from tamis.models.toxicity.minilm import load_vectors
from tamis.packed import Packed

FOLDER = Path(__file__).parent.parent / "src" / "tamis" / "models" / "toxicity_table"
VERSION = 1
SEED = 7
STRENGTH = 1.0
SHARES = (0.25, 0.5, 0.75, 1.0)
"""What the head's logit may count beside the screen's."""


def fit(found: list[texts.Labelled], vectors: Embedder) -> tuple[NDArray[np.float64], float]:
    """Weights and intercept of a logistic regression; what sets of posts have in common is left out."""
    embedded = [vectors.encode(Packed.of(part.texts)) for part in found]
    origin = np.concatenate([np.full(len(part.texts), part.origin) for part in found])
    origins = np.stack([origin == each for each in range(1, origin.max() + 1)], axis=1)
    importance = np.concatenate([np.full(len(part.texts), part.importance) for part in found])
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    label = np.concatenate([part.labels for part in found])
    model.fit(np.hstack([np.concatenate(embedded), origins]), label, sample_weight=importance)
    return model.coef_[0][: -origins.shape[1]], float(model.intercept_[0])


def best_share(
    labels: list[int], screen: NDArray[np.float64], told: NDArray[np.float64]
) -> tuple[float, dict[str, float]]:
    """The share of the head at which the sum of both logits ranks best, and the AUC of every share."""
    found = {share: float(roc_auc_score(labels, screen + share * told)) for share in (0.0, *SHARES)}
    return max(found, key=lambda share: found[share]), {f"{share:g}": round(auc, 4) for share, auc in found.items()}


def offset(screen: NDArray[np.float64], both: NDArray[np.float64]) -> float:
    """What must be added to the logits of both, so that their mean score is that of the screen; by bisection."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(both + middle).mean() < expit(screen).mean() else (low, middle)
    return low


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--wordnet", type=Path, help="the folder of WordNet 3.0; without it that set is left out")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    started, vectors = time.time(), load_vectors()
    found = texts.all_sets(given.data, given.wordnet, SEED)
    weights, intercept = fit(found, vectors)
    held_out = texts.tweeteval(given.data, "val")
    told = vectors.encode(Packed.of(held_out.texts)) @ weights + intercept
    screen = np.maximum(load_screen().logits(Packed.of(held_out.texts)).astype(np.float64), -20)
    share, tried = best_share(held_out.labels, screen, told)
    intercept = share * intercept + offset(screen, screen + share * told)
    metadata: dict[str, Any] = {
        "version": VERSION,
        "made": time.strftime("%Y-%m-%d"),
        "vectors": vectors.name,
        "screen": load_screen().name,
        "strength": STRENGTH,
        "share": share,
        "auc_of_shares": {"set": held_out.name, **tried},
        "sets": [part.about() for part in found],
    }
    file = given.out / "minilm.npz"
    np.savez_compressed(file, weights=np.float32(share * weights), intercept=np.float64(intercept))
    (given.out / "minilm.json").write_text(json.dumps(metadata, indent=1) + "\n")
    print(f"share {share:g} of {tried}; {file.stat().st_size:,} bytes, {time.time() - started:.0f} s")


if __name__ == "__main__":
    main()
