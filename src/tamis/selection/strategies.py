"""The strategies: which rows to pick, in order, within a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis import kernels
from tamis.errors import TamisError, unknown
from tamis.neighbours.graph import Graph
from tamis.neighbours.semantic_rows import Vectors
from tamis.scores.diversity.clusters import clusters
from tamis.selection.budget import Budget, Numbers
from tamis.selection.cover import cover
from tamis.selection.pooled import k_center, largest_volume

Ranks = NDArray[np.float64]
ALIKE: Final = 0.9
"""Deita's threshold of the cosine, with its own embeddings (Liu et al. 2024)."""
OWN: Final = 0.1
"""Share of the identity in the kernel of the determinantal process, without which it could pick d rows at most."""
NEIGHBOURS: Final = (10, 64)


@dataclass(frozen=True)
class Strategy:
    """How rows are picked.

    `weight` is the share of quality in a combination, 0 where it plays no part. The others are told to one strategy
    each: a cosine to deita, how many clusters to coverage, how many neighbours to facility; None is a default.
    """

    name: str
    weight: float = 0.0
    alike: float = ALIKE
    clusters: int | None = None
    neighbours: int | None = None

    @property
    def by_quality(self) -> bool:
        """Whether it cannot do without a measure of quality."""
        return self.weight > 0 or self.name in ("quality", "deita")

    @property
    def by_meaning(self) -> bool:
        """Whether it looks at vectors."""
        return self.name not in ("random", "quality")


WHAT: Final[Mapping[str, str]] = {
    "random": "rows drawn by the seed",
    "quality": "the rows of the greatest quality",
    "facility": "facility location: rows that stand for as many others as possible",
    "k-center": "k-center greedy: each row the farthest from those before",
    "dpp": "determinantal greedy: rows that span the largest volume",
    "deita": "best first, without rows too like one already picked",
    "coverage": "evenly from clusters of meaning",
}
NAMES: Final = (*WHAT, "diverse")
"""`diverse` is another name of `dpp`, which raises what measures of diversity measure; facility location does not."""
COMBINED: Final = ("facility", "k-center", "dpp")


def parse_strategy(text: str, weight: float | None = None) -> Strategy:
    """A strategy as it is written: a name, or `quality*NAME` for one that weighs quality against diversity.

    >>> found = parse_strategy("quality*diverse", 0.3)
    >>> found.name, found.weight
    ('dpp', 0.3)
    """
    first, star, second = (part.strip() for part in text.partition("*"))
    name = second if star else first
    if first not in NAMES or name not in NAMES:
        raise unknown("strategy", first if first not in NAMES else name, NAMES)
    name = "dpp" if name == "diverse" else name
    if star and (first != "quality" or name not in COMBINED):
        raise TamisError(f"strategy {text}: write quality*NAME, with a NAME of diverse, {', '.join(COMBINED)}")
    if weight is not None and not star:
        raise TamisError(f"a weight is for a combination such as quality*diverse, and not for {text}")
    if weight is not None and not 0 <= weight < 1:
        raise TamisError(f"weight is {weight:g}; it is the share of quality, from 0 to below 1")
    return Strategy(name, (0.5 if weight is None else weight) if star else 0.0)


@dataclass(frozen=True)
class Candidates:
    """The rows to choose from. `quality` is a number a row, greatest best and NaN for none; vectors and the graph of
    nearest neighbours are computed when they are asked for, since not every strategy does."""

    budget: Budget
    vectors: Callable[[], Vectors]
    graph: Callable[[int], Graph]
    quality: Ranks | None = None
    seed: int = 0
    threads: int | None = None

    def __len__(self) -> int:
        return len(self.budget.cost)


@dataclass(frozen=True)
class Picked:
    """Rows in the order they were picked, and what must be said about it."""

    rows: Numbers
    facts: Mapping[str, Any] = field(default_factory=dict)


