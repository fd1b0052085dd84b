"""Whether rows that mention a group are dropped more often than the other rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.scores.statistics import risk_ratio, wilson, with_significance

FEWEST: Final = 50
"""Rows that must mention a group before its drop rate is told."""
FEWEST_DROPPED: Final = 10
"""Rows that must be dropped at all before rates are compared: 3 of 63 beside 0 of 900 once read as 98.5 times."""
FOUR_FIFTHS: Final = 0.8


def disparity(mentions: NDArray[np.int64], gone: NDArray[np.bool_], groups: Sequence[str]) -> list[dict[str, Any]]:
    """The drop rate of each group's rows beside that of all other rows.

    `mentions` holds a bit mask of groups a row, shape (n,), and `gone` says which rows were dropped. Rates have Wilson
    intervals, the ratio of the drop rates one by Katz; `differs` says that it is not 1 at a false-discovery rate of
    5 % over all groups told (Benjamini and Hochberg), and `four_fifths` that the group's rows are kept less than four
    fifths as often as the others (the rule of thumb of the Uniform Guidelines on Employee Selection Procedures, 1978).
    A group that fewer than `FEWEST` rows mention has `rows` alone, and so has every group where fewer than
    `FEWEST_DROPPED` rows are dropped.
    """
    told, enough = [], int(gone.sum()) >= FEWEST_DROPPED
    for place, group in enumerate(groups):
        inside = (mentions >> place) & 1 == 1
        n, events = int(inside.sum()), int((gone & inside).sum())
        facts: dict[str, Any] = {"group": group, "rows": n}
        if enough and n >= FEWEST and len(gone) - n >= FEWEST:
            others, other_events = len(gone) - n, int(gone.sum()) - events
            ratio, low, high, p = risk_ratio(events, n, other_events, others)
            kept_ratio = (1 - events / n) / max(1e-12, 1 - other_events / others)
            facts |= {"dropped": events, "rate": events / n, "interval": wilson(events, n)}
            facts |= {"other_rate": other_events / others, "ratio": ratio, "ratio_interval": (low, high), "p": p}
            facts["four_fifths"] = kept_ratio < FOUR_FIFTHS
        told.append(facts)
    return with_significance(told)
