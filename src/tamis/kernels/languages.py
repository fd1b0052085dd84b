"""Which texts the rules for five languages may judge: a few function words and the share of Han decide."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel, tuple_of
from tamis.kernels._text import decode, is_word

_INT = types.int64

# A word may stand for several languages: "que" for French and Spanish. `OTHERS` are frequent in neighbours of the
# four (Italian, Portuguese, Catalan, Dutch, Danish, Norwegian, Swedish), which would pass for one of them.
GERMAN: Final = (
    "der die das und ist nicht ein eine einen einem einer mit auf für von den dem des im zu sich auch als es sie er "
    "wird sind bei nach wie oder aber wir ich nur noch durch über zum zur werden hat haben kann dass daß wenn sein "
    "seine ihre diese dieser man war wurde mehr um aus am bis keine kein unter ihr sei"
)
FRENCH: Final = (
    "le la les et est dans pour des une un que qui ne pas sur avec par plus ce cette sont au aux du nous vous il elle "
    "ils mais ou être son sa ses leur se de en je fait ont été peut comme à a tout ces entre sans où y d l c qu n s j"
)
SPANISH: Final = (
    "el la los las del y en que una un para con por se no es lo al como más pero su sus está son este esta ser "
    "también de ha muy han fue sobre entre desde hay sin todo puede a o le nos cuando ya"
)
OTHERS: Final = (
    "il che di della gli per non sono è nel alla dei delle si anche più i ed una da "
    "e o os as do da dos das não uma um para com em são ao pela mais foi é na ou pelo à sua seu "
    "els amb i les per és dels va els al aquest seva "
    "het een van en de niet dat voor zijn aan ook met op wordt te dit die bij naar om uit er door ze maar hij "
    "og det at på som jeg ikke til har med af den av är inte för att till om vi kan der et ett så men fra var"
)


def _lookup(lists: tuple[str, ...]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Words of up to 8 bytes, packed in an integer, placed by remainder; and the lists that hold each, as bits."""
    bits: dict[int, int] = {}
    for which, words in enumerate(lists):
        for word in words.split():
            key = int.from_bytes(word.encode(), "big")
            bits[key] = bits.get(key, 0) | 1 << which
    modulus = next(m for m in range(len(bits), 1 << 16) if len({key % m for key in bits}) == len(bits))
    table, held = np.zeros(modulus, np.uint64), np.zeros(modulus, np.int64)
    for key, lists_of_it in bits.items():
        table[key % modulus], held[key % modulus] = key, lists_of_it
    return table, held


_TABLE, _HELD = _lookup((GERMAN, FRENCH, SPANISH, OTHERS))
_MODULUS: Final = len(_TABLE)
_BYTES: Final = 1024
_COMMON_PERCENT: Final = 22
_LETTERS: Final = 20
_KANA_PERCENT: Final = 5


@kernel(tuple_of(_INT, _INT, _INT, types.Array(_INT, 1, "C"))(U8, _INT, _INT))
def _tally(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int, int, NDArray[np.int64]]:
    """Letters, Han and kana; and words: all, German, French, Spanish and of the neighbours."""
    letters, han, kana = 0, 0, 0
    found = np.zeros(5, np.int64)
    key, length = np.uint64(0), 0
    while at <= stop:  # one step beyond the end closes the last word
        code, width = -1, 1
        if at < stop:
            code, width = decode(data, at, stop)
        lower = code | 0x20 if 0x41 <= code <= 0x5A or 0xC0 <= code <= 0xDE else code
        if 0x61 <= lower <= 0x7A or (lower >= 0x80 and is_word(lower)):
            letters += 1
            han += 0x4E00 <= code < 0xA000 or 0x3400 <= code < 0x4DC0
            kana += 0x3040 <= code < 0x3100
            if lower < 0x80:
                key = (key << np.uint64(8)) | np.uint64(lower)
            else:  # the two bytes of a Latin letter; longer ones only have to differ from them
                key = (key << np.uint64(16)) | np.uint64(0xC000 | (lower & 0x7C0) << 2 | 0x80 | lower & 0x3F)
            length += 1 if lower < 0x80 else 2
        elif length > 0:
            cell = key % np.uint64(_MODULUS)
            found[0] += 1
            if length <= 8 and _TABLE[cell] == key:
                for which in range(4):
                    found[1 + which] += _HELD[cell] >> which & 1
            key, length = np.uint64(0), 0
        at += width
    return letters, han, kana, found


@kernel(types.Array(types.boolean, 1, "C")(I64, U8))
def speaks(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell whether a text may be German, French, Spanish or Chinese: bool of shape (n,). O(bytes).

    True for under 20 letters, for a text half of whose letters are Han and under 5 % kana, and where 22 % of the
    words are frequent in one of German, French and Spanish, and more of them than in the neighbours of these. Of
    texts longer than 1,024 bytes the beginning is read. Together with `counting.looks_english`, of news sentences of
    80 characters or more: True for 98 % in English, 93 % in German, 98 % in French, 93 % in Spanish, 100 % in
    Chinese; 31 % in Dutch and 43 % in Finnish (short for `looks_english`), 18 % in Portuguese, 15 % in Hungarian,
    12 % in Turkish, 11 % in Italian, under 10 % in 19 others.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["Katten låg på mattan och spann högt, för att vi alla var hemma till slut igen.",
    ...     "Die Katze lag auf der Matte und schnurrte laut, weil wir alle endlich zu Hause waren."])
    >>> speaks(texts.offsets, texts.data).tolist()
    [False, True]
    """
    spoken = np.zeros(len(offsets) - 1, np.bool_)
    for i in range(len(spoken)):
        letters, han, kana, found = _tally(data, offsets[i], min(offsets[i + 1], offsets[i] + _BYTES))
        if letters < _LETTERS or 2 * han >= letters:
            spoken[i] = letters < _LETTERS or 100 * kana < _KANA_PERCENT * letters
        else:
            most = max(found[1], found[2], found[3])
            spoken[i] = most > found[4] and 100 * most >= _COMMON_PERCENT * found[0]
    return spoken
