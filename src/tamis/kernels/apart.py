"""Rows taken in a given order while their budget lasts, and if wanted only those that are unlike all before."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, kernel
from tamis.kernels._vectors import VECTORS, dot

_ROWS = types.Array(types.int64, 1, "C")


@kernel(_ROWS(I64, I64, I64, _ROWS))
def in_order(
    rows: NDArray[np.int64], cost: NDArray[np.int64], group: NDArray[np.int64], left: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Those rows, in order, whose `cost` is still `left` to their `group`, which it lessens: shape (picked,).

    >>> in_order(np.array([2, 0, 1]), np.array([1, 1, 5]), np.zeros(3, np.int64), np.array([2])).tolist()
    [0, 1]
    """
    picked, count = np.empty(len(rows), np.int64), 0
    for row in rows:
        if cost[row] <= left[group[row]]:
            left[group[row]] -= cost[row]
            picked[count] = row
            count += 1
    return picked[:count].copy()


@kernel(_ROWS(VECTORS, I64, I64, I64, _ROWS, types.float64))
def apart(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    cost: NDArray[np.int64],
    group: NDArray[np.int64],
    left: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.int64]:
    """As `in_order`, but only rows whose cosine with every one taken before is below the threshold.

    O(rows x picked x d) at worst.

    >>> vectors, one = np.array([[1, 0], [1, 0], [0, 1]], np.float32), np.ones(3, np.int64)
    >>> apart(vectors, np.arange(3), one, one - 1, np.array([3]), 0.9).tolist()
    [0, 2]
    """
    picked, count = np.empty(len(rows), np.int64), 0
    for row in rows:
        alone = cost[row] <= left[group[row]]
        for i in range(count if alone else 0):
            if dot(vectors[row], vectors[picked[i]]) >= threshold:
                alone = False
                break
        if alone:
            left[group[row]] -= cost[row]
            picked[count] = row
            count += 1
    return picked[:count].copy()
