"""Nearest vectors, by faiss: cells that point the same way, exact and approximate neighbours. Its one importer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

SAMPLE_PER_CELL = 64
"""Rows per cell that k-means learns from: faiss asks for 39 at least, and takes 256 if given no number."""

Vectors = NDArray[np.float32]
Neighbours = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Products, best first, and the rows they are with; -1 where a cell search found fewer: shape (queries, k) each."""


def centroids(vectors: Vectors, cells: int, *, seed: int = 0, threads: int | None = None) -> Vectors:
    """Centres of k-means on a seeded sample of the rows: float32 (cells, d); the same for the same seed and threads.

    >>> two = np.repeat(np.eye(2, dtype=np.float32), 50, axis=0)
    >>> sorted(centroids(two, 2).round(3).tolist())
    [[0.0, 1.0], [1.0, 0.0]]
    """
    import faiss

    chosen = np.random.default_rng(seed).permutation(len(vectors))[: cells * SAMPLE_PER_CELL]
    sample = np.ascontiguousarray(vectors[np.sort(chosen)], np.float32)
    means = faiss.Kmeans(vectors.shape[1], cells, niter=12, seed=seed, min_points_per_centroid=1)
    with _threads(threads):
        means.train(sample)
    return cast(Vectors, np.ascontiguousarray(means.centroids, np.float32))


def nearest(vectors: Vectors, queries: Vectors, k: int, *, threads: int | None = None) -> Neighbours:
    """The k rows with the greatest inner product with each query, by looking at all.

    >>> nearest(np.eye(3, dtype=np.float32), np.array([[0, 1, 0.5]], np.float32), 2)[1].tolist()
    [[1, 2]]
    """
    import faiss

    with _threads(threads):
        found: Neighbours = faiss.knn(queries, vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
    return found


class CellIndex:
    """An inverted file over the rows: a query looks into the cells nearest to it alone.

    >>> index = CellIndex(np.eye(4, dtype=np.float32), 2)
    >>> index.nearest(np.eye(4, dtype=np.float32)[:1], 1, probes=2)[1].tolist()
    [[0]]
    """

    def __init__(self, vectors: Vectors, cells: int, *, seed: int = 0, threads: int | None = None) -> None:
        import faiss

        self.cells, self._threads = cells, threads
        with _threads(threads):
            self._coarse = faiss.IndexFlatIP(vectors.shape[1])
            self._coarse.add(centroids(vectors, cells, seed=seed))
            self._index = faiss.IndexIVFFlat(self._coarse, vectors.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
            self._index.is_trained = True
            for start in range(0, len(vectors), 1 << 16):
                self._index.add(vectors[start : start + (1 << 16)])

    def nearest(self, queries: Vectors, k: int, *, probes: int) -> Neighbours:
        """As `nearest`, over the rows of so many cells a query."""
        self._index.nprobe = probes
        with _threads(self._threads):
            found: Neighbours = self._index.search(queries, k)
        return found


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Let faiss use so many threads meanwhile; None is its own choice."""
    import faiss

    library: Any = faiss
    before = library.omp_get_max_threads()
    if count is not None:
        library.omp_set_num_threads(count)
    try:
        yield
    finally:
        library.omp_set_num_threads(before)
