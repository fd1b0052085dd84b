"""How the lines of a text are laid out: list items, table rows, fenced code, lines that end as code does."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of

_INT = types.int64
LINES, ITEMS, ROWS, FENCED, CODE = range(5)
MEASURES: Final = ("lines", "items", "table_rows", "fenced", "code_lines")
_TICK, _BAR, _DASH, _STAR, _HASH, _LESS = 0x60, 0x7C, 0x2D, 0x2A, 0x23, 0x3C


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT))
def _line(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int]:
    """The first and, exclusive, the last byte of a line without the white space at its ends."""
    while at < stop and data[at] <= 0x20:
        at += 1
    while stop > at and data[stop - 1] <= 0x20:
        stop -= 1
    return at, stop


@kernel(types.boolean(U8, _INT, _INT))
def _is_item(data: NDArray[np.uint8], at: int, stop: int) -> bool:
    """Whether a line begins as "- ", "* ", "• ", "1. " or "a) " do, Markdown's marks around the number aside."""
    if at + 2 < stop and data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == 0xA2:
        return True
    if at + 1 < stop and (data[at] == _DASH or data[at] == _STAR or data[at] == 0x2B) and data[at + 1] == 0x20:
        return True
    while at < stop and (data[at] == _STAR or data[at] == _HASH or data[at] == 0x20):
        at += 1
    i = at
    while i < stop and i < at + 3 and 0x30 <= data[i] <= 0x39:
        i += 1
    if i == at and i + 1 < stop and 0x61 <= data[i] | 0x20 <= 0x7A and data[i + 1] == 0x29:
        i += 1
    return bool(i > at and i < stop and (data[i] == 0x2E or data[i] == 0x29) and (i + 1 == stop or data[i + 1] == 0x20))


@kernel(types.boolean(U8, _INT, _INT))
def _is_code(data: NDArray[np.uint8], at: int, stop: int) -> bool:
    """Whether a line ends with ; { } or "):", is a tag or a call, or gives a name a value: prose lines seldom do."""
    last = data[stop - 1]
    if last == 0x3B or last == 0x7B or last == 0x7D or (data[at] == _LESS and last == 0x3E):
        return True
    i = at
    while i < stop and (
        data[i] == 0x5F or data[i] == 0x2E or 0x30 <= data[i] <= 0x39 or 0x41 <= data[i] | 0x20 <= 0x7A
    ):
        i += 1  # a name, perhaps with dots
    if i == at:
        return bool(data[at] == _HASH and at + 8 < stop and data[at + 1] == 0x69)  # #include
    if i < stop and (data[i] == 0x28 or data[i] == 0x5B) and (last == 0x29 or last == 0x5D or last == 0x3A):
        return True  # print(x), a[0]:
    if i + 2 < stop and data[i] == 0x20 and (data[i + 1] == 0x3D or data[i + 2] == 0x3D):
        return True  # x = 1, x += 1
    return bool(last == 0x3A and (data[stop - 2] == 0x29 or data[stop - 2] == 0x5D))


@kernel(types.Array(types.int64, 2, "C")(I64, U8))
def layout(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the lines of each text that are not blank, by kind: int64 of shape (n, len(MEASURES)). O(bytes).

    Lines within ``` fences, the fences included, are `fenced` and nothing else.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["Two:\\n\\n- a\\n- b", "```\\nx\\n```", "|a|b|\\n|-|-|", "int x;\\nreturn x;"])
    >>> layout(texts.offsets, texts.data).tolist()
    [[3, 2, 0, 0, 0], [3, 0, 0, 3, 0], [2, 0, 2, 0, 0], [2, 0, 0, 0, 2]]
    """
    found = np.zeros((len(offsets) - 1, len(MEASURES)), np.int64)
    for text in range(len(found)):
        at, end, fenced = offsets[text], offsets[text + 1], False
        while at < end:
            stop = at
            while stop < end and data[np.uint64(stop)] != 0x0A:
                stop += 1
            first, last = _line(data, at, stop)
            indent = first - at
            at = stop + 1
            if first == last:
                continue
            found[text, LINES] += 1
            fence = first + 3 <= last and data[first] == _TICK and data[first + 1] == _TICK and data[first + 2] == _TICK
            if fence or fenced:
                fenced = fenced != fence
                found[text, FENCED] += 1
            elif _is_item(data, first, last):
                found[text, ITEMS] += 1
            elif data[first] == _BAR or (data[last - 1] == _BAR and last - first > 3):
                found[text, ROWS] += 1
            else:
                inside = indent >= 4 and found[text, CODE] > 0 and found[text, ITEMS] == 0  # the body of a function
                found[text, CODE] += inside or _is_code(data, first, last)
    return found
