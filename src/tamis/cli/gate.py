"""`--fail-if`: a build fails when the data gets worse."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tamis.errors import TamisError, unknown

TOTALS = ("dropped", "flagged", "unreadable")
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_FORM = re.compile(r"\s*([A-Za-z_][\w-]*)\s*(>=|<=|>|<)\s*([\d_,]*\.?\d+)\s*(%?)\s*")


@dataclass(frozen=True)
class Gate:
    """A condition on the number of rows of a rule, or their share of all rows."""

    text: str
    name: str
    sign: str
    bound: float
    is_share: bool

    def is_met(self, summary: Mapping[str, Any]) -> bool:
        """Whether a summary meets the condition: the rows of a rule, or a total, or their share of all rows."""
        counts = {rule["rule"]: rule["rows"] for rule in summary["rules"]}
        rows = counts[self.name] if self.name in counts else summary.get(self.name, 0)
        value = rows / max(1, summary["rows"]) * 100 if self.is_share else rows
        return _SIGNS[self.sign](value, self.bound)


def parse(conditions: Iterable[str], rules: Iterable[str], totals: Iterable[str] = TOTALS) -> list[Gate]:
    """Check conditions such as `too_similar > 0.5%`, before anything is read.

    >>> parse(["dropped >= 3"], [])[0].bound
    3.0
    """
    known, gates = (*rules, *totals), []
    for text in conditions:
        form = _FORM.fullmatch(text)
        if form is None:
            raise TamisError(
                f"--fail-if '{text}': write it as RULE > NUMBER or RULE > NUMBER%, for instance 'dropped > 5%'"
            )
        name, sign, bound, percent = form.groups()
        if name not in known:
            raise unknown("rule in --fail-if", name, known)
        gates.append(Gate(text, name, sign, float(bound.replace(",", "").replace("_", "")), bool(percent)))
    return gates
