"""Every pair of rows whose vectors are alike, verified: all pairs while that is affordable, then in cells."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.neighbours.pairs import Pairs, most_pairs
from tamis.neighbours.semantic_bounds import bounds
from tamis.neighbours.semantic_cells import celled
from tamis.neighbours.semantic_rows import Groups, Rows, Side
from tamis.neighbours.semantic_scan import Cells, Found, Progress, Scan

EXACT_WORK: Final = 2e12
"""Multiplications up to which all pairs are looked at: about a minute on two cores, some 200,000 rows."""


@dataclass(frozen=True)
class SemanticPairs:
    """The pairs, and how they were found."""

    pairs: Pairs
    method: Literal["exact", "ivf", "cells"]
    recall: float | None  # share of all pairs that were found: 1 where exact; None where a sample has no pair at all
    rows: int  # distinct rows that were searched
    empty: int  # rows with nothing to compare
    found: int  # pairs of distinct rows at or above the floor, also those that were left out
    left_out: int  # of these and of their copies, pairs of families larger than `most` that no star cluster needs


def pairs_above(  # noqa: PLR0913 - one search, options by keyword
    vectors: Side | Sequence[Side],
    *,
    floor: float = 0.8,
    exact: bool | None = None,
    order: NDArray[np.int64] | None = None,
    most: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> SemanticPairs:
    """All pairs of rows whose cosine is at least the floor, each once, with its exact cosine.

    Several tables are sides of the same rows (prompts, answers): the similarity is the least of their cosines.
    Rows of zeros are like nothing, and a side that is zero in both rows is left out. `exact=None` decides by the
    work; else rows are searched in cells, with the recall measured on a sample.

    Memory is bounded: a row keeps its pairs with the first `most` rows that come before it (None: see `most_pairs`),
    and with every earlier row that itself has no kept row before it (a centre of a star cluster), so that going
    through the rows in that order drops exactly what it would with all pairs, at the floor and at each hundredth above
    it. `order` lists the rows from best to worst; None is row order. `left_out` counts what that costs.

    Raises
    ------
    TamisError
        For a floor that is not in (0, 1], and for vectors that are not finite and of unit length.

    Examples
    --------
    >>> found = pairs_above(np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32), floor=0.7)
    >>> found.pairs.left, found.pairs.right, found.pairs.similarity.round(3), found.recall
    (array([0]), array([1]), array([0.8]), 1.0)
    """
    if not 0 < floor <= 1:
        raise TamisError(f"floor is {floor}; a cosine to search for lies above 0 and up to 1")
    rows = Rows.of(vectors)
    known = rows.known() if order is None else order[np.isin(order, rows.known())]
    groups = rows.groups(known)
    names, most = known[groups.first], most_pairs(len(rows)) if most is None else most
    threads = threads or os.cpu_count() or 1
    scan, method, recall = _prepared(rows, names, floor, most, exact, seed)
    found, count = scan.run(threads, on_progress), scan.found
    del scan  # what the search needed is not held while pairs are put in order
    left_out = count - len(found[0])
    if len(names) < len(known):
        left_out += groups.pairs(found[0], found[1])
        found = _expanded(groups, found, most)
        left_out -= len(found[0])
    both, similarity = _numbers(known[found[0]], known[found[1]], len(rows)), found[2]
    del found
    pairs = _sorted(both, similarity, len(rows), floor)
    return SemanticPairs(pairs, method, recall, len(names), len(rows) - len(known), count, left_out)


def _prepared(
    rows: Rows, names: NDArray[np.int64], floor: float, most: int, exact: bool | None, seed: int
) -> tuple[Scan, Literal["exact", "ivf"], float | None]:
    if len(names) < 2:
        return Scan(rows, names[:0], Cells.one(np.zeros((0, 1), np.float32)), floor, most), "exact", 1.0
    short = bounds(rows, names, floor, seed)
    whole = Scan(rows, names, Cells.one(short), floor, most)
    if exact is None:
        exact = len(names) * (len(names) - 1) / 2 * short.shape[1] <= EXACT_WORK
    if exact:
        return whole, "exact", 1.0
    cells, recall = celled(whole, seed)
    return Scan(rows, names, cells, floor, most), "ivf", recall


def _expanded(groups: Groups, found: Found, most: int) -> Found:
    """Pairs of groups to pairs of rows, in memory for those that groups of several rows have a part in alone.

    A pair of two rows without equals stays as it is, but it counts for what else these rows keep.
    """
    single = groups.sizes == 1
    plain = single[found[0]] & single[found[1]]
    concerned = ~single
    for one, other in (found[:2], found[1::-1]):
        concerned[one[~plain & ~single[other]]] = True
    asked = concerned[found[0]] | concerned[found[1]]
    left, right, similarity = (part[asked] for part in found)
    earlier, later, alike = groups.expanded(left.astype(np.int64), right.astype(np.int64), similarity, most)
    group = np.empty(len(groups.members), np.int64)
    group[groups.members] = np.repeat(np.arange(len(single)), groups.sizes)
    fresh = ~(single[group[earlier]] & single[group[later]])
    first = groups.first
    return (
        np.concatenate([first[found[0][plain]], earlier[fresh]]),
        np.concatenate([first[found[1][plain]], later[fresh]]),
        np.concatenate([found[2][plain], alike[fresh]]),
    )


def _numbers(one: NDArray[np.int64], other: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """One number a pair of n rows, in the order of the lower row, then of the higher."""
    both: NDArray[np.int64] = np.minimum(one, other)
    both *= n
    both += np.maximum(one, other, out=one)
    return both


def _sorted(both: NDArray[np.int64], similarity: NDArray[np.float64], n: int, floor: float) -> Pairs:
    """As `Pairs` wants them: the lower row left, in order; a cosine that rounds to above 1 is 1."""
    order = np.argsort(both)
    both, similarity = both[order], similarity[order]
    del order
    left, right = np.divmod(both, n)
    return Pairs(left, right, np.minimum(similarity, 1.0, out=similarity), floor)
