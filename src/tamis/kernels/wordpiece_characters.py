"""What BERT's uncased normalisation makes of each code point, as tables for a kernel; built once, on first use."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, U8

WORD: Final = 0
SPACE: Final = 1
ALONE: Final = 2
REMOVED: Final = 3

_CODES: Final = 0x110000
_ASCII_MARKS: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_HAN: Final = (
    (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0), (0x2A700, 0x2B740), (0x2B740, 0x2B820),
    (0x2B920, 0x2CEB0), (0x2F800, 0x2FA20),
)  # fmt: skip
# No code point beyond these has a normal form of its own, marks or letter case; tests sweep all of them.
_BLOCKS: Final = ((0x0080, 0xD800), (0xE000, 0x20000), (0x2F800, 0x2FA20), (0xE0000, 0xE0200))
_PLAIN: Final = frozenset({"Ll", "Lm", "Lo", "Mc", "Me", "Nd", "Nl", "No", "Sc", "Sk", "Sm", "So", "Cn"})
"""Categories of which a character without a decomposition or letter case is a part of a word, as it stands."""
_PRIVATE: Final = ((0xF0000, 0xFFFFE), (0x100000, 0x10FFFE))


class Characters(NamedTuple):
    """`kinds[c]` says what code point c is; its normal form is `forms[place + 2:][:forms[place]]` with
    `forms[place + 1]` characters at `place = places[c]`, or c itself where that is 0.
    """

    kinds: NDArray[np.uint8]
    places: NDArray[np.int32]
    forms: NDArray[np.uint8]


CHARACTERS: Final = types.NamedTuple((U8, I32, U8), Characters)  # type: ignore[no-untyped-call]


def _ascii_kinds() -> NDArray[np.uint8]:
    kinds = np.full(128, REMOVED, np.uint8)
    for code in range(0x20, 0x7F):
        kinds[code] = WORD if chr(code).isalnum() else ALONE
    kinds[[0x20, 0x09, 0x0A, 0x0D]] = SPACE
    # clean_text takes U+000B, U+000C and U+001C to U+001F for control characters, which go before spaces are seen
    return kinds


ASCII_KINDS: Final = _ascii_kinds()
ASCII_KINDS.setflags(write=False)


def _ascii_forms() -> tuple[NDArray[np.int32], bytearray]:
    """Places of the capital letters' forms, and the forms; place 0 means: the character itself."""
    places, forms = np.zeros(128, np.int32), bytearray(2)
    for code in range(ord("A"), ord("Z") + 1):
        places[code] = len(forms)
        forms += bytes([1, 1, code + 32])
    return places, forms


def _kind(character: str, category: str, form: str) -> int:
    if character == "\ufffd" or category in ("Cc", "Cf", "Co", "Cs"):
        return REMOVED
    if character.isspace():
        return SPACE
    if not form:
        return REMOVED
    if len(form) == 1 and (form in _ASCII_MARKS or unicodedata.category(form)[0] == "P"):
        return ALONE
    return WORD


@cache
def characters() -> Characters:
    """The tables of `BertNormalizer` and `BertPreTokenizer` of the tokenizers library, all steps switched on.

    Text is cleaned of control characters, Han ideographs stand alone, NFD, no nonspacing marks (Mn), lower
    case; then words end at white space and each punctuation mark is a word. Takes 0.1 s, so it is built for
    the first text that is not ASCII. Categories are those of the `unicodedata` of this Python: of the
    characters that Unicode 9 and later brought, 560 fall into another class than in the library's older table.

    >>> tables = characters()
    >>> place = tables.places[ord("É")]
    >>> tables.forms[place : place + 3].tolist() == [1, 1, ord("e")], bool(tables.kinds[ord("—")] == ALONE)
    (True, True)
    """
    kinds, places = np.zeros(_CODES, np.uint8), np.zeros(_CODES, np.int32)
    places[:128], forms = _ascii_forms()
    kinds[:128] = ASCII_KINDS
    category = unicodedata.category
    for start, stop in _BLOCKS:
        block = list(map(chr, range(start, stop)))
        decomposed = unicodedata.normalize("NFD", "\n".join(block)).split("\n")
        for code, character, plain in zip(range(start, stop), block, decomposed, strict=True):
            if plain == character and category(character) in _PLAIN and character.lower() == character != "\ufffd":
                continue  # nine of ten
            form = "".join([c.lower() for c in plain if category(c) != "Mn"])
            kinds[code] = _kind(character, category(character), form)
            if form and form != character:
                written = form.encode()
                places[code] = len(forms)
                forms += bytes([len(written), len(form)]) + written
    for start, stop in _PRIVATE:
        kinds[start:stop] = REMOVED
    for start, stop in _HAN:
        kinds[start:stop] = ALONE
    kinds.setflags(write=False)
    places.setflags(write=False)  # the tables are shared by threads, and a kernel's signature says so
    return Characters(kinds, places, np.frombuffer(bytes(forms), np.uint8))


def no_characters() -> Characters:
    """Tables for text that is ASCII alone, which a kernel need not look up.

    >>> len(no_characters().kinds)
    128
    """
    places, forms = _ascii_forms()
    places.setflags(write=False)
    return Characters(ASCII_KINDS, places, np.frombuffer(bytes(forms), np.uint8))
