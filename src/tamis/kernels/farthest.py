"""K-center: each row picked is the one farthest from those picked before."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import F64, I64, kernel
from tamis.kernels._vectors import VECTORS, dot

_ROWS, _NUMBERS = types.Array(types.int64, 1, "C"), types.Array(types.float64, 1, "C")
_NUMBER = types.float64


@kernel(types.void(VECTORS, types.int64, VECTORS, I64, _NUMBER, _NUMBERS))
def approach(
    vectors: NDArray[np.float32],
    first: int,
    products: NDArray[np.float32],
    centres: NDArray[np.int64],
    slack: float,
    nearest: NDArray[np.float64],
) -> None:
    """Raise the cosine of each row to its nearest centre, `nearest`, by new centres.

    `products[i, j]` is the cosine of row `first + i` and centre j within `slack`; where it may be greater than the
    one known it is computed exactly, so that the result does not depend on how a matrix library rounds.
    """
    for i in range(len(products)):
        row = first + i
        for j in range(len(centres)):
            if products[i, j] > nearest[row] - slack:
                nearest[row] = max(nearest[row], dot(vectors[row], vectors[centres[j]]))


@kernel(_ROWS(VECTORS, I64, F64, I64, I64, _ROWS, _NUMBER, _NUMBERS))
def farthest(  # noqa: PLR0913 - the vectors, and for each row what it is worth and what it costs
    vectors: NDArray[np.float32],
    pool: NDArray[np.int64],
    factor: NDArray[np.float64],
    cost: NDArray[np.int64],
    group: NDArray[np.int64],
    left: NDArray[np.int64],
    floor: float,
    nearest: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Pick from the pool the row with the greatest `factor` times distance, again and again: shape (picked,).

    Distance is 1 - the cosine to the nearest pick, `nearest`, which is kept for rows of the pool. It ends where the
    best is not beyond `floor`, since a row outside of the pool may then be farther; the first is picked in any case,
    unless it is a copy. A row is picked only while its `cost` is `left` to its `group`, which it lessens.
    """
    picked, count = np.empty(len(pool), np.int64), 0
    while True:
        best, farthest_row = 0.0, -1
        for row in pool:
            score = factor[row] * (1 - nearest[row])
            if score > best and cost[row] <= left[group[row]]:
                best, farthest_row = score, row
        if farthest_row < 0 or (count and best <= floor):
            return picked[:count].copy()
        picked[count] = farthest_row
        count += 1
        left[group[farthest_row]] -= cost[farthest_row]
        for row in pool:
            nearest[row] = max(nearest[row], dot(vectors[row], vectors[farthest_row]))
        nearest[farthest_row] = 1.0  # its length may differ from 1 in the last digits
