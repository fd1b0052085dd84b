"""Texts as numbers of words: each word is numbered in the order in which the texts first use it.

The words are those of `shingles`; two are the same where their 64-bit hashes are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel, tuple_of
from tamis.kernels.shingles import BYTES, INTS, KEYS, fold_words, hash_words, nonzero, place_of, scratch_for

_INT = types.int64
NUMBERS = types.Array(types.int32, 1, "C")
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)

Offsets = NDArray[np.int64]
Data = NDArray[np.uint8]


@kernel(tuple_of(KEYS, NUMBERS)(U64, NUMBERS))
def _doubled(table: NDArray[np.uint64], held: NDArray[np.int32]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The same keys, and the number that each holds, in a table of twice as many slots."""
    larger, moved = np.zeros(2 * len(table), np.uint64), np.zeros(2 * len(table), np.int32)
    for slot in range(len(table)):
        if table[slot] != np.uint64(0):
            place = place_of(larger, table[slot])
            larger[place], moved[place] = table[slot], held[slot]
    return larger, moved


@kernel(_INT(I64))
def _longest(offsets: Offsets) -> int:
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    return longest


@kernel(tuple_of(INTS, NUMBERS, INTS)(I64, U8))
def _number_words(offsets: Offsets, data: Data) -> tuple[Offsets, NDArray[np.int32], NDArray[np.int64]]:
    folded, prefixes, alone, _ = scratch_for(_longest(offsets))
    stops = np.zeros(len(offsets), np.int64)
    numbers = np.empty((offsets[-1] - offsets[0]) // 2 + len(offsets), np.int32)  # pages not written cost nothing
    firsts = np.empty(len(numbers), np.int64)
    table, held, count, at = np.zeros(1 << 14, np.uint64), np.zeros(1 << 14, np.int32), 0, 0
    for i in range(len(offsets) - 1):
        found = hash_words(folded, fold_words(data, offsets[i], offsets[i + 1], folded), prefixes, alone)
        for k in range(found):
            key = nonzero(prefixes[k + 1] - prefixes[k] * _GOLDEN)
            slot = place_of(table, key)
            if table[slot] == np.uint64(0):
                table[slot], held[slot], firsts[count] = key, count, at
                numbers[at] = count
                count += 1
                if 2 * count > len(table):
                    table, held = _doubled(table, held)
            else:
                numbers[at] = held[slot]
            at += 1
        stops[i + 1] = at
    return stops, numbers[:at].copy(), firsts[:count].copy()


@kernel(tuple_of(INTS, BYTES)(I64, U8, I64, I64))
def _spell(offsets: Offsets, data: Data, stops: Offsets, firsts: NDArray[np.int64]) -> tuple[Offsets, Data]:
    """Write each word where it is first used, lower-cased, as a text of its own."""
    folded = scratch_for(_longest(offsets))[0]
    ends, spelled = np.zeros(len(firsts) + 1, np.int64), np.empty(2 * (offsets[-1] - offsets[0]) + 1, np.uint8)
    word, size = 0, 0
    for i in range(len(offsets) - 1):
        if word == len(firsts) or firsts[word] >= stops[i + 1]:
            continue
        length, at, place = fold_words(data, offsets[i], offsets[i + 1], folded), 0, stops[i]
        while at < length:
            if folded[at] == 0:
                at += 1
                continue
            wanted = word < len(firsts) and firsts[word] == place
            while folded[at] != 0:
                spelled[size] = folded[at]
                size += wanted and folded[at] > 1  # 1 stands before a code point that is a word of its own
                at += 1
            word += wanted
            ends[word] = size
            place += 1
    return ends, spelled[:size].copy()


def number_words(offsets: Offsets, data: Data) -> tuple[Offsets, NDArray[np.int32], Offsets, Data]:
    """Number the words of texts: where the words of each text stop, their numbers, and the words as packed texts.

    int64 of shape (n + 1,), int32 of shape (words,), int64 of shape (different words + 1,) and uint8. O(bytes).

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["To be, or", "not to be", "..."])
    >>> stops, numbers, ends, spelled = number_words(texts.offsets, texts.data)
    >>> stops.tolist(), numbers.tolist(), bytes(spelled)
    ([0, 3, 6, 6], [0, 1, 2, 3, 0, 1], b'tobeornot')
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        stops, numbers, firsts = _number_words(offsets, data)
        return stops, numbers, *_spell(offsets, data, stops, firsts)
