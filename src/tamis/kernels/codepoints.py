"""Code points that a reader does not see, or that stand for a lost byte."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel
from tamis.kernels._text import decode, is_ascii, is_unspaced

_INT, _BOOL = types.int64, types.boolean
_COUNTS = types.Array(types.int64, 1, "C")


@kernel(_COUNTS(I64, U8))
def control_characters(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    r"""Count control characters in each text: int64 of shape (n,). O(bytes).

    U+0000 to U+001F but for tab, line feed and carriage return; U+007F to U+009F; U+FFFE and U+FFFF.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["a\tb\r\n", "\x1b[0m\x85"])
    >>> control_characters(texts.offsets, texts.data).tolist()
    [0, 2]
    """
    counts = np.zeros(len(offsets) - 1, np.int64)
    for i in range(len(counts)):
        start, stop, total = offsets[i], offsets[i + 1], 0
        for byte in data[start:stop]:
            total += ((byte < 0x20) & (byte != 0x09) & (byte != 0x0A) & (byte != 0x0D)) | (byte == 0x7F)
        if not is_ascii(data, start, stop):
            for at in range(start, stop):
                byte = data[at]
                if byte == 0xC2:
                    total += at + 1 < stop and 0x80 <= data[at + 1] < 0xA0
                elif byte == 0xEF:
                    total += decode(data, at, stop)[0] >= 0xFFFE
        counts[i] = total
    return counts


@kernel(_COUNTS(I64, U8))
def replacement_characters(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count U+FFFD in each text: int64 of shape (n,). O(bytes).

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["caf\ufffd", "café"])
    >>> replacement_characters(texts.offsets, texts.data).tolist()
    [1, 0]
    """
    counts = np.zeros(len(offsets) - 1, np.int64)
    for i in range(len(counts)):
        total = 0
        if is_ascii(data, offsets[i], offsets[i + 1]):
            continue
        for at in range(offsets[i], offsets[i + 1]):
            if data[at] == 0xEF:
                total += decode(data, at, offsets[i + 1])[0] == 0xFFFD
        counts[i] = total
    return counts


@kernel(_BOOL(_INT))
def _uses_joiners(code: int) -> bool:
    """Whether joiners and direction marks belong beside the code point, by Unicode block."""
    return (
        0x0590 <= code < 0x0E00  # Hebrew, Arabic, Syriac, Thaana, N'Ko; the Indic scripts, Sinhala
        or 0x0F00 <= code < 0x10A0  # Tibetan, Myanmar
        or 0x1780 <= code < 0x18B0  # Khmer, Mongolian
        or 0x1900 <= code < 0x1D00  # Limbu, Tai, Balinese and other scripts of South-East Asia
        or 0x2190 <= code < 0x2C00  # signs that emoji sequences are made of
        or 0xA800 <= code < 0xAC00
        or 0xFB1D <= code < 0xFE10  # Hebrew and Arabic presentation forms, variation selectors
        or 0xFE70 <= code < 0xFEFF
        or 0x10800 <= code < 0x12000
        or 0x1E800 <= code < 0x1F000
        or 0x1F000 <= code < 0x1FB00  # emoji
        or 0xE0020 <= code < 0xE01F0  # tags, more variation selectors
    )


@kernel(_BOOL(_INT, _INT, _INT))
def _invisible(code: int, before: int, after: int) -> bool:
    """Whether a code point between two others is invisible and has no work to do there."""
    if code == 0x200B:
        return not (is_unspaced(before) and before < 0x2000) and not (is_unspaced(after) and after < 0x2000)
    if 0x200C <= code <= 0x200F:
        return not _uses_joiners(before) and not _uses_joiners(after)
    return (
        code == 0xAD
        or 0x202A <= code <= 0x202E
        or 0x2060 <= code <= 0x2064
        or 0x2066 <= code <= 0x2069
        or code == 0xFEFF
    )


@kernel(_COUNTS(I64, U8))
def zero_width_characters(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    r"""Count invisible characters that have no work to do in each text: int64 of shape (n,). O(bytes).

    Soft hyphens, word joiners and invisible operators (U+2060 to U+2064), bidirectional embeddings and
    isolates (U+202A to U+202E, U+2066 to U+2069) and U+FEFF always. Joiners and direction marks (U+200C to
    U+200F) unless a neighbour belongs to a script or an emoji that uses them; zero-width spaces (U+200B)
    unless a neighbour is Thai, Lao, Khmer or Myanmar, where they part words.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["a\u200bb", "می\u200cخواهم", "👩\u200d🚀"])
    >>> zero_width_characters(texts.offsets, texts.data).tolist()
    [1, 0, 0]
    """
    counts = np.zeros(len(offsets) - 1, np.int64)
    for i in range(len(counts)):
        start, stop, total = offsets[i], offsets[i + 1], 0
        if is_ascii(data, start, stop):
            continue
        for at in range(start, stop):
            byte = data[at]
            if byte == 0xC2 or byte == 0xE2 or byte == 0xEF:
                code, width = decode(data, at, stop)
                if code == 0xAD or code >= 0x200B:
                    last = max(at - 1, start)
                    while last > start and data[last] & 0xC0 == 0x80:
                        last -= 1
                    before = decode(data, last, at)[0] if last < at else -1
                    after = decode(data, at + width, stop)[0] if at + width < stop else -1
                    total += _invisible(code, before, after)
        counts[i] = total
    return counts
