"""Rows in cells, and how far from its nearest one a row must probe for a sample of its pairs to be found."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.kernels.similarity import count_reaching, list_reaching
from tamis.models.search import centroids
from tamis.neighbours.semantic_bounds import SLACK
from tamis.neighbours.semantic_scan import Cells, Scan

TARGET: Final = 0.99
"""Recall that the sample must reach; the other half of the sample then measures it."""
MOST_PROBES: Final = 32
"""Cells that the mean row probes at most, whatever that leaves of the recall, which is reported."""
SAMPLE: Final = 1_000
BLOCK: Final = 1_024


def celled(scan: Scan, seed: int) -> tuple[Cells, float | None]:
    """Cells by k-means and the probes of each row; the recall that a sample not used to choose them has.

    A row probes all cells that are nearly as near as the nearest: one inside a cell probes that one alone, one
    between cells several. For a recall of .97 on 100,000 edited answers in 399 cells that is 3.3 cells a row, where
    a number of probes for all rows alike had to be 6.
    """
    short = scan.cells.bounds
    centres = centroids(short[:, :-1], max(2, int(np.sqrt(len(short)))), seed=seed)
    earlier, later, sampled = _sample_pairs(scan, seed)
    gaps = _gaps(short, centres, earlier, later)
    used = sampled % 2 == 0
    gap = min(_enough(gaps[used], sampled[used]), _affordable(short, centres, seed))
    recall = float((gaps[~used] <= gap).mean()) if (~used).any() else None
    return Cells.of(*nearest(short, centres, gap), short), recall


def nearest(
    short: NDArray[np.float32], centres: NDArray[np.float32], gap: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """The nearest cell of each row, and all that are no more than the gap less close: home, starts, probes."""
    homes, numbers, probes = [], [np.zeros(1, np.int64)], []
    every = np.full(BLOCK, len(centres))
    for start in range(0, len(short), BLOCK):
        below = _below(short[start : start + BLOCK], centres)
        homes.append(below.argmax(axis=1))
        counts = count_reaching(below, every[: len(below)], np.float32(-gap))
        at, columns = np.empty(int(counts.sum()), np.int64), np.empty(int(counts.sum()), np.int64)
        list_reaching(below, every[: len(below)], np.float32(-gap), counts, at, columns)
        numbers.append(counts)
        probes.append(columns.astype(np.int32))
    return np.concatenate(homes), np.cumsum(np.concatenate(numbers)), np.concatenate(probes)


def _below(short: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much less close each cell is to a row than its nearest one: 0 or less, shape (rows, cells)."""
    close = _closeness(short, centres)
    close -= close.max(axis=1, keepdims=True)
    return close


def _closeness(short: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """What orders the cells of a row as their distance does, the near ones high."""
    squares = np.einsum("ij,ij->i", centres, centres) / np.float32(2)
    products: NDArray[np.float32] = np.ascontiguousarray(short[:, :-1]) @ centres.T - squares
    return products


def _sample_pairs(scan: Scan, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of a seeded sample of rows by exact search: earlier, later, and which sampled row it is a pair of."""
    short = scan.cells.bounds
    sample = np.sort(np.random.default_rng(seed + 1).permutation(len(short))[:SAMPLE])
    ones, others = [], []
    for start in range(0, len(short), BLOCK):
        at, found = np.nonzero(short[sample] @ short[start : start + BLOCK].T >= scan.floor - SLACK)
        found += start
        at, found = at[sample[at] != found], found[sample[at] != found]
        alike, _ = scan.rows.reaching(scan.names[sample[at]], scan.names[found], scan.floor)
        ones.append(at[alike])
        others.append(found[alike])
    at, other = np.concatenate(ones), np.concatenate(others)
    return np.minimum(sample[at], other), np.maximum(sample[at], other), at


def _gaps(
    short: NDArray[np.float32], centres: NDArray[np.float32], earlier: NDArray[np.int64], later: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How much less close than its nearest cell the later row of each pair is to the cell of the earlier row."""
    held, where = np.unique(earlier, return_inverse=True)
    home = nearest(short[held], centres, 0.0)[0][where]
    rows, place = np.unique(later, return_inverse=True)
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(0, len(rows) + BLOCK, BLOCK))
    gaps = np.empty(len(earlier), np.float32)
    for start, stop, first in zip(edges[:-1], edges[1:], range(0, len(rows), BLOCK), strict=False):
        pairs = order[start:stop]
        gaps[pairs] = -_below(short[rows[first : first + BLOCK]], centres)[place[pairs] - first, home[pairs]]
    return gaps


def _enough(gaps: NDArray[np.float32], sampled: NDArray[np.int64]) -> float:
    """Gap with which the target is reached, of all pairs and of the mean row's: one large family is not enough."""
    if not len(gaps):
        return 0.0
    order = np.argsort(gaps, kind="stable")
    needed = 0.0
    for weights in (np.ones(len(gaps)), 1 / np.bincount(sampled)[sampled]):
        reached = np.cumsum(weights[order]) / weights.sum()
        at = min(int(np.searchsorted(reached, TARGET)), len(gaps) - 1)
        needed = max(needed, float(gaps[order[at]]))
    return needed


def _affordable(short: NDArray[np.float32], centres: NDArray[np.float32], seed: int) -> float:
    """Gap with which the mean row of a sample probes as many cells as it may."""
    sample = np.random.default_rng(seed + 2).permutation(len(short))[:SAMPLE]
    gaps = np.sort(-_below(short[sample], centres), axis=None)
    return float(gaps[min(MOST_PROBES * len(sample), len(gaps)) - 1])
