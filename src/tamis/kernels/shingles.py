"""Texts as sets of shingles: some words in a row, each run of them one 64-bit hash.

A word is a run of letters and digits, lower-cased; in scripts written without spaces each code point is one.
Everything else only parts words. `shingles_of` is what the kernels for signatures, frequencies and exact
similarities share; none of them makes a Python object.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import U8, U64, kernel, tuple_of
from tamis.kernels._table import bytes_before, eight_bytes, finish, put_eight_bytes
from tamis.kernels._text import decode, is_space, is_unspaced, is_word

_INT, _U64 = types.int64, types.uint64
BYTES = types.Array(types.uint8, 1, "C")
KEYS = types.Array(types.uint64, 1, "C")
INTS = types.Array(types.int64, 1, "C")
RULE = tuple_of(_INT, _INT, _U64)
SCRATCH = tuple_of(BYTES, KEYS, BYTES, KEYS)

Rule = tuple[int, int, np.uint64]
"""How many words make a shingle, how many where the last of them is unspaced, and a salt."""
Scratch = tuple[NDArray[np.uint8], NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint64]]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_PRIME: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_ONES: Final = np.uint64(0x0101010101010101)
_TOPS: Final = np.uint64(0x8080808080808080)
_UNSPACED_MARK: Final = 1
"""Stands before a code point that is a word of its own; no word of the text itself can hold it."""


@kernel(_U64(_U64))
def nonzero(key: np.uint64) -> np.uint64:
    """The key, or 1 for 0, which marks an empty slot in tables."""
    return key + np.uint64(key == np.uint64(0))


@kernel(_U64(U64, _U64))
def place_of(table: NDArray[np.uint64], key: np.uint64) -> np.uint64:
    """Where a table of a power of two slots, in which 0 is an empty one, holds a key, or where it would."""
    mask = np.uint64(len(table) - 1)
    at = (key >> np.uint64(20)) & mask
    while table[at] != np.uint64(0) and table[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@kernel(_U64(_U64))
def fold_eight(word: np.uint64) -> np.uint64:
    """Eight ASCII bytes at a time: letters lower-cased, digits kept, 0 for what parts words.

    A byte below 0x80 reaches the top bit when 0x80 - x is added exactly where it is at least x, and carries never.
    """
    low = word | (_ONES << np.uint64(5))
    letters = (low + np.uint64(0x1F) * _ONES) & ~(low + np.uint64(0x05) * _ONES)
    digits = (word + np.uint64(0x50) * _ONES) & ~(word + np.uint64(0x46) * _ONES)
    kept = ((letters | digits) & _TOPS) >> np.uint64(7)
    return low & ((kept << np.uint64(8)) - kept)


@kernel(_INT(_INT))
def lower(code: int) -> int:
    """The small letter of a capital, in ASCII, the Latin blocks up to Extended A and Additional, Greek, Cyrillic,
    Armenian and full width; any other code point as it is.

    >>> chr(lower(ord("É"))), chr(lower(ord("Ж"))), chr(lower(ord("ß")))
    ('é', 'ж', 'ß')
    """
    if code < 0x0100:
        return code + 32 if 0x41 <= code <= 0x5A or (0xC0 <= code <= 0xDE and code != 0xD7) else code
    if 0x0100 <= code < 0x0180:
        if code == 0x0130 or code == 0x0131 or code == 0x0138 or code == 0x0149 or code == 0x0178 or code == 0x017F:
            return 0xFF if code == 0x0178 else code
        return code + ((code & 1) == (0x0139 <= code <= 0x0148 or code >= 0x0179))
    if 0x0391 <= code < 0x0430:
        if code < 0x0400:
            return code + 32 if code <= 0x03AB and code != 0x03A2 else code
        return code + (80 if code < 0x0410 else 32)
    if 0x0460 <= code < 0x0530:
        if code == 0x04C0:
            return 0x04CF
        if 0x0482 <= code < 0x048A or code == 0x04CF:
            return code
        return code + ((code & 1) == (0x04C1 <= code <= 0x04CE))
    if 0x1E00 <= code < 0x1F00:
        return code if 0x1E96 <= code < 0x1EA0 else code + 1 - (code & 1)
    return code + 48 if 0x0531 <= code <= 0x0556 else code + 32 if 0xFF21 <= code <= 0xFF3A else code


@kernel(_INT(BYTES, _INT, _INT))
def _put(out: NDArray[np.uint8], at: int, code: int) -> int:
    """Write a code point as UTF-8 and say where it ends."""
    if code < 0x80:
        out[at] = code
        return at + 1
    width = 2 if code < 0x0800 else (3 if code < 0x10000 else 4)
    for k in range(width - 1, 0, -1):
        out[at + k] = 0x80 | (code & 0x3F)
        code >>= 6
    out[at] = (0xF00 >> width & 0xFF) | code
    return at + width


@kernel(_INT(U8, _INT, _INT, BYTES))
def fold_words(data: NDArray[np.uint8], start: int, stop: int, out: NDArray[np.uint8]) -> int:
    """Write the text's words, lower-cased and parted by zero bytes; `out` has room for twice the text and 16."""
    length, at, word = 0, start, np.uint64(0)
    while at < stop:
        if at + 8 <= stop:
            word = eight_bytes(data, np.uint64(at))
            if word & _TOPS == np.uint64(0):
                put_eight_bytes(out, np.uint64(length), fold_eight(word))
                length += 8
                at += 8
                continue
        if data[at] < 0x80:
            out[length] = np.uint8(fold_eight(np.uint64(data[at])) & np.uint64(0xFF))
            length += 1
            at += 1
            continue
        code, width = decode(data, at, stop)
        at += width
        if not is_word(code):
            out[length] = 0
            length += 1
        elif is_unspaced(code):
            out[length], out[length + 1] = 0, _UNSPACED_MARK
            length = _put(out, length + 2, code)
            out[length] = 0
            length += 1
        else:
            length = _put(out, length, lower(code))
    for k in range(length, length + 16):
        out[k] = 0
    return length


