"""Which items of a set many texts hold: shared n-grams nominate an item, its tokens in order decide."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import F64, I64, U8, U64, kernel, tuple_of
from tamis.kernels.alignment import FOUND, Found, align
from tamis.kernels.shingles import INTS, place_of
from tamis.kernels.tokens import TOKENS, Tokens, gram, read_tokens, room_for_tokens

_INT, _BOOL = types.int64, types.boolean
_TABLE = types.Array(types.int64, 2, "C")
_FLOATS = types.Array(types.float64, 1, "C")
INDEX = tuple_of(U64, I64, I64, I64, U64)
PARTS = tuple_of(U8, TOKENS, I64, I64, F64, F64)

Index = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]
"""A table of n-grams, where each slot's postings begin (one more than slots), the part and the token of each posting,
and a bit for each n-gram to ask first."""
Parts = tuple[NDArray[np.uint8], Tokens, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Bytes and tokens of all parts, where each one's tokens end (one more than parts), how many shared n-grams nominate
it, the weight of each token, and the share of the weight that each part asks for."""

_HITS = tuple_of(INTS, INTS, INTS)
Hits = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

GRAM: Final = 3
"""Tokens of an n-gram: with one word in five changed, half of all threes are left."""
WHOLE: Final = 4
"""An item of so few tokens must be all of a text."""
SENTENCE: Final = 7
"""One of so few must be sentences of their own."""
VERBATIM: Final = 12
"""One of so few must stand there token by token."""
LONGEST: Final = 400
"""Tokens of an item that are compared; the rest of a longer one is not."""
COLUMNS: Final = ("text", "part", "tokens", "start", "stop", "item_start", "item_stop")


@kernel(_BOOL(U8, _INT, _INT))
def _parts_sentences(data: NDArray[np.uint8], start: int, stop: int) -> bool:
    """Whether what stands between two tokens ends a sentence, a line or a quotation."""
    for k in range(start, stop):
        byte = data[k]
        if byte == 0x2E or byte == 0x21 or byte == 0x3F or byte == 0x3A or byte == 0x3B or byte == 0x0A:
            return True
        if byte == 0x22 or byte >= 0x80:
            return True
    return False


@kernel(_BOOL(U8, TOKENS, _INT, TOKENS, tuple_of(_INT, _INT, _INT)))
def _stands_there(
    data: NDArray[np.uint8], tokens: Tokens, count: int, item: Tokens, place: tuple[int, int, int]
) -> bool:
    """Whether all tokens of a short part (from, to) stand in the text from a token on, as short as it is."""
    first, last, at = place
    length = last - first
    if at < 0 or at + length > count or (length <= WHOLE and length != count):
        return False
    for k in range(length):
        if tokens[0][at + k] != item[0][first + k]:
            return False
    if length > SENTENCE:
        return True
    before = at == 0 or _parts_sentences(data, tokens[2][at - 1], tokens[1][at])
    end = at + length
    return before and (end == count or _parts_sentences(data, tokens[2][end - 1], tokens[1][end]))


@kernel(INTS(TOKENS, _INT, INDEX))
def _slots(tokens: Tokens, count: int, index: Index) -> NDArray[np.int64]:
    """The slot of the n-gram at each token of a text, -1 for one that no part has."""
    keys, _, _, _, bits = index
    size = min(GRAM, count)
    slots = np.full(max(0, count - size + 1), -1, np.int64)
    last = np.uint64(64 * len(bits) - 1)
    for j in range(len(slots)):
        if size == 0:
            break
        key = gram(tokens[0], j, size)
        bit = (key >> np.uint64(3)) & last
        if bits[bit >> np.uint64(6)] >> (bit & np.uint64(63)) & np.uint64(1):
            at = place_of(keys, key)
            if keys[at] == key:
                slots[j] = np.int64(at)
    return slots


