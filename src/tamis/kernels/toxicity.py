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
from tamis.kernels._table import bytes_before, eight_bytes, find_byte, finish, put_eight_bytes
from tamis.kernels._text import decode, is_space, is_word
from tamis.kernels.shingles import fold_eight

LONGEST: Final = 40
SHORTEST_GRAM: Final = 2
LONGEST_GRAM: Final = 5
WINDOW: Final = 48
STEP: Final = 24
DAMPING: Final = 3.0
"""Bytes of a word that are read; bytes of n-grams; words that are scored together, and how far the next such
stretch begins; words that every stretch counts on top, so that one word alone says less."""

_ROOM: Final = 1 + LONGEST + 16
"""Bytes for a word: a blank before it, and zeros behind it, so that it is read eight bytes a step."""
_MOST_KNOWN: Final = 1 << 17
_SALT: Final = np.uint64(0x9E3779B97F4A7C15)
_FNV: Final = np.uint64(0x100000001B3)
_GRAM_SEED: Final = np.uint64(0xCBF29CE484222325)
_WORD_SEED: Final = np.uint64(0x84222325CBF29CE4)
_TOPS: Final = np.uint64(0x8080808080808080)
_WW, _HTTP, _HTTPS = (np.uint64(int.from_bytes(word, "little")) for word in (b"ww", b"http", b"https"))

_LETTERS: Final = np.array([ord(chr(c).lower()) if c < 128 and chr(c).isalnum() else 0 for c in range(256)], np.uint8)
"""The small letter or the digit that a byte of ASCII is, 0 for all else."""
_PARTS: Final = np.array([c < 128 and not chr(c).isalnum() and c != ord("@") for c in range(256)], np.bool_)
"""Whether a byte stands between words and begins none, nor the name of an account."""

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
def _read_word(
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
    key = _mixed(_mixed(_WORD_SEED, first), second)
    for start in range(17, 1 + length, 8):
        key = _mixed(key, eight_bytes(word, np.uint64(start)))
    return at, key if key != none else np.uint64(1), first, second


@kernel(_INT(_BYTES))
def _length(word: NDArray[np.uint8]) -> int:
    """How long a word is that zeros follow."""
    length = 0
    while word[1 + length] != 0:
        length += 1
    return length


@kernel(_U64(U8, _INT))
def _word_hash(word: NDArray[np.uint8], length: int) -> np.uint64:
    return finish(_hash(word, 1, 1 + length, _WORD_SEED))


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
    """`memo` has a power of two records; a word has two places there, and the second is written over."""
    scores, word = np.full(len(offsets) - 1, -np.inf, np.float32), np.zeros(_ROOM, np.uint8)
    pieces = word, np.zeros(_ROOM * LONGEST_GRAM, np.uint32), np.zeros(_ROOM * LONGEST_GRAM, np.int64)
    first, longest, mask, one = 0, 0, np.uint64(len(memo) - 1), np.uint64(1)
    for i in range(len(scores)):
        longest = max(longest, offsets[i + 1] - offsets[i])
    room = longest // 2 + 2
    sums, said = np.zeros(room, np.float64), np.zeros(room, np.uint64)
    pairs, places = np.zeros(room, np.uint32), np.zeros(room, np.int64)
    for i in range(len(scores)):
        at, stop, count, before = offsets[i], offsets[i + 1], 0, np.uint64(0)
        while True:
            at, key, start, middle = _read_word(data, at, stop, word)
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
                length = _length(word)
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


def score(offsets: NDArray[np.int64], data: NDArray[np.uint8], table: Table) -> NDArray[np.float32]:
    """Score each text: float32 of shape (n,), that of its highest stretch of 48 words; -inf without words.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> weights = table_of(np.array([word_key(b"rotten")], np.uint32), np.array([4.0], np.float32))
    >>> texts = Packed.of(["Rotten!", "Good.", ""])
    >>> score(texts.offsets, texts.data, weights).tolist()
    [2.0, 0.0, -inf]
    """
    slots = 64
    while slots < min(_MOST_KNOWN, len(data) // 64):
        slots *= 2
    return _score(offsets, data, table, np.zeros(slots, _KNOWN))


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
    for key, weight in zip(keys.tolist(), weights.tolist(), strict=True):
        at = key & (size - 1)
        while slots["key"][at]:
            at = (at + 1) & (size - 1)
        slots[at] = key, weight
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
    data, word = np.frombuffer(text, np.uint8), np.zeros(_ROOM, np.uint8)
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
