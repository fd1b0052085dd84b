"""The additive model: its weights, read from the package, and what each feature adds to an answer's score."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.quality.features import FEATURES

WEIGHTS: Final = Path(__file__).parent / "weights.json"


@dataclass(frozen=True)
class QualityModel:
    """A logistic model without interactions: `weights` of shape (k,), in the order of `FEATURES`."""

    weights: NDArray[np.float64]
    intercept: float
    centre: NDArray[np.float32]
    embedder: str

    def contributions(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the log-odds: shape (n, k)."""
        return np.asarray(features * self.weights, np.float64)

    def scores(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score of each answer, in [0, 1]: shape (n,)."""
        # added up column by column, so that a score does not depend on how many others are in the batch
        logits = np.full(len(features), self.intercept)
        for column in self.contributions(features).T:
            logits += column
        return np.asarray(1 / (1 + np.exp(-logits)), np.float64)


@cache
def load_model(path: Path = WEIGHTS) -> QualityModel:
    """The model of the package, or one from another file that `training/quality.py` wrote.

    Raises
    ------
    TamisError
        If there is no such file, or its features are not those that are computed.

    Examples
    --------
    >>> load_model().weights.shape == (len(FEATURES),)
    True
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        weights, centre = told["weights"], np.array(told["centre"], np.float32)
        intercept, embedder = float(told["intercept"]), str(told["embedder"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TamisError(f"{path} holds no quality model: {type(error).__name__}: {error}") from None
    if list(weights) != list(FEATURES):
        raise TamisError(f"{path}: has weights for {', '.join(weights)}; wanted {', '.join(FEATURES)}")
    return QualityModel(np.array(list(weights.values()), np.float64), intercept, centre, embedder)
