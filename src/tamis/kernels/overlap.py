"""How much of one text another one holds."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel
from tamis.kernels._text import decode, is_unspaced, is_word

_INT = types.int64
_KEYS = types.Array(types.uint64, 1, "C")
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_EMPTY: Final = np.uint64(0)


@kernel(types.uint64(types.uint64, types.uint64))
def _stir(state: np.uint64, value: np.uint64) -> np.uint64:
    state = (state ^ value) * _MULTIPLIER
    return state ^ (state >> np.uint64(32))


@kernel(_KEYS(U8, _INT, _INT))
def _word_hashes(data: NDArray[np.uint8], start: int, stop: int) -> NDArray[np.uint64]:
    hashes = np.empty(stop - start, np.uint64)
    count, at, inside = 0, start, False
    while at < stop:
        code, width = int(data[at]), 1
        if code >= 0x80:
            code, width = decode(data, at, stop)
        elif 0x41 <= code <= 0x5A:
            code |= 0x20
        if is_word(code):
            unspaced = is_unspaced(code)
            if unspaced or not inside:
                hashes[count] = _MULTIPLIER
                count += 1
            hashes[count - 1] = _stir(hashes[count - 1], np.uint64(code))
            inside = not unspaced
        else:
            inside = False
        at += width
    return hashes[:count]


@kernel(_KEYS(U64, _INT))
def _ngrams(hashes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """One hash, never `_EMPTY`, for each n words in a row."""
    grams = np.full(max(len(hashes) - n + 1, 0), np.uint64(1), np.uint64)
    for i in range(len(grams)):
        for k in range(n):
            grams[i] = _stir(grams[i], hashes[i + k])
        if grams[i] == _EMPTY:
            grams[i] = _MULTIPLIER
    return grams


@kernel(_INT(U64, types.uint64))
def _slot(table: NDArray[np.uint64], key: np.uint64) -> int:
    """Where the table holds a key, or where it would."""
    mask = len(table) - 1
    at = int(key >> np.uint64(16)) & mask
    while table[at] != _EMPTY and table[at] != key:
        at = (at + 1) & mask
    return at


@kernel(types.Array(types.float64, 1, "C")(I64, U8, I64, U8, _INT))
def _containment(
    offsets_a: NDArray[np.int64],
    data_a: NDArray[np.uint8],
    offsets_b: NDArray[np.int64],
    data_b: NDArray[np.uint8],
    n: int,
) -> NDArray[np.float64]:
    shares = np.full(len(offsets_a) - 1, np.nan, np.float64)
    for i in range(len(shares)):
        words = _word_hashes(data_a, offsets_a[i], offsets_a[i + 1])
        if len(words) == 0:
            continue
        length = min(n, len(words))
        held = _ngrams(_word_hashes(data_b, offsets_b[i], offsets_b[i + 1]), length)
        size = 8
        while size < 2 * len(held):
            size *= 2
        table = np.zeros(size, np.uint64)
        for k in range(len(held)):
            table[_slot(table, held[k])] = held[k]
        grams = _ngrams(words, length)
        found = 0
        for k in range(len(grams)):
            found += table[_slot(table, grams[k])] != _EMPTY
        shares[i] = found / len(grams)
    return shares


def ngram_containment(
    offsets_a: NDArray[np.int64],
    data_a: NDArray[np.uint8],
    offsets_b: NDArray[np.int64],
    data_b: NDArray[np.uint8],
    n: int,
) -> NDArray[np.float64]:
    """Tell what share of each text a's word n-grams occur in text b too: float64 of shape (len,), in [0, 1].

    Words are runs of letters and digits, ASCII letters lower-cased; in scripts without spaces each code
    point is one. Each place in a counts, so an n-gram that occurs twice counts twice. Where a has fewer than
    n words, all of them are the one n-gram; NaN where it has none. `n` is at least 1. O(n bytes).

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> a, b = Packed.of(["to be or not", "Be!", "..."]), Packed.of(["To be, or?", "to be", "x"])
    >>> ngram_containment(a.offsets, a.data, b.offsets, b.data, 2).round(2).tolist()
    [0.67, 1.0, nan]
    """
    with np.errstate(over="ignore"):  # the hashes wrap on purpose, of which the interpreter warns
        return _containment(offsets_a, data_a, offsets_b, data_b, n)
