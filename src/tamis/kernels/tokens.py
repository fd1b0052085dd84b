"""Texts as tokens with their places: words, and the operators of arithmetic and code.

A word is a run of letters and digits, lower-cased; in scripts written without spaces each code point is one. All else
parts words, so identifiers fall into their words and punctuation does not matter, but `2 + x` and `2 - x` differ.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import U8, kernel, tuple_of
from tamis.kernels._table import finish
from tamis.kernels._text import decode, is_space, is_unspaced, is_word
from tamis.kernels.shingles import INTS, KEYS, lower, nonzero

_INT, _BOOL, _U64 = types.int64, types.boolean, types.uint64
TOKENS = tuple_of(KEYS, INTS, INTS)
Tokens = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]
"""A hash a token, and where its bytes start and stop."""

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_PRIME: Final = np.uint64(0xC2B2AE3D27D4EB4F)


@kernel(_BOOL(_INT))
def is_operator(code: int) -> bool:
    """Whether the code point is one of `+ - * / % = < > & | ^`."""
    return (
        code == 0x25
        or code == 0x26
        or code == 0x2A
        or code == 0x2B
        or code == 0x2D
        or code == 0x2F
        or 0x3C <= code <= 0x3E
        or code == 0x5E
        or code == 0x7C
    )


@kernel(_INT(U8, _INT, _INT, _INT))
def operator_stop(data: NDArray[np.uint8], start: int, at: int, stop: int) -> int:
    """Where a run of operators that starts at `at` ends; `at` where it is mere punctuation.

    It computes something if it stands between blanks, or touches what is on both sides; a dash, a star, a slash and a
    percent sign want a digit beside them as well, since in prose they join words and mark emphasis.

    >>> line = np.frombuffer(b"x = 2-1, **well-known**", np.uint8)
    >>> [operator_stop(line, 0, at, len(line)) - at for at in (2, 5, 9, 15)]
    [1, 1, 0, 0]
    """
    end = at + 1
    while end < stop and is_operator(data[end]):
        end += 1
    if at == start or end == stop:
        return at
    before, after = int(data[at - 1]), int(data[end])
    if is_space(before) != is_space(after):
        return at
    sign = data[at]
    if sign == 0x2D or sign == 0x2A or sign == 0x2F or sign == 0x25:
        left, right = at - 1, end
        while left > start and data[left] == 0x20:
            left -= 1
        while right < stop - 1 and data[right] == 0x20:
            right += 1
        if not (0x30 <= data[left] <= 0x39 or 0x30 <= data[right] <= 0x39):
            return at
    return end


@kernel(_INT(U8, _INT, _INT, TOKENS))
def read_tokens(data: NDArray[np.uint8], start: int, stop: int, tokens: Tokens) -> int:
    """Write the tokens of a byte range to arrays with room for one a byte, and say how many they are."""
    hashes, starts, stops = tokens
    count, at, inside = 0, start, False
    while at < stop:
        code, width = int(data[at]), 1
        if code >= 0x80:
            code, width = decode(data, at, stop)
            code = lower(code)
        elif 0x41 <= code <= 0x5A:
            code |= 0x20
        end = at + width
        if is_word(code):
            alone = is_unspaced(code)
            if alone or not inside:
                hashes[count], starts[count] = _GOLDEN, at
                count += 1
            state = (hashes[count - 1] ^ np.uint64(code)) * _PRIME
            hashes[count - 1], stops[count - 1] = state ^ (state >> np.uint64(32)), end
            inside = not alone
        else:
            inside = False
            if is_operator(code):
                end = max(end, operator_stop(data, start, at, stop))
                if operator_stop(data, start, at, stop) > at:
                    state = _PRIME
                    for k in range(at, end):
                        state = (state ^ np.uint64(data[k])) * _GOLDEN
                    hashes[count], starts[count], stops[count] = state ^ (state >> np.uint64(32)), at, end
                    count += 1
        at = end
    return count


@kernel(TOKENS(_INT))
def room_for_tokens(longest: int) -> Tokens:
    """Arrays for the tokens of a text of so many bytes."""
    return np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)


@kernel(_U64(KEYS, _INT, _INT))
def gram(hashes: NDArray[np.uint64], first: int, n: int) -> np.uint64:
    """A hash of n tokens in a row, never 0, which marks an empty slot."""
    state = np.uint64(n)
    for k in range(first, first + n):
        state = (state ^ hashes[k]) * _GOLDEN
        state ^= state >> np.uint64(29)
    return nonzero(finish(state))


@kernel(tuple_of(INTS, KEYS, INTS, INTS)(types.Array(types.int64, 1, "C", readonly=True), U8))
def _tokens_of(
    offsets: NDArray[np.int64], data: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    longest, total = 0, 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
        total += offsets[i + 1] - offsets[i]
    scratch = room_for_tokens(longest)
    ends = np.zeros(len(offsets), np.int64)
    hashes, starts, stops = room_for_tokens(total)
    for i in range(len(offsets) - 1):
        count, at = read_tokens(data, offsets[i], offsets[i + 1], scratch), ends[i]
        for k in range(count):
            hashes[at + k], starts[at + k], stops[at + k] = scratch[0][k], scratch[1][k], scratch[2][k]
        ends[i + 1] = at + count
    last = ends[-1]
    return ends, hashes[:last].copy(), starts[:last].copy(), stops[:last].copy()


def tokens_of(
    offsets: NDArray[np.int64], data: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """The tokens of all texts: where each text's end (n + 1,), a hash a token, and the bytes each stands at.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["To be_or, 2+2!", ""])
    >>> ends, hashes, starts, stops = tokens_of(texts.offsets, texts.data)
    >>> ends.tolist(), [texts.data[a:b].tobytes().decode() for a, b in zip(starts, stops)]
    ([0, 6, 6], ['To', 'be', 'or', '2', '+', '2'])
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _tokens_of(offsets, data)


@kernel(KEYS(types.Array(types.int64, 1, "C", readonly=True), KEYS, _INT))
def _grams_of(ends: NDArray[np.int64], hashes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    keys = np.zeros(len(hashes), np.uint64)
    for i in range(len(ends) - 1):
        count = ends[i + 1] - ends[i]
        size = min(n, count)
        for k in range(ends[i], ends[i + 1] - size + 1):
            if size > 0:
                keys[k] = gram(hashes, k, size)
    return keys


def grams_of(ends: NDArray[np.int64], hashes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """A hash of the n tokens from each token on, 0 where fewer follow: shape of `hashes`.

    All tokens of a text that has fewer than n are the one n-gram.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["to be or not to be", "not"])
    >>> ends, hashes, _, _ = tokens_of(texts.offsets, texts.data)
    >>> keys = grams_of(ends, hashes, 2)
    >>> bool(keys[0] == keys[4]), (keys == 0).tolist()
    (True, [False, False, False, False, False, True, False])
    """
    with np.errstate(over="ignore"):
        return _grams_of(ends, hashes, n)
