"""Which meanings of a reference the data reaches: cells fitted on the reference, and the gaps among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.neighbours.semantic_rows import Vectors
from tamis.scores.diversity.clusters import Clusters, clusters, nearest_centre
from tamis.scores.diversity.hill import jensen_shannon
from tamis.scores.statistics import benjamini_hochberg

FAR_BELOW: Final = 0.1
"""Share of the other set's share below which a cell is a gap."""
FALSE_DISCOVERIES: Final = 0.05
DRAWS: Final = 20
MOST: Final = 5_000
"""Rows of a reference that densities are taken from."""


@dataclass(frozen=True)
class Reference:
    """What the data is compared with: the cells of all rows of a set, and a sample of its rows."""

    cells: Clusters
    sample: Vectors

    @classmethod
    def of(cls, vectors: Vectors, k: int | None = None, *, seed: int = 0, threads: int | None = None) -> Reference:
        """Fit the cells (see `clusters`) and draw the sample, by seed.

        >>> reference = Reference.of(np.repeat(np.eye(2, dtype=np.float32), 50, axis=0))
        >>> reference.cells.counts().tolist(), reference.sample.shape
        ([50, 50], (100, 2))
        """
        known = np.flatnonzero(vectors.any(axis=1))
        chosen = np.sort(np.random.default_rng(seed).permutation(known)[:MOST])
        return cls(clusters(vectors, k, seed=seed, threads=threads), np.ascontiguousarray(vectors[chosen]))


@dataclass(frozen=True)
class Coverage:
    """How many rows of the data and of the reference each cell of the reference has: shape (cells,) each."""

    counts: NDArray[np.int64]
    reference: NDArray[np.int64]

    @property
    def ratio(self) -> float:
        """Cells with a row of the data / cells; it grows with the number of rows, so compare with the expected one."""
        return float((self.counts > 0).mean()) if len(self.counts) else float("nan")

    @property
    def expected_ratio(self) -> float:
        """The same for as many independent rows from where the reference is from: the mean of 1 - (1 - share)^n.

        >>> Coverage(np.array([2, 0]), np.array([5, 5])).expected_ratio
        0.75
        """
        if not self.reference.sum():
            return float("nan")
        return float((1 - (1 - self.reference / self.reference.sum()) ** self.counts.sum()).mean())

    @property
    def distance(self) -> float:
        """Jensen-Shannon distance of the shares of cells, in [0, 1]; it falls with the number of rows."""
        return float(jensen_shannon(self.counts, self.reference))

    def expected_distance(self, *, seed: int = 0, draws: int = DRAWS) -> float:
        """The mean distance of seeded draws of as many rows from the reference's own shares."""
        if not self.reference.sum():
            return float("nan")
        random = np.random.default_rng(seed)
        drawn = random.multinomial(self.counts.sum(), self.reference / self.reference.sum(), draws)
        return float(jensen_shannon(drawn, self.reference).mean())


def coverage(cells: Clusters, vectors: Vectors, *, threads: int | None = None) -> Coverage:
    """Put each row into the cell of the reference whose centre is the nearest; rows of zeros are in none.

    `cells` is `clusters(reference)`. However far a row is from all, one is the nearest: `nearest_distance` tells.

    >>> reference = np.repeat(np.eye(2, dtype=np.float32), 50, axis=0)
    >>> found = coverage(clusters(reference, 2), reference[:10])
    >>> found.ratio, sorted(found.counts.tolist()), found.reference.tolist()
    (0.5, [0, 10], [50, 50])
    """
    labels = nearest_centre(vectors, cells.centres, threads=threads)
    return Coverage(np.bincount(labels[labels >= 0], minlength=len(cells.centres)), cells.counts())


@dataclass(frozen=True)
class Gap:
    """A cell in which one set has less than a tenth of the other's share, more than chance gives."""

    cell: int
    share: float  # of the data's rows
    reference_share: float  # of the reference's rows
    examples: tuple[int, ...]  # rows nearest to the cell's centre, of the set that has more


def gaps(cells: Clusters, reference: Vectors, found: Coverage) -> list[Gap]:
    """Cells of the reference that the data does not reach or hardly; the largest first, with rows of the reference.

    A cell is told where its share of the data is less than a tenth of that of the reference, and so few rows are
    not chance: exact conditional test of two counts (Przyborowski and Wilenski 1940), false discoveries at 5 % of
    all cells (Benjamini and Hochberg 1995).

    >>> reference = np.repeat(np.eye(2, dtype=np.float32), [60, 40], axis=0)
    >>> cells = clusters(reference, 2)
    >>> gaps(cells, reference, coverage(cells, reference[:20]))
    [Gap(cell=1, share=0.0, reference_share=0.4, examples=(60,))]
    """
    if not found.counts.sum() or not found.reference.sum():
        return []
    less, more = found.counts / found.counts.sum(), found.reference / found.reference.sum()
    weight = float(found.counts.sum() / (found.counts.sum() + found.reference.sum()))
    chance = [at_most(int(a), int(a + b), weight) for a, b in zip(found.counts, found.reference, strict=True)]
    rare = (less < FAR_BELOW * more) & (benjamini_hochberg(np.array(chance)) <= FALSE_DISCOVERIES)
    order = [cell for cell in np.argsort(-more, kind="stable").tolist() if rare[cell]]
    examples = [tuple(cells.examples(reference, cell).tolist()) for cell in order]
    return [Gap(cell, float(less[cell]), float(more[cell]), rows) for cell, rows in zip(order, examples, strict=True)]


def at_most(successes: int, n: int, share: float) -> float:
    """The chance of so many successes of n or fewer, by the binomial distribution.

    >>> round(at_most(1, 2, 0.5), 6)
    0.75
    """
    odds, none = math.log(share) - math.log1p(-share), n * math.log1p(-share)
    ways = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(successes + 1)]
    return min(1.0, math.fsum(math.exp(way + k * odds + none) for k, way in enumerate(ways)))
