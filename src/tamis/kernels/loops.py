"""Texts that got stuck: a sentence said again and again, or an end that repeats itself."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of
from tamis.kernels._table import count_characters, first_equals, range_key
from tamis.kernels._text import decode, is_space, is_unspaced, strip

_INT, _BOOL = types.int64, types.boolean
_COUNTS = types.Array(types.int64, 1, "C")

_SENTENCE_CHARACTERS: Final = 12
_LOOP_CHARACTERS: Final = 30
_LOOP_WORDS: Final = 64
_TAIL: Final = 1024  # bytes; what ends in a loop ends in one here too, if here are enough words
_MAY_END: Final = np.isin(np.arange(256), [0x0A, 0x21, 0x2E, 0x3F, 0xE3, 0xEF])
"""The bytes that a sentence's last mark may start with: a line feed, . ! ? and those of the wide marks."""


@kernel(_BOOL(U8, _INT, _INT, _INT))
def _ends_sentence(data: NDArray[np.uint8], at: int, after: int, stop: int) -> bool:
    """Whether the mark between two positions is the last of a sentence."""
    if data[at] < 0x80:
        return after == stop or is_space(decode(data, after, stop)[0])
    code = decode(data, at, stop)[0]
    return code == 0x3002 or code == 0xFF01 or code == 0xFF1F


@kernel(tuple_of(_COUNTS, _COUNTS)(U8, _INT, _INT))
def _sentences(data: NDArray[np.uint8], start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the trimmed sentences of enough characters start, and their bytes."""
    most = (stop - start) // _SENTENCE_CHARACTERS + 1
    starts, lengths = np.empty(most, np.int64), np.empty(most, np.int64)
    count, begin, at = 0, start, start
    while at < stop:
        while at < stop - 1 and not _MAY_END[data[np.uint64(at)]]:  # unsigned: no test for a negative index
            at += 1
        byte, after = data[at], at + 1
        ends = byte == 0x0A
        if _MAY_END[byte] and not ends:
            after = at + decode(data, at, stop)[1]
            ends = _ends_sentence(data, at, after, stop)
        if ends or after == stop:
            first, last = strip(data, begin, after)
            # a character has four bytes at most, so only short ones have to be counted
            if (last - first >= 4 * _SENTENCE_CHARACTERS) or (
                last - first >= _SENTENCE_CHARACTERS and count_characters(data, first, last) >= _SENTENCE_CHARACTERS
            ):
                starts[count], lengths[count] = first, last - first
                count += 1
            begin = after
        at = after
    return starts[:count].copy(), lengths[:count].copy()


@kernel(tuple_of(_INT, _INT, _INT)(U8, _INT, _INT))
def _most_repeated(data: NDArray[np.uint8], start: int, stop: int) -> tuple[int, int, int]:
    """How often the first of the most repeated sentences occurs, and the bytes from its first to its last."""
    starts, lengths = _sentences(data, start, stop)
    n = len(starts)
    if n == 1:
        return 1, starts[0], starts[0] + lengths[0]
    keys, counts, ends = np.empty(n, np.uint64), np.zeros(n, np.int64), np.empty(n, np.int64)
    best, most = -1, 0
    for i in range(n):
        keys[i] = range_key(data, starts[i], starts[i] + lengths[i])
    first = first_equals(np.arange(n), keys, data, starts, lengths, 1)
    for i in range(n):
        counts[first[i]] += 1
        ends[first[i]] = starts[i] + lengths[i]
    for i in range(n):
        if counts[i] > most:
            best, most = i, counts[i]
    return (most, starts[best], ends[best]) if most > 0 else (0, stop, stop)


@kernel(_COUNTS(I64, U8))
def _sentence_repeats(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    repeats = np.zeros(len(offsets) - 1, np.int64)
    for i in range(len(repeats)):
        repeats[i] = _most_repeated(data, offsets[i], offsets[i + 1])[0]
    return repeats


def sentence_repeats(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    r"""Count how often the most repeated sentence of each text occurs: int64 of shape (n,). O(bytes).

    A sentence ends at ``. ! ?`` before white space or the end, at ``。！？``, and at a line feed. Sentences
    of under 12 characters, white space at their ends aside, are left out; a text with no other has 0.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["I am not sure. I am not sure.\nI am not sure.", "Once upon a time.", "Yes. Yes."])
    >>> sentence_repeats(texts.offsets, texts.data).tolist()
    [3, 1, 0]
    """
    with np.errstate(over="ignore"):  # the hash wraps on purpose, of which the interpreter warns
        return _sentence_repeats(offsets, data)


@kernel(tuple_of(_COUNTS, _COUNTS)(U8, _INT, _INT))
def _words(data: NDArray[np.uint8], start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where words start and stop, as `counting.words` has them."""
    starts, stops = np.empty(stop - start, np.int64), np.empty(stop - start, np.int64)
    count, at, inside = 0, start, False
    while at < stop:
        code, width = int(data[at]), 1
        if code >= 0x80:
            code, width = decode(data, at, stop)
        if is_space(code):
            inside = False
        else:
            unspaced = is_unspaced(code)
            if unspaced or not inside:
                starts[count] = at
                count += 1
            stops[count - 1] = at + width
            inside = not unspaced
        at += width
    return starts[:count], stops[:count]


