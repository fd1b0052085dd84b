"""Rows in clusters of meaning, by k-means: the same for the same seed, on any number of threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.models.search import centroids
from tamis.neighbours.semantic_rows import Rows, Vectors
from tamis.scores.diversity.blocks import by_blocks

CLUSTERS: Final = 100
"""As many as NovelSum's baseline of cluster entropy fits."""
ROWS_A_CLUSTER: Final = 10


@dataclass(frozen=True)
class Clusters:
    """`labels` (n,) names the nearest of the `centres` (k, d) of each row, -1 for a row of zeros; the largest is 0."""

    labels: NDArray[np.int64]
    centres: Vectors

    def counts(self) -> NDArray[np.int64]:
        """Rows of each cluster: shape (k,)."""
        return np.bincount(self.labels[self.labels >= 0], minlength=len(self.centres))

    def examples(self, vectors: Vectors, cluster: int, most: int = 3) -> NDArray[np.int64]:
        """The rows of a cluster that are nearest to its centre, best first, no two with equal vectors."""
        members = np.flatnonzero(self.labels == cluster)
        gaps = ((vectors[members].astype(np.float64) - self.centres[cluster]) ** 2).sum(axis=1)
        _, first = np.unique(vectors[members], axis=0, return_index=True)
        best: NDArray[np.int64] = members[first[np.lexsort((first, gaps[first]))]]
        return best[:most]


def clusters(vectors: Vectors, k: int | None = None, *, seed: int = 0, threads: int | None = None) -> Clusters:
    """Cluster unit rows (n, d); `k=None` is 100, or a tenth of the rows where they are fewer than 1,000.

    K-means learns from 64 rows a cluster (`tamis.models.search.centroids`), so the cost is O(n k d). Clusters that
    stay empty, as where fewer than k rows differ, are left out.

    Raises
    ------
    TamisError
        For vectors that are not finite and of unit length (or zero).

    Examples
    --------
    >>> two = np.repeat(np.eye(2, dtype=np.float32), [40, 60], axis=0)
    >>> found = clusters(two, 2)
    >>> found.labels[[0, 99]].tolist(), found.counts().tolist()
    ([1, 0], [60, 40])
    """
    known = Rows.of(vectors).known()
    wanted = min(max(1, min(CLUSTERS, len(known) // ROWS_A_CLUSTER)) if k is None else k, len(known))
    labels = np.full(len(vectors), -1, np.int64)
    if wanted == 0:
        return Clusters(labels, np.zeros((0, vectors.shape[1]), np.float32))
    side = vectors if len(known) == len(vectors) else vectors[known]
    centres = centroids(side, wanted, seed=seed, threads=1)
    labels[known] = nearest_centre(side, centres, threads=threads)
    sizes = np.bincount(labels[known], minlength=wanted)
    order = np.argsort(-sizes, kind="stable")
    labels[known] = np.argsort(order)[labels[known]]
    return Clusters(labels, centres[order[: np.count_nonzero(sizes)]])


def nearest_centre(vectors: Vectors, centres: Vectors, *, threads: int | None = None) -> NDArray[np.int64]:
    """Which centre is the nearest to each row; the first of equally near ones; -1 for a row of zeros: shape (n,).

    >>> nearest_centre(np.array([[1, 0], [0, 1], [0, 0]], np.float32), np.eye(2, dtype=np.float32))
    array([ 0,  1, -1])
    """
    half = np.einsum("ij,ij->i", centres, centres) / np.float32(2)

    def label(rows: slice) -> NDArray[np.int64]:
        found = (vectors[rows] @ centres.T - half).argmax(axis=1)
        return np.where(vectors[rows].any(axis=1), found, -1)

    return np.concatenate([np.zeros(0, np.int64), *by_blocks(label, len(vectors), threads=threads)])
