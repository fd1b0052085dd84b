"""What a prompt asks first: the verb of its first request and the noun that the verb is about, or its question word.

An automaton over the words of a text that knows closed lists alone. A clause begins a sentence, or follows the comma
after an opening such as "Given a list,"; words such as "please" and "can you" may come before its verb.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, I64, U8, U64, kernel, tuple_of
from tamis.kernels.shingles import nonzero, place_of
from tamis.kernels.terms import next_word

_INT, _U64, _INTS = types.int64, types.uint64, types.Array(types.int64, 1, "C")
_WORDS = tuple_of(U64, I32, I64)
Kinds = NDArray[np.int64]
VERB, LEAD, STOP, SKIP, ADJECTIVE, ASK, OPEN, SPEAKER, YOU, FINITE, NOUN, AND, PARTICLE, WH, TO, WITH = (
    1 << bit for bit in range(16)
)
"""The kinds of words, as bits: a word may be of several."""
_SPACE, _JOINT, _MARK, _COMMA, _END, _ASKED = range(6)
_START, _BODY, _OBJECT = range(3)
COLUMNS: Final = 5


@kernel(_INT(U8, _INT, _INT))
def _gap(data: NDArray[np.uint8], start: int, stop: int) -> int:
    """What parts two words, the strongest of it: a space, a joint ("e-mail"), a quote, a comma, a sentence's end."""
    kind = _SPACE
    for i in range(start, stop):
        byte, found = data[i], _MARK
        if byte == 0x20 or byte == 0x09 or byte == 0x2B or byte == 0x23:  # C++ and C# go on
            found = _SPACE
        elif byte == 0x2D or byte == 0x27 or byte == 0x2F or byte == 0x5F or byte >= 0x80:  # - ' / _
            found = _JOINT if stop == start + 1 or byte >= 0x80 else _MARK
        elif byte == 0x2C:
            found = _COMMA
        elif byte == 0x3F:
            found = _ASKED
        elif byte == 0x2E:  # "file.txt" and "3.5" go on
            found = _END if i + 1 == stop or data[i + 1] <= 0x20 or data[i + 1] == 0x22 else _JOINT
            found = _JOINT if stop == start + 1 else found
        elif byte == 0x21 or byte == 0x3A or byte == 0x3B or byte == 0x0A:
            found = _END
        kind = max(kind, found)
    return kind


@kernel(_INT(U8, _INT, _INT))
def _ending(data: NDArray[np.uint8], start: int, stop: int) -> int:
    """How a word ends: 1 as "visited" does, and not as "speed", 2 as "showing" does, 0 otherwise."""
    if stop - start <= 4:
        return 0
    if data[stop - 1] == 0x64 and data[stop - 2] == 0x65 and data[stop - 3] != 0x65:
        return 1
    return 2 * int(data[stop - 1] == 0x67 and data[stop - 2] == 0x6E and data[stop - 3] == 0x69)


@kernel(tuple_of(_INT, _INT)(U8, tuple_of(_INT, _INT, _INT, _INT), _INT, _INT, _INTS))
def _object_word(
    data: NDArray[np.uint8], word: tuple[int, int, int, int], last: int, before: int, found: NDArray[np.int64]
) -> tuple[int, int]:
    """Read a word after the verb: its kind, or -1 where the object has ended, and the noun before the one noted.

    `word` is its first and last byte, its kind and the gap before it; a noun is noted in `found`.
    """
    start, at, kind, gap = word
    if kind & AND and last & (ADJECTIVE | VERB):
        return last | AND, before
    if kind & VERB and last & AND and last & VERB and found[3] == found[2]:  # "find and fix"
        return VERB, before
    if kind & WITH and last & PARTICLE:  # "come up with"
        return SKIP, before
    if gap == _JOINT and kind & STOP:  # "web-based"
        return ADJECTIVE, before
    if kind & (STOP | SKIP | YOU) and not (kind & PARTICLE and last & VERB):
        ending = _ending(data, found[2], found[3]) if before >= 0 else 0
        if ending == 1 or (ending == 2 and kind & SKIP):  # "cities visited by", "a letter showing your"
            found[2], found[3] = before >> 32, before & 0xFFFFFFFF
            return -1, -1
        if kind & STOP or (kind & YOU and found[3] > found[2]):
            return -1, -1
    elif not kind & PARTICLE:
        before = (found[2] << 32 | found[3]) if found[3] > found[2] and not last & ADJECTIVE else -1
        found[2], found[3] = start, at
    return kind & ~VERB, before


