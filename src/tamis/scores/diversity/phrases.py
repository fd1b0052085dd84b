"""Phrases that texts share: how they begin, how they end, and the frames of function words they are built over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis import kernels
from tamis.packed import Packed
from tamis.scores.diversity.words import FUNCTION_WORDS, Words

FRAME: Final = 5
LEAST_FIXED: Final = 3
"""How many of the words of a skeleton are function words at least."""
TEMPLATES: Final = 100
SLOT: Final = "_"
LONGEST_END: Final = 12
_GOING_ON: Final = 0.9
_BYTE: Final = 8


@dataclass(frozen=True)
class Phrase:
    """Words that some of the texts share, the first of these texts, and the words as they stand there."""

    words: str
    texts: int
    share: float
    row: int
    seen: str


def ends(words: Words, size: int) -> NDArray[np.int32]:
    """Number the first (or with `size` below 0 the last) words of each text: shape (n,); -1 for a text without words.

    A text of fewer words is taken whole.

    >>> from tamis.packed import Packed
    >>> ends(Words.of(Packed.of(["Sure, here is one", "", "Sure! Here it is", "sure here it"])), 2).tolist()
    [0, -1, 0, 0]
    """
    starts, stops = words.offsets[:-1], words.offsets[1:]
    found = np.where(stops > starts, 0, -1).astype(np.int64)
    for k in range(abs(size)):
        at = starts + k if size > 0 else stops - 1 - k
        there = (starts <= at) & (at < stops)
        word = np.full(len(words), len(words.vocabulary), np.int64)
        word[there] = words.numbers[at[there]]
        found = kernels.runs.number_keys(np.where(found < 0, -1, (found << 32) | word))[0].astype(np.int64)
    return found.astype(np.int32)


def alike(groups: NDArray[np.int32]) -> float:
    """The chance that two rows, drawn without replacement, are of one group, -1 left out; NaN for fewer than two.

    >>> alike(np.array([0, 0, 1, -1], np.int32))
    0.3333333333333333
    """
    counts = np.bincount(groups[groups >= 0]).astype(np.float64)
    rows = counts.sum()
    return float((counts * (counts - 1)).sum() / (rows * (rows - 1))) if rows > 1 else np.nan


def template_rate(words: Words) -> float:
    """The share of texts that hold one of the `TEMPLATES` skeletons that most texts hold; NaN for no text."""
    if len(words) == 0:
        return np.nan
    runs, _, common, _ = _commonest(words)
    hits = np.flatnonzero(np.isin(runs, common[:TEMPLATES]))
    return len(np.unique(np.searchsorted(words.offsets, hits, side="right"))) / len(words)


def common_templates(texts: Packed, words: Words, most: int = 20) -> list[Phrase]:
    """The skeletons that most texts hold, several at least: `FRAME` words in a row, content words as slots.

    Of two that overlap in all words but one the commoner is told.

    >>> texts = Packed.of(["Here is a list of: cats", "No", "here is a poem of"])
    >>> common_templates(texts, Words.of(texts))
    [Phrase(words='here is a _ of', texts=2, share=0.6666666666666666, row=0, seen='Here is a list of')]
    """
    runs, keys, common, counts = _commonest(words)
    told: list[int] = []
    for run in common.tolist():
        if len(told) < most and not any(_overlap(int(keys[run]), int(keys[other])) for other in told):
            told.append(run)
    places = [int(np.argmax(runs == run)) for run in told]
    return [
        _phrase(texts, words, _frame(int(keys[run])), int(counts[run]), at, FRAME)
        for run, at in zip(told, places, strict=True)
    ]


def common_openers(texts: Packed, words: Words, size: int = 3, most: int = 20) -> list[Phrase]:
    """The first words that most texts share, and as many more as nine in ten of these texts go on with.

    >>> texts = Packed.of(["Sure, here's a cat.", "Sure, here's a dog!", "No."])
    >>> common_openers(texts, Words.of(texts))
    [Phrase(words='sure here s a', texts=2, share=0.6666666666666666, row=0, seen="Sure, here's a")]
    """
    return list(_shared_ends(texts, words, size, most))


def common_closers(texts: Packed, words: Words, size: int = 3, most: int = 20) -> list[Phrase]:
    """The last words that most texts share, and as many more as nine in ten of these texts have before them.

    >>> texts = Packed.of(["A cat. I hope this helps!", "B. I hope this helps"])
    >>> [found] = common_closers(texts, Words.of(texts))
    >>> found.words, found.texts
    ('i hope this helps', 2)
    """
    return list(_shared_ends(texts, words, -size, most))


def _shared_ends(texts: Packed, words: Words, size: int, most: int) -> Iterator[Phrase]:
    groups, forward = ends(words, size), size > 0
    counts = np.bincount(groups[groups >= 0])
    for group in np.argsort(-counts, kind="stable")[:most].tolist():
        rows = np.flatnonzero(groups == group)
        start, stop = words.offsets[rows[0]], words.offsets[rows[0] + 1]
        length = min(abs(size), int(stop - start))
        if len(rows) < 2:
            return
        while abs(size) <= length < LONGEST_END and len(kept := _going_on(words, rows, length, forward=forward)) > 1:
            rows, length = kept, length + 1
        at = int(words.offsets[rows[0]] if forward else words.offsets[rows[0] + 1] - length)
        yield _phrase(texts, words, " ".join(words.spelled(at, at + length)), len(rows), at, length)


def _going_on(words: Words, rows: NDArray[np.int64], length: int, *, forward: bool) -> NDArray[np.int64]:
    """Those of the rows that have the commonest next word; none where these are too few."""
    lengths = words.offsets[rows + 1] - words.offsets[rows]
    longer = rows[lengths > length]
    at = words.offsets[longer] + length if forward else words.offsets[longer + 1] - 1 - length
    following = words.numbers[at]
    kept: NDArray[np.int64] = longer[following == np.bincount(following, minlength=1).argmax()]
    return kept if len(kept) >= _GOING_ON * len(rows) else kept[:0]


def _commonest(words: Words) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The skeleton at each word, -1 for none; their keys; those of several texts, commonest first; texts of each."""
    keys = _skeletons(words)
    runs, firsts = kernels.runs.number_keys(keys)
    texts, _ = kernels.runs.count_texts(words.offsets, runs, len(firsts))
    common = np.flatnonzero(texts > 1)
    return runs, keys[firsts], common[np.lexsort((keys[firsts[common]], -texts[common]))], texts