@kernel(_INT(BYTES, _INT, KEYS, BYTES))
def hash_words(folded: NDArray[np.uint8], length: int, prefixes: NDArray[np.uint64], alone: NDArray[np.uint8]) -> int:
    """Hash each run of bytes that are not zero, eight a step, into the polynomial hashes of all first i words.

    `alone[i]` says that word i is a code point of an unspaced script.
    """
    count, at, stop, one, eight = 0, np.uint64(0), np.uint64(length), np.uint64(1), np.uint64(8)
    prefixes[0] = np.uint64(0)
    while at < stop:
        chunk = eight_bytes(folded, at)
        if chunk & np.uint64(0xFF) == np.uint64(0):
            at += one
            continue
        alone[count] = chunk & np.uint64(0xFF) == np.uint64(_UNSPACED_MARK)
        state = _PRIME
        gaps = (chunk - _ONES) & ~chunk & _TOPS
        while gaps == np.uint64(0):
            state = (state ^ chunk) * _GOLDEN
            state ^= state >> np.uint64(32)
            at += eight
            chunk = eight_bytes(folded, at)
            gaps = (chunk - _ONES) & ~chunk & _TOPS
        gap = gaps & (~gaps + one)
        state = (state ^ (chunk & ((gap >> np.uint64(7)) - one))) * _GOLDEN
        state = (state ^ (state >> np.uint64(29))) * _MIX_1
        prefixes[count + 1] = prefixes[count] * _GOLDEN + (state ^ (state >> np.uint64(32)))
        count += 1
        at += bytes_before(gap) + one
    return count


@kernel(_INT(U8, _INT, _INT, KEYS, BYTES))
def _hash_signs(
    data: NDArray[np.uint8], start: int, stop: int, prefixes: NDArray[np.uint64], alone: NDArray[np.uint8]
) -> int:
    """Take a text without a word for one, as it stands but for white space: 1, or 0 where it is blank."""
    count, state, at = 0, _PRIME, start
    while at < stop:
        code, width = decode(data, at, stop)
        if not is_space(code):
            count = 1
            for k in range(at, at + width):
                state = (state ^ np.uint64(data[k])) * _GOLDEN
                state ^= state >> np.uint64(32)
        at += width
    alone[0], prefixes[1] = 0, finish(state)
    return count


@kernel(_INT(_INT, RULE, SCRATCH))
def _hash_shingles(count: int, rule: Rule, scratch: Scratch) -> int:
    """Hash each run of words, or all of them where they are too few for one run."""
    words, characters, salt = rule
    _, prefixes, alone, out = scratch
    power, power_alone = np.uint64(1), np.uint64(1)
    for _ in range(words):
        power *= _GOLDEN
    for _ in range(characters):
        power_alone *= _GOLDEN
    found = 0
    for i in range(min(words, characters) - 1, count):
        size = characters if alone[i] else words
        if i + 1 >= size:
            key = prefixes[i + 1] - prefixes[i + 1 - size] * (power_alone if alone[i] else power)
            out[found] = nonzero(finish(key ^ salt))
            found += 1
    if found == 0 and count > 0:
        out[0] = nonzero(finish(prefixes[count] ^ salt) + np.uint64(count))
        found = 1
    return found


@kernel(tuple_of(_INT, _INT, _U64)(U8, _INT, _INT, RULE, U64, SCRATCH))
def shingles_of(
    data: NDArray[np.uint8], start: int, stop: int, rule: Rule, template: NDArray[np.uint64], scratch: Scratch
) -> tuple[int, int, np.uint64]:
    """Write a text's shingles, in order, to the last array of `scratch`.

    Returned are how many, in how many words, and a hash of all words, which is 0 only for a blank text. Shingles
    that the table `template` holds are left out, and a word for each, unless that would leave none: then all stand.
    """
    folded, prefixes, alone, out = scratch
    count = hash_words(folded, fold_words(data, start, stop, folded), prefixes, alone)
    if count == 0:
        count = _hash_signs(data, start, stop, prefixes, alone)
    if count == 0:
        return 0, 0, np.uint64(0)
    whole = nonzero(finish((prefixes[count] ^ rule[2]) + np.uint64(count)))
    found = _hash_shingles(count, rule, scratch)
    if len(template) > 1:
        kept = 0
        for k in range(found):
            key = out[k]
            out[kept] = key
            kept += template[place_of(template, key)] != key
        if kept == 0:
            _hash_shingles(count, rule, scratch)
        else:
            count -= found - kept
            found = kept
    return found, count, whole


@kernel(SCRATCH(_INT))
def scratch_for(longest: int) -> Scratch:
    """Room for a text of so many bytes: folded bytes, hashes of its first words, which are alone, and shingles."""
    words = longest // 2 + 2
    return (
        np.empty(2 * longest + 32, np.uint8),
        np.empty(words + 1, np.uint64),
        np.empty(words, np.uint8),
        np.empty(words + 8, np.uint64),
    )
