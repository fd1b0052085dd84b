"""How far rows are from each other: from all, from the nearest, and NovelSum, which weighs the near ones more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
    novelty: NDArray[np.float64]  # mean over all others, the r-th nearest with weight 1/r: NovelSum's, density 1


def distances(vectors: Vectors, *, threads: int | None = None) -> Distances:
    """Compare unit rows with all others, in O(n^2 (d + log n)) and blocks; for samples of up to about 10,000 rows.

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
        near = np.sort(far, axis=1)[:, 1:]
        told[0, rows] = near[:, 0]
        if n > NEIGHBOURS:
            told[1, rows] = near[:, NEIGHBOURS - 1]
        told[2, rows] = near @ weights

    for _ in by_blocks(compare, n, threads=threads, block=BLOCK):
        pass
    return Distances(*told)


def densities(vectors: Vectors, reference: Vectors, *, threads: int | None = None) -> NDArray[np.float64]:
    """How densely rows of a reference lie around each row: mean distance to its 10 nearest, to the power -1/2: (n,).

    NovelSum's sigma, with the powers and the number of neighbours of its authors. The mean of `novelty * densities` is
    NovelSum as their code has it, but that they count a row as the nearest to itself; their paper weighs with the
    density of the other row of each pair instead. On eight mixtures of known diversity the density of the row itself
    moved right in all, that of the other in seven, and densities among the data's own rows in three, since nothing is
    as dense as copies (benchmarks/diversity_meaning_validity.py): so a reference it must be.

    >>> densities(np.array([[1, 0]], np.float32), np.array([[0.75, 0.6614378]], np.float32)).round(3)
    array([2.])
    """
    wanted = min(NEIGHBOURS, len(reference))
    if wanted == 0:
        return np.full(len(vectors), np.nan)

    def around(rows: slice) -> NDArray[np.float64]:
        far = np.maximum(1 - vectors[rows] @ reference.T, 0)
        near = np.sort(np.partition(far, wanted - 1, axis=1)[:, :wanted], axis=1)
        density: NDArray[np.float64] = (near.mean(axis=1, dtype=np.float64) + LEAST) ** -DENSITY_POWER
        return density

    return np.concatenate([np.zeros(0), *by_blocks(around, len(vectors), threads=threads, block=BLOCK)])
