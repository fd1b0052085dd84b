"""From texts to pairs of rows worth comparing: signatures, bands, buckets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tamis.kernels.band_pairs import band_pairs, first_equal, mark_late
from tamis.kernels.minhash import band_keys
from tamis.kernels.shingles import Rule
from tamis.packed import Packed

MOST_BANDS = 50
RECALL = 0.99
LEAD = 4
"""Bands whose pairs the later bands do not repeat; those that are left twice go in the end."""
MET = 1 << 21
"""Pairs that bands may have found, some of them several times, before each is there once."""
Found = tuple[NDArray[np.int64], NDArray[np.int64]]
READ = 64 << 20
"""Bytes that are read before their pages are given back, where texts are in a mapped file."""
BLOCK = 1024
"""Rows that are sketched at a time."""


@dataclass(frozen=True)
class Texts:
    """What is compared: one or two sides of each row, what makes a shingle of each, and the shingles left out."""

    sides: Sequence[Packed]
    rules: Sequence[Rule]
    template: NDArray[np.uint64]  # a table of `kernels.shingle_counts`

    def __len__(self) -> int:
        return len(self.sides[0])

    def let_go(self) -> None:
        """Give back what was read of texts in a mapped file."""
        for side in self.sides:
            side.let_go()


@dataclass(frozen=True)
class Banding:
    """How rows are met: in so many bands of so many lanes, seeded, and with whom in a bucket that is too big."""

    bands: int
    lanes: int
    seed: int
    bucket_limit: int
    order: NDArray[np.int64] | None  # the rows from best to worst, of shape (n,); None for row order


@dataclass(frozen=True)
class Buckets:
    """Rows of different words, from best to worst, and the key of each in each band: whom each may be alike."""

    rows: NDArray[np.int64]  # of those of the same words the first, and none that is blank
    keys: NDArray[np.uint32]  # (bands, n)
    lead: NDArray[np.uint32]  # (n, few)
    late: NDArray[np.uint8]  # (bands, n): 1 where a row is not among the best of its bucket
    same_as: NDArray[np.int64]  # (n,): the first row that says the same; itself where it is the first, or blank
    limited: int  # pairs of rows that share a bucket and were left out, counted in each bucket

    def copies(self) -> Found:
        """Each row that says the same as one before it, with that one."""
        later = np.flatnonzero(self.same_as != np.arange(len(self.same_as)))
        return self.same_as[later], later

    def pairs(self, start: int, stop: int, pool: Executor) -> Found:
        """Pairs of some of `rows` with better ones: `left < right`, sorted, no pair twice."""

        def met(band: int) -> NDArray[np.uint64]:
            return band_pairs(self.keys[band], self.rows[:stop], self.late, self.lead, band, start)

        pairs, fresh = np.zeros(0, np.uint64), list[NDArray[np.uint64]]()
        for first, last in spans(len(self.keys), LEAD):
            fresh += pool.map(met, range(first, last))
            if sum(map(len, fresh)) > max(len(pairs), MET):
                pairs, fresh = distinct([pairs, *fresh]), []
        pairs = distinct([pairs, *fresh])
        return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def bands_for(floor: float) -> tuple[int, int]:
    """Choose how many bands of how many lanes find a pair as alike as `floor` with probability 0.99 or more.

    A pair of similarity J shares a given band with probability J**r, so b bands miss it with (1 - J**r)**b. The
    more lanes r in a band, the fewer pairs below the floor are met in vain; r is the most that 50 bands allow.

    >>> bands_for(0.6), bands_for(0.8)
    ((34, 4), (41, 10))
    """
    chosen = (1, 1)
    for lanes in range(1, 17):
        met = floor**lanes
        bands = 1 if met >= RECALL else math.ceil(math.log(1 - RECALL) / math.log1p(-met))
        if bands <= MOST_BANDS or lanes == 1:
            chosen = (bands, lanes)
    return chosen


def multipliers_for(lanes: int, seed: int) -> NDArray[np.uint32]:
    """Distinct odd numbers, seeded: uint32 of shape (lanes,)."""
    return (np.random.default_rng(seed).choice(2**31, lanes, replace=False) * 2 + 1).astype(np.uint32)


def spans(total: int, size: int) -> list[tuple[int, int]]:
    """Where runs of at most `size` things start and stop.

    >>> spans(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(start, min(start + size, total)) for start in range(0, total, size)]


def buckets(texts: Texts, banding: Banding, pool: Executor, tell: Callable[[int, int], None]) -> Buckets:
    """Meet rows that share a band's key; rows that say the same are met as one, the best of them.

    In a bucket of more than `bucket_limit` rows each row is paired with the best so many, so that the row that a
    star cluster of the whole bucket keeps is among them.
    """
    keys, words = sketch(texts, banding, pool, tell)
    same_as = first_equal(words)
    blank = words == 0
    same_as[blank] = np.flatnonzero(blank)
    rows = best_first(same_as, banding.order)
    rows = rows[~blank[rows]]
    late = np.zeros(keys.shape, np.uint8)  # not touched, it costs no memory
    bands = range(len(keys))
    limited = sum(pool.map(lambda band: mark_late(keys[band], rows, banding.bucket_limit, late[band]), bands))
    return Buckets(rows, keys, np.ascontiguousarray(keys[:LEAD].T), late, same_as, int(limited))


def distinct(parts: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """All numbers of several arrays, each once, ascending.

    >>> distinct([np.array([3, 1], np.uint64), np.array([1], np.uint64)]).tolist()
    [1, 3]
    """
    every = np.concatenate(parts)
    every.sort()
    fresh = np.ones(len(every), np.bool_)
    np.not_equal(every[1:], every[:-1], out=fresh[1:])
    return every[fresh]


def best_first(same_as: NDArray[np.int64], order: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """The first row of each group of the same words, the group of the best row first."""
    named = same_as if order is None else same_as[order]
    places, best = np.arange(len(named)), np.empty(len(named), np.int64)
    best[named[::-1]] = places[::-1]  # the last one written stays, which is the first place
    firsts: NDArray[np.int64] = named[best[named] == places]
    return firsts


def sketch(
    texts: Texts, banding: Banding, pool: Executor, tell: Callable[[int, int], None]
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """The keys of each row, of shape (bands, n), and a hash of its words, 0 for a blank row, of shape (n,)."""
    bands = banding.bands
    multipliers = multipliers_for(bands * banding.lanes, banding.seed)
    keys, words = np.empty((bands, len(texts)), np.uint32), np.empty(len(texts), np.uint64)
    read = [0]

    def sketch_span(span: tuple[int, int]) -> tuple[int, int]:
        start, stop = span
        sides = [(side.offsets[start : stop + 1], side.data) for side in texts.sides]
        keys[:, start:stop], words[start:stop] = band_keys(sides, texts.rules, texts.template, multipliers, bands)
        size = sum(int(offsets[-1] - offsets[0]) for offsets, _ in sides)
        read[0] += size  # here, as who waits for the spans may be far behind; of two threads one may not be counted
        if read[0] > READ:
            texts.let_go()
            read[0] = 0
        return size, stop - start

    for size, rows in pool.map(sketch_span, spans(len(texts), BLOCK)):
        tell(size, rows)
    return keys, words
