"""A linear scorer over words, pairs of neighbouring words and character n-grams, at the speed of a hash per word.

A table holds weights under 32-bit keys. A word says its own weight and that of its n-grams, by their root mean
count, so that a word never met, or written with a star in it, is still read; a pair says its own; a word that was
among the 48 before says nothing more ("nobody nobody nobody" was the most toxic of 56,819 answers). What the
words of a stretch of text say is added up and divided by the root of how many they are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import from_dtype, types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of
from tamis.kernels._table import finish, put_eight_bytes
from tamis.kernels.toxicity_words import ROOM, WORD_SEED, length_of, next_word, read_word

SHORTEST_GRAM: Final = 2
LONGEST_GRAM: Final = 5
WINDOW: Final = 48
STEP: Final = 24
DAMPING: Final = 3.0
"""Bytes of n-grams; words that are scored together, and how far the next such
stretch begins; words that every stretch counts on top, so that one word alone says less."""

_MOST_KNOWN: Final = 1 << 17
_SALT: Final = np.uint64(0x9E3779B97F4A7C15)
_FNV: Final = np.uint64(0x100000001B3)
_GRAM_SEED: Final = np.uint64(0xCBF29CE484222325)

_KNOWN: Final = np.dtype([("key", np.uint64), ("hash", np.uint64), ("says", np.float64), ("met", np.int64)])
"""A word met before: the key it is found by, the hash that pairs are made of, what it says, and where it was met last,
counted through all texts. A record is half a line of the cache; in arrays of their own the four took a line each."""

_INT, _BOOL, _U64, _F64 = types.int64, types.boolean, types.uint64, types.float64
_BYTES = types.Array(types.uint8, 1, "C")
_SLOT: Final = np.dtype([("key", np.uint32), ("weight", np.float32)])
_SLOTS = types.Array(from_dtype(_SLOT), 1, "C", readonly=True)
_TABLE = tuple_of(_SLOTS, types.Array(types.uint64, 1, "C", readonly=True))
_MEMO = types.Array(from_dtype(_KNOWN), 1, "C")
_SHORTS, _PLACES = types.Array(types.uint32, 1, "C"), types.Array(types.int64, 1, "C")
_HASHES, _FLOATS = types.Array(types.uint64, 1, "C"), types.Array(types.float64, 1, "C")
_PIECES = tuple_of(_BYTES, _SHORTS, _PLACES)
_KEYS, _WEIGHTS = (types.Array(kind, 1, "C", readonly=True) for kind in (types.uint32, types.float32))
_SCORES = types.Array(types.float32, 1, "C")

Table = tuple[NDArray[np.void], NDArray[np.uint64]]
"""A hash table of a power of two slots, each a key and what it weighs; a key of 0 marks an empty slot. Beside it a bit
for each of twice as many values that a key may end in: it tells of most keys that the table has none such, and takes
128 KB where the table takes 4 MB, which the second cache does not hold."""
_Pieces = tuple[NDArray[np.uint8], NDArray[np.uint32], NDArray[np.int64]]
"""Room for a word, for the keys of its n-grams, and for which of them the table may have."""


@kernel(types.uint32(_U64))
def _short(state: np.uint64) -> np.uint32:
    """The key of a 64-bit hash: its upper half, never 0, which stands for an empty slot."""
    key = np.uint32(finish(state) >> np.uint64(32))
    return key if key != np.uint32(0) else np.uint32(1)


@kernel(_U64(U8, _INT, _INT, _U64))
def _hash(data: NDArray[np.uint8], start: int, stop: int, state: np.uint64) -> np.uint64:
    """FNV-1a over a range of bytes."""
    for k in range(start, stop):
        state = (state ^ np.uint64(data[k])) * _FNV
    return state


@kernel(_F64(types.uint32, _TABLE))
def _weight(key: np.uint32, table: Table) -> float:
    """The weight under a key; 0 where the table has none."""
    slots, mask = table[0], np.uint64(len(table[0]) - 1)
    at = np.uint64(key) & mask
    while slots[at].key != key and slots[at].key != np.uint32(0):
        at = (at + np.uint64(1)) & mask
    return float(slots[at].weight)


@kernel(_INT(_SHORTS, _INT, _TABLE, _PLACES))
def _mark_possible(keys: NDArray[np.uint32], count: int, table: Table, places: NDArray[np.int64]) -> int:
    """Write where the keys stand that the table may have, and say how many.

    It does not branch: which keys they are cannot be foreseen, and a wrong guess costs more than all else here.
    """
    marks, mask, found = table[1], np.uint64(2 * len(table[0]) - 1), 0
    for k in range(count):
        bit = np.uint64(keys[k]) & mask
        places[found] = k
        found += np.int64((marks[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1))  # type: ignore[assignment]
    return found


@kernel(_U64(U8, _INT))
def _word_hash(word: NDArray[np.uint8], length: int) -> np.uint64:
    return finish(_hash(word, 1, 1 + length, WORD_SEED))


@kernel(_F64(_PIECES, _INT, _U64, _TABLE))
def _word_says(pieces: _Pieces, length: int, key: np.uint64, table: Table) -> float:
    """A word's own weight, and the sum of its n-grams' over the root of their number; a blank at either end."""
    word, keys, places = pieces
    word[0], word[1 + length] = 0x20, 0x20
    total, count = 0.0, 0
    for start in range(length + 2 - SHORTEST_GRAM + 1):
        state = _GRAM_SEED
        for stop in range(start + 1, min(start + LONGEST_GRAM, length + 2) + 1):
            state = (state ^ np.uint64(word[stop - 1])) * _FNV
            if stop - start >= SHORTEST_GRAM:
                keys[count] = _short(state)
                count += 1
    for k in range(_mark_possible(keys, count, table, places)):
        total += _weight(keys[places[k]], table)
    return float(_weight(_short(key), table) + total / np.sqrt(float(count)))


@kernel(_F64(_FLOATS, _INT))
def _highest(sums: NDArray[np.float64], words: int) -> float:
    """The score of the stretch that scores highest; `sums[i]` is what the first i words say."""
    best = sums[min(words, WINDOW)] / np.sqrt(min(words, WINDOW) + DAMPING)
    scale = 1 / np.sqrt(WINDOW + DAMPING)
    for stop in range(WINDOW + STEP, words + STEP, STEP):
        last = min(stop, words)
        best = max(best, (sums[last] - sums[last - WINDOW]) * scale)
    return float(best)


@kernel(_BOOL(_HASHES, _INT, _U64))
def _is_said(said: NDArray[np.uint64], count: int, key: np.uint64) -> bool:
    """Whether a word is among the 48 before it."""
    for k in range(max(0, count - WINDOW), count):  # noqa: SIM110 - numba has no generators here
        if said[k] == key:
            return True
    return False


@kernel(_SCORES(I64, U8, _TABLE, _MEMO))
def _score(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: Table, memo: NDArray[np.void]
) -> NDArray[np.float32]:
    """`memo` has a power of two records; a word has two places there, and the second is written over.

    Words are counted from 1 on, so that none of a memo whose words were met in no text of these is among them.
    """
    scores, word = np.full(len(offsets) - 1, -np.inf, np.float32), np.zeros(ROOM, np.uint8)
    pieces = word, np.zeros(ROOM * LONGEST_GRAM, np.uint32), np.zeros(ROOM * LONGEST_GRAM, np.int64)
    first, longest, mask, one = 1, 0, np.uint64(len(memo) - 1), np.uint64(1)
    for i in range(len(scores)):
        longest = max(longest, offsets[i + 1] - offsets[i])
    room = longest // 2 + 2
    sums, said = np.zeros(room, np.float64), np.zeros(room, np.uint64)
    pairs, places = np.zeros(room, np.uint32), np.zeros(room, np.int64)
    for i in range(len(scores)):
        at, stop, count, before = offsets[i], offsets[i + 1], 0, np.uint64(0)
        while True:
            at, key, start, middle = read_word(data, at, stop, word)
            if start == np.uint64(0):
                break
            place = key & mask
            if memo[place].key != key and memo[place].key != np.uint64(0):
                place ^= one
            known = memo[place]
            if known.key == key:
                new = known.met < max(first, first + count - WINDOW)
            else:
                put_eight_bytes(word, one, start)
                put_eight_bytes(word, np.uint64(9), middle)
                length = length_of(word)
                known.key, known.hash = key, _word_hash(word, length)
                known.says = _word_says(pieces, length, known.hash, table)
                new = not _is_said(said, count, known.hash)
            known.met = first + count
            said[count], sums[count + 1] = known.hash, known.says * new
            pairs[count] = np.uint32(new and count > 0) * _short(before * _SALT + known.hash)
            before = known.hash
            count += 1
        first += count
        for k in range(_mark_possible(pairs, count, table, places)):
            sums[places[k] + 1] += _weight(pairs[places[k]], table)
        for k in range(count):
            sums[k + 1] += sums[k]
        if count > 0:
            scores[i] = _highest(sums, count)
    return scores


@kernel(types.none(_KEYS, _WEIGHTS, types.Array(from_dtype(_SLOT), 1, "C")))
def _fill(keys: NDArray[np.uint32], weights: NDArray[np.float32], slots: NDArray[np.void]) -> None:
    """Put each key into the first free slot from its own on."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(keys)):
        at = np.uint64(keys[i]) & mask
        while slots["key"][at] != np.uint32(0):
            at = (at + np.uint64(1)) & mask
        slots["key"][at], slots["weight"][at] = keys[i], weights[i]


