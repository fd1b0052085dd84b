"""In which language a text is written: naive Bayes over n-grams of 1 to 3 characters, after its script.

The n-grams are langdetect's (Shuyo 2010), and so is the way they are cut: letters of one script, case kept, a word
in capitals left out, everything else a space. Unlike langdetect all n-grams of the sample count, so that the answer
is the same every time, and only languages of the text's script are compared.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import F64, I64, U8, U64, kernel, tuple_of
from tamis.kernels._text import decode

_INT, _BOOL, _FLOAT = types.int64, types.boolean, types.float64
_I32S, _U32S, _I64S = (types.Array(kind, 1, "C") for kind in (types.int32, types.uint32, types.int64))
_U32, _ROWS = types.Array(types.uint32, 1, "C", readonly=True), types.Array(types.int16, 2, "C", readonly=True)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_SLOTS: Final = 18  # bits: 15 % of the slots are taken, so most n-grams that are not there cost one look
_HASH_SHIFT, _MASK, _BITS = np.uint64(64 - _SLOTS), np.uint64((1 << _SLOTS) - 1), np.uint64(11)
_KEY_BITS, _KEY = np.uint64(33), np.uint64((1 << 33) - 1)
_NOTHING, _ONE, _LETTER, _PAIR = np.uint64(0), np.uint64(1), np.uint64((1 << 11) - 1), np.uint64((1 << 22) - 1)

LANES: Final = 32
"""Languages a script may have: a row of the table is 64 bytes, a line of the processor's cache."""
SCALE: Final = 1024
"""Units of a row's logarithms in one."""
SPACE: Final = 1
"""The number of what parts words. Letters of n-grams have 11 bits, an n-gram 33; a letter that no n-gram has is 0."""
CAPITAL: Final = 1 << 31
"""The bit that marks the code of a capital letter."""
_SPACE = np.uint64(SPACE)
_SAMPLE: Final = 256
_TEMPERATURE: Final = 1.25
_FEW: Final = 2.0


class Profiles(NamedTuple):
    """What is known of languages, numbered script by script: those of script s from `first[s]` to `first[s + 1]`.

    `codes` has for each code point below 2**16 the number of its letter (11 bits), of its script (from bit 16) and
    whether it is a capital (bit 31), 0 for what parts words. `slots` is a hash table of n-grams, with the key of one
    in the lower 33 bits and its row above. A row of `rows` has a logarithm for each language of the script, of the
    n-gram and its shorter endings together. `weights` has what a letter of a script counts, `priors` the logarithm
    that each language begins with.
    """

    codes: NDArray[np.uint32]
    slots: NDArray[np.uint64]
    rows: NDArray[np.int16]
    first: NDArray[np.int64]
    weights: NDArray[np.int64]
    priors: NDArray[np.float64]


PROFILES: Final = types.NamedTuple((_U32, U64, _ROWS, I64, I64, F64), Profiles)  # type: ignore[no-untyped-call]


