"""Facility location: rows that together are most like all rows, by lazy greedy on a sparse graph."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._heap import order, sink, without_top
from tamis.kernels._jit import F64, I32, I64, kernel

_F32 = types.Array(types.float32, 1, "C", readonly=True)
_ROWS = types.Array(types.int64, 1, "C")


@kernel(types.float64(I64, I32, _F32, F64, types.int64))
def _gain(
    starts: NDArray[np.int64],
    others: NDArray[np.int32],
    similarity: NDArray[np.float32],
    best: NDArray[np.float64],
    row: int,
) -> float:
    gain = 0.0
    for e in range(starts[row], starts[row + 1]):
        more = similarity[e] - best[others[e]]
        if more > 0:
            gain += more
    return gain


@kernel(_ROWS(I64, I32, _F32, F64, I64, I64, I64, _ROWS))
def facility_location(  # noqa: PLR0913 - the graph, and for each row what it is worth and what it costs
    starts: NDArray[np.int64],
    others: NDArray[np.int32],
    similarity: NDArray[np.float32],
    factor: NDArray[np.float64],
    rows: NDArray[np.int64],
    cost: NDArray[np.int64],
    group: NDArray[np.int64],
    left: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The rows in the order they are picked, each the one with the greatest `factor` times gain: shape (picked,).

    The gain of a row is how much it raises the sum, over all rows, of the greatest similarity to a picked one. Row
    r is like `others[e]` by `similarity[e]`, e from `starts[r]` to the next start, and must list itself to count.
    Only `rows` may be picked, and those only whose `cost` is `left` to their `group`, which it lessens. A gain
    never grows, so one that was computed earlier is a bound (Minoux 1978), and few are computed again.

    >>> starts, others = np.array([0, 2, 4, 5]), np.array([0, 1, 0, 1, 2], np.int32)
    >>> alike, rows = np.array([1, 0.9, 0.9, 1, 1], np.float32), np.arange(3)
    >>> one, none = np.ones(3), np.zeros(3, np.int64)
    >>> facility_location(starts, others, alike, one, rows, none + 1, none, np.array([2])).tolist()
    [0, 2]
    """
    best, keys = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1)
    seen = np.zeros(len(starts) - 1, np.int64)  # how many were picked when the key was computed
    for row in rows:
        keys[row] = factor[row] * _gain(starts, others, similarity, best, row)
    heap, size, count = rows.copy(), len(rows), 0
    order(heap, keys)
    picked = np.empty(len(rows), np.int64)
    while size:
        row = heap[0]
        if cost[row] > left[group[row]]:
            size = without_top(heap, keys, size)
        elif seen[row] < count:
            keys[row] = factor[row] * _gain(starts, others, similarity, best, row)
            seen[row] = count
            sink(heap, keys, 0, size)
        else:
            picked[count] = row
            count += 1
            left[group[row]] -= cost[row]
            for e in range(starts[row], starts[row + 1]):
                best[others[e]] = max(best[others[e]], similarity[e])
            size = without_top(heap, keys, size)
    return picked[:count].copy()
