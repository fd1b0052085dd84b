"""Rows that span the largest volume: greedy search for the likeliest set of a determinantal point process."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._heap import order, sink, without_top
from tamis.kernels._jit import F64, I64, kernel
from tamis.kernels._vectors import VECTORS

_ROWS = types.Array(types.int64, 1, "C")
_NUMBER = types.float64


@kernel(_ROWS(VECTORS, F64, I64, I64, I64, _ROWS, types.int64, _NUMBER))
def determinantal(  # noqa: PLR0913 - the vectors, and for each row what it is worth and what it costs
    vectors: NDArray[np.float32],
    factor: NDArray[np.float64],
    rows: NDArray[np.int64],
    cost: NDArray[np.int64],
    group: NDArray[np.int64],
    left: NDArray[np.int64],
    most: int,
    own: float,
) -> NDArray[np.int64]:
    """The rows in the order they are picked, each with the greatest `factor` times growth of the determinant.

    Of the matrix (1 - own) V V' + own I of the picked rows: without the second part no more rows than a vector has
    numbers could be picked. It is Chen et al.'s greedy search (2018), but the growth of row i, v_i' C v_i + own, is
    kept by the covariance C of d x d that the picked rows leave, as in a Kalman filter: memory O(n + most d), not
    O(n most). A growth never rises, so one that was computed earlier is a bound; a row catches up with the picks
    since only while it is on top. `most` rows are picked at most; the rest as for `facility_location`.

    >>> vectors, one = np.array([[1, 0], [1, 0], [0, 1]], np.float32), np.ones(3, np.int64)
    >>> determinantal(vectors, np.ones(3), np.arange(3), one, one - 1, np.array([2]), 2, 0.1).tolist()
    [0, 2]
    """
    n, d = vectors.shape
    growth, keys = np.zeros(n), np.zeros(n)
    seen = np.zeros(n, np.int64)  # how many picks the growth has caught up with
    for row in rows:
        for k in range(d):
            growth[row] += np.float64(vectors[row, k]) ** 2
        growth[row] = own + (1 - own) * growth[row]
        keys[row] = factor[row] * growth[row]
    heap, size, count = rows.copy(), len(rows), 0
    order(heap, keys)
    picked, taken = np.empty(most, np.int64), np.empty((most, d))
    covariance = np.eye(d) * (1 - own)
    while size and count < most:
        row = heap[0]
        if cost[row] > left[group[row]]:
            size = without_top(heap, keys, size)
        elif seen[row] < count:
            next_best = 0.0 if size < 2 else keys[heap[1]] if size < 3 else max(keys[heap[1]], keys[heap[2]])
            while seen[row] < count and factor[row] * growth[row] >= next_best:
                product = 0.0
                for k in range(d):
                    product += taken[seen[row], k] * vectors[row, k]
                growth[row] = max(growth[row] - product * product, 0.0)
                seen[row] += 1
            keys[row] = factor[row] * growth[row]
            sink(heap, keys, 0, size)
        else:
            length = np.sqrt(max(growth[row], 1e-12))
            for k in range(d):
                taken[count, k] = 0.0
                for m in range(d):
                    taken[count, k] += covariance[k, m] * vectors[row, m]
                taken[count, k] /= length
            for k in range(d):
                for m in range(d):
                    covariance[k, m] -= taken[count, k] * taken[count, m]
            picked[count] = row
            count += 1
            left[group[row]] -= cost[row]
            size = without_top(heap, keys, size)
    return picked[:count].copy()
