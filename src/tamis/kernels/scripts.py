"""How many letters of each script a text has."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel
from tamis.kernels._text import decode, is_ascii

_INT = types.int64

SCRIPTS: Final = (
    "Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Devanagari", "Bengali", "Thai", "Han", "kana", "Hangul",
)  # fmt: skip
"""The columns that `script_letters` fills."""
_LATIN, _GREEK, _CYRILLIC, _HEBREW, _ARABIC, _DEVANAGARI, _BENGALI, _THAI, _HAN, _KANA, _HANGUL = range(len(SCRIPTS))
_NONE: Final = -1


@kernel(_INT(_INT))
def script_of(code: int) -> int:
    """The script of a letter above ASCII, by Unicode block, as an index of `SCRIPTS`; -1 for all else.

    >>> [SCRIPTS[script_of(ord(letter))] for letter in "éЖ漢ひ한"]
    ['Latin', 'Cyrillic', 'Han', 'kana', 'Hangul']
    """
    if code < 0x250:
        return _LATIN if code >= 0xC0 and code != 0xD7 and code != 0xF7 else _NONE
    if code < 0x530:
        return _CYRILLIC if code >= 0x400 else (_GREEK if code >= 0x386 else _NONE)
    if code < 0x780:
        if 0x5D0 <= code < 0x5F5:
            return _HEBREW
        return _ARABIC if 0x620 <= code < 0x660 or 0x66E <= code < 0x700 or code >= 0x750 else _NONE
    if code < 0xE60:
        if 0x900 <= code < 0xA00:
            return _DEVANAGARI if code < 0x980 else _BENGALI
        return _THAI if code >= 0xE00 and code != 0xE3F else _NONE
    if code < 0x3400:
        if 0x1E00 <= code < 0x2000:
            return _LATIN if code < 0x1F00 else _GREEK
        return _KANA if 0x3041 <= code < 0x3100 and code != 0x30FB else _NONE
    if code < 0xAC00:
        return _HAN if code < 0x4DC0 or 0x4E00 <= code < 0xA000 else _NONE
    if code < 0xFB00:
        return _HANGUL if code < 0xD7A4 else (_HAN if code >= 0xF900 else _NONE)
    if code < 0x10000:
        return _KANA if 0xFF66 <= code < 0xFFA0 else (_ARABIC if 0xFB50 <= code < 0xFE00 else _NONE)
    return _HAN if 0x20000 <= code < 0x32400 else _NONE


@kernel(types.Array(_INT, 2, "C")(I64, U8))
def script_letters(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the letters of each text by script: int64 of shape (n, 11), a column each of `SCRIPTS`. O(bytes).

    Vowel signs count as letters, punctuation and digits do not. A text without a byte above ASCII is read once,
    many bytes at a time.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["Tokyo", "Tokyo (東京)"])
    >>> counts = script_letters(texts.offsets, texts.data)
    >>> [dict(zip(SCRIPTS, row.tolist()))["Han"] for row in counts], counts[:, 0].tolist()
    ([0, 2], [5, 5])
    """
    counts = np.zeros((len(offsets) - 1, len(SCRIPTS)), np.int64)
    for i in range(len(counts)):
        start, stop = offsets[i], offsets[i + 1]
        latin = np.int64(0)
        for byte in data[start:stop]:
            latin += np.uint8((byte | np.uint8(0x20)) - np.uint8(0x61)) < np.uint8(26)  # bytes alone: many at a time
        counts[i, _LATIN] = latin
        at = stop if is_ascii(data, start, stop) else start
        while at < stop:
            width = 1
            if data[at] >= 0x80:
                code, width = decode(data, at, stop)
                script = script_of(code)
                if script != _NONE:
                    counts[i, script] += 1
            at += width
    return counts