def score(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: Table, memo: NDArray[np.void] | None = None
) -> NDArray[np.float32]:
    """Score each text: float32 of shape (n,), that of its highest stretch of 48 words; -inf without words.

    `memo` is that of another call with the same table, whose words are known then; see `memo_for`.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> weights = table_of(np.array([word_key(b"rotten")], np.uint32), np.array([4.0], np.float32))
    >>> texts = Packed.of(["Rotten!", "Good.", ""])
    >>> score(texts.offsets, texts.data, weights).tolist()
    [2.0, 0.0, -inf]
    """
    if memo is None:
        memo = memo_for(len(data))
    memo["met"] = 0
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _score(offsets, data, table, memo)


def memo_for(size: int) -> NDArray[np.void]:
    """Room for the words of texts of so many bytes, at most 4 MB.

    >>> len(memo_for(100)), len(memo_for(10**9))
    (64, 131072)
    """
    slots = 64
    while slots < min(_MOST_KNOWN, size // 64):
        slots *= 2
    return np.zeros(slots, _KNOWN)


def table_of(keys: NDArray[np.uint32], weights: NDArray[np.float32]) -> Table:
    """A table of different keys, none of them 0, at most a quarter full.

    >>> slots, marks = table_of(np.array([7, 15], np.uint32), np.array([1.0, 2.0], np.float32))
    >>> slots["key"].tolist(), slots["weight"][7].item(), marks.tolist() == [1 << 7 | 1 << 15]
    ([15, 0, 0, 0, 0, 0, 0, 7], 1.0, True)
    """
    size = 8
    while size < 4 * len(keys):
        size *= 2
    slots = np.zeros(size, _SLOT)
    _fill(keys, weights, slots)
    marks, bits = np.zeros(max(1, 2 * size // 64), np.uint64), keys.astype(np.uint64) & np.uint64(2 * size - 1)
    np.bitwise_or.at(marks, bits >> np.uint64(6), np.uint64(1) << (bits & np.uint64(63)))
    for array in (slots, marks):
        array.setflags(write=False)
    return slots, marks


def words(text: bytes) -> list[bytes]:
    """The words of a text as the scorer reads them.

    >>> words("Don’t @me: SH*T happeeened, see https://a.b/c!".encode())
    [b"don't", b'sh*t', b'happeened', b'see']
    """
    data, word = np.frombuffer(text, np.uint8), np.zeros(ROOM, np.uint8)
    at = 0
    found: list[bytes] = []
    while True:
        at, length = next_word(data, at, len(data), word)
        if length == 0:
            return found
        found.append(word[1 : 1 + length].tobytes())


def word_key(word: bytes) -> int:
    """The key of a word.

    >>> word_key(b"rotten") == word_key(b"apple")
    False
    """
    with np.errstate(over="ignore"):
        return int(_short(_hashed(word)))


def pair_key(first: bytes, second: bytes) -> int:
    """The key of two neighbouring words.

    >>> pair_key(b"bad", b"egg") == pair_key(b"egg", b"bad")
    False
    """
    with np.errstate(over="ignore"):
        return int(_short(_hashed(first) * _SALT + _hashed(second)))


def gram_key(gram: bytes) -> int:
    """The key of a piece of a word.

    >>> gram_key(b" ba") == word_key(b" ba")
    False
    """
    with np.errstate(over="ignore"):
        return int(_short(np.uint64(_hash(np.frombuffer(gram, np.uint8), 0, len(gram), _GRAM_SEED))))


def _hashed(word: bytes) -> np.uint64:
    with np.errstate(over="ignore"):
        return np.uint64(_word_hash(np.frombuffer(b" " + word, np.uint8), len(word)))
