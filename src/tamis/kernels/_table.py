"""Hash tables of byte ranges, for kernels that look for something a text says twice; eight bytes at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel

_INT, _INTS = types.int64, types.Array(types.int64, 1, "C")
_U64 = types.uint64
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_EACH: Final = np.uint64(0x0101010101010101)


@kernel(_U64(_U64))
def finish(state: np.uint64) -> np.uint64:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit reaches every bit."""
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))


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


@kernel(_U64(U8, _U64))
def eight_bytes(data: NDArray[np.uint8], at: np.uint64) -> np.uint64:
    """The eight bytes from there on as one integer, the first byte lowest.

    >>> hex(eight_bytes(np.arange(9, dtype=np.uint8), np.uint64(1)))
    '0x807060504030201'
    """
    word = np.uint64(0)
    for k in range(np.uint64(8)):
        word |= np.uint64(data[at + k]) << (k * np.uint64(8))
    return word


@kernel(types.void(types.Array(types.uint8, 1, "C"), _U64, _U64))
def put_eight_bytes(data: NDArray[np.uint8], at: np.uint64, word: np.uint64) -> None:
    """Write an integer as `eight_bytes` reads it."""
    for k in range(np.uint64(8)):
        data[at + k] = np.uint8((word >> (k * np.uint64(8))) & np.uint64(0xFF))


@kernel(_U64(_U64, _U64))
def find_byte(word: np.uint64, byte: np.uint64) -> np.uint64:
    """Mark the first of eight bytes that is the one looked for, by its top bit alone; 0 where there is none.

    >>> hex(find_byte(np.uint64(0x6120612061616161), np.uint64(0x20)))
    '0x8000000000'
    """
    word ^= _EACH * byte
    marks = (word - _EACH) & ~word & (_EACH << np.uint64(7))
    return marks & (~marks + np.uint64(1))


@kernel(_U64(_U64))
def bytes_before(mark: np.uint64) -> np.uint64:
    """How many of eight bytes stand before the one that `find_byte` marked: all, where it marked none."""
    return ((((mark >> np.uint64(7)) - np.uint64(1)) & _EACH) * _EACH) >> np.uint64(56)


@kernel(_U64(U8, _INT, _INT))
def padded_key(data: NDArray[np.uint8], start: int, stop: int) -> np.uint64:
    """A hash of a byte range as `range_key` is one, faster, for ranges that at least 8 more bytes follow."""
    at, last = np.uint64(start), np.uint64(stop)
    key, eight = last - at, np.uint64(8)
    while at + eight <= last:
        key = (key ^ eight_bytes(data, at)) * _BASE
        key ^= key >> np.uint64(32)
        at += eight
    below = (np.uint64(1) << ((last - at) * eight)) - np.uint64(1)
    return (key ^ (eight_bytes(data, at) & below)) * _BASE


@kernel(_INT(_INT))
def table_size(items: int) -> int:
    """How many slots a table of so many items has: a power of two, so that it is at most half full."""
    size = 8
    while size < 2 * items:
        size *= 2
    return size


@kernel(_U64(_U64, _U64))
def slot_of(key: np.uint64, mask: np.uint64) -> np.uint64:
    """Where to look for a key first, in a table of `mask + 1` slots."""
    key = key * _BASE
    return (key ^ (key >> np.uint64(32))) & mask


@kernel(types.boolean(U8, _INT, _INT, _INT))
def same_bytes(data: NDArray[np.uint8], one: int, other: int, length: int) -> bool:
    """Whether so many bytes are the same from two places on."""
    a, b, k = np.uint64(one), np.uint64(other), np.uint64(0)
    eight, stop = np.uint64(8), np.uint64(length)
    while k + eight <= stop and eight_bytes(data, a + k) == eight_bytes(data, b + k):
        k += eight
    while k < stop and data[a + k] == data[b + k]:
        k += np.uint64(1)
    return bool(k == stop)


@kernel(_INT(U8, _INT, _INT))
def count_characters(data: NDArray[np.uint8], start: int, stop: int) -> int:
    """How many characters a byte range of UTF-8 has."""
    count = 0
    for byte in data[start:stop]:
        count += (byte & 0xC0) != 0x80
    return count
