"""Intervals and tests for counts, each against a published formula."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Z_95: Final = 1.959963984540054


def wilson(successes: float, n: int, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), 95 % unless told; (0, 1) for no observation.

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if n == 0:
        return 0.0, 1.0
    share, room = successes / n, z * z / n
    centre = (share + room / 2) / (1 + room)
    half = z * math.sqrt(share * (1 - share) / n + room / (4 * n)) / (1 + room)
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)


def risk_ratio(events: int, n: int, other_events: int, other_n: int) -> tuple[float, float, float, float]:
    """The ratio of two shares, its 95 % interval on the logarithm (Katz et al. 1978), and the two-sided p-value.

    Half an event is added to every cell where one is empty (Haldane 1956), so that the interval exists.

    >>> [round(value, 3) for value in risk_ratio(30, 100, 10, 100)]
    [3.0, 1.551, 5.803, 0.001]
    """
    a, b, c, d = float(events), float(n - events), float(other_events), float(other_n - other_events)
    if min(a, b, c, d) == 0:
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    logarithm = math.log(a / (a + b)) - math.log(c / (c + d))
    error = math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    low, high = (math.exp(logarithm + sign * Z_95 * error) for sign in (-1, 1))
    return math.exp(logarithm), low, high, two_sided_p(logarithm / error)


def share_difference(successes: int, n: int, other: int, other_n: int) -> tuple[float, float, float, float]:
    """One share less another, its 95 % interval (Newcombe 1998, method 10), and the two-sided p-value (pooled z test).

    Both as if the sets were independent samples.

    >>> [round(value, 4) for value in share_difference(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339, 0.008]
    """
    if not n or not other_n:
        return math.nan, -1.0, 1.0, 1.0
    one, two = successes / n, other / other_n
    (low_1, high_1), (low_2, high_2) = wilson(successes, n), wilson(other, other_n)
    low, high = math.hypot(one - low_1, high_2 - two), math.hypot(high_1 - one, two - low_2)
    pooled = (successes + other) / (n + other_n)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    return one - two, one - two - low, one - two + high, two_sided_p((one - two) / error) if error else 1.0


def two_sided_p(z: float) -> float:
    """The chance of a standard normal value at least as far from 0.

    >>> round(two_sided_p(1.96), 3)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2))


def benjamini_hochberg(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """P-values adjusted so that rejecting those up to q keeps the false-discovery rate at q: shape (n,).

    Benjamini and Hochberg 1995.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    n = len(p_values)
    order = np.argsort(p_values)
    scaled = p_values[order] * n / np.arange(1, n + 1)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def with_significance(told: list[dict[str, Any]], rate: float = 0.05) -> list[dict[str, Any]]:
    """The same facts; those with a p-value `p` say whether it `differs` at that false-discovery rate over all of them.

    >>> [facts["differs"] for facts in with_significance([{"p": 0.001}, {"p": 0.5}])]
    [True, False]
    """
    tested = [facts for facts in told if "p" in facts]
    adjusted = benjamini_hochberg(np.array([facts["p"] for facts in tested]))
    for facts, q in zip(tested, adjusted, strict=True):
        facts["differs"] = bool(q <= rate)
    return told