def _skeletons(words: Words) -> NDArray[np.int64]:
    """A key for each `FRAME` words of which `LEAST_FIXED` are function words, a byte a word; -1 for others."""
    codes = np.append(words.fixed[words.numbers], np.zeros(FRAME, np.uint8))
    keys, fixed = np.zeros(len(words.numbers), np.int64), np.zeros(len(words.numbers), np.uint8)
    for k in range(FRAME):
        code = codes[k : k + len(keys)]
        keys = (keys << _BYTE) | code
        fixed += code > 0
    keys[(fixed < LEAST_FIXED) | (words.left() < FRAME)] = -1
    return keys


def _frame(key: int) -> str:
    codes = [key >> _BYTE * k & 0xFF for k in reversed(range(FRAME))]
    return " ".join([SLOT, *FUNCTION_WORDS][code] for code in codes)


def _overlap(one: int, other: int) -> bool:
    """Whether two skeletons are one, a word further on."""
    below = (1 << _BYTE * (FRAME - 1)) - 1
    return one & below == other >> _BYTE or other & below == one >> _BYTE


def _phrase(texts: Packed, words: Words, told: str, count: int, at: int, size: int) -> Phrase:
    row = int(np.searchsorted(words.offsets, at, side="right")) - 1
    [text] = texts.strings([row])
    said = words.spelled(at, at + size)
    seen = re.search(r"[\W_]*".join(map(re.escape, said)), text, re.IGNORECASE)
    return Phrase(told, count, count / len(words), row, " ".join(seen[0].split()) if seen else " ".join(said))