def pick(strategy: Strategy, rows: Candidates) -> Picked:
    """Pick rows until the budget of each group is spent.

    A row that no longer fits what is left is passed over, so that a token budget is filled with smaller ones. Rows of
    which the embedder knows nothing, and copies, come last where a strategy looks for diversity.

    >>> nothing = lambda *asked: None
    >>> some = Candidates(Budget.of(np.ones(3, np.int64), 2), nothing, nothing, np.array([0.1, 0.9, 0.5]))
    >>> pick(Strategy("quality"), some).rows.tolist()
    [1, 2]
    """
    match strategy.name:
        case "random":
            return Picked(drawn(rows.budget, rows.seed))
        case "quality":
            return Picked(_in_order(rows.budget, best_first(rows)))
        case "facility":
            return _facility(rows, _factor(strategy, rows), strategy.neighbours)
        case "k-center":
            picked, _ = k_center(rows.vectors(), rows.budget, _factor(strategy, rows), threads=rows.threads)
            return _filled(picked, rows)
        case "dpp":
            factor = _factor(strategy, rows)
            return _filled(largest_volume(rows.vectors(), rows.budget, factor, own=OWN, threads=rows.threads), rows)
        case "deita":
            return _deita(rows, strategy.alike)
        case "coverage":
            return _coverage(rows, strategy.clusters)
        case other:
            raise unknown("strategy", other, NAMES)


def drawn(budget: Budget, seed: int) -> Numbers:
    """Rows drawn by a seed until the budget is spent."""
    return _in_order(budget, np.random.default_rng(seed).permutation(len(budget.cost)))


def best_first(rows: Candidates) -> Numbers:
    """All rows by quality, equal ones as the seed draws them: the order of a file is often one of sources."""
    drawn = np.random.default_rng(rows.seed).permutation(len(rows))
    quality = np.zeros(len(rows)) if rows.quality is None else np.nan_to_num(rows.quality, nan=-np.inf)
    return drawn[np.argsort(-quality[drawn], kind="stable")]


def ranked(quality: Ranks) -> Ranks:
    """The share of rows that are no better, counting equal ones half, in (0, 1]; those without quality are last.

    Ranks, since qualities come in any unit and are to be weighed against a distance.

    >>> ranked(np.array([7.0, 9.0, np.nan, 9.0])).tolist()
    [0.375, 0.75, 0.125, 0.75]
    """
    values = np.nan_to_num(quality, nan=-np.inf)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: Ranks = (np.cumsum(counts) - counts / 2)[inverse] / len(values)
    return middle


def _factor(strategy: Strategy, rows: Candidates) -> Ranks:
    """What a row's gain is multiplied with: the row with the greatest quality^w gain^(1 - w) has also the greatest
    quality^(w / (1 - w)) gain."""
    if strategy.weight == 0 or rows.quality is None:
        return np.ones(len(rows))
    return ranked(rows.quality) ** (strategy.weight / (1 - strategy.weight))


def _facility(rows: Candidates, factor: Ranks, neighbours: int | None) -> Picked:
    """Facility location over the graph of nearest neighbours, twice as many as there are rows to each pick."""
    budget, (fewest, most) = rows.budget, NEIGHBOURS
    wanted = neighbours or int(np.clip(round(2 * len(rows) / max(1, budget.most)), fewest, most))
    graph = rows.graph(min(wanted, max(1, len(rows) - 1)))
    known = np.flatnonzero((graph.indices >= 0).any(axis=1))
    picked = kernels.facility.facility_location(
        *cover(graph), factor, known, budget.cost, budget.group, budget.limit.copy()
    )
    found = _filled(picked, rows)
    facts = {"neighbours": graph.indices.shape[1], "method": graph.method, "recall": graph.recall}
    return Picked(found.rows, {**facts, **found.facts})


def _deita(rows: Candidates, alike: float) -> Picked:
    budget, order = rows.budget, best_first(rows)
    picked = kernels.apart.apart(rows.vectors(), order, budget.cost, budget.group, budget.limit.copy(), alike)
    return Picked(picked, {"alike": alike})


def _coverage(rows: Candidates, wanted: int | None) -> Picked:
    """The budget of each group evenly over the clusters its rows are in; within a cluster best first."""
    found = clusters(rows.vectors(), wanted, seed=rows.seed, threads=rows.threads)
    picked = _in_order(rows.budget.split(found.labels + 1), best_first(rows))
    whole = _filled(picked, rows).rows  # what rounding left of a token budget
    return Picked(whole, {"clusters": len(found.centres)})


def _in_order(budget: Budget, order: Numbers) -> Numbers:
    return kernels.apart.in_order(order, budget.cost, budget.group, budget.limit.copy())


def _filled(picked: Numbers, rows: Candidates) -> Picked:
    """Spend what is left on rows that add nothing to those picked, best first."""
    order, free = best_first(rows), np.ones(len(rows), np.bool_)
    free[picked] = False
    rest = Budget(rows.budget.cost, rows.budget.group, rows.budget.after(picked))
    more = _in_order(rest, order[free[order]])
    return Picked(np.concatenate([picked, more]), {"filled": len(more)})
