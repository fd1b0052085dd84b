"""The default detector of languages: langdetect's profiles in a table inside the package, read by a kernel.

`training/language_profiles.py` makes the table; docs/language.md says how well it does.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.models.language._protocol import DETECTED
from tamis.packed import Packed

TABLE: Final = Path(__file__).parent / "profiles.npz"


@dataclass(frozen=True)
class ProfileDetector:
    """Counts all n-grams of the beginning of each text; the same answer every time."""

    names: tuple[str, ...]
    table: kernels.language.Profiles

    def detect(self, texts: Packed) -> pl.DataFrame:
        """The likeliest language of each text and its probability; nulls for a text without letters.

        Letters that are written as a base and a combining mark are composed first.

        >>> load_profiles().detect(Packed.of(["今日はいい天気ですね。", "Où est la gare ?"]))["language"].to_list()
        ['ja', 'fr']
        """
        found, sure = self._likeliest(texts)
        marked = _with_marks(texts)
        if len(marked):
            composed = Packed.of([unicodedata.normalize("NFC", text) for text in texts.strings(marked)])
            found[marked], sure[marked] = self._likeliest(composed)
        known = pl.Series(found >= 0)
        codes = pl.Series(self.names, dtype=pl.String).gather(pl.Series(np.maximum(found, 0)))
        return pl.DataFrame([codes.set(~known, None), pl.Series(sure).set(~known, None)], DETECTED)

    def _likeliest(self, texts: Packed) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        with np.errstate(over="ignore"):  # the interpreter warns of products that wrap, which is what is wanted
            return kernels.language.languages(texts.offsets, texts.data, self.table)


def _with_marks(texts: Packed) -> NDArray[np.int64]:
    """Texts with a code point of U+0300 to U+037F, by its first byte: the combining marks of Europe's letters."""
    first = texts.offsets[0]
    leads = np.flatnonzero((texts.data[first : texts.offsets[-1]] & 0xFE) == 0xCC) + first
    return np.unique(np.searchsorted(texts.offsets, leads, "right") - 1)


@cache
def load_profiles() -> ProfileDetector:
    """Load the table of the package; takes a few hundredths of a second."""
    with np.load(TABLE, allow_pickle=False) as archive:
        stored = {name: archive[name] for name in archive.files}
    with np.errstate(over="ignore"):
        slots = kernels.language.place_grams(stored["grams"])
    fields = kernels.language.Profiles._fields
    table = kernels.language.Profiles(*(stored.get(name, slots) for name in fields))
    for array in table:
        array.setflags(write=False)  # shared by threads, and numba tells such a tuple from one that is not
    return ProfileDetector(tuple(stored["languages"].tolist()), table)
