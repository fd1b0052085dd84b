"""How even some shares are, and how far from others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def effective_number(shares: NDArray[np.float64], q: float = 1.0) -> float:
    """Hill number of order q >= 0: how many equal shares are as even as these; NaN where a share is.

    Hill 1973: (sum of p^q)^(1/(1-q)); q = 0 counts the shares that are not 0, q = 1 is exp of Shannon's entropy,
    q = 2 one over the chance that two are the same, q = infinity one over the greatest.

    >>> [round(effective_number(np.array([0.5, 0.25, 0.25]), q), 3) for q in (0, 1, 2, np.inf)]
    [3.0, 2.828, 2.667, 2.0]
    """
    there = shares[(shares > 0) | np.isnan(shares)]
    if len(there) == 0:
        return float("nan")
    if q == 1:
        return float(np.exp(-(there * np.log(there)).sum()))
    if np.isinf(q):
        return float(1 / there.max())
    return float((there**q).sum() ** (1 / (1 - q)))


def jensen_shannon(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Jensen-Shannon distance of two sets of shares or counts, base 2: 0 the same, 1 none in common; NaN for no count.

    The root of the divergence, which is a metric (Endres and Schindelin 2003).

    >>> jensen_shannon(np.array([3.0, 1.0]), np.array([6.0, 2.0])), jensen_shannon(np.array([1, 0]), np.array([0, 1]))
    (0.0, 1.0)
    """
    if not one.sum() or not other.sum():
        return float("nan")
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2
    told = [float((part[part > 0] * np.log2(part[part > 0] / middle[part > 0])).sum()) for part in (p, q)]
    return float(np.sqrt(min(1.0, max(0.0, sum(told) / 2))))