@kernel(types.Array(types.uint64, 1, "C")(U64))
def place_grams(grams: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash table of at most 65,535 n-grams by their keys: `slots` of `Profiles`."""
    slots = np.zeros(1 << _SLOTS, np.uint64)
    for i in range(len(grams)):
        slot = (grams[i] * _GOLDEN) >> _HASH_SHIFT
        while slots[slot] != 0:
            slot = (slot + _ONE) & _MASK
        slots[slot] = np.uint64(i) << _KEY_BITS | grams[i]
    return slots


@kernel(_INT(U8, _INT, _INT))
def _skip_code(data: NDArray[np.uint8], at: int, stop: int) -> int:
    """Where code or a tag that begins at a backtick or < ends: a fence, `inline` on one line, <tag>; or at itself."""
    mark = data[at]
    if mark == 0x60 and at + 2 < stop and data[at + 1] == 0x60 and data[at + 2] == 0x60:
        for end in range(at + 3, stop - 2):
            if data[end] == 0x60 and data[end + 1] == 0x60 and data[end + 2] == 0x60:
                return end + 3
        return stop
    last = np.uint8(0x3E) if mark == 0x3C else mark
    for end in range(at + 1, min(stop, at + 100)):
        if data[end] == last:
            return end + 1
        if data[end] == 0x0A or (mark == 0x3C and data[end] == 0x3C):
            break
    return at


def _signs(*kinds: str) -> NDArray[np.uint8]:
    """For each byte the number of the first of some kinds of signs that has it, 0 for none."""
    return np.array([next((i for i, kind in enumerate(kinds, 1) if chr(b) in kind), 0) for b in range(128)], np.uint8)


_SIGNS: Final = _signs("@_\\{}=", "[]()<>;+^$&|~", "0123456789")
_ODD, _FORMAL = 1, 2
_SIGN_WEIGHT: Final = 5


@kernel(tuple_of(_INT, _INT)(U8, _INT, _INT, _U32, _U32S))
def read_letters(
    data: NDArray[np.uint8], at: int, stop: int, codes: NDArray[np.uint32], letters: NDArray[np.uint32]
) -> tuple[int, int]:
    """Fill `letters` with the codes of a text's letters, 0 between words; how many, and the weight of signs. O(bytes).

    Code between backticks, tags, and runs of ASCII with what words do not have (@ _ \\ { } = :// a.b) are left out.
    A digit weighs 1 and a sign of formulas and programs 5: text that is full of them is in no language.
    """
    n, run, odd, weight, most = 0, 0, False, 0, len(letters) - 1
    while at < stop and n < most:
        byte, width, code = data[at], 1, np.uint32(0)
        if byte < 0x80:
            code = codes[byte]
            if code == 0 and byte > 0x20:
                sign = _SIGNS[byte]
                weight += 0 if sign == 0 else (_SIGN_WEIGHT if sign <= _FORMAL else 1)
                after = data[min(at + 1, stop - 1)]
                dotted = byte == 0x2E and 0x61 <= after <= 0x7A  # name.name
                weight += _SIGN_WEIGHT if dotted else 0
                odd = odd or dotted or sign == _ODD or (byte == 0x3A and after == 0x2F)
                if byte == 0x60 or byte == 0x3C:
                    width = max(1, _skip_code(data, at, stop) - at)
        else:
            point, width = decode(data, at, stop)
            code = codes[point] if 0 <= point < len(codes) else code
        at += width
        if byte <= 0x20 or byte >= 0x80:  # the end of a run of ASCII
            n, odd = (run, False) if odd else (n, odd)
        if code != 0 or (n > 0 and letters[n - 1] != 0):
            letters[n] = code
            n += 1
        if byte <= 0x20 or byte >= 0x80:
            run = n
    n = run if odd else n
    if n > 0 and letters[n - 1] != 0:
        letters[n] = 0
        n += 1
    return n, weight


@kernel(tuple_of(_INT, _INT, _FLOAT)(_U32S, _INT, I64, _INT))
def _script_of(letters: NDArray[np.uint32], n: int, weights: NDArray[np.int64], other: int) -> tuple[int, int, float]:
    """The script that has most of the letters by weight, how many, and its share; script 0 where there are none."""
    counts = np.zeros(len(weights), np.int64)
    for i in range(n):
        counts[(letters[i] >> 16) & 0x1F] += 1
    counts[0] = 0
    script, total = 0, 0
    for i in range(1, len(counts)):
        total += counts[i] * weights[i]
        if counts[i] * weights[i] > counts[script] * weights[script]:
            script = i
    signs = max(0, other - total // 8)  # as many as prose has are no fault
    return script, counts[script], counts[script] * weights[script] / max(1, total + signs)


@kernel(_INT(_U32S, _INT, _INT, PROFILES, _I32S))
def add_grams(letters: NDArray[np.uint32], n: int, script: int, table: Profiles, sums: NDArray[np.int32]) -> int:
    """Add up the rows of all n-grams of one script's letters; how many letters had one.

    A row holds an n-gram and its shorter endings, so a letter costs one row: of the longest n-gram that ends there.
    """
    slots, rows = table.slots, table.rows
    before, last, after_capital, capitals, used = np.uint64(0), _SPACE, False, False, 0
    for i in range(n):
        code = letters[i]
        letter = np.uint64(code) & _LETTER if (code >> 16) & 0x1F == script else _SPACE
        if last == _SPACE:
            before, capitals, after_capital = np.uint64(0), False, False
        capital = letter != _SPACE and code >= CAPITAL
        capitals = capital and (capitals or after_capital)
        after_capital = capital
        gram = (before << _BITS | last) << _BITS | letter
        shortest = np.uint64(1 << 11) if letter == _SPACE else _ONE  # a space alone is no n-gram
        while not capitals and gram >= shortest:
            slot = (gram * _GOLDEN) >> _HASH_SHIFT
            while slots[slot] & _KEY != gram and slots[slot] != 0:
                slot = (slot + _ONE) & _MASK
            if slots[slot] != 0:
                used += 1
                row = rows[slots[slot] >> _KEY_BITS]
                for lane in range(len(row)):  # of a length unknown to the compiler, or it adds one by one: 24 ns, not 5
                    sums[lane] += row[lane]
                break
            gram &= _PAIR if gram > _PAIR else (_LETTER if gram > _LETTER else _NOTHING)
        before, last = last, letter
    return used


@kernel(_FLOAT(_U32S, _INT, _INT))
def worth_of_words(letters: NDArray[np.uint32], n: int, script: int) -> float:
    """What the n-grams of a text count: 1, down to 1/2 where more than half of its words begin with a capital.

    Names are in no language, and lists, titles and labels are full of them.
    """
    words, capitals, inside = 0, 0, False
    for i in range(n):
        letter = (letters[i] >> 16) & 0x1F == script
        if letter and not inside:
            words += 1
            capitals += letters[i] >= CAPITAL
        inside = letter
    return 1.0 - max(0.0, capitals / max(1, words) - 0.5)


@kernel(tuple_of(_INT, _FLOAT)(_I32S, _INT, _FLOAT, F64))
def _likeliest(sums: NDArray[np.int32], used: int, worth: float, priors: NDArray[np.float64]) -> tuple[int, float]:
    """The lane with the highest posterior, and its probability; `worth` is what the sums of logarithms count.

    n-grams overlap and words repeat, so evidence is worth less than naive Bayes believes: logarithms are divided by
    1.25 (used + 1) ** (1/4): of what is then half sure about two thirds are right, words, pieces and sentences alike.
    """
    best, temperature, unit = 0, _TEMPERATURE * (used + 1) ** 0.25, worth / SCALE
    for lane in range(1, len(priors)):
        if sums[lane] * unit + priors[lane] > sums[best] * unit + priors[best]:
            best = lane
    top, total = sums[best] * unit + priors[best], 0.0
    for lane in range(len(priors)):
        total += np.exp((sums[lane] * unit + priors[lane] - top) / temperature)
    return best, 1.0 / total


@kernel(tuple_of(_I32S, types.Array(_FLOAT, 1, "C"))(I64, U8, PROFILES))
def languages(
    offsets: NDArray[np.int64], data: NDArray[np.uint8], table: Profiles
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The likeliest language of each text and how sure that is: int32 and float64 of shape (n,). O(n).

    The first 256 letters and word breaks are read. Confidence is the probability of the language among those of its
    script, times the share that the script has of the letters, times n / (n + 2) for n letters of it. -1 and 0 for a
    text without letters, or in a script of which no language is known.
    """
    found, sure = np.full(len(offsets) - 1, -1, np.int32), np.zeros(len(offsets) - 1, np.float64)
    letters, sums = np.zeros(_SAMPLE + 1, np.uint32), np.zeros(LANES, np.int32)
    for i in range(len(found)):
        n, signs = read_letters(data, offsets[i], offsets[i + 1], table.codes, letters)
        script, count, share = _script_of(letters, n, table.weights, signs)
        start, stop = table.first[script], table.first[script + 1]
        if stop > start:
            lane, probability = 0, 1.0
            if stop - start > 1:
                sums[:] = 0
                used = add_grams(letters, n, script, table, sums)
                worth = worth_of_words(letters, n, script)
                lane, probability = _likeliest(sums, used, worth, table.priors[start:stop])
            found[i], sure[i] = start + lane, probability * share * count / (count + _FEW)
    return found, sure
