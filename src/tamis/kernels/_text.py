"""Bytes to code points, and the classes of code points that several kernels share.

A byte that cannot be decoded counts as a code point of its own, -1, which belongs to no class.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import U8, kernel, tuple_of

_INT, _BOOL = types.int64, types.boolean


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT))
def decode(data: NDArray[np.uint8], i: int, stop: int) -> tuple[int, int]:
    """The code point that starts at byte i, and its width in bytes; (-1, 1) where there is none before stop.

    >>> decode(np.frombuffer("é".encode(), np.uint8), 0, 2)
    (233, 2)
    """
    lead = int(data[i])
    if lead < 0x80:
        return lead, 1
    width = 2 if lead < 0xE0 else (3 if lead < 0xF0 else 4)
    if lead < 0xC2 or lead > 0xF4 or i + width > stop:
        return -1, 1
    code = lead & (0x7F >> width)
    for k in range(1, width):
        byte = int(data[i + k])
        if byte & 0xC0 != 0x80:
            return -1, 1
        code = (code << 6) | (byte & 0x3F)
    return code, width


@kernel(_BOOL(U8, _INT, _INT))
def is_ascii(data: NDArray[np.uint8], start: int, stop: int) -> bool:
    """Whether no byte is above 0x7F; a loop that the compiler turns into one over many bytes at a time.

    >>> bool(is_ascii(np.frombuffer("né".encode(), np.uint8), 0, 1))
    True
    """
    bits = np.uint8(0)
    for byte in data[start:stop]:
        bits |= byte
    return bool(bits < 0x80)


@kernel(_BOOL(_INT))
def is_space(code: int) -> bool:
    """White space as `str.isspace` has it: Unicode's White_Space and the separators U+001C to U+001F.

    >>> bool(is_space(0x3000)), bool(is_space(0x200B))
    (True, False)
    """
    if code < 0x80:
        return code == 0x20 or 0x09 <= code <= 0x0D or 0x1C <= code <= 0x1F
    if code < 0x2000:
        return code == 0x85 or code == 0xA0 or code == 0x1680
    return code <= 0x200A or code == 0x2028 or code == 0x2029 or code == 0x202F or code == 0x205F or code == 0x3000


@kernel(_BOOL(_INT))
def is_unspaced(code: int) -> bool:
    """Whether the code point belongs to a script that is written without spaces, by Unicode block.

    Han with its radicals and iteration marks, Hiragana, Katakana, Thai, Lao, Myanmar, Khmer.

    >>> bool(is_unspaced(ord("漢"))), bool(is_unspaced(ord("한")))
    (True, False)
    """
    if code < 0x0E00:
        return False
    if code < 0x2E80:
        return code < 0x0F00 or 0x1000 <= code < 0x10A0 or 0x1780 <= code < 0x1800 or 0x19E0 <= code < 0x1A00
    if code < 0x3100:
        return code < 0x2FE0 or 0x3005 <= code <= 0x3007 or 0x3021 <= code <= 0x3029 or code >= 0x3031
    if code < 0xAC00:
        return (
            0x31F0 <= code < 0x3200
            or 0x3400 <= code < 0x4DC0
            or 0x4E00 <= code < 0xA000
            or 0xA9E0 <= code < 0xAA00
            or 0xAA60 <= code < 0xAA80
        )
    return 0xF900 <= code < 0xFB00 or 0xFF66 <= code < 0xFFA0 or 0x1B000 <= code < 0x1B170 or 0x20000 <= code < 0x32400


@kernel(_BOOL(_INT))
def is_word(code: int) -> bool:
    """Whether the code point can stand in a word: an ASCII letter or digit, or above ASCII anything that is
    not in a block of punctuation, symbols, spaces, emoji or private use.

    >>> [bool(is_word(ord(character))) for character in "a_é…字"]
    [True, False, True, False, True]
    """
    if code < 0x80:
        return 0x30 <= code <= 0x39 or 0x41 <= code <= 0x5A or 0x61 <= code <= 0x7A
    if code < 0x0100:
        return code >= 0xC0 and code != 0xD7 and code != 0xF7
    if code < 0x2E00:
        return code != 0x1680 and not 0x2000 <= code < 0x2C00
    if code < 0xE000:
        return code >= 0x2E80 and not (0x3000 <= code < 0x3005) and not (0x3008 <= code < 0x3021)
    return (
        (0xF900 <= code < 0xFE00)
        or (
            0xFE70 <= code < 0x1F000
            and code != 0xFEFF
            and not (0xFF00 <= code < 0xFF10)
            and not (0xFF1A <= code < 0xFF21)
            and not (0xFF3B <= code < 0xFF41)
            and not (0xFF5B <= code < 0xFF66)
            and not (0xFFE0 <= code < 0x10000)
        )
        or 0x20000 <= code < 0x32400
    )


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT))
def strip(data: NDArray[np.uint8], start: int, stop: int) -> tuple[int, int]:
    """Narrow a byte range by the white space at its ends; an empty range starts and stops at the same byte.

    >>> strip(np.frombuffer(" a\u3000".encode(), np.uint8), 0, 5)
    (1, 2)
    """
    while start < stop:
        code, width = decode(data, start, stop)
        if not is_space(code):
            break
        start += width
    while start < stop:
        last = stop - 1
        while last > start and data[last] & 0xC0 == 0x80:
            last -= 1
        code, width = decode(data, last, stop)
        if not is_space(code) or last + width != stop:
            break
        stop = last
    return start, stop
