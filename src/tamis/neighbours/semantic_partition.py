"""Pairs inside the cells of k-means alone, as SemDeDup finds them, for data whose pairs are too many to look at.

Every step is a function of some of the rows, so that they may be on several machines; `pairs_in_cells` is all of them
in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.models.search import SAMPLE_PER_CELL, centroids
from tamis.neighbours.codes import Codes, Vectors
from tamis.neighbours.pairs import Pairs
from tamis.neighbours.semantic import SemanticPairs, pairs_above
from tamis.neighbours.semantic_rows import Rows

SAMPLE: Final = 1_000
"""Rows whose pairs are all looked for, to measure the recall."""
BLOCK: Final = 4_096
COPY: Final = 1 - 1e-6
"""Pairs above are copies, which no cell divides: they would only flatter the recall."""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """Pairs of rows by their numbers, and the counts of `SemanticPairs` that add up."""

    left: Ints
    right: Ints
    similarity: NDArray[np.float64]
    rows: int
    found: int
    left_out: int


def sampled(n: int, count: int, seed: int) -> Ints:
    """Up to `count` of n rows, seeded, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:count])


def centres_of(sample: Sequence[Vectors], cells: int, seed: int) -> Vectors:
    """The centres of so many cells, from the rows of `sampled(n, cells * SAMPLE_PER_CELL, seed)`."""
    rows = Rows.of(sample)
    known = rows.known()
    return centroids(rows.gather(known), max(1, min(cells, len(known))), seed=seed, threads=1)


def homes_of(vectors: Sequence[Vectors], centres: Vectors) -> Ints:
    """The cell that each row is in, that of the nearest centre; -1 for one with nothing to compare."""
    rows = Rows.of(vectors)
    homes = np.full(len(rows), -1, np.int64)
    squares = np.einsum("ij,ij->i", centres, centres) / np.float32(2)
    known = rows.known()
    for start in range(0, len(known), BLOCK):
        some = known[start : start + BLOCK]
        homes[some] = (rows.gather(some) @ centres.T - squares).argmax(axis=1)
    return homes


def within(vectors: Sequence[Vectors], homes: Ints, numbers: Ints, rank: Ints, floor: float) -> Found:
    """The pairs of each cell, all looked at; row i has the number `numbers[i]`, and is the `rank[i]`-th best."""
    order = np.argsort(homes, kind="stable")
    parts = [Found(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), 0, 0, 0)]
    for members in np.split(order, np.flatnonzero(np.diff(homes[order])) + 1):
        if len(members) and homes[members[0]] >= 0:
            cell = [Codes.of(side[members]) for side in vectors]
            best = np.argsort(rank[members])
            found = pairs_above(cell, floor=floor, exact=True, order=best, threads=1)
            name = numbers[members]
            one, other = name[found.pairs.left], name[found.pairs.right]
            counts = found.rows, found.found, found.left_out
            parts.append(Found(np.minimum(one, other), np.maximum(one, other), found.pairs.similarity, *counts))
    return joined(parts)


def joined(parts: Sequence[Found]) -> Found:
    """All of them as one."""
    left, right, similarity = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("left", "right", "similarity")
    )
    rows, found, left_out = (sum(getattr(part, name) for part in parts) for name in ("rows", "found", "left_out"))
    return Found(left, right, similarity, rows, found, left_out)


def pairs_of_sample(
    sample: Sequence[Vectors], sample_homes: Ints, vectors: Sequence[Vectors], homes: Ints, floor: float
) -> tuple[int, int]:
    """How many pairs the rows of a sample have with some rows, copies aside, and how many of them share a cell."""
    several = Rows.of([np.concatenate(sides) for sides in zip(sample, vectors, strict=True)])
    ours, all_homes = np.flatnonzero(sample_homes >= 0), np.concatenate([sample_homes, homes])
    pairs = shared = 0
    for start in range(len(sample_homes), len(all_homes), BLOCK):
        others = np.arange(start, min(start + BLOCK, len(all_homes)))
        others = others[all_homes[others] >= 0]
        at, where = np.nonzero(several.products(ours, others) >= floor - 1e-5)
        one, other = ours[at], others[where]
        kept, similarity = several.reaching(one, other, floor)
        kept = kept[similarity < COPY]
        pairs += len(kept)
        shared += int((all_homes[one[kept]] == all_homes[other[kept]]).sum())
    return pairs, shared


def settled(parts: Sequence[Found], floor: float, empty: int, counted: Sequence[tuple[int, int]]) -> SemanticPairs:
    """The pairs of all cells, and the recall that the sample had in all of the data (None where it has no pair)."""
    every = joined(parts)
    order = np.lexsort((every.right, every.left))
    pairs, shared = (sum(counts) for counts in zip(*counted, strict=True)) if counted else (0, 0)
    return SemanticPairs(
        Pairs(every.left[order], every.right[order], every.similarity[order], floor),
        method="cells",
        recall=shared / pairs if pairs else None,
        rows=every.rows,
        empty=empty,
        found=every.found,
        left_out=every.left_out,
    )


def pairs_in_cells(
    vectors: Sequence[Vectors], *, cells: int, floor: float, order: Ints | None = None, seed: int = 0
) -> SemanticPairs:
    """Pairs of rows that are in one of so many cells of k-means, each looked at; the recall is measured, and told.

    As SemDeDup (Abbas et al. 2023, 3.2): n rows in k cells are n**2 / k products instead of n**2. The recall is that of
    all pairs of 1,000 seeded rows, found by looking at all, less those of copies.

    >>> two = [np.repeat(np.eye(2, dtype=np.float32), 2, axis=0)]
    >>> found = pairs_in_cells(two, cells=2, floor=0.9)
    >>> found.pairs.left.tolist(), found.pairs.right.tolist(), found.method
    ([0, 2], [1, 3], 'cells')
    """
    n = len(vectors[0])
    chosen = sampled(n, cells * SAMPLE_PER_CELL, seed)
    centres = centres_of([side[chosen] for side in vectors], cells, seed)
    homes = homes_of(vectors, centres)
    rank = np.arange(n)
    if order is not None:
        rank[order] = np.arange(n)
    found = within(vectors, homes, np.arange(n), rank, floor)
    probe = sampled(n, SAMPLE, seed + 1)
    counted = pairs_of_sample([side[probe] for side in vectors], homes[probe], vectors, homes, floor)
    return settled([found], floor, int((homes < 0).sum()), [counted])
