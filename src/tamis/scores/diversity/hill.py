"""How many kinds there are in effect, and how far a mix of kinds is from another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.scores.diversity.estimate import COVERED, Estimate

ORDERS: Final = (0, 1, 2)
RESAMPLES: Final = 200
"""Draws of an interval of counts; one draw is a few microseconds, whatever the number of rows."""

Counts = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Mix:
    """The kinds of some rows, the most frequent first, with their Hill numbers by order, at a size and with intervals.

    `divergence` is the Jensen-Shannon distance to a reference, and `chance` what two samples of that size reach in
    95 of 100 cases if both come from one mix: a distance below it says nothing. Both None without a reference.
    """

    counts: Mapping[str, int]
    hill: Mapping[int, Estimate]
    divergence: Estimate | None = None
    chance: float | None = None

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return sum(self.counts.values())

    def shares(self, most: int = 10) -> list[tuple[str, int, float]]:
        """The most frequent kinds: name, rows, share of all rows.

        >>> Mix({"code": 3, "list": 1}, {}).shares(1)
        [('code', 3, 0.75)]
        """
        return [(name, count, count / self.rows) for name, count in list(self.counts.items())[:most]]


def hill_number(counts: NDArray[np.integer], order: int) -> Values:
    """The effective number of kinds of each line of counts, Hill 1973: (sum p^q)^(1 / (1 - q)); NaN for no rows.

    Order 0 counts the kinds there are, 1 is the exponential of Shannon's entropy, 2 the inverse of the chance that two
    rows are of one kind. `counts` may have any shape; the last axis is the kinds.

    >>> [round(float(hill_number(np.array([2, 1, 1]), order)), 2) for order in ORDERS]
    [3.0, 2.83, 2.67]
    """
    total = counts.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / total
        if order == 1:
            return np.asarray(np.exp(-(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=-1)))
        powers = np.where(share > 0, share ** float(order), share)  # NaN, where there is no row, stays
        return np.asarray(powers.sum(axis=-1) ** (1 / (1 - order)))


def jensen_shannon(one: NDArray[np.integer], other: NDArray[np.integer]) -> Values:
    """The Jensen-Shannon distance of two sets of counts over the same kinds, in [0, 1]: 0 the same, 1 nothing shared.

    The square root of the divergence with logarithms to base 2, which is a metric (Endres and Schindelin 2003). NaN
    where a side has no rows. Any shape; the last axis is the kinds.

    >>> round(float(jensen_shannon(np.array([5, 5, 0]), np.array([0, 5, 5]))), 4)
    0.7071
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = (side / side.sum(axis=-1, keepdims=True) for side in (one, other))
        middle = (p + q) / 2
        parts = (_information(p, middle) + _information(q, middle)) / 2
    return np.sqrt(np.clip(parts, 0.0, 1.0))


def _information(share: Values, other: Values) -> Values:
    terms = share * np.log2(np.where(share > 0, share / np.where(other > 0, other, 1.0), 1.0))
    return np.asarray(terms.sum(axis=-1))


def mix(
    counts: Mapping[str, int],
    reference: Mapping[str, int] | None = None,
    *,
    size: int | None = None,
    draws: int = RESAMPLES,
    seed: int = 0,
) -> Mix:
    """The Hill numbers of counts by kind, and their distance to a reference, as `size` rows of each would have them.

    A value is the mean over samples of `size` rows without replacement, or what all rows give where that is all there
    are: order 0 grows with the rows, so only sizes that are equal compare. The interval is as wide as the middle 95 %
    of as many samples with replacement (Efron 1979), put around the value: such a sample misses rare kinds, and its
    own mean would be too low.

    >>> found = mix({"code": 50, "list": 30, "poem": 20}, {"code": 50, "list": 50})
    >>> [round(found.hill[order].value, 2) for order in ORDERS], round(found.divergence.value, 2)
    ([3.0, 2.8, 2.63], 0.34)
    """
    ordered = dict(sorted(((k, n) for k, n in counts.items() if n), key=lambda item: (-item[1], item[0])))
    here = np.array(list(ordered.values()), np.int64)
    at = min(size or _rows(here), _rows(here))
    random = np.random.default_rng(seed)
    hill = {}
    if at:
        drawn, again = _without(here, at, draws, random), random.multinomial(at, here / here.sum(), draws)
        hill = {q: _estimate(hill_number(drawn, q), hill_number(again, q), at, (1.0, np.inf)) for q in ORDERS}
    if not reference or not at or not sum(reference.values()):
        return Mix(ordered, hill)
    kinds = list(dict.fromkeys([*ordered, *reference]))
    sides = [np.array([side.get(kind, 0) for kind in kinds], np.int64) for side in (ordered, reference)]
    return Mix(ordered, hill, *_distance(sides[0], sides[1], size, draws, random))


def _rows(counts: Counts) -> int:
    """How many rows counts stand for."""
    return int(counts.sum())


def _distance(
    one: Counts, other: Counts, size: int | None, draws: int, random: np.random.Generator
) -> tuple[Estimate, float]:
    smaller = min(_rows(one), _rows(other))
    at = min(size or smaller, smaller)
    drawn = [_without(side, at, draws, random) for side in (one, other)]
    again = [random.multinomial(at, side / side.sum(), draws) for side in (one, other)]
    together = one / one.sum() + other / other.sum()
    alike = [random.multinomial(at, together / together.sum(), draws) for _ in range(2)]
    estimate = _estimate(jensen_shannon(drawn[0], drawn[1]), jensen_shannon(again[0], again[1]), at, (0.0, 1.0))
    return estimate, float(np.quantile(jensen_shannon(alike[0], alike[1]), 0.95))


def _without(counts: Counts, size: int, draws: int, random: np.random.Generator) -> Counts:
    """Counts of samples without replacement, shape (draws, kinds); all rows, once, where that is the size."""
    if size >= counts.sum():
        return counts[None]
    return random.multivariate_hypergeometric(counts, size, draws, method="marginals")


def _estimate(drawn: Values, again: Values, size: int, limits: tuple[float, float]) -> Estimate:
    value = float(drawn.mean())
    low, high = np.clip(value + np.quantile(again, COVERED) - again.mean(), *limits)
    return Estimate(value, float(low), float(high), size, len(again))
