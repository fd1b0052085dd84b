"""What a subset is like, beside random subsets of the same size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.models.search import nearest
from tamis.neighbours.semantic_rows import Vectors
from tamis.scores.diversity.vendi import vendi
from tamis.selection.budget import Budget, Numbers
from tamis.selection.strategies import drawn

SAMPLE: Final = 2_000
"""Rows that are held against a subset, drawn by seed: 2,000 x 10,000 x 512 products take a third of a second."""
DRAWS: Final = 5
FAR: Final = 0.95

Figures = dict[str, float]


def figures(
    picked: Numbers, tokens: Numbers, quality: NDArray[np.float64] | None, vectors: Vectors, *, seed: int = 0
) -> Figures:
    """Sizes, quality and variety of some of the rows; distances are 1 - cosine, rows of zeros left out.

    `vendi`: the effective number of different rows (Friedman and Dieng 2023). `spread`: mean distance of a picked row
    to the picked row nearest to it; greater where the subset repeats itself less. `reach` and `far_reach`: distance of
    a row of the data to the picked row nearest to it, the mean and what 95 % of rows do not exceed; smaller where the
    subset stands for more of the data.

    >>> figures(np.array([0, 1]), np.array([5, 6, 7]), None, np.eye(3, dtype=np.float32))["tokens"]
    11.0
    """
    found: Figures = {"rows": len(picked), "tokens": float(tokens[picked].sum())}
    if quality is not None:
        known = quality[picked][~np.isnan(quality[picked])]
        found["quality"] = float(known.mean()) if len(known) else np.nan
    one, every = picked[vectors[picked].any(axis=1)], np.flatnonzero(vectors.any(axis=1))
    random = np.random.default_rng(seed)
    chosen, some = (random.permutation(rows)[:SAMPLE] for rows in (np.sort(one), every))
    found["vendi"] = vendi(vectors[one], threads=1) if len(one) else np.nan
    found["spread"] = found["reach"] = found["far_reach"] = np.nan
    if len(one) > 1:
        found["spread"] = float((1 - nearest(vectors[one], vectors[chosen], 2, threads=1)[0][:, 1]).mean())
    if len(one):
        distance = np.maximum(1 - nearest(vectors[one], vectors[some], 1, threads=1)[0][:, 0], 0)
        found["reach"], found["far_reach"] = float(distance.mean()), float(np.quantile(distance, FAR))
    return found


def random_subsets(cost: Numbers, total: int, seed: int, draws: int = DRAWS) -> Iterator[tuple[int, Numbers]]:
    """The seeds after `seed` and what each draws from all rows for the same budget.

    >>> [(seed, len(rows)) for seed, rows in random_subsets(np.ones(9, np.int64), 4, 0, 2)]
    [(1, 4), (2, 4)]
    """
    for other in range(seed + 1, seed + 1 + draws):
        yield other, drawn(Budget.of(cost, total), other)


def compared(
    mine: Mapping[str, float], random: list[Figures], all_rows: Mapping[str, float]
) -> list[dict[str, object]]:
    """Each figure of the subset, of all rows, and the mean and range over random subsets.

    >>> compared({"reach": 0.2}, [{"reach": 0.3}, {"reach": 0.5}], {"reach": 0.0})[0]["random"]
    {'mean': 0.4, 'low': 0.3, 'high': 0.5}
    """
    told: list[dict[str, object]] = []
    for name, value in mine.items():
        drawn = np.array([one[name] for one in random])
        spread = {"mean": float(drawn.mean()), "low": float(drawn.min()), "high": float(drawn.max())}
        told.append({"figure": name, "subset": value, "random": spread, "all": all_rows.get(name)})
    return told
