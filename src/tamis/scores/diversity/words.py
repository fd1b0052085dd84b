"""Texts as numbers of words, numbered once for all samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from tamis import kernels
from tamis.packed import Packed

_SPELLED: Final = (
    "the a an this that these those all any both each every either neither no none some such another other others same "
    "own i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our "
    "ours ourselves they them their theirs themselves who whom whose which what when where why how there here of to in "
    "for on with at by from as into about like through over between out against during without before under around "
    "among up down off above near after since until upon within along across behind beyond toward towards per via and "
    "or but nor so yet if because although though while whereas whether unless than then also too very not only just "
    "even still however therefore thus more most less least much many few several is are was were be been being am do "
    "does did done doing have has had having will would shall should can could may might must let s t d ll m re ve don "
    "doesn didn isn aren wasn weren won wouldn couldn shouldn haven hasn hadn cannot please yes"
)
FUNCTION_WORDS: Final = tuple(_SPELLED.split())
"""English words that stand for themselves in a skeleton; every other word is a slot."""

Runs = tuple[NDArray[np.int32], int]
"""The number of the run that starts at each word, -1 where the text is over before; and how many runs differ."""


@dataclass(frozen=True, slots=True)
class Words:
    """n texts as numbers of words: text i is `numbers[offsets[i]:offsets[i + 1]]`, spelled in `vocabulary`.

    A word is a run of letters and digits, lower-cased; in scripts without spaces each code point is one. `fixed` says
    of each in `vocabulary` which of the `FUNCTION_WORDS` it is, from 1 on, or 0.
    """

    offsets: NDArray[np.int64]
    numbers: NDArray[np.int32]
    vocabulary: pl.Series
    fixed: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Packed) -> Words:
        """Number the words of texts; O(bytes), 140 MB a second on one core.

        >>> words = Words.of(Packed.of(["To be", "or not to be"]))
        >>> words.numbers.tolist(), words.vocabulary.to_list()
        ([0, 1, 2, 3, 0, 1], ['to', 'be', 'or', 'not'])
        """
        offsets, numbers, ends, spelled = kernels.words.number_words(texts.offsets, texts.data)
        buffers = pa.py_buffer(ends), pa.py_buffer(spelled)
        vocabulary = pl.Series(pa.LargeStringArray.from_buffers(len(ends) - 1, *buffers))
        codes = {word: code for code, word in enumerate(FUNCTION_WORDS, 1)}
        fixed = vocabulary.replace_strict(codes, default=0, return_dtype=pl.UInt8).to_numpy()
        return cls(offsets, numbers, vocabulary, fixed)

    def take(self, rows: NDArray[np.int64]) -> Words:
        """Some of the texts, in the order given; one may be taken several times.

        >>> Words.of(Packed.of(["to be", "or"])).take(np.array([1, 1])).numbers.tolist()
        [2, 2]
        """
        starts, stops = self.offsets[rows], self.offsets[rows + 1]
        parts = [self.numbers[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        numbers = np.concatenate(parts) if parts else self.numbers[:0]
        return replace(self, offsets=np.append(0, np.cumsum(stops - starts)), numbers=numbers)

    def shuffled(self, random: np.random.Generator) -> Words:
        """All words permuted over texts of the same lengths."""
        return replace(self, numbers=random.permutation(self.numbers))

    def spelled(self, start: int, stop: int) -> list[str]:
        """Some words in a row.

        >>> Words.of(Packed.of(["To be, or not"])).spelled(1, 3)
        ['be', 'or']
        """
        spelled: list[str] = self.vocabulary.gather(self.numbers[start:stop]).to_list()
        return spelled

    def left(self) -> NDArray[np.int64]:
        """How many words of its text begin at each word: itself and those that follow."""
        return np.repeat(self.offsets[1:], np.diff(self.offsets)) - np.arange(len(self.numbers))

    def runs(self, longest: int) -> list[Runs]:
        """Number the runs of 1, 2 ... words of each text, each from the runs of one word less; exact.

        >>> [(runs.tolist(), different) for runs, different in Words.of(Packed.of(["to be to be", "be"])).runs(2)]
        [([0, 1, 0, 1, 1], 2), ([0, 1, 0, -1, -1], 2)]
        """
        used = np.bincount(self.numbers, minlength=1) > 0
        found: list[Runs] = [((np.cumsum(used, dtype=np.int32) - 1)[self.numbers], int(used.sum()))]
        left, words = self.left(), self.numbers.astype(np.int64)
        for n in range(2, longest + 1):
            last = np.roll(words, 1 - n)  # what it brings round to the end is past the end of a text
            keys = np.where(left >= n, (found[-1][0].astype(np.int64) << 32) | last, -1)
            numbers, firsts = kernels.runs.number_keys(keys)
            found.append((numbers, len(firsts)))
        return found

    def __len__(self) -> int:
        return len(self.offsets) - 1
