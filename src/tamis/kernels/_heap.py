"""A heap of row numbers in an array: the greatest key on top, the lower row of two that are equal."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import F64, kernel

ROWS = types.Array(types.int64, 1, "C")


@kernel(types.void(ROWS, F64, types.int64, types.int64))
def sink(heap: NDArray[np.int64], keys: NDArray[np.float64], at: int, size: int) -> None:
    """Let the row at one place sink below those with greater keys; all others are in order. O(log size)."""
    row = heap[at]
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size:
            one, other = heap[child], heap[child + 1]
            if keys[other] > keys[one] or (keys[other] == keys[one] and other < one):
                child += 1
        below = heap[child]
        if keys[below] < keys[row] or (keys[below] == keys[row] and row < below):
            break
        heap[at] = below
        at = child
    heap[at] = row


@kernel(types.void(ROWS, F64))
def order(heap: NDArray[np.int64], keys: NDArray[np.float64]) -> None:
    """Put rows into the order of a heap. O(rows)."""
    for at in range(len(heap) // 2 - 1, -1, -1):
        sink(heap, keys, at, len(heap))


@kernel(types.int64(ROWS, F64, types.int64))
def without_top(heap: NDArray[np.int64], keys: NDArray[np.float64], size: int) -> int:
    """Take the top off; how many rows are left."""
    heap[0] = heap[size - 1]
    if size > 1:
        sink(heap, keys, 0, size - 1)
    return size - 1
