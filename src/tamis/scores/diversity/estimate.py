"""Figures at an equal sample size: nearly every measure of diversity falls or grows with the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 20
COVERED: Final = (0.025, 0.975)

Rows = NDArray[np.int64]
Measure = Callable[[Rows], Mapping[str, float]]
"""Several figures of the rows whose numbers are given, by name; NaN where one is not defined."""


@dataclass(frozen=True)
class Estimate:
    """The mean of a figure over samples of `size` rows, and the 95 % interval of a single sample."""

    value: float
    low: float
    high: float
    size: int
    draws: int

    def differs(self, other: Estimate) -> bool | None:
        """Whether two single samples, one of each set, would differ by less in 19 of 20 cases; None without intervals.

        >>> one, other = Estimate(5.0, 4.0, 6.0, 10, 20), Estimate(7.0, 6.0, 8.0, 10, 20)
        >>> one.differs(other), one.differs(one)
        (True, False)
        """
        widths = self.high - self.low, other.high - other.low
        return None if np.isnan(widths).any() else abs(self.value - other.value) > float(np.hypot(*widths)) / 2


def samples(n: int, size: int, draws: int, seed: int) -> Iterator[Rows]:
    """Row numbers of `draws` samples, each of `size` of n rows without replacement, ascending.

    Rows are never drawn twice into one sample, as a bootstrap would: a repeated row is what diversity measures.
    Where `size` is n there is one sample, all rows.

    >>> [sample.tolist() for sample in samples(3, 5, 20, 0)]
    [[0, 1, 2]]
    """
    if size >= n:
        yield np.arange(n)
        return
    random = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.sort(random.choice(n, size, replace=False, shuffle=False))


def estimates(measure: Measure, n: int, size: int, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Estimate]:
    """Each figure of `measure` over samples of `size` of n rows; a single sample has no interval (NaN).

    >>> estimates(lambda rows: {"mean": rows.mean()}, 10, 10)
    {'mean': Estimate(value=4.5, low=nan, high=nan, size=10, draws=1)}
    """
    told = [measure(rows) for rows in samples(n, size, draws, seed)]
    found = {}
    for name in told[0]:
        values = np.array([figures[name] for figures in told], np.float64)
        low, high = np.quantile(values, COVERED) if len(values) > 1 else (np.nan, np.nan)
        found[name] = Estimate(float(values.mean()), float(low), float(high), min(size, n), len(values))
    return found
