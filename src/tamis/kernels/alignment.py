"""How much of one text's tokens another text holds, in the same order."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import F64, U8, kernel, tuple_of
from tamis.kernels.shingles import INTS
from tamis.kernels.tokens import TOKENS, Tokens

_INT, _F64 = types.int64, types.float64
_STEPS = types.Array(types.uint8, 2, "C")
RANGE = tuple_of(_INT, _INT)
FOUND = tuple_of(_F64, _INT, _INT, _INT, _INT, _INT)
Range = tuple[int, int]
Found = tuple[float, int, int, int, int, int]
"""The share of the weight that was found, how many tokens, and from which to which token: of the text, of the item."""

SLIP: Final = 0.8
"""What a word that is one letter off is worth."""
_RUN: Final = 0.25
"""How much more a match is worth right after another one, while the best order is sought."""

_APART: Final = 2
"""Tokens from one match to the next that makes it count: the letter of a choice may stand between two choices."""


@kernel(_F64(U8, _INT, _INT, U8, _INT, _INT))
def one_letter_off(a: NDArray[np.uint8], i: int, i_stop: int, b: NDArray[np.uint8], j: int, j_stop: int) -> float:
    """`SLIP` where two words of four ASCII letters or more, alike in their first, differ in one letter; else 0.

    >>> one, other = np.frombuffer(b"Eiffel", np.uint8), np.frombuffer(b"eifel", np.uint8)
    >>> one_letter_off(one, 0, 6, other, 0, 5), one_letter_off(one, 0, 6, one, 1, 6)
    (0.8, 0.0)
    """
    long, short = i_stop - i, j_stop - j
    if abs(long - short) > 1 or min(long, short) < 4 or (a[i] | 0x20) != (b[j] | 0x20):
        return 0.0
    while i < i_stop and j < j_stop and (a[i] | 0x20) == (b[j] | 0x20):
        i, j = i + 1, j + 1
    if i < i_stop and not 0x61 <= (a[i] | 0x20) <= 0x7A:
        return 0.0
    if j < j_stop and not 0x61 <= (b[j] | 0x20) <= 0x7A:
        return 0.0
    i, j = i + (long >= short), j + (short >= long)
    while i < i_stop and j < j_stop and (a[i] | 0x20) == (b[j] | 0x20):
        i, j = i + 1, j + 1
    return SLIP if i >= i_stop and j >= j_stop else 0.0


@kernel(_F64(U8, TOKENS, _INT, U8, TOKENS, _INT))
def likeness(
    data: NDArray[np.uint8], tokens: Tokens, j: int, item_data: NDArray[np.uint8], item: Tokens, i: int
) -> float:
    """1 for equal tokens, `SLIP` for words one letter apart, 0 for others."""
    if tokens[0][j] == item[0][i]:
        return 1.0
    return one_letter_off(item_data, item[1][i], item[2][i], data, tokens[1][j], tokens[2][j])


@kernel(_STEPS(U8, TOKENS, RANGE, U8, TOKENS, RANGE, F64))
def _steps(  # noqa: PLR0913 - two texts, a range of each, and the weights
    data: NDArray[np.uint8],
    tokens: Tokens,
    window: Range,
    item_data: NDArray[np.uint8],
    item: Tokens,
    part: Range,
    weights: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """How the heaviest matches in order end, for all beginnings of both: 2 in a match, 1 before the item's token.

    Shape (item, window). A match right after another one weighs more here, so that runs win over scattered words.
    """
    height, width = part[1] - part[0], window[1] - window[0]
    steps = np.zeros((height, width), np.uint8)
    above, here = np.zeros(width + 1, np.float64), np.zeros(width + 1, np.float64)
    before, alike = np.zeros(width + 1, np.bool_), np.zeros(width + 1, np.bool_)
    for i in range(height):
        weight = weights[part[0] + i]
        for j in range(width):
            like = likeness(data, tokens, window[0] + j, item_data, item, part[0] + i)
            best, step = here[j], 0
            if above[j + 1] >= best:
                best, step = above[j + 1], 1
            alike[j + 1] = like > 0
            if like > 0:
                matched = above[j] + weight * (like + _RUN * before[j])
                if matched >= best:
                    best, step = matched, 2
            here[j + 1], steps[i, j] = best, step
        above, here = here, above
        before, alike = alike, before
    return steps


@kernel(INTS(_STEPS))
def _matches(steps: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Which token of the window each token of the item is matched with, -1 for none and behind the last."""
    i, j = steps.shape[0] - 1, steps.shape[1] - 1
    matched = np.full(i + 2, -1, np.int64)
    while i >= 0 and j >= 0:
        step = steps[i, j]
        if step == 2:
            matched[i] = j
        i -= step > 0
        j -= step != 1
    return matched


@kernel(FOUND(U8, TOKENS, RANGE, U8, TOKENS, RANGE, F64))
def align(  # noqa: PLR0913 - two texts, a range of each, and the weights
    data: NDArray[np.uint8],
    tokens: Tokens,
    window: Range,
    item_data: NDArray[np.uint8],
    item: Tokens,
    part: Range,
    weights: NDArray[np.float64],
) -> Found:
    """Find a part of an item in a window of a text: matches in order, which count if one of a neighbour is near."""
    matched = _matches(_steps(data, tokens, window, item_data, item, part, weights))
    whole, found, count = 0.0, 0.0, 0
    first, last = -1, -1
    for i in range(part[1] - part[0]):
        weight, j = weights[part[0] + i], matched[i]
        whole += weight
        after = i > 0 and matched[i - 1] >= 0 and j - matched[i - 1] <= _APART
        if j >= 0 and (after or 0 <= matched[i + 1] <= j + _APART):
            found += weight * likeness(data, tokens, window[0] + j, item_data, item, part[0] + i)
            count, last = count + 1, i
            first = i if first < 0 else first
    if count == 0:
        return 0.0, 0, 0, 0, 0, 0
    at = window[0]
    return found / whole, count, at + matched[first], at + matched[last] + 1, part[0] + first, part[0] + last + 1
