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
from tamis.kernels._table import bytes_before, eight_bytes, find_byte, finish, table_size
from tamis.kernels._text import decode, is_word
from tamis.kernels.shingles import fold_eight, lower, nonzero, place_of

_INT, _U64 = types.int64, types.uint64
_KEYS, _BYTES = types.Array(types.uint64, 1, "C"), types.Array(types.uint8, 1, "C")
LONGEST: Final = 3
_OPENING_BITS: Final = 17
OPENINGS: Final = 1 << _OPENING_BITS
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_TOPS: Final = np.uint64(0x8080808080808080)
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


@kernel(_U64(_U64))
def _opening(eight: np.uint64) -> np.uint64:
    """A number below `OPENINGS` of the first eight letters of a word, as small letters, 0 behind a shorter one."""
    return (eight * _BASE) >> np.uint64(64 - _OPENING_BITS)


@kernel(_BYTES(I64, U8))
def _openings(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    marks = np.zeros(OPENINGS, np.uint8)
    for i in range(len(offsets) - 1):
        start, stop, _ = next_word(data, offsets[i], offsets[i + 1])
        eight = np.uint64(0)
        for k in range(min(8, stop - start)):
            eight |= np.uint64(_SMALL[data[start + k]]) << np.uint64(8 * k)
        marks[_opening(eight)] = 1
    return marks


@kernel(tuple_of(_INT, _INT, _INT)(U8, _INT, _INT, U64, I32))
def _term_at(
    data: NDArray[np.uint8], at: int, stop: int, table: NDArray[np.uint64], terms: NDArray[np.int32]
) -> tuple[int, int, int]:
    """Where the next word starts, and the longest term that it begins: its end and number, or the word's end and -1."""
    start, end, word = next_word(data, at, stop)
    last, term, key = end, -1, np.uint64(0)
    for _ in range(LONGEST):
        key = key * _BASE + word
        slot = place_of(table, nonzero(key))
        if table[slot] == np.uint64(0):
            break
        if terms[slot] != _PREFIX:
            last, term = end, int(terms[slot])
        if end + 1 >= stop or (data[end] != 0x20 and data[end] != 0x2D):
            break
        begin, further, word = next_word(data, end + 1, stop)
        if begin != end + 1 or begin == further:
            break
        end = further
    return start, last, term


@kernel(types.Array(types.int64, 2, "C")(I64, U8, U64, I32, U8))
def _find_terms(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    table: NDArray[np.uint64],
    terms: NDArray[np.int32],
    opens: NDArray[np.uint8],
) -> NDArray[np.int64]:
    found, n = np.empty((1024, 4), np.int64), 0
    for i in range(len(offsets) - 1):
        at, stop = offsets[i], offsets[i + 1]
        while at < stop:
            if at + 8 <= stop:
                word = eight_bytes(data, np.uint64(at))
                small, plain = fold_eight(word), word & _TOPS == np.uint64(0)
                gap = find_byte(small, np.uint64(0))
                end = at + np.int64(bytes_before(gap))
                while plain and gap == np.uint64(0) and end < stop and _SMALL[data[np.uint64(end)]] != 0:
                    end += 1
                if (
                    plain
                    and (end == at or opens[_opening(small & ((gap >> np.uint64(7)) - np.uint64(1)))] == 0)
                    and (end == stop or data[np.uint64(end)] < 0x80)
                ):
                    at = end + 1
                    continue
            start, at, term = _term_at(data, at, stop, table, terms)
            if term < 0:
                continue
            if n == len(found):
                grown = np.empty((2 * n, 4), np.int64)
                grown[:n] = found
                found = grown
            found[n, 0], found[n, 1], found[n, 2], found[n, 3] = i, start, at, term
            n += 1
    return found[:n].copy()


def term_table(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """A table for `find_terms`: in each slot a key or 0, and the number of the term it stands for, or `_PREFIX`.

    With the openings of all terms in it, a word that opens none costs one look.
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _term_table(offsets, data)


def openings(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 for the first letters of each term, by a hash of eight of them: uint8 of shape (OPENINGS,)."""
    with np.errstate(over="ignore"):
        return _openings(offsets, data)


def find_terms(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    table: NDArray[np.uint64],
    terms: NDArray[np.int32],
    opens: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Find the terms of a table in texts, the longest first, none inside another: int64 of shape (n, 4).

    A line says the text, the first and the last byte (exclusive) in `data`, and the term. `table` has a power of two
    slots, 0 for an empty one, and `terms` the number of the term whose key stands in the same slot, or -1. A word that
    `opens` (see `openings`) has no mark for is passed over. O(bytes).
    """
    with np.errstate(over="ignore"):
        return _find_terms(offsets, data, table, terms, opens)
