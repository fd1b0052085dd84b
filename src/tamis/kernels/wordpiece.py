"""Text to WordPiece ids, as BERT's uncased tokenizer has them, straight from packed bytes.

Sixteen bytes are looked at together: a word of ASCII letters and digits is found, put in lower case and looked
up with no loop over its characters. Words seen lately are kept with their ids, up to 16 bytes and 8 pieces.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, I64, U8, U64, kernel, tuple_of
from tamis.kernels._table import bytes_before, eight_bytes, slot_of, table_size
from tamis.kernels._text import decode
from tamis.kernels.wordpiece_characters import ALONE, ASCII_KINDS, CHARACTERS, REMOVED, SPACE, Characters

_INT, _U64 = types.int64, types.uint64
_U8S, _I32S, _I64S, _U64S = (types.Array(kind, 1, "C") for kind in (types.uint8, types.int32, _INT, _U64))
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_EACH: Final = np.uint64(0x0101010101010101)
_TOPS: Final = np.uint64(0x8080808080808080)
_ONE, _EIGHT, _SIXTEEN, _FULL = np.uint64(1), np.uint64(8), np.uint64(16), np.uint64(64)
_LOW: Final = np.uint64(0xFFFF)
_LOWER: Final = np.uint64(0x2020202020202020)
# Of the first and second eight bytes, those that belong to a word of 0 to 16.
_FIRST_BYTES: Final = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(17)], np.uint64)
_LAST_BYTES: Final = np.array([(1 << 8 * max(n - 8, 0)) - 1 for n in range(17)], np.uint64)
_KINDS: Final = np.concatenate([ASCII_KINDS, np.full(128, REMOVED, np.uint8)])  # beyond ASCII: whatever it is

MOST_PIECES: Final = 65_534
"""Of a vocabulary: ids are kept in 16 bits, of which one value stands for none."""
_MOST_CHARACTERS: Final = 100  # of a word; a longer one is unknown, as in BERT
_WORD_BYTES: Final = 512  # 100 characters of 4 bytes, and the normal form of one more


class Vocabulary(NamedTuple):
    """Pieces in a hash table: piece i is `data[offsets[i]:offsets[i + 1]]` without its "##".

    `hints` has a bit for each piece, by its key: most beginnings of words are no piece, and one bit says so.
    """

    hints: NDArray[np.uint8]
    slots: NDArray[np.int32]
    keys: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]
    longest: int
    unknown: int


class Scratch(NamedTuple):
    """What a thread works with: words seen lately (four numbers each), one word, the keys of its beginnings."""

    seen: NDArray[np.uint64]
    word: NDArray[np.uint8]
    keys: NDArray[np.uint64]


VOCABULARY: Final = types.NamedTuple((U8, I32, U64, I64, U8, _INT, _INT), Vocabulary)  # type: ignore[no-untyped-call]
SCRATCH: Final = types.NamedTuple((_U64S, _U8S, _U64S), Scratch)  # type: ignore[no-untyped-call]


def scratch(words: int = 1 << 17) -> Scratch:
    """Working memory for one thread that keeps so many words, a power of two; results do not depend on it.

    131,072 words are 4 MB; with 16,384 of them long answers took a quarter more time.

    >>> len(scratch(8).seen)
    32
    """
    return Scratch(np.zeros(4 * words, np.uint64), np.zeros(_WORD_BYTES, np.uint8), np.zeros(_WORD_BYTES, np.uint64))


@kernel(_U64(_U64, types.uint8))
def _longer(key: np.uint64, byte: np.uint8) -> np.uint64:
    """The key of a piece's beginning from that of one byte less."""
    key = (key ^ np.uint64(byte)) * _BASE
    return key ^ (key >> np.uint64(32))


@kernel(_U64(_U64))
def _hint(key: np.uint64) -> np.uint64:
    """Number of the bit that stands for a key, one of 2**18: 32 KB."""
    return key >> np.uint64(46)


@kernel(tuple_of(_U8S, _I32S, _U64S)(I64, U8, U8))
def _piece_table(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], inner: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint64]]:
    """Hints, slots and keys of pieces; `inner[i]` is 1 for a piece that goes on with a word."""
    n = len(inner)
    slots, keys = np.zeros(2 * table_size(n), np.int32), np.zeros(n, np.uint64)
    hints, mask = np.zeros(1 << 15, np.uint8), np.uint64(len(slots) - 1)
    for i in range(n):
        key = np.uint64(inner[i])
        for at in range(offsets[i], offsets[i + 1]):
            key = _longer(key, data[at])
        keys[i] = key
        slot = slot_of(key, mask)
        while slots[slot] > 0:
            slot = (slot + _ONE) & mask
        slots[slot] = i + 1
        bit = _hint(key)
        hints[bit >> np.uint64(3)] |= np.uint8(1) << np.uint8(bit & np.uint64(7))
    return hints, slots, keys


