"""Shingles that so many texts share that they say nothing about any of them: templates."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from tamis.kernels.band_pairs import first_equal
from tamis.kernels.jaccard import room_for_sets, write_sets
from tamis.kernels.shingle_counts import count_texts, table_of
from tamis.kernels.shingles import Rule
from tamis.neighbours.lexical_bands import spans
from tamis.packed import Packed

SAMPLE_ROWS = 8192
SAMPLE_BYTES = 32 << 20
NOTHING = table_of(np.zeros(0, np.uint64))

Keys = NDArray[np.uint64]


def template_shingles(side: Packed, rule: Rule, share: float, least: int, pool: Executor) -> Keys:
    """The shingles that more than `share` of a side's distinct texts hold, and at least `least` of them: sorted.

    Up to 8,192 rows (and 32 MB) counted exactly. Of more, a sample of that many, evenly spaced, names those that
    half the share of it holds, and these alone are counted exactly in all rows. So what is named is right, and
    what is missed (below 1 in 10**8 for a shingle at a share of 0.02 or more) only leaves a text as it is. A text
    that is there several times counts once: copies make no template.
    """
    sample = sample_rows(len(side), int(side.offsets[-1] - side.offsets[0]))
    some = side if len(sample) == len(side) else _chosen(side, sample)
    table, settled = named_in_sample(some, rule, share, least, whole=len(sample) == len(side))
    if settled or len(table) == 1:
        return table if settled else table[:0]
    counts, total = _count_distinct(side, rule, table, pool)
    return frequent(table, counts, total, share, least)


def sample_rows(n: int, size: int) -> NDArray[np.int64]:
    """Evenly spaced rows of n with so many bytes, as many as the bounds allow."""
    rows = min(n, SAMPLE_ROWS, max(n * SAMPLE_BYTES // max(size, 1), 1))
    return np.arange(rows) * n // max(rows, 1)


def named_in_sample(side: Packed, rule: Rule, share: float, least: int, *, whole: bool) -> tuple[Keys, bool]:
    """What a sample settles: the template, sorted, where it is the whole; otherwise a table of what may be it."""
    every = np.arange(len(side))
    _, words = count_texts(side.offsets, side.data, every, rule, NOTHING)
    distinct = every[(first_equal(words) == every) & (words != 0)]
    sets = room_for_sets(side.offsets[distinct + 1] - side.offsets[distinct])
    write_sets(side.offsets, side.data, distinct, rule, NOTHING, sets)
    held = np.concatenate(
        [sets[3][start : start + size] for start, size in zip(sets[0], sets[1], strict=True)] or [NOTHING[:0]]
    )
    held.sort()
    starts = np.flatnonzero(np.diff(held, prepend=np.uint64(0)))  # np.unique takes twice as long; no shingle is 0
    keys, counts = held[starts], np.diff(starts, append=len(held))
    if whole:
        return keys[(counts > share * len(distinct)) & (counts >= least)], True
    return table_of(keys[counts > share * len(distinct) / 2]), False


def frequent(table: Keys, counts: NDArray[np.int64], total: int, share: float, least: int) -> Keys:
    """Those of a table's shingles that more than a share of so many texts hold, sorted."""
    return np.sort(table[(counts > share * total) & (counts >= least) & (table != 0)])


def _chosen(side: Packed, rows: NDArray[np.int64]) -> Packed:
    """Some of the texts as a column of their own."""
    bounds = zip(side.offsets[rows].tolist(), side.offsets[rows + 1].tolist(), strict=True)
    parts = [side.data[start:stop] for start, stop in bounds]
    ends = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Packed(ends, np.concatenate([side.data[:0], *parts]))


def _count_distinct(side: Packed, rule: Rule, table: Keys, pool: Executor) -> tuple[NDArray[np.int64], int]:
    """In how many distinct texts each slot's shingle is found, and how many distinct texts there are."""

    def count(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Keys]:
        counted = count_texts(side.offsets, side.data, rows, rule, table)
        side.let_go()
        return counted

    parts = list(pool.map(count, [np.arange(*span) for span in spans(len(side), 4096)]))
    words = np.concatenate([words for _, words in parts])
    copies = np.flatnonzero(first_equal(words) != np.arange(len(side)))
    twice = pool.map(count, [copies[slice(*span)] for span in spans(len(copies), 4096)])
    counts = sum((counts for counts, _ in parts), np.zeros(len(table), np.int64))
    for again, _ in twice:
        counts -= again
    return counts, int(len(side) - len(copies) - (words == 0).any())
