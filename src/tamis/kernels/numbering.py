"""Which texts hold a list whose numbers skip or repeat, before anything else is asked of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of

_INT = types.int64
_TICK, _BREAK, _ZERO, _NINE = 0x60, 0x0A, 0x30, 0x39
_GAP: Final = 4
"""How far a number may be from the one before and still count as skipped rather than as another list."""


@kernel(_INT(U8, _INT, _INT))
def _code_end(data: NDArray[np.uint8], at: int, stop: int) -> int:
    """Where the code ends that the backtick at `at` opens: a fence, or a span within the line; `at` if neither."""
    if at + 2 < stop and data[at + 1] == _TICK and data[at + 2] == _TICK:
        for i in range(at + 3, stop - 2):
            if data[i] == _TICK and data[i + 1] == _TICK and data[i + 2] == _TICK:
                return i + 3
        return stop
    for i in range(at + 1, stop):
        if data[i] == _TICK:
            return i + 1
        if data[i] == _BREAK:
            break
    return at


@kernel(tuple_of(_INT, types.boolean)(U8, _INT, _INT))
def _item(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, bool]:
    """The number of the item "12. " or "12) " that begins at `at`, or -1; and whether it has other digits."""
    number, i, other = 0, at, False
    while i < stop and i < at + 12 and (_ZERO <= data[i] <= _NINE or data[i] >= 0x80):
        number = number * 10 + int(data[i]) - _ZERO
        other = other or data[i] >= 0x80
        i += 1
    if i == at or i + 1 >= stop or (data[i] != 0x2E and data[i] != 0x29) or data[i + 1] != 0x20:
        return -1, False
    return (number if other or i <= at + 3 else -1), other


@kernel(types.Array(types.boolean, 1, "C")(I64, U8))
def may_be_misnumbered(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell where, of three items in a row, the third repeats or skips after two that follow each other: (n,). O(bytes).

    Items stand at the start of a line outside code, whatever stands between them; digits other than ASCII's are
    left to the caller.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["1. a\\n2. b\\n4. c", "1. a\\n2. b\\n3. c\\n1. d", "1. a\\n```\\n1. b\\n```\\n2. c"])
    >>> may_be_misnumbered(texts.offsets, texts.data).tolist()
    [True, False, False]
    """
    found = np.zeros(len(offsets) - 1, np.bool_)
    for text in range(len(found)):
        at, stop, fresh = offsets[text], offsets[text + 1], True
        first, last = -9, -9
        while at < stop and not found[text]:
            byte = data[np.uint64(at)]  # unsigned, so that numba tests for no negative index
            if fresh and (_ZERO <= byte <= _NINE or byte >= 0x80):
                number, other = _item(data, at, stop)
                if number >= 0:
                    step = number - last
                    found[text] = other or (last == first + 1 and (step == 0 or 1 < step <= _GAP))
                    first, last = last, number
            fresh = byte == _BREAK
            end = _code_end(data, at, stop) if byte == _TICK else at
            at = max(end, at + 1)
    return found
