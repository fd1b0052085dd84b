"""Where the words and phrases of a list stand in texts, whatever their case: one pass over the bytes.

A word is a run of letters and digits (and, above ASCII, of what can stand in a word); a phrase is up to
`LONGEST` of them with one space or hyphen between. What is compared are 64-bit hashes of lower-cased words.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, I64, U8, U64, kernel, tuple_of
from tamis.kernels._table import finish, table_size
from tamis.kernels._text import decode, is_word
from tamis.kernels.shingles import lower, nonzero, place_of

_INT, _U64 = types.int64, types.uint64
_INTS, _KEYS = types.Array(types.int64, 1, "C"), types.Array(types.uint64, 1, "C")
LONGEST: Final = 3
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_PREFIX: Final = -1
"""In place of a term's number: the key of words that open a longer term, and are none themselves."""
_SMALL: Final = np.array([ord(chr(b).lower()) if b < 0x80 and chr(b).isalnum() else 0 for b in range(256)], np.uint8)
"""The small letter or the digit of an ASCII byte; 0 for all others."""


@kernel(tuple_of(_INT, _INT, _U64)(U8, _INT, _INT))
def next_word(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int, np.uint64]:
    """The start, the end and the hash of the first word from there on; start == stop where there is none."""
    while at < stop:
        byte = data[np.uint64(at)]
        code, width = (int(_SMALL[byte]), 1) if byte < 0x80 else decode(data, at, stop)
        if is_word(code):
            break
        at += width
    start, key = at, np.uint64(0)
    while at < stop:
        byte = data[np.uint64(at)]
        code, width = (int(_SMALL[byte]), 1) if byte < 0x80 else decode(data, at, stop)
        if code == 0 or (byte >= 0x80 and not is_word(code)):
            break
        key = (key ^ np.uint64(code if byte < 0x80 else lower(code))) * _BASE
        key ^= key >> np.uint64(32)
        at += width
    return start, at, finish(key)


@kernel(tuple_of(_KEYS, types.Array(types.int32, 1, "C"))(I64, U8))
def _term_table(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    keys = np.zeros(4 * table_size(len(offsets)), np.uint64)
    numbers = np.zeros(len(keys), np.int32)
    for i in range(len(offsets) - 1):
        key, at, stop = np.uint64(0), offsets[i], offsets[i + 1]
        while at < stop:
            start, at, word = next_word(data, at, stop)
            if start < at:
                key = key * _BASE + word
                slot = place_of(keys, nonzero(key))
                if keys[slot] == np.uint64(0):
                    keys[slot], numbers[slot] = nonzero(key), _PREFIX
        slot = place_of(keys, nonzero(key))
        keys[slot], numbers[slot] = nonzero(key), i
    return keys, numbers


@kernel(_INT(U8, _INT, _INT, _INTS, _INTS, _KEYS))
def _words(
    data: NDArray[np.uint8],
    start: int,
    stop: int,
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    keys: NDArray[np.uint64],
) -> int:
    """Write where each word of a text starts and stops and its hash, and say how many there are."""
    count, at = 0, start
    while at < stop:
        begin, at, key = next_word(data, at, stop)
        if begin < at:
            starts[count], stops[count], keys[count] = begin, at, key
            count += 1
    return count


@kernel(types.Array(types.int64, 2, "C")(I64, U8, U64, I32))
def _find_terms(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: NDArray[np.uint64], terms: NDArray[np.int32]
) -> NDArray[np.int64]:
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    starts, stops = np.empty(longest // 2 + 2, np.int64), np.empty(longest // 2 + 2, np.int64)
    keys, found, n = np.empty(longest // 2 + 2, np.uint64), np.empty((1024, 4), np.int64), 0
    for i in range(len(offsets) - 1):
        count = _words(data, offsets[i], offsets[i + 1], starts, stops, keys)
        at = 0
        while at < count:
            key, best, term = np.uint64(0), 0, 0
            for size in range(min(LONGEST, count - at)):
                last = at + size
                if size > 0:
                    gap = stops[last - 1]
                    if starts[last] != gap + 1 or (data[gap] != 0x20 and data[gap] != 0x2D):
                        break
                key = key * _BASE + keys[last]
                slot = place_of(table, nonzero(key))
                if table[slot] == np.uint64(0):
                    break
                if terms[slot] != _PREFIX:
                    best, term = size + 1, terms[slot]
            if best == 0:
                at += 1
                continue
            if n == len(found):
                grown = np.empty((2 * n, 4), np.int64)
                grown[:n] = found
                found = grown
            found[n, 0], found[n, 1], found[n, 2], found[n, 3] = i, starts[at], stops[at + best - 1], term
            n += 1
            at += best
    return found[:n].copy()


def term_table(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """A table for `find_terms`: in each slot a key or 0, and the number of the term it stands for, or `_PREFIX`.

    With the openings of all terms in it, a word that opens none costs one look.
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _term_table(offsets, data)


def find_terms(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: NDArray[np.uint64], terms: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Find the terms of a table in texts, the longest first, none inside another: int64 of shape (n, 4).

    A line says the text, the first and the last byte (exclusive) in `data`, and the term. `table` has a power of two
    slots, 0 for an empty one, and `terms` the number of the term whose key stands in the same slot, or -1. O(bytes).
    """
    with np.errstate(over="ignore"):
        return _find_terms(offsets, data, table, terms)
