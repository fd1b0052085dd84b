"""Characters that went wrong on their way from one encoding to another."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.registry import Span, first_match, signal

_CUBIC_ANGSTROM: Final = re.compile(r"(?<![^\W\d_])Å[²³]")
REPLACEMENT: Final = "\ufffd"
CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]"
_INVISIBLE: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


@signal(
    unit="count",
    source="ftfy (Speer)",
    severity="medium",
    reduce="sum",
    locate=lambda text: next(iter(misread(text)), None),
)
def mojibake(texts: Texts) -> pl.Series:
    """Lines of a turn that were read in the wrong encoding ("cafÃ©" for "café"), as ftfy judges; never null.

    UTF-8 read as one of ten code pages, once or several times, with bytes lost or blanks in their place; text of
    Windows read as latin-1. Where two readings are possible ("DrÃ¥ber") ftfy leaves a line, and so does this.

    False positives: a text about mojibake; strings of random signs.
    """
    counts = pl.zeros(len(texts), pl.Int64, eager=True)
    places = (texts.text.str.len_bytes() != texts.text.str.len_chars()).arg_true()
    if places.is_empty():
        return counts
    beyond_ascii = texts.text.gather(places)
    suspects = places.filter(beyond_ascii.str.contains(_unlikely_neighbours()))
    return counts.scatter(suspects, [len(misread(text)) for text in texts.text.gather(suspects)])


@cache
def _unlikely_neighbours() -> str:
    """Ftfy's pattern of characters that stand beside each other in misread text alone.

    Without its blanks and comments: a verbose pattern of polars would lose the blanks inside classes too. Without
    a match, ftfy changes nothing; polars tries it at 1.5 ms per MB, Python would take 236 ms.
    """
    from ftfy.badness import BADNESS_RE

    verbose = re.compile(r"(\[[^]]*\]|\\.)|\s+|#.*")
    return "(?m)" + verbose.sub(lambda found: found[1] or "", BADNESS_RE.pattern)


def misread(text: str) -> list[Span]:
    """Where the lines of a text were decoded with the wrong codec: from the first character to mend to the last.

    >>> misread("The cafÃ© isnâ€™t open")
    [(7, 16)]
    >>> misread("VOILÀ, Ångström, São Paulo, à”")
    []
    """
    from ftfy import fix_encoding

    spans, start = [], 0
    for line in text.split("\n"):
        said = _CUBIC_ANGSTROM.sub("A3", line)  # no word begins with "ų", which the bytes would be
        mended = fix_encoding(said)
        if mended not in (said, said.replace("\x85", "…")):  # on its own, U+0085 is a line end
            first = _alike(said, mended)
            last = len(said) - _alike(said[::-1], mended[::-1])
            spans.append((start + first, start + max(first + 1, last)))
        start += len(line) + 1
    return spans


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


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
