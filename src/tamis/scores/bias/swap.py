"""What changes about a row when someone else is meant: signals, and the verdicts of rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from tamis.scores.statistics import wilson

FEWEST: Final = 20
"""Rows that a swap must change before its effect is told."""


def changes_of_signals(before: pl.DataFrame, after: pl.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """Of each signal that changes: in how many rows, by how much on average over all rows, and by how much at most.

    The frames have the same rows in the same order. A value that appears or disappears counts as changed, and is left
    out of `mean` and `largest`, which keep their sign.

    >>> changes_of_signals(pl.DataFrame({"a": [1.0, 2.0]}), pl.DataFrame({"a": [1.0, 5.0]}), ["a"])
    [{'signal': 'a', 'rows': 1, 'mean': 1.5, 'largest': 3.0}]
    """
    told = []
    for name in names:
        old, new = before[name].cast(pl.Float64), after[name].cast(pl.Float64)
        changed = int(old.ne_missing(new).sum())
        if changed:
            moved = (new - old).drop_nulls().to_numpy()
            largest = float(moved[np.abs(moved).argmax()]) if len(moved) else 0.0
            mean = float(moved.mean()) if len(moved) else 0.0
            told.append({"signal": name, "rows": changed, "mean": mean, "largest": largest})
    return told


def changes_of_verdicts(
    before: Collection[tuple[int, str]], after: Collection[tuple[int, str]], rows: int
) -> dict[str, Any]:
    """How many of `rows` are hit by other rules than before, with Wilson's interval, and by rule how many are newly hit
    and no longer hit. A hit is a row and a rule.

    >>> found = changes_of_verdicts({(0, "refusal"), (1, "echo")}, {(1, "echo"), (2, "echo")}, 10)
    >>> found["changed"], found["rules"]
    (2, [{'rule': 'echo', 'new': 1, 'gone': 0}, {'rule': 'refusal', 'new': 0, 'gone': 1}])
    """
    new, gone = set(after) - set(before), set(before) - set(after)
    changed = len({row for row, _ in new | gone})
    rules = sorted({rule for _, rule in new | gone})
    by_rule = [
        {"rule": rule, "new": sum(name == rule for _, name in new), "gone": sum(name == rule for _, name in gone)}
        for rule in rules
    ]
    return {"rows": rows, "changed": changed, "interval": wilson(changed, rows), "rules": by_rule}
