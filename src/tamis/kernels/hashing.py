"""128-bit hashes of texts and of groups of texts."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel
from tamis.kernels._table import finish
from tamis.kernels._text import decode, is_space, strip

_U64 = types.uint64
_HASHES = types.Array(types.uint64, 2, "C")
_HASHES_IN = types.Array(types.uint64, 2, "C", readonly=True)

# Two lanes with different odd multipliers: the golden ratio, a prime of xxHash; splitmix64's pair.
_FIRST: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND: Final = np.uint64(0xC2B2AE3D27D4EB4F)


_ONES: Final = np.uint64(0x0101010101010101)
_BLANKS: Final = np.uint64(0x2020202020202020)
_TOPS: Final = np.uint64(0x8080808080808080)


@kernel(_U64(_U64, _U64, _U64))
def _stir(state: np.uint64, value: np.uint64, multiplier: np.uint64) -> np.uint64:
    """Take a value in; the shift carries high bits back down, which a product alone never does."""
    state = (state ^ value) * multiplier
    return state ^ (state >> np.uint64(32))


@kernel(_U64(U8, types.int64))
def _eight(data: NDArray[np.uint8], at: int) -> np.uint64:
    """Eight bytes as one word, the first of them on top."""
    word, start = np.uint64(0), np.uint64(at)  # unsigned, so that numba tests for no negative index
    for k in range(np.uint64(8)):
        word = (word << np.uint64(8)) | np.uint64(data[start + k])
    return word


@kernel(types.boolean(_U64))
def _is_normal(word: np.uint64) -> bool:
    """Whether eight bytes are ASCII with no white space but single blanks; False too where it is not sure.

    The tricks for a byte below a bound and for a zero byte are those of Warren, "Hacker's Delight", 6-1.
    """
    below = (word - _BLANKS) & ~word
    other = word ^ _BLANKS
    blank = (other - _ONES) & ~other & _TOPS
    return bool(((word | below) & _TOPS) | (blank & (blank << np.uint64(8))) == np.uint64(0))


@kernel(_HASHES(I64, U8, _U64))
def _content_hash(offsets: NDArray[np.int64], data: NDArray[np.uint8], seed: np.uint64) -> NDArray[np.uint64]:
    hashes = np.empty((len(offsets) - 1, 2), np.uint64)
    for i in range(len(hashes)):
        a, b = seed ^ _SECOND, seed ^ _FIRST
        at, stop = strip(data, offsets[i], offsets[i + 1])
        word, held = np.uint64(0), np.uint64(0)  # the last eight bytes said, of which so many bits are not taken in
        gap, blank = False, False  # whether white space is to be said, and whether it was the last thing said
        while at < stop:
            if not gap and at + 8 <= stop:
                ahead = _eight(data, at)
                if _is_normal(ahead) and not (blank and data[at] == 0x20):
                    taken = ahead if held == 0 else (word << (np.uint64(64) - held)) | (ahead >> held)
                    a, b = _stir(a, taken, _FIRST), _stir(b, taken, _SECOND)
                    word, blank = ahead, data[at + 7] == 0x20
                    at += 8
                    continue
            code, width = decode(data, at, stop)
            if is_space(code):
                gap = not blank
                at += width
                continue
            for k in range(at - gap, at + width):
                word = (word << np.uint64(8)) | np.uint64(data[k] if k >= at else 32)
                held += np.uint64(8)
                if held == 64:
                    a, b, held = _stir(a, word, _FIRST), _stir(b, word, _SECOND), np.uint64(0)
            gap, blank = False, False
            at += width
        end = ((word & ((np.uint64(1) << held) - np.uint64(1))) << np.uint64(8)) ^ (held >> np.uint64(3))
        a, b = _stir(a, end, _FIRST), _stir(b, end, _SECOND)
        hashes[i, 0], hashes[i, 1] = finish(a), finish(b)
    return hashes


def content_hash(offsets: NDArray[np.int64], data: NDArray[np.uint8], seed: int = 0) -> NDArray[np.uint64]:
    """Hash what each text says, whatever its white space: uint64 of shape (n, 2). O(bytes).

    Every run of white space (`str.isspace`) counts as one space, and white space at the ends not at all. The
    hash is made for telling texts apart, not against an adversary. `seed` is from 0 to 2**64 - 1.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["to be", " to\\n\\nbe ", "tobe"])
    >>> a, b, c = content_hash(texts.offsets, texts.data).tolist()
    >>> a == b, a == c
    (True, False)
    """
    with np.errstate(over="ignore"):  # the interpreter warns of products that wrap, which is what is wanted
        return _content_hash(offsets, data, np.uint64(seed))


@kernel(_HASHES(_HASHES_IN, I64))
def _combine(hashes: NDArray[np.uint64], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    combined = np.empty((len(offsets) - 1, 2), np.uint64)
    for i in range(len(combined)):
        a, b = _SECOND, _FIRST
        for k in range(offsets[i], offsets[i + 1]):
            a, b = _stir(a, hashes[k, 0], _FIRST), _stir(b, hashes[k, 1], _SECOND)
        combined[i, 0], combined[i, 1] = finish(a), finish(b)
    return combined


def combine(hashes: NDArray[np.uint64], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash consecutive groups of hashes, such as the turns of each row: uint64 of shape (n, 2). O(hashes).

    Group i is `hashes[offsets[i]:offsets[i + 1]]`; order counts, and so does an empty text's hash.

    Examples
    --------
    >>> turns = np.array([[1, 2], [3, 4], [3, 4], [1, 2]], np.uint64)
    >>> rows = combine(turns, np.array([0, 2, 4]))
    >>> rows.shape, bool((rows[0] == rows[1]).any())
    ((2, 2), False)
    """
    with np.errstate(over="ignore"):
        return _combine(hashes, offsets)
