"""What the filters for web pages measure: words, the lines they stand in, and the marks between them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of
from tamis.kernels._text import decode, is_space, is_word, strip

_INT, _BOOL, _OUT = types.int64, types.boolean, types.Array(types.float64, 1, "C")

MEASURES: Final[tuple[str, ...]] = (
    "words",
    "mean_word_length",
    "alphabetic_ratio",
    "hash_ratio",
    "ellipsis_ratio",
    "stop_words",
    "bullet_line_ratio",
    "ellipsis_line_ratio",
    "terminal_line_ratio",
    "short_line_ratio",
    "newline_ratio",
)
"""The columns of `web`."""

_SHORT: Final = 30
_ELLIPSIS: Final = 0x2026
_TERMINAL: Final = np.array([ord(mark) for mark in ".!?։؟۔।॥၊။።፧፨។៕‼‽⁇⁈⁉⸮⸼。﹒﹖﹗！．？｡"])
_STOP_WORDS: Final = np.array([int.from_bytes(word, "little") for word in b"the be to of and that have with".split()])


@kernel(_INT(U8, _INT, _INT))
def _stop_word(data: NDArray[np.uint8], start: int, stop: int) -> int:
    """The bit of the stop word that a word is, or 0."""
    if stop - start > 4:
        return 0
    key = 0
    for at in range(start, stop):
        key |= int(data[at]) << (8 * (at - start))
    for place in range(len(_STOP_WORDS)):
        if _STOP_WORDS[place] == key:
            return 1 << place
    return 0


@kernel(_BOOL(U8, _INT, _INT))
def _joins(data: NDArray[np.uint8], at: int, stop: int) -> bool:
    """Whether a full stop, comma or apostrophe stands here with a letter or digit behind it."""
    code, width = decode(data, at, stop)
    if code != 0x2E and code != 0x2C and code != 0x27 and code != 0x2019:
        return False
    return at + width < stop and is_word(decode(data, at + width, stop)[0])


@kernel(tuple_of(_INT, _INT, _BOOL)(U8, _INT, _INT))
def _word_at(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int, bool]:
    """Where the word that begins at a byte ends, how many characters it has, and whether one is a letter."""
    characters, letter = 0, False
    while at < stop:
        byte = data[at]
        if 0x61 <= (byte | 0x20) <= 0x7A:
            letter = True
            at += 1
        elif 0x30 <= byte <= 0x39:
            at += 1
        else:
            code, width = decode(data, at, stop)
            if code >= 0x80 and is_word(code):
                letter = True
            elif not _joins(data, at, stop):
                break
            at += width
        characters += 1
    return at, characters, letter


@kernel(types.void(U8, _INT, _INT, _OUT))
def _measure_words(data: NDArray[np.uint8], start: int, stop: int, out: NDArray[np.float64]) -> None:
    """Fill in the measures of words. Every mark beside them counts as one of the pieces that ratios divide by."""
    words, marks, characters, letters, hashes, ellipses, dots, found = 0, 0, 0, 0, 0, 0, 0, 0
    at = start
    while at < stop:
        code, width = decode(data, at, stop)
        dots = dots + 1 if code == 0x2E else 0
        if is_word(code):
            after, length, letter = _word_at(data, at, stop)
            words, characters, letters = words + 1, characters + length, letters + letter
            found |= _stop_word(data, at, after)
            at = after
            continue
        marks += not is_space(code)
        hashes += code == 0x23
        ellipses += code == _ELLIPSIS or dots == 3
        dots = 0 if dots == 3 else dots
        at += width
    pieces = max(words + marks, 1)
    out[0], out[1] = words, characters / words if words else np.nan
    out[2], out[3], out[4] = letters / pieces, hashes / pieces, ellipses / pieces
    for place in range(len(_STOP_WORDS)):
        out[5] += (found >> place) & 1
    out[10] = pieces


@kernel(_INT(U8, _INT, _INT))
def _last_code(data: NDArray[np.uint8], start: int, stop: int) -> int:
    """The last code point of a range of at least one byte."""
    at = stop - 1
    while at > start and data[at] & 0xC0 == 0x80:
        at -= 1
    return decode(data, at, stop)[0]


@kernel(types.void(U8, _INT, _INT, _OUT))
def _add_line(data: NDArray[np.uint8], start: int, stop: int, sums: NDArray[np.float64]) -> None:
    """Add a line that is not blank: begins with a bullet, ends in an ellipsis or a terminal mark, is short."""
    first, last = strip(data, start, stop)
    if first == last:
        return
    sums[4] += 1
    bullet = decode(data, first, last)[0]
    sums[0] += bullet == 0x2D or bullet == 0x2022
    dots = last - first >= 3 and data[last - 1] == 0x2E and data[last - 2] == 0x2E and data[last - 3] == 0x2E
    sums[1] += dots or _last_code(data, first, last) == _ELLIPSIS
    end = _last_code(data, start, stop)
    for mark in _TERMINAL:
        sums[2] += mark == end
    characters = 0
    for at in range(start, stop):
        characters += (data[at] & 0xC0) != 0x80
    sums[3] += characters <= _SHORT


@kernel(types.void(U8, _INT, _INT, _OUT))
def _measure_lines(data: NDArray[np.uint8], start: int, stop: int, out: NDArray[np.float64]) -> None:
    """Fill in the measures of lines, given the number of words and marks in the last column."""
    sums, lines, feeds, begin = np.zeros(5, np.float64), 0, 0, start
    for at in range(start, stop):
        if data[at] == 0x0A:
            _add_line(data, begin, at, sums)
            lines, feeds, begin = lines + 1, feeds + 1, at + 1
    if begin < stop:
        _add_line(data, begin, stop, sums)
        lines += 1
    out[6], out[7] = sums[0] / max(lines, 1), sums[1] / max(lines, 1)
    out[8], out[9] = sums[2] / max(sums[4], 1), sums[3] / max(sums[4], 1)
    out[10] = feeds / out[10]


@kernel(types.Array(types.float64, 2, "C")(I64, U8))
def web(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Measure each text as the filters for web pages do: float64 of shape (n, 11), the columns in `MEASURES`.

    A word is a run of letters and digits, in which a single full stop, comma or apostrophe may stand; every other
    character that is not white space is a mark. The mean length is NaN without a word. The ratios of words divide
    by words and marks together, as datatrove does: its English tokenizer makes a token of each mark. Lines end at
    ``\n``; the shares of lines that begin with a bullet or end in an ellipsis are of all lines, those of short ones
    and of ones that end in a terminal mark of lines that are not blank. O(bytes).

    References
    ----------
    Rae et al. 2021, "Scaling Language Models", table A1; datatrove 0.10.1, `gopher_quality_filter.py` and
    `fineweb_quality_filter.py`.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["- One of 2\n- and the other..."])
    >>> measured = dict(zip(MEASURES, web(texts.offsets, texts.data)[0].tolist()))
    >>> measured["words"], measured["bullet_line_ratio"], measured["ellipsis_line_ratio"]
    (6.0, 1.0, 0.5)
    """
    measures = np.zeros((len(offsets) - 1, 11), np.float64)
    for i in range(len(measures)):
        _measure_words(data, offsets[i], offsets[i + 1], measures[i])
        _measure_lines(data, offsets[i], offsets[i + 1], measures[i])
    return measures
