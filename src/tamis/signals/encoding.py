"""Characters that went wrong on their way from one encoding to another."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.registry import Span, first_match, signal

_CP1252: Final = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_TRAIL: Final = rf"[\u0080-\u00bf{_CP1252}]"
_MAC: Final = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø"
_WESTERN: Final = rf"[ÂÃ]{_TRAIL}|Ä[°±]|[Ä-ßà-ï]{_TRAIL}{{2}}|[Ä-ß]{_TRAIL}[Ä-ß]{_TRAIL}|ð{_TRAIL}{{3}}"
_MACINTOSH: Final = rf"√[{_MAC}]|¬[†°¢£§•¶ß®©™´¨≠∞±µ]|‚[Ä-Å][{_MAC}¬√ƒ≈∆«»… ÀÃÕŒœ–—“”‘’]"
MOJIBAKE: Final = rf"(?:{_WESTERN}|{_MACINTOSH})+"
"""Where UTF-8 may have been read as cp1252, latin-1 or Mac Roman."""
_MOJIBAKE: Final = re.compile(MOJIBAKE)
_CODECS: Final = ("latin-1", "mac_roman")
_TO_LATIN: Final = {
    ord(character): byte
    for byte, character in ((byte, bytes([byte]).decode("cp1252", "ignore")) for byte in range(0x80, 0xA0))
    if character
}
_COMMON: Final = re.compile(
    r"[\u00a0-\u024f\u0370-\u052f\u05d0-\u05ea\u0621-\u06ff\u0900-\u0e5b\u1e00-\u1eff\u2000-\u206f\u20a0-\u20bf"
    r"\u2100-\u21ff\u2200-\u22ff\u2500-\u27bf\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\ufe0f\uff00-\uffef"
    r"\U0001f300-\U0001faff\ufeff\ufffd]+"
)
REPLACEMENT: Final = "\ufffd"
CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]"
_INVISIBLE: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


@signal(
    unit="count",
    source="ftfy (Speer); inspect-dataset",
    severity="medium",
    reduce="sum",
    locate=lambda text: next(iter(misread(text)), None),
)
def mojibake(texts: Texts) -> pl.Series:
    """Runs of characters in a turn that are UTF-8 read as cp1252, latin-1 or Mac Roman ("cafÃ©"); never null.

    A run counts where its bytes are valid UTF-8 for common letters, signs or emoji.

    False positives: a text about mojibake; capitals with tilde or circumflex before a mark ("Ã©").
    """
    beyond_ascii = texts.text.str.len_bytes() != texts.text.str.len_chars()
    places = beyond_ascii.arg_true()
    suspects = beyond_ascii.scatter(places, texts.text.gather(places).str.contains(MOJIBAKE))
    return texts.judged(suspects, lambda text: len(misread(text)))


def misread(text: str) -> list[Span]:
    """The spans of a text that were decoded with the wrong codec.

    >>> misread("The cafÃ© isnâ€™t open")
    [(7, 9), (13, 16)]
    >>> misread("VOILÀ, Ångström, São Paulo, à”")
    []
    """
    return [found.span() for found in _MOJIBAKE.finditer(text) if _mended(found[0]) and _in_a_word(found)]


def _in_a_word(found: re.Match[str]) -> bool:
    """Roots and negations are signs of their own: there, a letter must stand on one side."""
    if found[0][0] not in "√¬":
        return True
    start, stop = found.span()
    before, after = found.string[max(0, start - 1) : start], found.string[stop : stop + 1]
    return before.isalpha() or after.isalpha()


def _mended(run: str) -> bool:
    for codec in _CODECS:
        try:
            mended = (run.translate(_TO_LATIN) if codec == "latin-1" else run).encode(codec).decode()
        except UnicodeError:
            continue
        if _COMMON.fullmatch(mended):
            return True
    return False


@signal(
    unit="count",
    source="AlpacaDataCleaned: extraneous characters; inspect-dataset",
    severity="medium",
    reduce="sum",
    locate=first_match(CONTROL),
)
def control_characters(texts: Texts) -> NDArray[np.int64]:
    """Control characters in a turn, other than tab, line feed and carriage return; never null.

    False positives: terminal output with its escape codes, quoted on purpose.
    """
    return kernels.codepoints.control_characters(texts.packed.offsets, texts.packed.data)


@signal(
    unit="count", source="Unicode 15 section 23.8", severity="medium", reduce="sum", locate=first_match(REPLACEMENT)
)
def replacement_characters(texts: Texts) -> NDArray[np.int64]:
    """Replacement characters (U+FFFD) in a turn: a byte was lost there; never null.

    False positives: text about Unicode.
    """
    return kernels.codepoints.replacement_characters(texts.packed.offsets, texts.packed.data)


@signal(
    unit="count",
    source="AlpacaDataCleaned: extraneous characters; inspect-dataset",
    severity="low",
    reduce="sum",
    locate=lambda text: first_invisible(text),
)
def zero_width_characters(texts: Texts) -> NDArray[np.int64]:
    """Invisible characters in a turn: zero-width spaces, direction marks, a byte order mark; never null.

    Joiners that a script or an emoji needs are not counted.

    False positives: direction marks in text that mixes left-to-right and right-to-left scripts.
    """
    return kernels.codepoints.zero_width_characters(texts.packed.offsets, texts.packed.data)


def first_invisible(text: str) -> Span | None:
    r"""The first character that `zero_width_characters` counts.

    >>> first_invisible("a\u200bb")
    (1, 2)
    """
    for found in _INVISIBLE.finditer(text):
        upto = Packed.of([text[: found.end() + 1]])
        if kernels.codepoints.zero_width_characters(upto.offsets, upto.data)[0]:
            return found.span()
    return None
