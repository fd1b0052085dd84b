"""Which texts may hold personal data or a key: one pass over the bytes instead of a regular expression a kind."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of

EMAIL, PHONE, CARD, IBAN, IP, KEY = 1, 2, 4, 8, 16, 32
_INT = types.int64
_OUT = types.Array(types.uint8, 1, "C")
_DIGIT, _LETTER, _JOIN, _GAP, _PLACE, _BAR = 1, 2, 4, 8, 16, 32
_KEY_LENGTH = 12


def _classes() -> NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for byte in b"0123456789":
        table[byte] = _DIGIT
    for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        table[byte] = _LETTER
    table[0x80:] = _LETTER
    for byte in b"_-":
        table[byte] = _JOIN
    table[ord("_")] |= _BAR
    for byte in b" ().-":
        table[byte] |= _GAP
    for byte in b"@:":
        table[byte] |= _PLACE
    return table


_CLASS: Final = _classes()


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT, U8))
def _number(data: NDArray[np.uint8], i: int, stop: int, classes: NDArray[np.uint8]) -> tuple[int, int]:
    """The kinds of number that may begin at digit i, and where its digits end, up to two gaps apart."""
    digits, points, last = 0, 0, i
    at = i
    while at < stop and at - last <= 2:
        kind = classes[data[at]]
        if kind & _DIGIT:
            digits += 1
            last = at
        elif kind & _GAP:
            points += data[at] == 0x2E
        else:
            break
        at += 1
    found = (PHONE if digits >= 7 else 0) | (CARD if digits >= 12 else 0) | (IP if points >= 3 else 0)
    return found, last + 1


@kernel(_INT(U8, _INT, _INT, _INT, U8))
def _place(data: NDArray[np.uint8], start: int, i: int, stop: int, classes: NDArray[np.uint8]) -> int:
    """What the at sign or colon at i may belong to: it stands between two words, or is the second of two colons."""
    if i <= start or i + 1 >= stop:
        return 0
    if data[i] == 0x40:
        return EMAIL if classes[data[i + 1]] & (_DIGIT | _LETTER | _JOIN) else 0
    for k in range(max(start, i - 5), i):
        if data[k] == 0x3A:
            return IP
    return 0


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT, _INT, U8))
def _key(data: NDArray[np.uint8], start: int, i: int, stop: int, classes: NDArray[np.uint8]) -> tuple[int, int]:
    """Whether the word around the digit or "_" at i may be a key, and where the word ends."""
    first, last, bits = i, i, 0
    while first > start and classes[data[first - 1]] & (_DIGIT | _LETTER | _JOIN):
        first -= 1
        bits |= classes[data[first]]
    while last < stop and classes[data[last]] & (_DIGIT | _LETTER | _JOIN):
        bits |= classes[data[last]]
        last += 1
    return KEY if last - first >= _KEY_LENGTH and bits & _LETTER else 0, last


@kernel(_OUT(I64, U8, U8))
def _traces(offsets: NDArray[np.int64], data: NDArray[np.uint8], classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = np.zeros(len(offsets) - 1, np.uint8)
    for row in range(len(found)):
        start, stop = offsets[row], offsets[row + 1]
        i, word, numbered = start, start, start
        marks = 0
        while i < stop:
            kind = classes[data[np.uint64(i)]]
            if kind & (_DIGIT | _BAR | _PLACE):  # all else only tells how far a word goes: nine bytes in ten
                if kind & _DIGIT and i >= numbered:
                    number, numbered = _number(data, i, stop, classes)
                    marks |= number
                    if i - start >= 2 and 0x41 <= data[i - 1] <= 0x5A and 0x41 <= data[i - 2] <= 0x5A:
                        marks |= IBAN
                if kind & _PLACE:
                    marks |= _place(data, start, i, stop, classes)
                elif i >= word:
                    key, word = _key(data, start, i, stop, classes)
                    marks |= key
            i += 1
        found[row] = marks
    return found


def traces(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bits that say what each text may hold, shape (n,): EMAIL, PHONE, CARD, IBAN, IP and KEY of this module.

    EMAIL: an at sign within words. PHONE, CARD: 7 and 12 digits with at most two of " ().-" between two. IP: three
    points among such digits, or two colons near each other. IBAN: two capitals before a digit. KEY: a word of 12
    bytes or more, with "_" and "-", that holds letters and a digit or a "_". O(bytes).

    >>> texts = "jo@tamis.dev call 555-0123 at 10".encode()
    >>> traces(np.array([0, 12, 32]), np.frombuffer(texts, np.uint8)).tolist()
    [1, 2]
    """
    return _traces(offsets, data, _CLASS)
