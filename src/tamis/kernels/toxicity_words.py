"""Words as the toxicity screen reads them, one after the other, in small letters and without what parts them.

Marks between letters stay ("sh*t"), a third letter in a row does not; names of accounts and addresses are passed over.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import U8, kernel, tuple_of
from tamis.kernels._table import bytes_before, eight_bytes, find_byte, put_eight_bytes
from tamis.kernels._text import decode, is_space, is_word
from tamis.kernels.shingles import fold_eight

LONGEST: Final = 40
"""Bytes of a word that are read."""
ROOM: Final = 1 + LONGEST + 16
"""Bytes for a word: a blank before it, and zeros behind it, so that it is read eight bytes a step."""
WORD_SEED: Final = np.uint64(0x84222325CBF29CE4)
_SALT: Final = np.uint64(0x9E3779B97F4A7C15)
_TOPS: Final = np.uint64(0x8080808080808080)
_WW, _HTTP, _HTTPS = (np.uint64(int.from_bytes(word, "little")) for word in (b"ww", b"http", b"https"))

_LETTERS: Final = np.array([ord(chr(c).lower()) if c < 128 and chr(c).isalnum() else 0 for c in range(256)], np.uint8)
"""The small letter or the digit that a byte of ASCII is, 0 for all else."""
_PARTS: Final = np.array([c < 128 and not chr(c).isalnum() and c != ord("@") for c in range(256)], np.bool_)
"""Whether a byte stands between words and begins none, nor the name of an account."""

_INT, _BOOL, _U64 = types.int64, types.boolean, types.uint64
_BYTES = types.Array(types.uint8, 1, "C")


@kernel(_BOOL(_INT))
def _is_mark(code: int) -> bool:
    """Whether a sign may stand inside a word: an apostrophe, or a sign that hides a letter."""
    return code == 0x27 or code == 0x2A or code == 0x24 or code == 0x21 or code == 0x40 or code == 0x2019


@kernel(_INT(U8, _INT, _INT))
def _marks_end(data: NDArray[np.uint8], at: int, stop: int) -> int:
    """Where a run of marks ends, if a letter or digit follows it; else `at`."""
    end = at
    while end < stop:
        code, width = decode(data, end, stop)
        if not _is_mark(code):
            return end if is_word(code) else at
        end += width
    return at


@kernel(_INT(_BYTES, _INT, U8, _INT, _INT))
def _put(word: NDArray[np.uint8], length: int, data: NDArray[np.uint8], at: int, width: int) -> int:
    """Add a character above ASCII to a word; nothing beyond the longest word."""
    if length + width > LONGEST:
        return length
    word[1 + length : 1 + length + width] = data[at : at + width]
    return length + width


@kernel(_INT(U8, _INT, _INT))
def _end_of_name(data: NDArray[np.uint8], at: int, stop: int) -> int:
    """Where the name of an account ends that begins with the "@" at `at`."""
    at += 1
    while at < stop:
        code, width = decode(data, at, stop)
        if not is_word(code) and code != 0x5F:
            break
        at += width
    return at


@kernel(_BOOL(_BYTES, _INT, U8, _INT, _INT))
def _opens_address(word: NDArray[np.uint8], length: int, data: NDArray[np.uint8], at: int, stop: int) -> bool:
    """Whether a word is the "http", "https" or "www" of an address."""
    if length == 2:  # the third w is not written
        return bool(word[1] == 0x77 and word[2] == 0x77 and at < stop and data[at] == 0x2E)
    if length != 4 and (length != 5 or word[5] != 0x73):
        return False
    http = word[1] == 0x68 and word[2] == 0x74 and word[3] == 0x74 and word[4] == 0x70
    return bool(http and at < stop and data[at] == 0x3A)


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT, _BYTES))
def next_word(data: NDArray[np.uint8], at: int, stop: int, word: NDArray[np.uint8]) -> tuple[int, int]:
    """Write the next word to `word[1:]`; where the text goes on, and the word's length: 0 at the end of the text.

    Letters and digits in small letters (ASCII), with marks between them: "sh*t", "don't". Names of accounts and
    addresses are passed over.
    """
    length = 0
    while at < stop:
        byte = data[np.uint64(at)]
        letter = _LETTERS[np.uint64(byte)]
        if letter != 0:
            third = length >= 2 and word[length] == letter and word[length - 1] == letter
            if not third and length < LONGEST:
                length += 1
                word[np.uint64(length)] = letter
            at += 1
            continue
        if byte < 0x80 and length == 0 and byte != 0x40:
            at += 1
            continue
        code, width = decode(data, at, stop)
        if byte >= 0x80 and is_word(code):
            length = _put(word, length, data, at, width)
            at += width
        elif length == 0:
            at = _end_of_name(data, at, stop) if code == 0x40 else at + width
        else:
            end = _marks_end(data, at, stop) if _is_mark(code) else at
            if end == at:
                if not _opens_address(word, length, data, at, stop):
                    break
                length = 0
                while at < stop and not is_space(decode(data, at, stop)[0]):
                    at += 1
            while at < end:
                sign, width = decode(data, at, stop)
                if length < LONGEST:
                    word[1 + length] = np.uint8(0x27) if sign == 0x2019 else np.uint8(sign)
                    length += 1
                at += width
    return at, length


@kernel(_BOOL(_U64, _U64, _U64))
def _has_third(word: np.uint64, before: np.uint64, kept: np.uint64) -> bool:
    """Whether one of the bytes that are `kept` is the same as both before it; `before` are the eight before `word`."""
    one = (word << np.uint64(8)) | (before >> np.uint64(56))
    two = (word << np.uint64(16)) | (before >> np.uint64(48))
    return bool(find_byte((word ^ one) | (word ^ two) | ~kept, np.uint64(0)) != np.uint64(0))


@kernel(tuple_of(_INT, _U64, _U64)(_U64, _U64))
def _plain_word(chunk: np.uint64, after: np.uint64) -> tuple[int, np.uint64, np.uint64]:
    """The word that the next sixteen bytes begin with, as its first and second eight, and its length; 0 if
    `next_word` has more to do to it than to make its letters small.

    19 words of 20 are plain: up to 15 letters and digits, no third in a row, no mark behind, not of an address. It is
    given the bytes and not the text, because counting the references to an array took longer than all it does.
    """
    none, before, length, bits = np.uint64(0), np.uint64(0), 0, chunk
    word = fold_eight(chunk)
    gap = find_byte(word, none)
    if gap == none:
        before, word, length, bits = word, fold_eight(after), 8, chunk | after
        chunk, gap = after, find_byte(word, none)
    kept, width = (gap >> np.uint64(7)) - np.uint64(1), bytes_before(gap)
    word &= kept
    length += np.int64(width)  # type: ignore[assignment]
    plain = gap != none and bits & _TOPS == none and word != _WW and word != _HTTP and word != _HTTPS
    if plain and before != none:
        plain = not _has_third(before, none, ~none)
    mark = _is_mark(np.int64((chunk >> (width * np.uint64(8))) & np.uint64(0xFF)))  # type: ignore[arg-type]
    plain = plain and not mark and not _has_third(word, before, kept)
    return length * plain, before if before != none else word, word if before != none else none


@kernel(_U64(_U64, _U64))
def _mixed(state: np.uint64, word: np.uint64) -> np.uint64:
    state = (state ^ word) * _SALT
    return state ^ (state >> np.uint64(32))


@kernel(tuple_of(_INT, _U64, _U64, _U64)(U8, _INT, _INT, _BYTES))
def read_word(
    data: NDArray[np.uint8], at: int, stop: int, word: NDArray[np.uint8]
) -> tuple[int, np.uint64, np.uint64, np.uint64]:
    """Where the text goes on, a key of the next word's bytes, and the first sixteen of them, 0 at the end of the text.

    What is behind these is written to `word`, and zeros behind the word.
    """
    none, first, second, length = np.uint64(0), np.uint64(0), np.uint64(0), 0
    while at < stop and _PARTS[np.uint64(data[np.uint64(at)])]:
        at += 1
    if at + 16 <= stop:
        here = np.uint64(at)
        length, first, second = _plain_word(eight_bytes(data, here), eight_bytes(data, here + np.uint64(8)))
    if length > 0:
        at, length = at + length, 0
    else:
        at, length = next_word(data, at, stop, word)
        put_eight_bytes(word, np.uint64(1 + length), none)
        put_eight_bytes(word, np.uint64(9 + length), none)
        first, second = eight_bytes(word, np.uint64(1)), eight_bytes(word, np.uint64(9))
    key = _mixed(_mixed(WORD_SEED, first), second)
    for start in range(17, 1 + length, 8):
        key = _mixed(key, eight_bytes(word, np.uint64(start)))
    return at, key if key != none else np.uint64(1), first, second


@kernel(_INT(_BYTES))
def length_of(word: NDArray[np.uint8]) -> int:
    """How long a word is that zeros follow."""
    length = 0
    while word[1 + length] != 0:
        length += 1
    return length