def vocabulary(pieces: list[bytes], unknown: int) -> Vocabulary:
    """A vocabulary of at most 65,534 different pieces; those that go on with a word begin with "##".

    `unknown` is the id of the piece that stands for a word which has no pieces. O(bytes).

    >>> vocabulary([b"[UNK]", b"un", b"##known"], 0).longest
    5
    """
    inner = np.array([len(piece) > 2 and piece.startswith(b"##") for piece in pieces], np.uint8)
    plain = [piece[2:] if goes_on else piece for piece, goes_on in zip(pieces, inner, strict=True)]
    lengths = np.array([len(piece) for piece in plain], np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    data = np.frombuffer(b"".join(plain), np.uint8)
    with np.errstate(over="ignore"):  # the interpreter warns of products that wrap, which is what is wanted
        hints, slots, keys = _piece_table(offsets, data, inner)
    for array in (hints, slots, keys, offsets):
        array.setflags(write=False)  # shared by threads, and numba tells such a tuple from one that is not
    return Vocabulary(hints, slots, keys, offsets, data, int(lengths.max(initial=0)), unknown)


@kernel(_INT(VOCABULARY, U8, _INT, _INT, _U64))
def _find(table: Vocabulary, word: NDArray[np.uint8], start: int, stop: int, key: np.uint64) -> int:
    """The id of a piece by its key and bytes, or -1."""
    mask = np.uint64(len(table.slots) - 1)
    slot = slot_of(key, mask)
    while table.slots[slot] > 0:
        piece = table.slots[slot] - 1
        if table.keys[piece] == key:
            first = table.offsets[piece]
            k = 0
            while (
                k < stop - start and first + k < table.offsets[piece + 1] and table.data[first + k] == word[start + k]
            ):
                k += 1
            if k == stop - start and first + k == table.offsets[piece + 1]:
                return int(piece)
        slot = (slot + _ONE) & mask
    return -1


@kernel(_INT(VOCABULARY, SCRATCH, _INT, _I32S, _INT))
def _split(table: Vocabulary, work: Scratch, length: int, ids: NDArray[np.int32], at: int) -> int:
    """Write the ids of the word in the scratch from `ids[at]` on, the longest piece first; return their number."""
    start, count = 0, 0
    while start < length:
        key, most = np.uint64(start > 0), min(length, start + table.longest)
        for k in range(start, most):
            key = _longer(key, work.word[k])
            work.keys[k] = key
        stop, piece = most, -1
        while stop > start:
            bit = _hint(work.keys[stop - 1])
            if (table.hints[bit >> np.uint64(3)] >> np.uint8(bit & np.uint64(7))) & np.uint8(1):
                piece = _find(table, work.word, start, stop, work.keys[stop - 1])
                if piece >= 0:
                    break
            stop -= 1
        if piece < 0:
            ids[at] = table.unknown
            return 1
        ids[at + count] = piece
        start, count = stop, count + 1
    return count


@kernel(_U64(_U64, _U64, _INT))
def _place(low: np.uint64, high: np.uint64, numbers: int) -> np.uint64:
    """Where a word of at most 16 bytes may be kept among the words seen lately: there, or four numbers on."""
    return slot_of(low ^ (high * _BASE), np.uint64((numbers >> 3) - 1)) << np.uint64(3)


@kernel(_INT(_U64S, _U64, _I32S, _INT))
def _recall(seen: NDArray[np.uint64], place: np.uint64, ids: NDArray[np.int32], at: int) -> int:
    """Write the ids kept at a place from `ids[at]` on; return their number."""
    kept, end = seen[place + np.uint64(2)], np.uint64(at)
    for half in range(2):
        while kept != 0:
            ids[end] = np.int32(kept & _LOW) - 1
            end, kept = end + _ONE, kept >> _SIXTEEN
        if half == 0 and end == np.uint64(at + 4):
            kept = seen[place + np.uint64(3)]
    return int(end) - at


@kernel(types.void(_U64S, _U64, _U64, _I32S, _INT, _INT))
def _keep(seen: NDArray[np.uint64], low: np.uint64, high: np.uint64, ids: NDArray[np.int32], at: int, n: int) -> None:
    """Keep the n ids of a word from `ids[at]` on; the word kept before at this place steps back by one."""
    place, four = _place(low, high, len(seen)), np.uint64(4)
    for k in range(place, place + four):
        seen[k + four] = seen[k]
    seen[place], seen[place + _ONE] = low, high
    for half in range(2):
        kept = np.uint64(0)
        for k in range(4 * half, min(n, 4 * half + 4)):
            kept |= np.uint64(ids[at + k] + 1) << np.uint64(16 * (k & 3))
        seen[place + np.uint64(2 + half)] = kept


@kernel(_INT(VOCABULARY, SCRATCH, tuple_of(_U64, _U64), _INT, _I32S, _INT))
def _split_and_keep(
    table: Vocabulary, work: Scratch, word: tuple[np.uint64, np.uint64], length: int, ids: NDArray[np.int32], at: int
) -> int:
    """Write the ids of a word, given as two integers if it has at most 16 bytes and else in the scratch."""
    low, high = word
    if length > 16:
        return _split(table, work, length, ids, at)
    for k in range(min(length, 8)):
        work.word[k] = np.uint8((low >> np.uint64(8 * k)) & np.uint64(0xFF))
    for k in range(8, length):
        work.word[k] = np.uint8((high >> np.uint64(8 * k - 64)) & np.uint64(0xFF))
    count = _split(table, work, length, ids, at)
    if count <= 8:
        _keep(work.seen, low, high, ids, at, count)
    return count


@kernel(_U64(_U64))
def _first_other(eight: np.uint64) -> np.uint64:
    """Mark the first of eight bytes that is no ASCII letter or digit, by its top bit alone; 0 for none."""
    plain = eight & ~_TOPS
    lower = plain | _LOWER
    letter = (lower + _EACH * np.uint64(0x1F)) & ~(lower + _EACH * np.uint64(0x05))
    digit = (plain + _EACH * np.uint64(0x50)) & ~(plain + _EACH * np.uint64(0x46))
    marks = ~((letter | digit) & ~eight) & _TOPS
    return marks & (~marks + _ONE)


@kernel(_U64(_U64))
def _blanks(eight: np.uint64) -> np.uint64:
    """Mark the blanks among eight bytes by their top bits; after the first of them, perhaps others."""
    other = eight ^ _LOWER
    return (other - _EACH) & ~other & _TOPS


@kernel(tuple_of(_U64, _U64, _INT, _INT)(U8, _INT, _INT))
def _plain_word(data: NDArray[np.uint8], at: int, stop: int) -> tuple[np.uint64, np.uint64, int, int]:
    """A word of at most 15 ASCII letters and digits in lower case, or an ASCII mark: its bytes as two integers,
    their number, and the byte to go on from. No bytes where none is sure to stand here or white space does.
    """
    if at + 16 > len(data):
        return np.uint64(0), np.uint64(0), 0, at
    low, high = eight_bytes(data, np.uint64(at)), np.uint64(0)
    mark = _first_other(low)
    length, blank = int(np.int64(bytes_before(mark))), (mark & _blanks(low)) != 0
    if length == 8:
        high = eight_bytes(data, np.uint64(at + 8))
        mark = _first_other(high)
        length, blank = 8 + int(np.int64(bytes_before(mark))), (mark & _blanks(high)) != 0
    after = at + length + blank  # the next word waits for this: no look at the byte after, which is slower
    if after > stop:
        length, after = stop - at, stop
    kind = SPACE if blank or after == stop else _KINDS[data[np.uint64(at + length)]]
    if length == 0:
        if kind == ALONE:
            after = at + 1 + (at + 1 < stop and data[np.uint64(at + 1)] == 0x20)
            return low & np.uint64(0xFF), np.uint64(0), 1, after
        return np.uint64(0), np.uint64(0), 0, at + (kind == SPACE)
    if length == 16 or kind == REMOVED:  # the word may go on
        return np.uint64(0), np.uint64(0), 0, at
    return (low | _LOWER) & _FIRST_BYTES[length], (high | _LOWER) & _LAST_BYTES[length], length, after


@kernel(tuple_of(_INT, _INT, _INT)(U8, _INT, _INT, CHARACTERS, _U8S))
def _any_word(
    data: NDArray[np.uint8], at: int, stop: int, tables: Characters, word: NDArray[np.uint8]
) -> tuple[int, int, int]:
    """Write the normal form of the next word; the byte after it, its length in bytes and in characters.

    The length is 0 where only white space and removed characters were left, 101 characters or more are counted
    but not all written.
    """
    length, count = 0, 0
    while at < stop:
        code, width = decode(data, at, stop)
        kind = int(tables.kinds[code]) if code >= 0 else REMOVED
        if kind == SPACE or (kind == ALONE and count > 0):
            if count > 0:
                break
            at += width
            continue
        if kind != REMOVED:
            place = tables.places[code]
            if count <= _MOST_CHARACTERS:
                if place == 0:
                    word[length : length + width] = data[at : at + width]
                    length += width
                else:
                    size = int(tables.forms[place])
                    word[length : length + size] = tables.forms[place + 2 : place + 2 + size]
                    length += size
            count += 1 if place == 0 else int(tables.forms[place + 1])
        at += width
        if kind == ALONE:
            break
    return at, length, count


@kernel(tuple_of(_U64, _U64)(_U8S, _INT))
def _packed(word: NDArray[np.uint8], length: int) -> tuple[np.uint64, np.uint64]:
    """The bytes of a word of at most 16 as two integers; zeros, which no word has, for a longer one."""
    low, high = np.uint64(0), np.uint64(0)
    if length <= 16:
        for k in range(min(length, 8)):
            low |= np.uint64(word[k]) << np.uint64(8 * k)
        for k in range(8, length):
            high |= np.uint64(word[k]) << np.uint64(8 * k - 64)
    return low, high


@kernel(tuple_of(_I64S, _I32S, types.Array(_INT, 2, "C"))(I64, U8, VOCABULARY, CHARACTERS, SCRATCH))
def _word_pieces(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: Vocabulary, tables: Characters, work: Scratch
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    n = len(offsets) - 1
    ends, told = np.zeros(n + 1, np.int64), np.zeros((n, 2), np.int64)
    ids, filled = np.empty(offsets[n] - offsets[0] + 8, np.int32), 0
    seen = work.seen  # passing all the tables for each word took three times as long
    for i in range(n):
        at, stop, total, unknown = offsets[i], offsets[i + 1], 0, 0
        while at < stop:
            low, high, length, after = _plain_word(data, at, stop)
            characters = length
            if length == 0:
                if after == at:
                    after, length, characters = _any_word(data, at, stop, tables, work.word)
                if characters == 0:
                    at = after
                    continue
                low, high = _packed(work.word, length)
            at, place = after, _place(low, high, len(seen))
            place += np.uint64(4) * np.uint64((seen[place] != low) | (seen[place + _ONE] != high))
            if characters > _MOST_CHARACTERS:
                ids[filled], count = table.unknown, 1
            elif low != 0 and seen[place] == low and seen[place + _ONE] == high:
                ids[filled], count = int(seen[place + np.uint64(2)] & _LOW) - 1, 1
                if seen[place + np.uint64(2)] > _LOW:
                    count = _recall(seen, place, ids, filled)
            else:
                count = _split_and_keep(table, work, (low, high), length, ids, filled)
            total += characters
            unknown += characters if ids[filled] == table.unknown else 0
            filled += count
        ends[i + 1] = filled
        told[i, 0], told[i, 1] = total, unknown
    return ends, ids[:filled].copy(), told


def word_pieces(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: Vocabulary, tables: Characters, work: Scratch
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Split each text into WordPiece ids: offsets (n + 1,), ids, and characters of all and of unknown words (n, 2).

    The ids are those of `BertNormalizer` (all steps), `BertPreTokenizer` and `WordPiece` of the tokenizers
    library, nothing cut off and nothing added. `tables` are `characters()`, or `no_characters()` where all bytes
    are below 0x80. O(bytes). Wu et al. 2016, https://arxiv.org/abs/1609.08144.

    Examples
    --------
    >>> from tamis.kernels.wordpiece_characters import characters
    >>> from tamis.packed import Packed
    >>> table = vocabulary([b"[UNK]", b"un", b"##known", b"!"], 0)
    >>> texts = Packed.of(["UNKNOWN!", "ünknown 世", ""])
    >>> ends, ids, seen = word_pieces(texts.offsets, texts.data, table, characters(), scratch())
    >>> ends.tolist(), ids.tolist(), seen.tolist()
    ([0, 3, 6, 6], [1, 2, 3, 1, 2, 0], [[8, 0], [8, 1], [0, 0]])
    """
    with np.errstate(over="ignore"):
        return _word_pieces(offsets, data, table, tables, work)
