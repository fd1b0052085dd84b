"""How much of a text repeats itself: the repetition measures of Gopher, as datatrove computes them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, I64, U8, kernel, tuple_of
from tamis.kernels._table import (
    bytes_before,
    count_characters,
    eight_bytes,
    find_byte,
    padded_key,
    put_eight_bytes,
    same_bytes,
    slot_of,
    table_size,
)
from tamis.kernels._text import decode, is_space, strip

_INT, _OUT = types.int64, types.Array(types.float64, 1, "C")
_BYTES, _INTS = types.Array(types.uint8, 1, "C"), types.Array(types.int64, 1, "C")
_KEYS, _SPANS = types.Array(types.uint64, 1, "C"), types.Array(types.int64, 2, "C")
_SLOTS, _SCRATCH = types.Array(types.int32, 1, "C"), types.Array(types.int32, 2, "C")

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
_ONE: Final = np.uint64(1)
_EIGHT: Final = np.uint64(8)
_TOP_BIT: Final = np.uint64(1 << 63)
_FEED: Final = np.uint64(0x0A)
_SPACE: Final = np.uint64(0x20)
_PAD: Final = 16
"""How many bytes follow a text in scratch memory, so that a kernel may read past its end."""


@kernel(types.void(_SLOTS))
def _take_all(items: NDArray[np.int32]) -> None:
    for i in range(len(items)):
        items[i] = i


@kernel(tuple_of(_INT, _INT)(_BYTES, I64, I64, I32, _KEYS, _SLOTS))
def _duplicates(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    items: NDArray[np.int32],
    keys: NDArray[np.uint64],
    slots: NDArray[np.int32],
) -> tuple[int, int]:
    """Count the items whose bytes were met before, and their characters, stepping over the words of each one.

    An item has as many words as `starts` is longer than `stops`; the last items may have no stop.
    """
    count, characters, resume, mask = 0, 0, 0, np.uint64(len(slots) - 1)
    slots[:] = 0
    for i in items:
        if i < resume or i >= len(stops):
            continue
        start, length = starts[i], stops[i] - starts[i]
        key = padded_key(data, start, stops[i])
        keys[i], at = key, slot_of(key, mask)
        while slots[at] > 0:
            other = slots[at] - 1
            same = keys[other] == key and stops[other] - starts[other] == length
            if same and same_bytes(data, starts[other], start, length):
                break
            at = (at + _ONE) & mask
        if slots[at] == 0:
            slots[at] = i + 1
        else:
            resume = i + len(starts) - len(stops)
            count += 1
            characters += count_characters(data, start, stops[i])
    return count, characters


@kernel(_INT(U8, _INT, _SPANS))
def _split(text: NDArray[np.uint8], feeds: int, spans: NDArray[np.int64]) -> int:
    """Where the parts between runs of so many line feeds or more start and stop; how many there are."""
    count, begin, at, stop = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(len(text) - _PAD)
    while True:
        mark = find_byte(eight_bytes(text, at), _FEED)
        while mark == 0 and at < stop:
            at += _EIGHT
            mark = find_byte(eight_bytes(text, at), _FEED)
        at = min(at + bytes_before(mark), stop)
        after = at
        while after < stop and text[after] == 0x0A:
            after += _ONE
        if at == stop or after - at >= np.uint64(feeds):
            spans[0, count], spans[1, count] = begin, at
            count += _ONE
            begin = after
            if at == stop:
                return int(count)
        at = after


@kernel(tuple_of(_INT, _INT, _INT)(_BYTES, _INT, _SPANS, _KEYS, _SCRATCH))
def _parts(
    text: NDArray[np.uint8],
    feeds: int,
    spans: NDArray[np.int64],
    keys: NDArray[np.uint64],
    scratch: NDArray[np.int32],
) -> tuple[int, int, int]:
    """Split at runs of so many line feeds or more; count the parts, the duplicates, and their characters."""
    count = _split(text, feeds, spans)
    if count == 1:
        return 1, 0, 0
    slots, items = scratch[0, : table_size(count)], scratch[1, :count]
    _take_all(items)
    duplicates, characters = _duplicates(text, spans[0, :count], spans[1, :count], items, keys, slots)
    return count, duplicates, characters


@kernel(types.void(_BYTES, _SPANS, _KEYS, _SCRATCH, _OUT))
def _measure_parts(
    text: NDArray[np.uint8],
    spans: NDArray[np.int64],
    keys: NDArray[np.uint64],
    scratch: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    """Fill in the measures of lines and paragraphs, in characters yet.

    Paragraphs that are the same start with lines that are, save where white space was cut off a line.
    """
    count, duplicates, characters = _parts(text, 1, spans, keys, scratch)
    out[0], out[1] = duplicates / count, characters
    first, last = strip(text, 0, len(text) - _PAD)
    if duplicates > 0 or (first > 0 and text[first - 1] != 0x0A) or text[last] != 0x0A:
        count, duplicates, characters = _parts(text[first : last + _PAD], 2, spans, keys, scratch)
        out[2], out[3] = duplicates / count, characters


@kernel(_INT(_BYTES, _INT))
def _blank(text: NDArray[np.uint8], length: int) -> int:
    """Turn every byte of white space, and what follows the text, into a space; count the characters."""
    characters, high = 0, np.uint8(0)
    for i in range(length):
        byte = text[i]
        space = ((byte >= 0x09) & (byte <= 0x0D)) | ((byte >= 0x1C) & (byte <= 0x1F))
        text[i] = 0x20 if space else byte
        high |= byte
        characters += (byte & 0xC0) != 0x80
    text[length:] = 0x20
    if high >= 0x80:
        for i in range(length):
            if 0xC2 <= text[i] <= 0xE3:
                code, width = decode(text, i, length)
                if is_space(code):
                    text[i : i + width] = 0x20
    return characters


@kernel(_INT(_BYTES, _BYTES, _INTS, _KEYS))
def _words(
    text: NDArray[np.uint8], tight: NDArray[np.uint8], starts: NDArray[np.int64], keys: NDArray[np.uint64]
) -> int:
    """Copy the words of a text without the spaces between them; where each starts, the end, and a key of each.

    The key of a word of up to 7 bytes holds all of them; only those of longer words have the top bit.
    """
    at, to, stop, count = np.uint64(0), np.uint64(0), np.uint64(len(text) - _PAD), np.uint64(0)
    while True:
        while at < stop and text[at] == 0x20:
            at += _ONE
        if at >= stop:
            break
        starts[count] = to
        head, word = np.uint64(0), eight_bytes(text, at)
        mark = find_byte(word, _SPACE)
        while mark == 0:
            put_eight_bytes(tight, to, word)
            head = (head ^ word) * _BASE
            head = (head ^ (head >> np.uint64(32))) | _TOP_BIT
            at, to = at + _EIGHT, to + _EIGHT
            word = eight_bytes(text, at)
            mark = find_byte(word, _SPACE)
        length = bytes_before(mark)
        word &= (mark >> np.uint64(7)) - _ONE
        put_eight_bytes(tight, to, word)
        key = word | (length << np.uint64(56))
        keys[count] = key if head == 0 else ((head ^ key) * _BASE) | _TOP_BIT
        at, to, count = at + length + _ONE, to + length, count + _ONE
    starts[count] = to
    tight[to : to + np.uint64(_PAD)] = 0
    return int(count)


@kernel(types.void(_BYTES, _INTS, _KEYS, _SLOTS, _SLOTS))
def _number(
    tight: NDArray[np.uint8],
    starts: NDArray[np.int64],
    keys: NDArray[np.uint64],
    slots: NDArray[np.int32],
    numbers: NDArray[np.int32],
) -> None:
    """Give every word that occurs twice or more its number, which is where it occurs first; the others have -1."""
    mask = np.uint64(len(slots) - 1)
    slots[:] = 0
    for i in range(len(keys)):
        key = keys[i]
        at = slot_of(key, mask)
        while slots[at] > 0:
            other = slots[at] - 1
            if keys[other] == key:
                if key < _TOP_BIT:
                    break
                length = starts[i + 1] - starts[i]
                if length == starts[other + 1] - starts[other] and same_bytes(tight, starts[i], starts[other], length):
                    break
            at = (at + _ONE) & mask
        numbers[i] = slots[at] - 1
        if slots[at] == 0:
            slots[at] = i + 1
        else:
            numbers[slots[at] - 1] = slots[at] - 1
    numbers[len(keys)] = -1


@kernel(_INT(_SLOTS, _SLOTS, _KEYS))
def _join(items: NDArray[np.int32], numbers: NDArray[np.int32], keys: NDArray[np.uint64]) -> int:
    """Keep the items where a repeated n-gram is followed by another; the pair is the key of an (n + 1)-gram."""
    kept = 0
    for i in items:
        one, other = numbers[i], numbers[i + 1]
        items[kept] = i
        keys[kept] = (np.uint64(one) << np.uint64(32)) | np.uint64(other)
        kept += (one >= 0) & (other >= 0)
        numbers[i] = -1
    return kept


@kernel(tuple_of(_INT, _INT)(_SLOTS, _SLOTS, _KEYS, _SLOTS, _SLOTS))
def _most_frequent(
    items: NDArray[np.int32],
    numbers: NDArray[np.int32],
    keys: NDArray[np.uint64],
    counts: NDArray[np.int32],
    slots: NDArray[np.int32],
) -> tuple[int, int]:
    """Find the first of the most frequent n-grams, and its count; number those that occur twice or more."""
    best, most, mask = 0, 1, np.uint64(len(slots) - 1)
    slots[:] = 0
    for place in range(len(items)):
        key = keys[place]
        at = slot_of(key, mask)
        while slots[at] > 0 and keys[slots[at] - 1] != key:
            at = (at + _ONE) & mask
        if slots[at] == 0:
            slots[at] = place + 1
            counts[place] = 1
            continue
        other = slots[at] - 1
        counts[other] += 1
        numbers[items[place]] = numbers[items[other]] = other
        if counts[other] > most or (counts[other] == most and items[other] < best):
            best, most = items[other], counts[other]
    return best, most


@kernel(_INT(_BYTES, I64, I64, _SLOTS, _KEYS, _SLOTS))
def _suspects(
    tight: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    items: NDArray[np.int32],
    keys: NDArray[np.uint64],
    slots: NDArray[np.int32],
) -> int:
    """Keep the items whose n-gram, or a longer one, may occur elsewhere too.

    Either the 16 bytes from there on stand at another item too, or the n-gram is shorter than that.
    """
    mask, kept = np.uint64(len(slots) - 1), 0
    slots[:] = 0
    for place in range(len(items)):
        i = items[place]
        start = np.uint64(starts[i])
        key = (eight_bytes(tight, start) * _BASE) ^ eight_bytes(tight, start + _EIGHT)
        keys[place] = key
        at = slot_of(key, mask)
        while slots[at] > 0 and keys[slots[at] - 1] != key:
            at = (at + _ONE) & mask
        short = stops[i] - starts[i] < _PAD
        if slots[at] == 0:
            slots[at] = place + 1
            items[place] = i if short else ~i
        else:
            other = slots[at] - 1
            items[other] = max(items[other], ~items[other])
    for place in range(len(items)):
        i = items[place]
        items[kept] = i
        kept += i >= 0
    return kept


@kernel(types.void(_BYTES, _BYTES, _INTS, _KEYS, _SCRATCH, _OUT))
def _measure_ngrams(
    text: NDArray[np.uint8],
    tight: NDArray[np.uint8],
    starts: NDArray[np.int64],
    keys: NDArray[np.uint64],
    scratch: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    """Fill in the measures of n-grams, in characters yet."""
    slots, items, numbers, counts = scratch[0], scratch[1], scratch[2], scratch[3]
    words = _words(text, tight, starts, keys)
    starts = starts[: words + 1]
    _number(tight, starts, keys[:words], slots[: table_size(words)], numbers)
    _take_all(items[:words])
    kept = words
    for n in range(2, min(4, words) + 1):
        kept = _join(items[:kept], numbers, keys)
        best, most = _most_frequent(items[:kept], numbers, keys, counts, slots[: table_size(kept)])
        out[n + 2] = (count_characters(tight, starts[best], starts[best + n]) + n - 1) * most
    if words < 5:
        return
    _take_all(items[: words - 4])
    kept = _suspects(tight, starts, starts[5:], items[: words - 4], keys, slots[: table_size(words)])
    for n in range(5, min(10, words) + 1):
        out[n + 2] = _duplicates(tight, starts, starts[n:], items[:kept], keys, slots[: table_size(kept)])[1]


@kernel(types.Array(types.float64, 2, "C")(I64, U8))
def _repetition(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.float64]:
    measures, longest = np.zeros((len(offsets) - 1, 13), np.float64), 0
    for i in range(len(measures)):
        longest = max(longest, offsets[i + 1] - offsets[i])
    texts, most = np.empty((2, longest + _PAD), np.uint8), longest // 2 + 2
    spans, keys = np.empty((2, most), np.int64), np.empty(most, np.uint64)
    scratch = np.empty((4, table_size(most)), np.int32)
    for i in range(len(measures)):
        start, stop = offsets[i], offsets[i + 1]
        if start == stop:
            continue
        length, out = stop - start, measures[i]
        text = texts[0, : length + _PAD]
        text[:length] = data[start:stop]
        text[length:] = 0x0A
        _measure_parts(text, spans, keys, scratch, out)
        characters = _blank(text, length)
        _measure_ngrams(text, texts[1], spans[0], keys, scratch, out)
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