@kernel(tuple_of(_HITS, INTS)(INTS, INDEX, INTS, INTS))
def _hits(
    slots: NDArray[np.int64], index: Index, heads: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[Hits, NDArray[np.int64]]:
    """List the shared n-grams: the text's token, the part's, the hit before of the same part; and the parts met."""
    _, begins, parts, places, _ = index
    total = 0
    for slot in slots:
        total += begins[slot + 1] - begins[slot] if slot >= 0 else 0
    at_text, at_part, before = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    met, n_met, k = np.empty(total, np.int64), 0, 0
    for j in range(len(slots)):
        if slots[j] >= 0:
            for posting in range(begins[slots[j]], begins[slots[j] + 1]):
                part = parts[posting]
                if counts[part] == 0:
                    met[n_met], heads[part] = part, -1
                    n_met += 1
                at_text[k], at_part[k], before[k] = j, places[posting], heads[part]
                heads[part] = k
                counts[part] += 1
                k += 1
    return (at_text, at_part, before), met[:n_met]


@kernel(tuple_of(_INT, _INT)(_HITS, _INT, _INT, _INT))
def _window(hits: Hits, head: int, length: int, count: int) -> tuple[int, int]:
    """The tokens of the text in which most of the part can lie: where its hits are densest, and what they lack."""
    at_text, at_part, before = hits
    reach = length + length // 4 + 4
    best, best_low, best_high, held, low = 0, head, head, 0, head
    high = head  # hits are met from the last one back
    while low >= 0:
        held += 1
        while at_text[high] - at_text[low] > reach:
            high = before[high]
            held -= 1
        if held > best:
            best, best_low, best_high = held, low, high
        low = before[low]
    slack = 4 + length // 8
    first = at_text[best_low] - at_part[best_low] - slack
    last = at_text[best_high] + length - at_part[best_high] + slack
    first, last = max(first, at_text[best_low] - length), min(last, at_text[best_high] + length)
    return max(0, first), min(count, last)


@kernel(FOUND(U8, TOKENS, _INT, PARTS, _HITS, tuple_of(_INT, _INT)))
def _judge(
    data: NDArray[np.uint8], tokens: Tokens, count: int, parts: Parts, hits: Hits, nominated: tuple[int, int]
) -> Found:
    """How much the text holds of a nominated part, given with its last hit."""
    at_text, at_part, before = hits
    part, head = nominated
    item_data, item, ends, _, weights, _ = parts
    first, last = ends[part], ends[part + 1]
    length = last - first
    if length > VERBATIM:
        last = min(last, first + LONGEST)
        window = _window(hits, head, last - first, count)
        return align(data, tokens, window, item_data, item, (first, last), weights)
    k = head
    while k >= 0:
        at = at_text[k] - at_part[k]
        if _stands_there(data, tokens, count, item, (first, last, at)):
            return 1.0, length, at, at + length, first, last
        k = before[k]
    return 0.0, 0, 0, 0, 0, 0


@kernel(tuple_of(_TABLE, _FLOATS)(I64, U8, INDEX, PARTS))
def _match(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], index: Index, parts: Parts
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    tokens, n_parts = room_for_tokens(longest), len(parts[2]) - 1
    heads, counts = np.full(n_parts, -1, np.int64), np.zeros(n_parts, np.int64)
    table, scores, n = np.empty((64, len(COLUMNS)), np.int64), np.empty(64, np.float64), 0
    for i in range(len(offsets) - 1):
        count = read_tokens(data, offsets[i], offsets[i + 1], tokens)
        hits, met = _hits(_slots(tokens, count, index), index, heads, counts)
        for part in met:
            nominated, counts[part] = counts[part] >= parts[3][part], 0
            if not nominated:
                continue
            score, found, a, b, c, d = _judge(data, tokens, count, parts, hits, (part, heads[part]))
            if found == 0 or score < parts[5][part]:
                continue
            if n == len(scores):
                table, scores = np.concatenate((table, np.empty_like(table))), np.concatenate((scores, scores))
            item, row = parts[1], table[n]
            row[0], row[1], row[2] = i, part, found
            row[3], row[4] = tokens[1][a] - offsets[i], tokens[2][b - 1] - offsets[i]
            row[5], row[6] = item[1][c], item[2][d - 1]
            scores[n] = score
            n += 1
    return table[:n].copy(), scores[:n].copy()


def match(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], index: Index, parts: Parts
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every part that a text holds: a line each as in `COLUMNS`, shape (n, 7), and the score in [0, 1], shape (n,).

    `start` and `stop` are bytes of the text, `item_start` and `item_stop` bytes of all parts. The score is the weight
    of the part's tokens that stand in the text in the same order, not one by one, over the weight of all. O(bytes),
    and O(tokens of a part squared) for each part that is nominated.
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _match(offsets, data, index, parts)


@kernel(FOUND(U8, TOKENS, _INT, PARTS, _INT))
def _held(data: NDArray[np.uint8], tokens: Tokens, count: int, parts: Parts, part: int) -> Found:
    item_data, item, ends, _, weights, _ = parts
    first, last = ends[part], ends[part + 1]
    length = last - first
    if length > VERBATIM:
        last = min(last, first + LONGEST)
        return align(data, tokens, (0, min(count, 4 * LONGEST)), item_data, item, (first, last), weights)
    for at in range(count - length + 1):
        same = 0
        while same < length and tokens[0][at + same] == item[0][first + same]:
            same += 1
        if same == length:
            return 1.0, length, at, at + length, first, last
    return 0.0, 0, 0, 0, 0, 0


@kernel(types.Array(types.float64, 1, "C")(I64, U8, PARTS, I64))
def _held_by(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], parts: Parts, wanted: NDArray[np.int64]
) -> NDArray[np.float64]:
    longest = 0
    for i in range(len(wanted)):
        longest = max(longest, offsets[i + 1] - offsets[i])
    tokens = room_for_tokens(longest)
    shares = np.zeros(len(wanted), np.float64)
    for i in range(len(wanted)):
        count = read_tokens(data, offsets[i], offsets[i + 1], tokens)
        shares[i] = _held(data, tokens, count, parts, wanted[i])[0]
    return shares


def held(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], parts: Parts, wanted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much of part `wanted[i]` text i holds, in [0, 1], shape (n,): a short one token by token or not at all."""
    with np.errstate(over="ignore"):
        return _held_by(offsets, data, parts, wanted)
