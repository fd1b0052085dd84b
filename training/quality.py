"""Fit the weights of the quality model: pairs that people judged, and pairs with an answer to another question.

python -m training.quality --data ../shared/data        writes src/tamis/quality/weights.json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tamis.models import embedders
from tamis.packed import Packed
from tamis.quality.features import FEATURES, features
from tamis.quality.model import WEIGHTS
from tamis.signals.quality import exchange_of
from training import judged
from training.judged import Pair

Matrix = NDArray[np.float64]
STEPS = 20_000


@dataclass(frozen=True)
class Settings:
    """What the fit is told: the weight of a shuffled pair beside a judged one, and of the penalty on squares."""

    shuffled: float = 0.3
    penalty: float = 1.0
    seed: int = 7


def centre_of(pairs: list[Pair]) -> NDArray[np.float32]:
    """The mean vector of the different questions, to four digits."""
    questions = sorted({pair.prompt for pair in pairs})
    return embedders.load(threads=1).encode(Packed.of(questions)).mean(axis=0).round(4)


def sides(pairs: list[Pair], centre: NDArray[np.float32]) -> tuple[Matrix, Matrix]:
    """The features of the preferred and of the rejected answers, shape (n, k) each."""
    prompts, given = [pair.prompt for pair in pairs], [pair.given for pair in pairs]
    preferred = features(exchange_of(prompts, [pair.preferred for pair in pairs], given, centre))
    return preferred, features(exchange_of(prompts, [pair.rejected for pair in pairs], given, centre))


def fit(differences: Matrix, weights: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    """The logistic weights of differences, preferred less rejected, each of the sign that its feature may have.

    Accelerated projected gradients with a fixed step (Nesterov): convex, so there is one answer.
    """
    signs = np.array([feature.direction for feature in FEATURES.values()])
    step = 1 / (0.25 * np.linalg.norm(differences * np.sqrt(weights)[:, None], 2) ** 2 + penalty)
    found = ahead = np.zeros(len(signs))
    for turn in range(STEPS):
        slope = weights / (1 + np.exp(differences @ ahead))
        moved = ahead + step * (differences.T @ slope - penalty * ahead)
        moved = np.where(moved * signs < 0, 0, moved)
        ahead = moved + turn / (turn + 3) * (moved - found)
        done, found = np.abs(moved - found).max() < 1e-10, moved
        if done:
            break
    return found


def fitted(pairs: list[Pair], centre: NDArray[np.float32], settings: Settings) -> dict[str, Any]:
    """Weights by feature, and the intercept that gives the middle judged answer 0.5."""
    (better, worse), (own, other) = (sides(some, centre) for some in (pairs, judged.shuffled(pairs, settings.seed)))
    each = np.concatenate([np.ones(len(pairs)), np.full(len(pairs), settings.shuffled)])
    found = fit(np.concatenate([better - worse, own - other]), each, settings.penalty).round(3)
    middle = float(np.median(np.concatenate([better, worse]) @ found))
    return {"intercept": round(-middle, 3), "weights": dict(zip(FEATURES, found.tolist(), strict=True))}


def model_of(sets: dict[str, list[Pair]], settings: Settings) -> dict[str, Any]:
    """All that `weights.json` holds."""
    pairs = [pair for some in sets.values() for pair in some]
    centre = centre_of(pairs)
    return {
        "made_by": "training/quality.py",
        "settings": asdict(settings),
        "pairs": {name: len(some) for name, some in sets.items()},
        **fitted(pairs, centre, settings),
        "embedder": embedders.load().name,
        "centre": [float(f"{value:.4f}") for value in centre],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS)
    told = parser.parse_args()
    sets = {name: read(told.data / "judged") for name, read in judged.MAY_TRAIN.items()}
    model = model_of(sets, Settings())
    told.output.write_text(json.dumps(model, indent=1) + "\n", "utf-8")
    print(json.dumps({key: value for key, value in model.items() if key != "centre"}, indent=1))


if __name__ == "__main__":
    main()
