"""How far rows are from each other: from all, from the nearest, and NovelSum, which weighs the near ones more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.models.search import nearest
from tamis.neighbours.semantic_rows import Vectors
from tamis.scores.diversity.blocks import by_blocks

BLOCK: Final = 512
"""Rows whose distances to all others are held at once: 20 MB of float32 for 10,000 rows."""
NEIGHBOURS: Final = 10
DENSITY_POWER: Final = 0.5
LEAST: Final = 1e-9
"""What NovelSum's code adds to a mean distance, so that the density of copies is finite."""


def remote_clique(vectors: Vectors) -> float:
    """Mean cosine distance of two different rows, by n / (n - 1) * (1 - |mean x|^2) in O(n d); NaN below two rows.

    The mean of all pairs that Directed Diversity (Cox et al., CHI 2021) calls so. Rows of zeros are left out.

    >>> round(remote_clique(np.array([[1, 0], [0, 1], [0, 1]], np.float32)), 6)
    0.666667
    """
    n = int(vectors.any(axis=1).sum())
    if n < 2:
        return float("nan")
    mean = vectors.sum(axis=0, dtype=np.float64) / n
    return float(max(0.0, n / (n - 1) * (1 - mean @ mean)))


@dataclass(frozen=True)
class Distances:
    """Cosine distances of each row to other rows, float64 (n,) each; NaN where there are too few rows."""

    nearest: NDArray[np.float64]  # to the nearest other row; the mean is the Chamfer distance of Cox et al.
    tenth: NDArray[np.float64]  # to the tenth nearest
    novelty: NDArray[np.float64]  # mean over all others, the r-th nearest with weight 1/r; the mean is NovelSum


def distances(vectors: Vectors, *, density: NDArray[np.float64] | None = None, threads: int | None = None) -> Distances:
    """Compare unit rows with all others, in O(n^2 d) and blocks; for samples of up to about 10,000 rows.

    NovelSum (Yang et al., ACL 2025) multiplies the distance to row j by the density around j, which is to be that of
    a reference far larger than the data: `density` of `densities(vectors, reference)`, shape (n,). Its published
    code multiplies by the density around i instead, and counts the row itself (distance 0) as the nearest. Here it
    is the paper's j, and the row itself is left out. Without a reference all densities are 1: measured on the data
    itself, a density makes copies count as novel, since nothing is as dense as they are.

    >>> found = distances(np.array([[1, 0], [0, 1], [0, 1]], np.float32))
    >>> found.nearest.tolist(), found.novelty.round(3).tolist()
    ([1.0, 0.0, 0.0], [1.0, 0.333, 0.333])
    """
    n = len(vectors)
    told = np.full((3, n), np.nan)
    if n < 2:
        return Distances(*told)
    weights = 1 / np.arange(1, n)
    weights /= weights.sum()

    def compare(rows: slice) -> None:
        far = np.maximum(1 - vectors[rows] @ vectors.T, 0)
        far[np.arange(len(far)), np.arange(rows.start, rows.stop)] = -1  # first in its order, where it is left out
        if density is None:
            near = weighted = np.sort(far, axis=1)[:, 1:]
        else:
            order = np.argsort(far, axis=1, kind="stable")[:, 1:]
            near = np.take_along_axis(far, order, axis=1)
            weighted = near * density[order]
        told[0, rows] = near[:, 0]
        if n > NEIGHBOURS:
            told[1, rows] = near[:, NEIGHBOURS - 1]
        told[2, rows] = weighted @ weights

    for _ in by_blocks(compare, n, threads=threads, block=BLOCK):
        pass
    return Distances(*told)


def densities(vectors: Vectors, reference: Vectors, *, threads: int | None = None) -> NDArray[np.float64]:
    """How densely rows of a reference lie around each row: mean distance to its 10 nearest, to the power -1/2: (n,).

    NovelSum's sigma with the powers and the number of neighbours that its authors chose.

    >>> densities(np.array([[1, 0]], np.float32), np.array([[0.75, 0.6614378]], np.float32)).round(3)
    array([2.])
    """
    wanted = min(NEIGHBOURS, len(reference))
    near = nearest(reference, vectors, wanted, threads=threads)[0].mean(axis=1, dtype=np.float64)
    density: NDArray[np.float64] = (np.maximum(1 - near, 0) + LEAST) ** -DENSITY_POWER
    return density
