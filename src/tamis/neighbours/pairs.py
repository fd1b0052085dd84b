"""Pairs of rows that are alike, each with its verified similarity, and how many of them are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

PAIRS_KEPT: Final = 1 << 23
MOST, LEAST = 256, 4
"""Pairs with earlier rows that a row keeps at most: 256, or as many as make 8 million for all rows, but no fewer than
4; those with the centres of star clusters come on top."""
LEVELS: Final = 32
STEPS: Final = (0.01, 0.02, 0.05)


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


def most_pairs(rows: int) -> int:
    """How many pairs a row of so many keeps.

    >>> most_pairs(10_000), most_pairs(200_000), most_pairs(5_000_000)
    (256, 41, 4)
    """
    return min(MOST, max(LEAST, PAIRS_KEPT // max(1, rows)))


def levels_reached(similarity: NDArray[Any], floor: float) -> NDArray[np.uint32]:
    """Which of the floor, the floor and a hundredth, and so on up to 1 each similarity reaches: a bit each, for `thin`.

    From a floor below 0.69 it is steps of two hundredths, from one below 0.38 of five.

    >>> levels_reached(np.array([0.84, 0.85, 0.865, 1.0]), 0.85).tolist()
    [0, 1, 3, 65535]
    """
    step = next(step for step in STEPS if (1 - floor) / step < LEVELS - 1)
    levels = np.round(np.append(np.arange(floor, 1 - step / 2, step), 1.0), 9)
    levels[0] = floor
    count = np.searchsorted(levels, similarity, side="right").astype(np.uint64)
    return ((np.uint64(1) << count) - np.uint64(1)).astype(np.uint32)
