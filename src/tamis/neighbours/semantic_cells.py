"""Rows in cells, and how many cells a row must probe for a sample of its pairs to be found."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.models.search import centroids
from tamis.neighbours.semantic_bounds import SLACK
from tamis.neighbours.semantic_scan import Cells, Scan

TARGET: Final = 0.97
"""Recall that the sample must reach; the other half of the sample then measures it."""
SAMPLE: Final = 1_000
BLOCK: Final = 4_096


def celled(scan: Scan, seed: int) -> tuple[Cells, float | None]:
    """Cells by k-means and the probes of each row; the recall that a sample not used to choose them has."""
    short = scan.cells.bounds
    centres = centroids(short[:, :-1], max(2, int(np.sqrt(len(short)))), seed=seed)
    earlier, later, sampled = _sample_pairs(scan, seed)
    ranks = _ranks(short, centres, earlier, later)
    probes = _enough(ranks[sampled % 2 == 0], sampled[sampled % 2 == 0], len(centres))
    measured = ranks[sampled % 2 == 1]
    recall = float((measured < probes).mean()) if len(measured) else None
    return Cells.of(nearest(short, centres, probes), short), recall


def nearest(short: NDArray[np.float32], centres: NDArray[np.float32], count: int) -> NDArray[np.int32]:
    """The cells nearest to each row, nearest first: int32 (n, count)."""
    out = np.empty((len(short), count), np.int32)
    for start in range(0, len(short), BLOCK):
        far = -_closeness(short[start : start + BLOCK], centres)
        if count < len(centres):
            some = np.sort(np.argpartition(far, count - 1, axis=1)[:, :count], axis=1)
        else:
            some = np.broadcast_to(np.arange(len(centres)), far.shape)
        order = np.argsort(np.take_along_axis(far, some, axis=1), axis=1, kind="stable")
        out[start : start + BLOCK] = np.take_along_axis(some, order, axis=1)
    return out


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
        alike = scan.rows.similarity(scan.names[sample[at]], scan.names[found]) >= scan.floor
        ones.append(at[alike])
        others.append(found[alike])
    at, other = np.concatenate(ones), np.concatenate(others)
    return np.minimum(sample[at], other), np.maximum(sample[at], other), at


def _ranks(
    short: NDArray[np.float32], centres: NDArray[np.float32], earlier: NDArray[np.int64], later: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many cells the later row of each pair probes before the one that holds the earlier row."""
    rows, place = np.unique(later, return_inverse=True)
    held, where = np.unique(earlier, return_inverse=True)
    home = nearest(short[held], centres, 1)[:, 0][where]
    ranks = np.empty(len(earlier), np.int64)
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(0, len(rows) + BLOCK, BLOCK))
    for start, stop, first in zip(edges[:-1], edges[1:], range(0, len(rows), BLOCK), strict=False):
        near = _closeness(short[rows[first : first + BLOCK]], centres)
        for pairs in np.array_split(order[start:stop], max(1, (stop - start) // BLOCK)):
            own = near[place[pairs] - first]
            ranks[pairs] = (own > own[np.arange(len(pairs)), home[pairs]][:, None]).sum(axis=1)
    return ranks


def _enough(ranks: NDArray[np.int64], sampled: NDArray[np.int64], cells: int) -> int:
    """Probes with which the target is reached, of all pairs and of the mean row's: one large family is not enough."""
    if not len(ranks):
        return min(8, cells)
    order = np.argsort(ranks, kind="stable")
    needed = 1
    for weights in (np.ones(len(ranks)), 1 / np.bincount(sampled)[sampled]):
        reached = np.cumsum(weights[order]) / weights.sum()
        needed = max(needed, int(ranks[order][np.searchsorted(reached, TARGET)]) + 1)
    return min(needed, cells)
