"""Whether prompts that mention a group are answered differently from like prompts that mention another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.scores.statistics import two_sided_p, with_significance

FEWEST: Final = 50
"""Matched prompts on each side before a gap is told."""
DRAWS: Final = 400
"""Bootstrap samples."""

Values = NDArray[np.float64]
Strata = NDArray[np.int64]


def strata_of(sizes: NDArray[np.int64], kinds: NDArray[np.int64]) -> Strata:
    """A number for each decile of size and kind together, shape (n,): rows of one stratum are compared with each
    other."""
    edges = np.quantile(sizes, np.arange(1, 10) / 10) if len(sizes) else np.zeros(9)
    return kinds * 10 + np.searchsorted(edges, sizes, side="left")


def mean_by_unit(value: Values, units: NDArray[np.int64]) -> Values:
    """The mean of each unit's values, those that are NaN left out; NaN where all are.

    >>> mean_by_unit(np.array([1.0, 3.0, np.nan]), np.array([0, 0, 1])).tolist()
    [2.0, nan]
    """
    known = ~np.isnan(value)
    size = int(units.max(initial=-1)) + 1
    count = np.bincount(units[known], minlength=size)
    with np.errstate(invalid="ignore"):
        return np.bincount(units[known], value[known], size) / np.where(count, count, np.nan)


def matched_gap(value: Values, strata: Strata, inside: NDArray[np.bool_]) -> float:
    """The mean of the rows inside less that of the rows outside, stratum by stratum: NaN where no stratum has both.

    Strata weigh by their rows inside, so it is the gap that the group's own rows see (exact matching; Rosenbaum and
    Rubin 1984).

    >>> matched_gap(np.array([3.0, 1.0, 9.0]), np.array([0, 0, 1]), np.array([True, False, True]))
    2.0
    """
    size = int(strata.max(initial=0)) + 1
    n, others = np.bincount(strata[inside], minlength=size), np.bincount(strata[~inside], minlength=size)
    both = (n > 0) & (others > 0)
    if not both.any():
        return math.nan
    mean = np.bincount(strata[inside], value[inside], size)[both] / n[both]
    other = np.bincount(strata[~inside], value[~inside], size)[both] / others[both]
    return float(np.average(mean - other, weights=n[both]))


def matched_rows(strata: Strata, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows stand in a stratum that has rows of both sides: shape (n,)."""
    size = int(strata.max(initial=0)) + 1
    n, others = np.bincount(strata[inside], minlength=size), np.bincount(strata[~inside], minlength=size)
    return ((n > 0) & (others > 0))[strata]


def gap(value: Values, strata: Strata, inside: NDArray[np.bool_], *, seed: int = 0) -> dict[str, Any]:
    """The matched gap with a bootstrap interval: `units` and `other_units` alone where fewer than `FEWEST` match.

    Units are drawn with replacement on each side, `DRAWS` times, and matched anew (Efron 1979); the interval is from
    the 2.5 % to the 97.5 % quantile, and `p` that of the gap over the standard deviation of the draws.
    """
    use = ~np.isnan(value)
    use[use] = matched_rows(strata[use], inside[use])
    value, inside = value[use], inside[use]
    strata = np.unique(strata[use], return_inverse=True)[1]
    here, there = np.flatnonzero(inside), np.flatnonzero(~inside)
    facts: dict[str, Any] = {"units": len(here), "other_units": len(there)}
    if min(len(here), len(there)) < FEWEST:
        return facts
    random = np.random.default_rng(seed)
    drawn = np.empty(DRAWS)
    for i in range(DRAWS):
        rows = np.concatenate([random.choice(here, len(here)), random.choice(there, len(there))])
        drawn[i] = matched_gap(value[rows], strata[rows], inside[rows])
    drawn = drawn[~np.isnan(drawn)]
    found, error = matched_gap(value, strata, inside), float(drawn.std(ddof=1))
    low, high = np.quantile(drawn, [0.025, 0.975])
    p = two_sided_p(found / error) if error > 0 else 1.0
    facts |= {"mean": float(value[inside].mean()), "gap": found, "interval": (float(low), float(high)), "p": p}
    return facts


def treatment(
    masks: NDArray[np.int64],
    strata: Strata,
    outcomes: Mapping[str, Values],
    axes: Mapping[str, Mapping[str, int]],
    *,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """The gap of every outcome for every group: prompts that mention it and no other of its axis, against prompts
    that mention others and not it.

    A line of the arrays is a prompt: `masks` says whom it mentions; an outcome is NaN where it does not apply; `axes`
    gives the bits of the groups by axis. `differs` controls the false-discovery rate at 5 % over all gaps told
    (Benjamini and Hochberg).
    """
    told = []
    for groups in axes.values():
        everyone = sum(groups.values())
        for group, bit in groups.items():
            mentioned = masks & everyone
            about = (mentioned == bit) | ((mentioned != 0) & (mentioned & bit == 0))
            inside = mentioned[about] == bit
            for name, value in outcomes.items():
                told.append({"group": group, "outcome": name, **gap(value[about], strata[about], inside, seed=seed)})
    return with_significance(told)
