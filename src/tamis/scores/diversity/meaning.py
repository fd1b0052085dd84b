"""All measures of vectors for samples of the rows, beside shuffled words and a tenth of the rows ten times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.models.embedders import Embedder
from tamis.neighbours.semantic_rows import Vectors
from tamis.packed import Packed
from tamis.scores.diversity.coverage import Reference, coverage
from tamis.scores.diversity.distances import densities, distances, remote_clique
from tamis.scores.diversity.estimate import DRAWS, Estimate, Measure, Rows, estimates
from tamis.scores.diversity.hill import hill_number
from tamis.scores.diversity.vendi import ORDERS, effective_number, spectrum

SIZE: Final = 1_000
ANCHOR_DRAWS: Final = 5
COPIES: Final = 10
QUANTILES: Final = {"nearest_distance_10": 0.1, "nearest_distance_50": 0.5, "nearest_distance_90": 0.9}


def semantic(vectors: Vectors, *, reference: Reference | None = None, threads: int | None = None) -> Measure:
    """What measures unit vectors (n, d) by row numbers; with a reference, coverage of it too.

    The names are those of `catalogue.MEANING` and `REFERENCE`. Rows of zeros, texts of which nothing is
    known, are left out. A sample of m rows costs O(m d^2 + m^2 (d + log m)): 0.03 s for 1,000 rows of 256.

    >>> found = semantic(np.eye(4, dtype=np.float32))(np.array([0, 1, 2, 2]))
    >>> {name: round(found[name], 3) for name in ("vendi", "vendi_infinity", "remote_clique", "nearest_distance")}
    {'vendi': 2.828, 'vendi_infinity': 2.0, 'remote_clique': 0.833, 'nearest_distance': 0.5}
    """

    def measure(rows: Rows) -> dict[str, float]:
        sample = vectors[rows]
        sample = np.ascontiguousarray(sample[sample.any(axis=1)])
        values, far = spectrum(sample, threads=threads), distances(sample, threads=threads)
        told = {name: effective_number(values, q) for name, q in ORDERS.items()}
        told |= {"remote_clique": remote_clique(sample), "novel_sum": _mean(far.novelty)}
        told["nearest_distance"] = _mean(far.nearest)
        told |= {name: _quantile(far.nearest, at) for name, at in QUANTILES.items()}
        told["tenth_distance"] = _mean(far.tenth)
        if reference is None:
            return told
        dense = densities(sample, reference.sample, threads=threads)
        reached = coverage(reference.cells, sample, threads=threads)
        told |= {"novel_sum_reference": _mean(far.novelty * dense), "coverage": reached.ratio}
        told["effective_cells"] = float(hill_number(reached.counts, 1))
        told["cell_distance"] = reached.distance
        return told

    return measure


def duplicated(measure: Measure) -> Measure:
    """The same measure of a tenth of the rows, drawn at random, ten times each: what copies alone do to a figure.

    >>> duplicated(lambda rows: {"different": len(set(rows))})(np.arange(100))
    {'different': 10}
    """

    def measured(rows: Rows) -> Mapping[str, float]:
        tenth = np.random.default_rng(rows).choice(rows, max(1, len(rows) // COPIES), replace=False)
        return measure(np.resize(tenth, len(rows)))

    return measured


def shuffled(
    texts: Packed, embedder: Embedder, *, reference: Reference | None = None, threads: int | None = None
) -> Measure:
    """The measures of the rows' texts with all their words dealt anew: the same words and lengths, but no topics.

    No ceiling, as it may be for words: an embedder makes texts of mixed words alike, and Vendi of 48,298 answers falls
    to a quarter (benchmarks/results/diversity_meaning.json); but no text is a near-copy of another any more.

    >>> from tamis.models.embedders import load
    >>> measure = shuffled(Packed.of(["red cat", "blue dog", "green bird"]), load())
    >>> 1 < measure(np.arange(3))["vendi"] < 3
    True
    """

    def measure(rows: Rows) -> Mapping[str, float]:
        dealt = Packed.of(shuffled_words(texts.strings(rows.tolist()), np.random.default_rng(rows)))
        return semantic(embedder.encode(dealt), reference=reference, threads=threads)(np.arange(len(rows)))

    return measure


def shuffled_words(texts: list[str], random: np.random.Generator) -> list[str]:
    """The words of all texts, between white space, in random order: as many a text as before.

    >>> sorted(" ".join(shuffled_words(["a b c", "", "d"], np.random.default_rng(0))).split())
    ['a', 'b', 'c', 'd']
    """
    words = [text.split() for text in texts]
    pool = [word for some in words for word in some]
    dealt = iter(random.permutation(len(pool)).tolist())
    return [" ".join(pool[next(dealt)] for _ in some) for some in words]


def semantic_estimates(  # noqa: PLR0913 - what is measured, and how it is drawn
    texts: Packed,
    embedder: Embedder,
    vectors: Vectors,
    *,
    reference: Reference | None = None,
    size: int = SIZE,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, dict[str, Estimate]]:
    """Each figure of samples of `size` rows, and of the two anchors: `found[name]["set" | "shuffled" | "duplicated"]`.

    20 samples of the set and 5 of each anchor, the same on any number of `threads`. `vectors` are what `embedder` gives
    for `texts`.

    >>> from tamis.models.embedders import load
    >>> texts, embedder = Packed.of([f"number {i}" for i in range(60)]), load()
    >>> found = semantic_estimates(texts, embedder, embedder.encode(texts), size=40)
    >>> found["vendi"]["duplicated"].value < found["vendi"]["set"].value
    True
    """
    own = semantic(vectors, reference=reference, threads=threads)
    measures = {
        "set": (own, DRAWS),
        "shuffled": (shuffled(texts, embedder, reference=reference, threads=threads), ANCHOR_DRAWS),
        "duplicated": (duplicated(own), ANCHOR_DRAWS),
    }
    told = {
        name: estimates(measure, len(texts), size, draws=draws, seed=seed)
        for name, (measure, draws) in measures.items()
    }
    return {figure: {name: found[figure] for name, found in told.items()} for figure in told["set"]}


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _quantile(values: NDArray[np.float64], at: float) -> float:
    return float(np.quantile(values, at)) if len(values) else float("nan")
