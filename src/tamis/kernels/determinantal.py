"""Rows that span the largest volume: greedy search for the likeliest set of a determinantal point process."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import F64, I64, kernel, tuple_of
from tamis.kernels._vectors import VECTORS

_ROWS, _NUMBERS = types.Array(types.int64, 1, "C"), types.Array(types.float64, 1, "C")
_TABLE = types.Array(types.float64, 2, "C")


@kernel(types.float64(VECTORS, types.int64, F64))
def _product(vectors: NDArray[np.float32], row: int, other: NDArray[np.float64]) -> float:
    whole = len(other) - len(other) % 4
    a = b = c = d = 0.0
    for k in range(0, whole, 4):
        a += vectors[row, k] * other[k]
        b += vectors[row, k + 1] * other[k + 1]
        c += vectors[row, k + 2] * other[k + 2]
        d += vectors[row, k + 3] * other[k + 3]
    for k in range(whole, len(other)):
        a += vectors[row, k] * other[k]
    return (a + b) + (c + d)


@kernel(tuple_of(_ROWS, _TABLE)(VECTORS, I64, F64, I64, I64, _ROWS, types.float64, _TABLE, _NUMBERS))
def determinantal(  # noqa: PLR0913 - the vectors, and for each row what it is worth and what it costs
    vectors: NDArray[np.float32],
    pool: NDArray[np.int64],
    factor: NDArray[np.float64],
    cost: NDArray[np.int64],
    group: NDArray[np.int64],
    left: NDArray[np.int64],
    floor: float,
    covariance: NDArray[np.float64],
    growth: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pick from the pool the row with the greatest `factor` times `growth`, again and again: shape (picked,).

    And the direction that each pick takes out of the `covariance`, (picked, d): its squared product with a row is what
    the row's growth loses. Covariance, and growth of rows of the pool, are kept. It ends where the best is not beyond
    `floor`, since a row outside of the pool may then grow more; the first is picked in any case. A row is picked only
    while its `cost` is `left` to its `group`, which it lessens.
    """
    d, count = vectors.shape[1], 0
    picked, spanned = np.empty(len(pool), np.int64), np.empty((len(pool), d))
    free = np.ones(len(pool), np.bool_)
    while True:
        best, at = 0.0, -1
        for p in range(len(pool)):
            worth = factor[pool[p]] * growth[pool[p]]
            if free[p] and worth > best and cost[pool[p]] <= left[group[pool[p]]]:
                best, at = worth, p
        if at < 0 or (count and best <= floor):
            return picked[:count].copy(), spanned[:count].copy()
        row, direction = pool[at], spanned[count]
        for k in range(d):
            direction[k] = _product(vectors, row, covariance[k]) / np.sqrt(growth[row])
        for k in range(d):
            for m in range(d):
                covariance[k, m] -= direction[k] * direction[m]
        free[at] = False
        picked[count] = row
        count += 1
        left[group[row]] -= cost[row]
        for p in range(len(pool)):
            growth[pool[p]] -= _product(vectors, pool[p], direction) ** 2
