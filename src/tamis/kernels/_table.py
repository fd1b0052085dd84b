"""A hash table of byte ranges, for kernels that look for something a text says twice."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel

_INT, _INTS = types.int64, types.Array(types.int64, 1, "C")
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)


@kernel(types.Array(types.int32, 1, "C")(_INT))
def empty_table(items: int) -> NDArray[np.int32]:
    """A hash table for so many items, at most half full: 0 stands for nothing, 1 + i for item i."""
    size = 8
    while size < 2 * items:
        size *= 2
    return np.zeros(size, np.int32)  # np.full fills one by one


@kernel(types.uint64(U8, _INT, _INT))
def range_key(data: NDArray[np.uint8], start: int, stop: int) -> np.uint64:
    """A hash of a byte range, good enough for a table that verifies; eight bytes a step."""
    key, at = np.uint64(stop - start), np.uint64(start)
    for _ in range((stop - start) // 8):
        word = np.uint64(0)
        for k in range(np.uint64(8)):
            word = (word << np.uint64(8)) | np.uint64(data[at + k])
        key = (key ^ word) * _BASE
        key ^= key >> np.uint64(32)
        at += np.uint64(8)
    for k in range(at, np.uint64(stop)):
        key = key * _BASE + np.uint64(data[k])
    return key


@kernel(_INTS(I64, U64, U8, I64, I64, _INT))
def first_equals(
    items: NDArray[np.int64],
    keys: NDArray[np.uint64],
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    step: int,
) -> NDArray[np.int64]:
    """Find for each of some items the first one with the same bytes, which may be itself: shape of `items`.

    Item i is `data[starts[i]:starts[i] + lengths[i]]` and `keys[i]` a hash of it; equal keys are verified.
    `items` ascends; after one that was met before the next `step - 1` numbers are passed over and have -1.
    All in one call, because passing six arrays for each item took several times as long.
    """
    first, slots = np.empty(len(items), np.int64), empty_table(len(items))
    mask, resume = len(slots) - 1, 0
    for place in range(len(items)):
        i = items[place]
        if i < resume:
            first[place] = -1
            continue
        key, length = keys[i], lengths[i]
        at = int((key * _BASE) >> np.uint64(32)) & mask
        while slots[at] > 0:
            other = slots[at] - 1
            if keys[other] == key and lengths[other] == length:
                a, b, k = starts[other], starts[i], 0
                while k < length and data[a + k] == data[b + k]:
                    k += 1
                if k == length:
                    break
            at = (at + 1) & mask
        if slots[at] == 0:
            slots[at] = i + 1
        else:
            resume = i + step
        first[place] = slots[at] - 1
    return first
