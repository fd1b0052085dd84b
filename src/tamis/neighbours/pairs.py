"""Pairs of rows that are alike, each with its verified similarity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pairs:
    """Every pair found whose similarity is at least `floor`; sorted by `left`, then `right`, no pair twice.

    >>> pairs = Pairs(np.array([0]), np.array([2]), np.array([0.9]), floor=0.5)
    >>> len(pairs)
    1
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]  # left < right
    similarity: NDArray[np.float64]  # in [floor, 1]
    floor: float

    def __len__(self) -> int:
        return len(self.left)
