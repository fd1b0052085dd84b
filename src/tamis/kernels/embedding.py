"""Sums of table rows for texts that are lists of ids."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, I64, kernel

_I8_ROWS = types.Array(types.int8, 2, "C", readonly=True)
_F32 = types.Array(types.float32, 1, "C", readonly=True)
_I32S, _F32S = types.Array(types.int32, 1, "C"), types.Array(types.float32, 1, "C")
_F32_ROWS = types.Array(types.float32, 2, "C")
_INT = types.int64


@kernel(_INT(I32, _I32S, _I32S))
def _distinct(ids: NDArray[np.int32], counts: NDArray[np.int32], different: NDArray[np.int32]) -> int:
    """Count each id in `counts`, which is all 0, and list the different ones by first appearance."""
    n = 0
    for each in ids:
        place = np.uint64(each)
        if counts[place] == 0:
            different[n] = each
            n += 1
        counts[place] += 1
    return n


@kernel(types.void(_F32S, _I8_ROWS, _F32, I32, _I32S))
def _add_rows(
    total: NDArray[np.float32],
    vectors: NDArray[np.int8],
    scales: NDArray[np.float32],
    ids: NDArray[np.int32],
    counts: NDArray[np.int32],
) -> None:
    """Add the rows of different ids, each as often as it was counted, and set their counts back to 0.

    Four rows at a time, so that the total is read and written a quarter as often: 20 % faster than two.
    """
    n = len(ids)
    for k in range(0, n - 3, 4):
        a, b, c, d = ids[k], ids[k + 1], ids[k + 2], ids[k + 3]
        row_a, row_b, row_c, row_d = vectors[a], vectors[b], vectors[c], vectors[d]
        weight_a, weight_b = scales[a] * np.float32(counts[a]), scales[b] * np.float32(counts[b])
        weight_c, weight_d = scales[c] * np.float32(counts[c]), scales[d] * np.float32(counts[d])
        for j in range(len(total)):
            first = weight_a * np.float32(row_a[j]) + weight_b * np.float32(row_b[j])
            total[j] += first + (weight_c * np.float32(row_c[j]) + weight_d * np.float32(row_d[j]))
    for k in range(n - n % 4, n):
        row, weight = vectors[ids[k]], scales[ids[k]] * np.float32(counts[ids[k]])
        for j in range(len(total)):
            total[j] += weight * np.float32(row[j])
    for each in ids:
        counts[each] = 0


@kernel(types.void(I64, I32, _I8_ROWS, _F32, _I32S, _F32_ROWS))
def sum_rows(
    offsets: NDArray[np.int64],
    ids: NDArray[np.int32],
    vectors: NDArray[np.int8],
    scales: NDArray[np.float32],
    counts: NDArray[np.int32],
    rows: NDArray[np.float32],
) -> None:
    """Write into `rows` (n, d) the sum of `vectors[id] * scales[id]` over the ids of each text, of unit length.

    Text i has `ids[offsets[i]:offsets[i + 1]]`; its row is 0 where the sum is. `counts` are zeros, one for each
    row of `vectors` (v, d), and zeros again afterwards. O(different ids x d).

    Examples
    --------
    >>> vectors = np.array([[0, 0], [3, 4], [-3, 4]], np.int8)
    >>> scales, counts, rows = np.ones(3, np.float32), np.zeros(3, np.int32), np.empty((2, 2), np.float32)
    >>> sum_rows(np.array([0, 2, 3]), np.array([1, 1, 0], np.int32), vectors, scales, counts, rows)
    >>> (rows * 100).round().tolist()
    [[60.0, 80.0], [0.0, 0.0]]
    """
    different = np.empty(len(vectors), np.int32)
    for i in range(len(rows)):
        total = rows[i]
        total[:] = 0
        n = _distinct(ids[offsets[i] : offsets[i + 1]], counts, different)
        _add_rows(total, vectors, scales, different[:n], counts)
        squares = 0.0
        for value in total:
            squares += np.float64(value) * np.float64(value)
        if squares > 0:
            factor = np.float32(1.0 / np.sqrt(squares))
            for j in range(len(total)):
                total[j] *= factor
