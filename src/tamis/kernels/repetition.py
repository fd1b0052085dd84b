"""How much of a text repeats itself: the repetition measures of Gopher, as datatrove computes them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of
from tamis.kernels._table import empty_table, first_equals, range_key
from tamis.kernels._text import decode, is_space, strip

_INT, _OUT = types.int64, types.Array(types.float64, 1, "C")
_BYTES, _INTS = types.Array(types.uint8, 1, "C"), types.Array(types.int64, 1, "C")
_KEYS = types.Array(types.uint64, 1, "C")

_TOP: Final = (2, 3, 4)
_DUPLICATE: Final = (5, 6, 7, 8, 9, 10)
MEASURES: Final[tuple[str, ...]] = (
    "duplicate_line_ratio",
    "duplicate_line_character_ratio",
    "duplicate_paragraph_ratio",
    "duplicate_paragraph_character_ratio",
    *(f"top_{n}gram_character_ratio" for n in _TOP),
    *(f"duplicate_{n}gram_character_ratio" for n in _DUPLICATE),
)
"""The columns of `repetition`."""

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_OTHER: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_ONE: Final = np.uint64(1)
_HEAD: Final = 16


@kernel(tuple_of(_INT, _INT, _INT)(U8, _INT, _INT, _INT))
def _parts(data: NDArray[np.uint8], start: int, stop: int, feeds: int) -> tuple[int, int, int]:
    """Split at runs of so many line feeds or more; count the parts, the duplicates, and their characters."""
    most = 1
    for byte in data[start:stop]:
        most += byte == 10
    if most == 1:
        return 1, 0, 0
    starts, lengths, keys = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.uint64)
    count, at, begin = 0, start, start
    while True:
        while at < stop and data[np.uint64(at)] != 10:
            at += 1
        run = 0
        while at + run < stop and data[at + run] == 10:
            run += 1
        if at == stop or run >= feeds:
            starts[count], lengths[count], keys[count] = begin, at - begin, range_key(data, begin, at)
            count += 1
            if at == stop:
                break
            begin = at + run
        at += run
    first = first_equals(np.arange(count), keys, data, starts, lengths, 1)
    duplicates, characters = 0, 0
    for i in range(count):
        if first[i] != i:
            duplicates += 1
            for byte in data[starts[i] : starts[i] + lengths[i]]:
                characters += (byte & 0xC0) != 0x80
    return count, duplicates, characters


@kernel(tuple_of(_INTS, _INTS)(U8, _INT, _INT))
def _words(data: NDArray[np.uint8], start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the words of a text begin and end."""
    most = (stop - start) // 2 + 1
    begins, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    at, count, inside = start, 0, False
    while at < stop:
        while inside and at < stop and 0x20 < data[np.uint64(at)] < 0x7F:
            at += 1
        if at == stop:
            break
        code, width = decode(data, at, stop)
        space = is_space(code)
        if space == inside:
            if space:
                ends[count] = at
                count += 1
            else:
                begins[count] = at
            inside = not space
        at += width
    if inside:
        ends[count] = stop
        count += 1
    return begins[:count], ends[:count]


