"""Which rows a page carries: every rule gets its share of them, whatever the number of its findings."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEED = 0
CLEAN_SHARE = 0.05
"""Share of the rows carried that no rule hit, for comparison."""


def spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most `most` of the rows, at even distances.

    >>> spread(np.arange(10), 3).tolist()
    [0, 4, 9]
    """
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def rows_to_carry(rows: pl.Series, findings: pl.DataFrame, most: int) -> list[int]:
    """Row numbers, ascending: an equal share for each rule that hit, then more findings, then rows without any.

    >>> found = pl.DataFrame({"row": [0, 1, 2, 3, 3], "rule": ["a", "a", "a", "a", "b"]})
    >>> rows_to_carry(pl.Series([0, 1, 2, 3, 4]), found, 2)
    [0, 3]
    """
    if most == 0:
        return []
    by_rule = [group["row"].unique().sort().to_numpy() for _, group in findings.group_by("rule", maintain_order=True)]
    chosen: set[int] = set()
    clean = np.setdiff1d(rows.to_numpy(), findings["row"].to_numpy())
    room = most - min(len(clean), int(CLEAN_SHARE * most))
    for left, hits in zip(range(len(by_rule), 0, -1), sorted(by_rule, key=len), strict=True):
        share = max(1, (room - len(chosen)) // left)  # what small rules leave over goes to the larger ones
        chosen.update(spread(hits, share).tolist())
    chosen.update(_drawn(clean, most - len(chosen)))
    return sorted(chosen)


def _drawn(rows: NDArray[np.int64], most: int) -> list[int]:
    """At most so many of the rows, seeded."""
    count = max(0, min(len(rows), most))
    drawn: list[int] = np.random.default_rng(SEED).choice(rows, count, replace=False, shuffle=False).tolist()
    return drawn


def sample(rows: pl.Series, most: int) -> list[int]:
    """At most so many rows of all, each as likely as the others; ascending.

    >>> sample(pl.Series([3, 1, 2]), 5)
    [1, 2, 3]
    """
    return sorted(_drawn(rows.to_numpy(), most))