@kernel(_BOOL(U8, I64, I64, _INT, _INT))
def _same_word(
    data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64], one: int, other: int
) -> bool:
    a, b, length, k = starts[one], starts[other], stops[one] - starts[one], 0
    if length != stops[other] - b:
        return False
    while k < length and data[a + k] == data[b + k]:
        k += 1
    return bool(k == length)


@kernel(_BOOL(U8, I64, I64))
def _ends_in_loop(data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> bool:
    """Whether any period of up to `_LOOP_WORDS` words, of twice as many, is repeated at the end."""
    n = len(starts)
    for period in range(1, _LOOP_WORDS + 1):
        same = 0
        while same < period and _same_word(data, starts, stops, n - 1 - same, n - 1 - same - period):
            same += 1
        if same == period:
            return True
    return False


@kernel(tuple_of(_INT, _INT, _INT)(U8, _INT, _INT))
def _trailing_loop(data: NDArray[np.uint8], start: int, stop: int) -> tuple[int, int, int]:
    """How often the shortest period at the end is repeated, and the bytes of the whole stretch."""
    if start == stop:
        return 0, stop, stop
    tail = max(start, stop - _TAIL)
    while start < tail < stop and data[tail - 1] != 0x20:
        tail += 1
    if start < tail < stop:
        starts, stops = _words(data, tail, stop)
        if len(starts) > 2 * _LOOP_WORDS and not _ends_in_loop(data, starts, stops):
            return 1, stop, stop
    starts, stops = _words(data, start, stop)
    n = len(starts)
    for period in range(1, min(_LOOP_WORDS, n // 2) + 1):
        same = 0
        while same < n - period and _same_word(data, starts, stops, n - 1 - same, n - 1 - same - period):
            same += 1
        repeats = same // period + 1
        if repeats > 1:
            first, last = starts[n - repeats * period], stops[n - 1]
            characters = 0
            for byte in data[first:last]:
                characters += (byte & 0xC0) != 0x80
            if characters >= _LOOP_CHARACTERS:
                return repeats, first, last
    return 1, stop, stop


@kernel(_COUNTS(I64, U8))
def trailing_repeats(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count how often the piece that each text ends in is repeated there: int64 of shape (n,). O(64 bytes).

    The piece is the shortest of 1 to 64 words (those of `counting.words`) that is repeated back to back up to
    the end, over at least 30 characters. 1 where there is none, 0 for an empty text.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["Well: " + "and so on " * 9, "no no no", ""])
    >>> trailing_repeats(texts.offsets, texts.data).tolist()
    [9, 1, 0]
    """
    repeats = np.zeros(len(offsets) - 1, np.int64)
    for i in range(len(repeats)):
        repeats[i] = _trailing_loop(data, offsets[i], offsets[i + 1])[0]
    return repeats


def _characters(raw: bytes, start: int, stop: int) -> tuple[int, int]:
    before = len(raw[:start].decode())
    return before, before + len(raw[start:stop].decode())


def repeated_sentence_span(text: str) -> tuple[int, int] | None:
    """Find the characters from the first to the last of the most repeated sentence; None if none is repeated.

    Examples
    --------
    >>> repeated_sentence_span("Hm. I am not sure. Or. I am not sure. Bye.")
    (4, 37)
    """
    raw = text.encode(errors="replace")
    with np.errstate(over="ignore"):
        repeats, start, stop = _most_repeated(np.frombuffer(raw, np.uint8), 0, len(raw))
    return _characters(raw, start, stop) if repeats > 1 else None


def trailing_loop_span(text: str) -> tuple[int, int] | None:
    """Find the characters at the end that `trailing_repeats` counts as repeated; None if there are none.

    Examples
    --------
    >>> trailing_loop_span("Well: " + "and so on " * 9)
    (6, 95)
    """
    raw = text.encode(errors="replace")
    repeats, start, stop = _trailing_loop(np.frombuffer(raw, np.uint8), 0, len(raw))
    return _characters(raw, start, stop) if repeats > 1 else None
