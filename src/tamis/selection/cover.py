"""The neighbour graph as what facility location needs: which rows each row stands for, and how well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tamis.neighbours.graph import Graph

Cover = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
"""Row r stands for `others[e]` by `similarity[e]`, e from `starts[r]` to the next start: starts, others, similarity."""


def cover(graph: Graph) -> Cover:
    """Each row stands for itself, for its neighbours, and for those whose neighbour it is; not by cosines below 0.

    >>> graph = Graph(np.array([[1], [0], [1]], np.int32), np.array([[0.9], [0.9], [0.5]], np.float32), "exact", 1.0)
    >>> starts, others, similarity = cover(graph)
    >>> starts.tolist(), others.tolist(), similarity.round(1).tolist()
    ([0, 2, 5, 7], [0, 1, 0, 1, 2, 1, 2], [1.0, 0.8999999761581421, 0.8999999761581421, 1.0, 0.5, 0.5, 1.0])
    """
    n, k = graph.indices.shape
    there = (graph.indices >= 0) & (graph.similarities > 0)
    one = np.repeat(np.arange(n, dtype=np.int32), k)[there.ravel()]
    other, alike = graph.indices[there], graph.similarities[there]
    itself = np.flatnonzero((graph.indices >= 0).any(axis=1)).astype(np.int32)
    key = np.concatenate([_keys(one, other, n), _keys(other, one, n), _keys(itself, itself, n)])
    every = np.concatenate([alike, alike, np.ones(len(itself), np.float32)])
    key, first = np.unique(key, return_index=True)  # a pair that both name has one similarity
    starts = np.searchsorted(key, np.arange(n + 1, dtype=np.int64) * n).astype(np.int64)
    return starts, (key % n).astype(np.int32), every[first]


def _keys(one: NDArray[np.int32], other: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    return one.astype(np.int64) * n + other


def covered(graph: Cover, picked: NDArray[np.int64]) -> float:
    """The sum over all rows of the greatest similarity to a picked one: what facility location maximises.

    >>> covered((np.array([0, 2, 3]), np.array([0, 1, 1]), np.array([1, 0.5, 1], np.float32)), np.array([0]))
    1.5
    """
    starts, others, similarity = graph
    best = np.zeros(len(starts) - 1)
    for row in picked:
        mine = slice(starts[row], starts[row + 1])
        best[others[mine]] = np.maximum(best[others[mine]], similarity[mine])
    return float(best.sum())
