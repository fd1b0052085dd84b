"""A model that is asked only where the screen is unsure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tamis.models.toxicity._protocol import FIRST, ToxicityScorer
from tamis.packed import Packed


@dataclass(frozen=True)
class Cascade:
    """Scores of `model` where the screen's lie from `low` to `high`, else the screen's own."""

    screen: ToxicityScorer
    model: ToxicityScorer
    low: float = 0.05
    high: float = 0.95
    labels: tuple[str, ...] = (FIRST,)

    @property
    def name(self) -> str:
        """Which scores these are."""
        return f"cascade({self.screen.name}, {self.model.name}, {self.low:g}-{self.high:g})"

    def score(self, texts: Packed) -> NDArray[np.float32]:
        """Score each text: float32 of shape (n, 1)."""
        scores = self.screen.score(texts)[:, :1].copy()
        asked = self.unsure(scores[:, 0])
        if len(asked):
            scores[asked, 0] = self.model.score(Packed.of(texts.strings(asked)))[:, self.model.labels.index(FIRST)]
        return scores

    def unsure(self, scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """Which texts the model is asked about, by the screen's scores.

        >>> from tamis.models.toxicity.screen import load_screen
        >>> Cascade(load_screen(), load_screen()).unsure(np.array([0.01, 0.4, 0.99], np.float32)).tolist()
        [1]
        """
        return np.flatnonzero((scores >= self.low) & (scores <= self.high))
