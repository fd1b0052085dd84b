"""All measures of vectors for a sample of the rows, and the two sets that say what their values mean."""

from __future__ import annotations

from typing import Final

import numpy as np

from tamis.models.embedders import Embedder
from tamis.neighbours.semantic_rows import Vectors
from tamis.packed import Packed
from tamis.scores.diversity.clusters import Clusters
from tamis.scores.diversity.coverage import coverage
from tamis.scores.diversity.distances import distances, remote_clique
from tamis.scores.diversity.estimate import Measure, Rows
from tamis.scores.diversity.shares import effective_number
from tamis.scores.diversity.vendi import ORDERS, spectrum

QUANTILES: Final = {"nearest_distance_10": 0.1, "nearest_distance_50": 0.5, "nearest_distance_90": 0.9}
COPIES: Final = 10


def semantic(vectors: Vectors, *, cells: Clusters | None = None, threads: int | None = None) -> Measure:
    """What measures unit vectors (n, d) by row numbers; with `cells`, the clusters of a reference, coverage too.

    The names are those of `catalogue_meaning.MEANING`. Rows of zeros, texts of which nothing is known, are left out.

    >>> measure = semantic(np.eye(4, dtype=np.float32))
    >>> {name: round(value, 3) for name, value in measure(np.array([0, 1, 2, 2])).items() if name != "tenth_distance"}
    """

    def measure(rows: Rows) -> dict[str, float]:
        sample = vectors[rows]
        sample = np.ascontiguousarray(sample[sample.any(axis=1)])
        values, far = spectrum(sample, threads=threads), distances(sample, threads=threads)
        told = {name: effective_number(values, q) for name, q in ORDERS.items()}
        told["remote_clique"] = remote_clique(sample)
        told["novel_sum"] = _mean(far.novelty)
        told["nearest_distance"] = _mean(far.nearest)
        for name, quantile in QUANTILES.items():
            told[name] = float(np.quantile(far.nearest, quantile)) if len(sample) else float("nan")
        told["tenth_distance"] = _mean(far.tenth)
        if cells is not None:
            reached = coverage(cells, sample, threads=threads)
            told["coverage"], told["coverage_expected"] = reached.ratio, reached.expected_ratio
            told["effective_cells"] = effective_number(reached.counts / max(1, reached.counts.sum()))
            told["cell_distance"] = reached.distance
        return told

    return measure


def duplicated(measure: Measure) -> Measure:
    """The same measure of a tenth of the rows, ten times each: what copies alone do to a figure.

    >>> duplicated(lambda rows: {"different": len(set(rows))})(np.arange(100))
    {'different': 10}
    """
    return lambda rows: measure(np.repeat(rows[::COPIES], COPIES)[: len(rows)])


def shuffled(texts: Packed, embedder: Embedder, *, seed: int = 0, threads: int | None = None) -> Measure:
    """The measures of the rows' texts with their words dealt anew: the same words and lengths, but no topics.

    >>> from tamis.models.embedders import load
    >>> texts = Packed.of(["red cat", "blue dog", "green bird"])
    >>> round(shuffled(texts, load())(np.arange(3))["vendi"], 1) > 1
    True
    """

    def measure(rows: Rows) -> dict[str, float]:
        mixed = Packed.of(shuffled_words(texts.strings(rows.tolist()), seed))
        return dict(semantic(embedder.encode(mixed), threads=threads)(np.arange(len(rows))))

    return measure


def shuffled_words(texts: list[str], seed: int = 0) -> list[str]:
    """The words of all texts, between white space, in seeded order: as many a text as before.

    >>> sorted(" ".join(shuffled_words(["a b c", "", "d"])).split())
    ['a', 'b', 'c', 'd']
    """
    words = [text.split() for text in texts]
    pool = [word for some in words for word in some]
    dealt = iter(np.random.default_rng(seed).permutation(len(pool)).tolist())
    return [" ".join(pool[next(dealt)] for _ in some) for some in words]


def _mean(values: np.typing.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")
