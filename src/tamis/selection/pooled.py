"""Greedy search over many rows: exact picks from a pool of the best, products of blocks for all others.

A row's worth never grows while others are picked. So picks are made among the `POOL` best rows as long as the best of
them is above what all others were worth at the last pass over all rows; passes are then products of matrices.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis import kernels
from tamis.neighbours.semantic_bounds import SLACK
from tamis.neighbours.semantic_rows import Vectors
from tamis.neighbours.semantic_scan import one_blas_thread
from tamis.selection.budget import Budget, Numbers

POOL: Final = 2_048
BLOCK: Final = 1_024
"""Rows of a product: with a few hundred picks it stays in cache until it has been looked at."""

Worth = NDArray[np.float64]


def k_center(
    vectors: Vectors, budget: Budget, factor: Worth | None = None, *, threads: int | None = None
) -> tuple[Numbers, Worth]:
    """Rows in the order of k-center greedy (Gonzalez 1985), and the cosine of each row to the nearest of them.

    Of the rows with the greatest factor the one nearest to the mean comes first, then, again and again, the row with
    the greatest `factor` times distance, the first of several. Distance is 1 - cosine. No row of zeros is picked, nor
    a copy of one that was. O(n d picked), memory O(n).

    >>> vectors = np.array([[1, 0], [0.6, 0.8], [0.8, 0.6], [0.8, 0.6]], np.float32)
    >>> picked, nearest = k_center(vectors, Budget.of(np.ones(4, np.int64), 2))
    >>> picked.tolist(), nearest.round(2).tolist()
    ([2, 0], [1.0, 0.96, 1.0, 1.0])
    """
    factor = np.ones(len(vectors)) if factor is None else factor
    free, left = np.asarray(vectors.any(axis=1)), budget.limit.copy()
    nearest: Worth = np.full(len(vectors), -1.0)
    pool, floor = _first(vectors, free & (budget.cost <= left[budget.group]), factor), 0.0
    picks: list[Numbers] = []
    with _pool_of(threads) as workers:
        while len(pool):
            picked = kernels.farthest.farthest(vectors, pool, factor, budget.cost, budget.group, left, floor, nearest)
            picks.append(picked)
            columns = np.ascontiguousarray(vectors[picked].T)
            list(workers.map(partial(_approach, vectors, picked, columns, nearest), range(0, len(vectors), BLOCK)))
            free[picked], nearest[picked] = False, 1.0
            pool, floor = _best(np.where(free & (budget.cost <= left[budget.group]), factor * (1 - nearest), 0.0))
    return np.concatenate([np.zeros(0, np.int64), *picks]), nearest


def largest_volume(
    vectors: Vectors, budget: Budget, factor: Worth | None = None, *, own: float, threads: int | None = None
) -> Numbers:
    """Rows in the order of the greedy search for the likeliest set of a determinantal process (Chen et al. 2018).

    Its kernel is (1 - own) V V' + own I: without the second part no more rows than a vector has numbers could be
    picked. Each row has the greatest `factor` times growth of the determinant. Instead of Chen's table of all rows and
    picks, the covariance is kept that the picks leave, d x d, as in a Kalman filter: the growth of row i is
    v_i' C v_i + own. O(n d picked), memory O(n + d²).

    >>> vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    >>> largest_volume(vectors, Budget.of(np.ones(3, np.int64), 2), np.array([1, 0.9, 0.9]), own=0.1).tolist()
    [0, 2]
    """
    factor = np.ones(len(vectors)) if factor is None else factor
    free, left = np.asarray(vectors.any(axis=1)), budget.limit.copy()
    growth: Worth = np.asarray(free, np.float64)
    covariance: Worth = np.eye(vectors.shape[1]) * (1 - own)
    pool, floor = _first(vectors, free & (budget.cost <= left[budget.group]), factor), 0.0
    picks: list[Numbers] = []
    with _pool_of(threads) as workers:
        while len(pool):
            picked, spanned = kernels.determinantal.determinantal(
                vectors, pool, factor, budget.cost, budget.group, left, floor, covariance, growth
            )
            picks.append(picked)
            settled, columns = growth[pool], np.ascontiguousarray(spanned.T, np.float32)
            list(workers.map(partial(_shrink, vectors, columns, growth), range(0, len(vectors), BLOCK)))
            growth[pool] = settled
            free[picked] = False
            pool, floor = _best(np.where(free & (budget.cost <= left[budget.group]), factor * growth, 0.0))
    return np.concatenate([np.zeros(0, np.int64), *picks])


@contextmanager
def _pool_of(threads: int | None) -> Iterator[ThreadPoolExecutor]:
    """Threads for blocks of rows, each of whose products is one thread's: so no digit depends on how many there are."""
    with one_blas_thread(), ThreadPoolExecutor(threads or os.cpu_count() or 1) as workers:
        yield workers


def _first(vectors: Vectors, free: NDArray[np.bool_], factor: Worth) -> Numbers:
    """The row to begin with, as an array of one; of none where nothing may be picked."""
    if not free.any():
        return np.zeros(0, np.int64)
    mean = vectors.mean(axis=0, dtype=np.float64)
    near = np.where(free & (factor == factor[free].max()), np.einsum("ij,j->i", vectors, mean), -np.inf)
    return np.array([near.argmax()], np.int64)


def _best(worth: Worth) -> tuple[Numbers, float]:
    """The rows worth most, ascending, and what the best of all others is worth; none that are worth nothing."""
    chosen = np.argsort(-worth, kind="stable")[: POOL + 1]
    floor = float(worth[chosen[-1]]) if len(chosen) > POOL else 0.0
    among = np.sort(chosen[:POOL])
    return among[worth[among] > 0], floor


def _approach(vectors: Vectors, picked: Numbers, columns: Vectors, nearest: Worth, start: int) -> None:
    products = vectors[start : start + BLOCK] @ columns
    kernels.farthest.approach(vectors, start, products, picked, SLACK, nearest)


def _shrink(vectors: Vectors, columns: Vectors, growth: Worth, start: int) -> None:
    block = slice(start, start + BLOCK)
    products = vectors[block] @ columns
    growth[block] -= np.einsum("ij,ij->i", products, products, dtype=np.float64)