@kernel(tuple_of(_BYTES, _BYTES, _INTS, _INTS, _KEYS, _KEYS)(U8, I64, I64))
def _pack(data: NDArray[np.uint8], begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Any:
    """Copy words to join them.

    Returns the words joined by spaces, and without (padded by `_HEAD` zeros); where each word, and the end, is
    in the latter, and how many characters are before it; a hash of each word; and the base to the power of its
    length, with which hashes are joined.
    """
    n = len(begins)
    total = (ends - begins).sum()
    joined, tight = np.empty(total + n, np.uint8), np.zeros(total + _HEAD, np.uint8)
    starts, seen = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    hashes, powers = np.empty(n, np.uint64), np.empty(n, np.uint64)
    for i in range(n):
        key, power, characters = np.uint64(0), _ONE, 0
        at, gaps = np.uint64(starts[i]), np.uint64(i)  # unsigned, so that numba tests for no negative index
        for byte in data[begins[i] : ends[i]]:
            joined[at + gaps] = tight[at] = byte
            key = key * _BASE + np.uint64(byte)
            power *= _BASE
            characters += (byte & 0xC0) != 0x80
            at += _ONE
        joined[at + gaps] = 32
        hashes[i], powers[i] = key, power
        starts[i + 1], seen[i + 1] = starts[i] + ends[i] - begins[i], seen[i] + characters
    return joined, tight, starts, seen, hashes, powers


@kernel(_INTS(_BYTES, _INTS))
def _suspects(tight: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The words at which a 5-gram, or a longer one, may begin that occurs elsewhere too.

    Either the 16 bytes from there on stand at another word too, or the 5-gram is shorter than that.
    """
    n = len(starts) - 1
    keys, suspected, slots = np.empty(n, np.uint64), np.zeros(n, np.bool_), empty_table(n)
    mask = len(slots) - 1
    for i in range(n):
        a, b = np.uint64(0), np.uint64(0)
        start = np.uint64(starts[i])
        for k in range(np.uint64(8)):
            a = (a << np.uint64(8)) | np.uint64(tight[start + k])
            b = (b << np.uint64(8)) | np.uint64(tight[start + k + np.uint64(8)])
        keys[i] = (a * _BASE) ^ (b * _OTHER)
        at = int((keys[i] * _BASE) >> np.uint64(32)) & mask
        while slots[at] > 0 and keys[slots[at] - 1] != keys[i]:
            at = (at + 1) & mask
        if slots[at] > 0:
            suspected[i] = suspected[slots[at] - 1] = True
        else:
            slots[at] = i + 1
            suspected[i] = starts[min(i + 5, n)] - starts[i] < _HEAD
    return np.nonzero(suspected)[0]


@kernel(tuple_of(_INT, _INT, _INTS)(_INTS, _INTS, _INT))
def _most_frequent(items: NDArray[np.int64], first: NDArray[np.int64], n: int) -> tuple[int, int, NDArray[np.int64]]:
    """The first of the most frequent n-grams, its count, and which n-grams occur twice or more.

    Only where the n-gram is repeated can the (n + 1)-gram be, so no others need be looked at.
    """
    counts = np.zeros(n, np.int64)
    for other in first:
        counts[other] += 1
    best, most, kept = 0, 1, 0
    repeated = np.empty(len(items), np.int64)
    for place in range(len(items)):
        item = items[place]
        if counts[item] > most:
            best, most = item, counts[item]
        if counts[first[place]] > 1:
            repeated[kept] = item
            kept += 1
    return best, most, repeated[:kept]


@kernel(_INTS(_INTS, _INT, _KEYS, _KEYS, _KEYS))
def _lengthen(
    items: NDArray[np.int64],
    n: int,
    keys: NDArray[np.uint64],
    hashes: NDArray[np.uint64],
    powers: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Turn the hashes of n - 1 words, without spaces, into those of n; leave out items that have not so many."""
    kept = len(items)
    while kept > 0 and items[kept - 1] > len(hashes) - n:
        kept -= 1
    for i in items[:kept]:
        last = np.uint64(i + n - 1)
        keys[np.uint64(i)] = keys[np.uint64(i)] * powers[last] + hashes[last]
    return items[:kept]


@kernel(types.void(U8, _INT, _INT, _OUT))
def _measure_parts(data: NDArray[np.uint8], start: int, stop: int, out: NDArray[np.float64]) -> None:
    """Fill in the measures of lines and paragraphs, in characters yet."""
    count, duplicates, characters = _parts(data, start, stop, 1)
    out[0], out[1] = duplicates / count, characters
    first, last = strip(data, start, stop)
    count, duplicates, characters = _parts(data, first, last, 2)
    out[2], out[3] = duplicates / count, characters


@kernel(types.void(U8, I64, I64, _OUT))
def _measure_ngrams(
    data: NDArray[np.uint8], begins: NDArray[np.int64], ends: NDArray[np.int64], out: NDArray[np.float64]
) -> None:
    """Fill in the measures of n-grams, in characters yet."""
    joined, tight, starts, seen, hashes, powers = _pack(data, begins, ends)
    spaced, words = starts + np.arange(len(starts)), len(hashes)
    items, keys = np.arange(words), hashes.copy()
    for n in range(2, min(4, words) + 1):
        items = _lengthen(items, n, keys, hashes, powers)
        first = first_equals(items, keys, joined, spaced, spaced[n:] - spaced[:-n] - 1, 1)
        best, most, items = _most_frequent(items, first, words)
        out[n + 2] = (seen[best + n] - seen[best] + n - 1) * most
    items, keys = _suspects(tight, starts), hashes.copy()
    for n in range(2, min(10, words) + 1):
        items = _lengthen(items, n, keys, hashes, powers)
        if n >= 5 and len(items) > 1:
            first = first_equals(items, keys, tight, starts, starts[n:] - starts[:-n], n)
            for place in range(len(items)):
                i = items[place]
                if first[place] >= 0 and first[place] != i:
                    out[n + 2] += seen[i + n] - seen[i]


@kernel(types.Array(types.float64, 2, "C")(I64, U8))
def _repetition(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.float64]:
    measures = np.zeros((len(offsets) - 1, 13), np.float64)
    for i in range(len(measures)):
        start, stop = offsets[i], offsets[i + 1]
        if start == stop:
            continue
        out, characters = measures[i], 0
        for byte in data[start:stop]:
            characters += (byte & 0xC0) != 0x80
        _measure_parts(data, start, stop, out)
        begins, ends = _words(data, start, stop)
        _measure_ngrams(data, begins, ends, out)
        characters = max(characters, 1)  # bytes that are not UTF-8 may have none
        out[1] /= characters
        out[3:] /= characters
    return measures


def repetition(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.float64]:
    r"""Measure how much of each text repeats itself: float64 of shape (n, 13), the columns in `MEASURES`.

    Each is a share in [0, 1], though a top n-gram that overlaps itself can exceed 1; an empty text has zeros.
    Lines are split at ``\n+``, paragraphs at ``\n{2,}``; a line or paragraph is a duplicate if it was met
    before. The top n-gram is the most frequent one, the first of several; its characters include the spaces
    between its words. Duplicate n-grams are counted in a scan that steps over each one it finds, their
    characters without spaces. Time and memory O(bytes).

    Words are what white space separates (`str.split`), in the case they have. That is the one difference from
    datatrove, which calls a tokenizer of the language and so takes punctuation for words.

    References
    ----------
    Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", table A1;
    datatrove 0.10.0, `pipeline/filters/gopher_repetition_filter.py`.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["so it goes\nso it goes\nso be it"])
    >>> measured = dict(zip(MEASURES, repetition(texts.offsets, texts.data)[0].tolist()))
    >>> round(measured["duplicate_line_ratio"], 3), round(measured["top_2gram_character_ratio"], 3)
    (0.333, 0.333)
    """
    with np.errstate(over="ignore"):  # the hashes wrap on purpose, of which the interpreter warns
        return _repetition(offsets, data)
