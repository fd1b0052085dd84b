"""The k nearest neighbours of each row, computed once, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.kernels.similarity import dots
from tamis.models.search import CellIndex, nearest
from tamis.neighbours.semantic_rows import CHUNK, Rows, Vectors

EXACT_WORK: Final = 1e12
"""Multiplications up to which each row is compared with all: half a minute on two cores, 62,000 rows of 256."""
TARGET: Final = 0.95
SAMPLE: Final = 1_000
NEAR_DUPLICATE: Final = 0.13
"""Share of the median distance to the nearest neighbour: cleanlab Datalab's threshold of `near_duplicate`."""
DRAWS: Final = 128

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Graph:
    """Each row's nearest other rows, best first; where there are none, index -1 and similarity NaN."""

    indices: NDArray[np.int32]  # (n, k)
    similarities: NDArray[np.float32]  # (n, k)
    method: Literal["exact", "ivf"]
    recall: float  # share of the true k nearest that were found: 1 where exact, else measured on a sample


def neighbour_graph(
    vectors: Vectors,
    *,
    k: int = 10,
    exact: bool | None = None,
    seed: int = 0,
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> Graph:
    """The k nearest rows of each row by cosine; rows of zeros have none and are nobody's.

    `exact=None` decides by the work; else an inverted file is searched, with as many cells a row as it takes to find
    95 % of a sample's neighbours; `recall` says what another sample then had.

    Raises
    ------
    TamisError
        For k below 1, and for vectors that are not finite and of unit length.

    Examples
    --------
    >>> graph = neighbour_graph(np.array([[1, 0], [0.8, 0.6], [0, 1], [0, 0]], np.float32), k=1)
    >>> graph.indices.ravel().tolist(), graph.similarities.ravel().round(2).tolist()
    ([1, 0, 1, -1], [0.800000011920929, 0.800000011920929, 0.6000000238418579, nan])
    """
    if k < 1:
        raise TamisError(f"k is {k}; a row has at least one nearest neighbour")
    vectors = np.ascontiguousarray(vectors, np.float32)
    rows = Rows.of(vectors)
    known = rows.known()
    side = vectors if len(known) == len(rows) else vectors[known]
    out = Graph(np.full((len(rows), k), -1, np.int32), np.full((len(rows), k), np.nan, np.float32), "exact", 1.0)
    if len(known) < 2:
        return out
    wanted = min(k + 1, len(known))
    if exact is None:
        exact = float(len(known)) ** 2 * side.shape[1] <= EXACT_WORK
    search, recall = (_all(side, wanted, threads), 1.0) if exact else _in_cells(side, wanted, seed, threads)
    for start in range(0, len(known), CHUNK):
        own = np.arange(start, min(start + CHUNK, len(known)))
        indices, similarities = _others(side, own, search(side[start : start + CHUNK]), k)
        out.indices[known[own]] = np.where(indices < 0, -1, known[indices])
        out.similarities[known[own]] = similarities
        if on_progress:
            on_progress(int(own[-1]) + 1, len(known))
    return Graph(out.indices, out.similarities, "exact" if exact else "ivf", recall)


Search = Callable[[Vectors], NDArray[np.int64]]


def _all(side: Vectors, wanted: int, threads: int | None) -> Search:
    return lambda queries: nearest(side, queries, wanted, threads=threads)[1]


def _in_cells(side: Vectors, wanted: int, seed: int, threads: int | None) -> tuple[Search, float]:
    """A search of enough cells, and its recall on rows that were not used to choose how many."""
    index = CellIndex(side, max(2, int(np.sqrt(len(side)))), seed=seed, threads=threads)
    sample = np.random.default_rng(seed + 1).permutation(len(side))[:SAMPLE]
    queries = side[sample]
    truth = nearest(side, queries, wanted, threads=threads)[0][:, -1]
    half, probes, reached = max(1, len(sample) // 2), 1, False
    while True:
        # as near as the k-th is found enough: among equally near rows none is the right one
        found = (index.nearest(queries, wanted, probes=probes)[0] >= truth[:, None] - 1e-5).mean(axis=1)
        reached = float(found[:half].mean()) >= TARGET or probes >= index.cells
        if reached:
            break
        probes = min(2 * probes, index.cells)
    measured = float(found[half:].mean()) if len(sample) > half else float(found.mean())
    return lambda queries: index.nearest(queries, wanted, probes=probes)[1], measured


def _others(
    side: Vectors, own: NDArray[np.int64], found: NDArray[np.int64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k best of what was found, less the row itself; similarities summed anew, in one order for all machines."""
    left = np.repeat(own, found.shape[1])
    similarity = np.minimum(dots(side, left, np.maximum(found, 0).ravel()), 1).reshape(found.shape)
    similarity[(found < 0) | (found == own[:, None])] = -np.inf
    order = np.lexsort((found, -similarity), axis=1)[:, :k]
    indices, best = np.take_along_axis(found, order, 1), np.take_along_axis(similarity, order, 1)
    indices[~np.isfinite(best)] = -1
    best[~np.isfinite(best)] = np.nan
    missing = k - indices.shape[1]
    return np.pad(indices, ((0, 0), (0, missing)), constant_values=-1), np.pad(
        best, ((0, 0), (0, missing)), constant_values=np.nan
    ).astype(np.float32)


def density(graph: Graph) -> NDArray[np.float64]:
    """Mean cosine to the nearest neighbours, as SemHash ranks rows by; NaN where a row has none: shape (n,).

    >>> density(Graph(np.array([[1, 2]], np.int32), np.array([[0.5, 0.25]], np.float32), "exact", 1.0))
    array([0.375])
    """
    there = graph.indices >= 0
    total = np.where(there, graph.similarities, 0).sum(axis=1, dtype=np.float64)
    out = np.full(len(total), np.nan)
    np.divide(total, there.sum(axis=1), out=out, where=there.any(axis=1))
    return out


def outlier_score(graph: Graph) -> NDArray[np.float64]:
    """Mean distance to the nearest neighbours over the median row's: 1 is usual, above it is remote; NaN for none.

    The mean similarity to the neighbours is SemHash's outlier score; to take it relative to the median, as cleanlab
    Datalab does with distances, makes one threshold mean the same for every embedder. Distance is 1 - cosine.

    >>> near = np.array([[0.8], [0.8], [0.2]], np.float32)
    >>> outlier_score(Graph(np.array([[1], [0], [0]], np.int32), near, "exact", 1.0)).round(3)
    array([1., 1., 4.])
    """
    return _relative(1 - density(graph))


def nearest_distance(graph: Graph) -> NDArray[np.float64]:
    """1 - cosine to the nearest row; NaN where there is none: shape (n,).

    >>> nearest_distance(Graph(np.array([[1]], np.int32), np.array([[0.75]], np.float32), "exact", 1.0))
    array([0.25])
    """
    return 1 - graph.similarities[:, 0].astype(np.float64)


def relative_threshold(graph: Graph, factor: float = NEAR_DUPLICATE) -> float:
    """The cosine above which a pair is a near-duplicate for this dataset; NaN where no row has a neighbour.

    A distance below 0.13 of the median distance to the nearest neighbour is, in cleanlab Datalab.

    >>> graph = Graph(np.array([[1], [0]], np.int32), np.array([[0.5], [0.5]], np.float32), "exact", 1.0)
    >>> relative_threshold(graph)
    0.935
    """
    distances = nearest_distance(graph)
    known = distances[np.isfinite(distances)]
    return float(1 - factor * np.median(known)) if len(known) else float("nan")


@dataclass(frozen=True)
class Relevance:
    """How near each answer is to its prompt; NaN where one of them has nothing known in it. Shape (n,) each."""

    cosine: NDArray[np.float64]
    shuffled_ratio: NDArray[np.float64]  # (1 + other answers at least as near) / (1 + answers tried), in (0, 1]


def relevance(prompt_vectors: Vectors, response_vectors: Vectors, *, seed: int = 0, draws: int = DRAWS) -> Relevance:
    """Compare each answer with its prompt, and other rows' answers with that prompt: does the own one fit better?

    `shuffled_ratio` is a permutation p-value over `draws` seeded answers of other rows: about 1 / (1 + draws) for an
    answer that fits, evenly spread over (0, 1] for answers that belong to other prompts.

    >>> one = np.eye(3, dtype=np.float32)
    >>> found = relevance(one, one, draws=2)
    >>> found.cosine.tolist(), found.shuffled_ratio.round(2).tolist()
    ([1.0, 1.0, 1.0], [0.33, 0.33, 0.33])
    """
    if prompt_vectors.shape != response_vectors.shape:
        raise TamisError(f"prompts are {prompt_vectors.shape} and answers {response_vectors.shape}; wanted one shape")
    rows = Rows.of([prompt_vectors, response_vectors])
    known = np.flatnonzero(~rows.empty.any(axis=0))
    prompts, answers = (side[known] for side in rows.sides)
    cosine, ratio = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    here = np.arange(len(known))
    own = np.clip(_paired(prompts, answers, here), -1, 1)
    cosine[known] = own
    if len(known) > 1:
        ratio[known] = _shuffled(prompts, answers, own, seed, draws)
    return Relevance(cosine, ratio)


def _shuffled(
    prompts: Vectors, answers: Vectors, own: NDArray[np.float64], seed: int, draws: int
) -> NDArray[np.float64]:
    """Each prompt with the answers some seeded steps further on in one seeded order, which is never its own."""
    generator = np.random.default_rng(seed)
    n = len(own)
    order = generator.permutation(n)
    place = np.argsort(order)
    beaten = np.zeros(n, np.int64)
    steps = generator.integers(1, n, draws) if draws > n - 1 else 1 + generator.permutation(n - 1)[:draws]
    for step in steps:
        beaten += _paired(prompts, answers, order[(place + step) % n]) >= own
    return (1 + beaten) / (1 + len(steps))


def _paired(prompts: Vectors, answers: Vectors, of: NDArray[np.int64]) -> NDArray[np.float64]:
    """The cosine of each prompt with the answer of a given row."""
    out = np.empty(len(of))
    for start in range(0, len(of), CHUNK):
        some = of[start : start + CHUNK]
        both = np.concatenate([prompts[start : start + CHUNK], answers[some]])
        here = np.arange(len(some))
        out[start : start + CHUNK] = dots(both, here, here + len(some))
    return out


def _relative(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    known = distances[np.isfinite(distances)]
    middle = float(np.median(known)) if len(known) else float("nan")
    # where more than half of the rows are copies the median is 0: then any distance is without bounds
    with np.errstate(divide="ignore", invalid="ignore"):
        score = distances / middle
    score[distances == 0] = 0 if middle == 0 else score[distances == 0]
    return score