@kernel(tuple_of(_INT, _INT)(U8, _INT, _U64, _WORDS))
def _known(
    data: NDArray[np.uint8], start: int, key: np.uint64, words: tuple[NDArray[np.uint64], NDArray[np.int32], Kinds]
) -> tuple[int, int]:
    """The number of a word, -1 for one that is in no list, and its kinds; a number may stand before a verb."""
    table, numbers, kinds = words
    slot = place_of(table, nonzero(key))
    if table[slot] != np.uint64(0):
        return int(numbers[slot]), int(kinds[numbers[slot]])
    return -1, (SKIP | LEAD) * int(0x30 <= data[start] <= 0x39)


@kernel(types.void(U8, _INT, _INT, _WORDS, _INTS))
def _request(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    words: tuple[NDArray[np.uint64], NDArray[np.int32], Kinds],
    found: NDArray[np.int64],
) -> None:
    """Write the verb's number, the first byte of the verb, those of its noun, and the number of the question word."""
    state, seen, last, before, ask = _START, 0, 0, 0, -1
    while at < end:
        left = at
        start, at, key = next_word(data, at, end)
        gap, over = _gap(data, left, start), start == at
        term, kind = (-1, 0) if over else _known(data, start, key, words)
        if state == _OBJECT and last & NOUN and found[3] == found[2] and (gap >= _END or kind & FINITE):
            state, found[0], last = _BODY, -1, 0  # "Name: John", "Design is", no request
        if state == _OBJECT and (over or (gap >= _MARK and not (gap == _COMMA and last & ADJECTIVE))):
            return
        if gap == _ASKED and left > 0:
            found[4] = max(ask, 0)
            return
        if over:
            return
        if gap == _END:
            state, seen, ask = _START, 0, -1
        elif state == _BODY and seen & OPEN and (gap == _COMMA or kind & AND):
            state, seen = _START, OPEN
        if state == _OBJECT:
            last, before = _object_word(data, (start, at, kind, gap), last, before, found)
            if last < 0:
                return
            continue
        ask = term if kind & ASK and ask < 0 else ask
        if state == _BODY:
            continue
        if kind & WH and not seen & ~OPEN:
            found[4] = term
            return
        if kind & VERB and (not seen & SPEAKER or seen & YOU):
            state, last, before = _OBJECT, kind, -1
            found[0], found[1], found[2], found[3] = term, start, at, at
        elif kind & LEAD and not (kind & TO and not seen & ~OPEN):
            seen |= (kind & (SPEAKER | YOU)) | LEAD
        else:
            state, seen = _BODY, seen | (kind & OPEN)


@kernel(types.Array(types.int64, 2, "C")(I64, U8, U64, I32, I64))
def _requests(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    table: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    kinds: Kinds,
) -> NDArray[np.int64]:
    found = np.zeros((len(offsets) - 1, COLUMNS), np.int64)
    for i in range(len(found)):
        found[i, 0], found[i, 4] = -1, -1
        _request(data, offsets[i], offsets[i + 1], (table, numbers, kinds), found[i])
    return found


def requests(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    table: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    kinds: Kinds,
) -> NDArray[np.int64]:
    """The first request of each text: int64 of shape (n, 5). O(bytes).

    A line says the number of the verb in the table (-1 for none), its first byte, the first and the last byte
    (exclusive) of the noun it is about (equal where it has none), and the number of the word that asks, where a
    question comes before any verb (-1 for none, 0 for a question without such a word). `table` and `numbers` are those
    of `terms.term_table`, with a term 0 that no text holds; `kinds` are bits for each term.
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _requests(offsets, data, table, numbers, kinds)
