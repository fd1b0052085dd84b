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
    sample = _sample(side)
    _, words = count_texts(side.offsets, side.data, sample, rule, NOTHING)
    distinct = sample[(first_equal(words) == np.arange(len(sample))) & (words != 0)]
    lengths = side.offsets[distinct + 1] - side.offsets[distinct]
    sets = room_for_sets(lengths)
    write_sets(side.offsets, side.data, distinct, rule, NOTHING, sets)
    held = np.concatenate(
        [sets[3][start : start + size] for start, size in zip(sets[0], sets[1], strict=True)] or [NOTHING[:0]]
    )
    held.sort()
    starts = np.flatnonzero(np.diff(held, prepend=np.uint64(0)))  # np.unique takes twice as long; no shingle is 0
    keys, counts = held[starts], np.diff(starts, append=len(held))
    if len(sample) == len(side):
        named: Keys = keys[(counts > share * len(distinct)) & (counts >= least)]
        return named
    table = table_of(keys[counts > share * len(distinct) / 2])
    if len(table) == 1:
        return table[:0]
    counts, total = _count_distinct(side, rule, table, pool)
    return np.sort(table[(counts > share * total) & (counts >= least) & (table != 0)])


def _sample(side: Packed) -> NDArray[np.int64]:
    """Evenly spaced rows, as many as the bounds allow."""
    size = max(int(side.offsets[-1] - side.offsets[0]), 1)
    rows = min(len(side), SAMPLE_ROWS, max(len(side) * SAMPLE_BYTES // size, 1))
    return np.arange(rows) * len(side) // max(rows, 1)


def _count_distinct(side: Packed, rule: Rule, table: Keys, pool: Executor) -> tuple[NDArray[np.int64], int]:
    """In how many distinct texts each slot's shingle is found, and how many distinct texts there are."""

    def count(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Keys]:
        return count_texts(side.offsets, side.data, rows, rule, table)

    parts = list(pool.map(count, [np.arange(*span) for span in spans(len(side), 4096)]))
    words = np.concatenate([words for _, words in parts])
    copies = np.flatnonzero(first_equal(words) != np.arange(len(side)))
    twice = pool.map(count, [copies[slice(*span)] for span in spans(len(copies), 4096)])
    counts = sum((counts for counts, _ in parts), np.zeros(len(table), np.int64))
    for again, _ in twice:
        counts -= again
    return counts, int(len(side) - len(copies) - (words == 0).any())
