"""What is known of a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Score:
    """One figure of a set of rows.

    `varied` says which end of the scale is the varied one, `sized` whether the figure depends on how many rows are
    looked at (it may then be compared at an equal size only). A score that is not `trusted` went the wrong way from one
    end to the other of a mixture whose diversity is known (benchmarks/diversity_validity.py), and `limits` says where;
    it also says what a trusted score cannot see.
    """

    title: str
    unit: str
    formula: str
    source: str
    varied: Literal["higher", "lower"]
    sized: bool
    reading: str
    limits: str = ""
    trusted: bool = True
