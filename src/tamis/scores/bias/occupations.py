"""Whether an occupation is spoken of as hers or as his."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from tamis.scores.statistics import Z_95, two_sided_p, wilson, with_significance

FEWEST: Final = 20
"""Units in which an occupation must share a sentence with female or with male terms before it is told."""


def occupations_by_gender(counts: Iterable[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """How often each occupation goes with female and with male terms, against all the other occupations.

    `counts` gives an occupation, and its units with female and with male terms. `female_share` has Wilson's interval;
    the log-odds ratio against the others has one by Woolf (1955) with half a unit added to each cell (Haldane 1956,
    Anscombe 1956), positive where the occupation is hers more than others are. `differs` controls the false-discovery
    rate at 5 % over all that are told. Below `FEWEST` rows there are the counts alone.

    >>> told = occupations_by_gender([("nurse", 40, 10), ("engineer", 10, 40)])
    >>> [(facts["occupation"], round(facts["log_odds"], 2), facts["differs"]) for facts in told]
    [('nurse', 2.7, True), ('engineer', -2.7, True)]
    """
    counted = list(counts)
    all_female, all_male = (sum(counts) for counts in ([line[1] for line in counted], [line[2] for line in counted]))
    told = []
    for occupation, female, male in counted:
        facts: dict[str, Any] = {"occupation": occupation, "female": female, "male": male}
        if female + male >= FEWEST and all_female + all_male - female - male >= FEWEST:
            cells = [count + 0.5 for count in (female, male, all_female - female, all_male - male)]
            odds = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
            error = math.sqrt(sum(1 / cell for cell in cells))
            facts |= {"female_share": female / (female + male), "share_interval": wilson(female, female + male)}
            facts |= {"log_odds": odds, "interval": (odds - Z_95 * error, odds + Z_95 * error)}
            facts["p"] = two_sided_p(odds / error)
        told.append(facts)
    return with_significance(told)
