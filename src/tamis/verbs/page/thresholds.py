"""The threshold explorer: for every numeric rule, how many rows each threshold would hit, and rows beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.measure import FINDINGS
from tamis.recipe import Rule
from tamis.registry import SIGNALS, get
from tamis.results import AuditResult
from tamis.verbs.page.sampling import spread
from tamis.verdicts import judge

STOPS: Final = 160
"""Places of the slider at most; the count at each is exact."""
BINS: Final = 40
NEAREST: Final = 6
"""Rows carried at either side of the threshold as it is, and as many all along the slider."""
PAIR_STEPS: Final = 16


def explored(found: AuditResult) -> list[dict[str, Any]]:
    """A mapping a numeric rule: the histogram of its signal, the slider's stops with their counts, and examples."""
    told = []
    for rule in found.recipe.rules.values():
        if rule.threshold is None:
            continue
        facts = _pairs(found, rule) if get(rule.signal).scope == "pairs" else _values(found, rule)
        if facts is not None:
            told.append(_rule(rule) | facts)
    return sorted(told, key=lambda facts: (not facts["varies"], -facts["rows"], facts["rule"]))


def _rule(rule: Rule) -> dict[str, Any]:
    signal = SIGNALS[rule.signal]
    return {
        "rule": rule.name,
        "what": rule.what,
        "signal": rule.signal,
        "summary": signal.summary,
        "unit": signal.unit,
        "action": rule.action,
        "severity": rule.severity or signal.severity,
        "key": "at_least" if rule.at_least is not None else "at_most",
        "threshold": rule.threshold,
        "other_bound": rule.at_most if rule.at_least is not None else None,
        "where": rule.where,
    }


def _values(found: AuditResult, rule: Rule) -> dict[str, Any] | None:
    """The distribution of a row's or a group's value over the rows that the rule applies to."""
    frame = found.rows if rule.where is None else found.rows.filter(pl.sql_expr(rule.where).fill_null(False))
    if rule.at_least is not None and rule.at_most is not None:
        frame = frame.filter(pl.col(rule.signal) <= rule.at_most)
    frame = frame.select("row", value=pl.col(rule.signal).cast(pl.Float64)).drop_nulls()
    if frame.is_empty():
        return None
    frame = frame.sort("value", "row")
    values, rows = frame["value"].to_numpy(), frame["row"].to_numpy()
    at_least, threshold = rule.at_least is not None, float(rule.threshold or 0)
    stops = _stops(values, threshold, whole=SIGNALS[rule.signal].unit != "ratio")
    affected = [_beyond(values, stop, at_least) for stop in stops]
    chosen = _examples(values, threshold, at_least)
    return {
        "applies": len(values),
        "rows": _beyond(values, threshold, at_least),
        "counted": "rows",
        "stops": stops,
        "affected": affected,
        "histogram": histogram(values),
        "examples": [{"row": int(rows[i]), "value": float(values[i])} for i in chosen],
        "varies": bool(values[0] < values[-1]),
    }


def _beyond(values: NDArray[np.float64], stop: float, at_least: bool) -> int:
    """How many of the ascending values a threshold hits."""
    below = int(np.searchsorted(values, stop, "left" if at_least else "right"))
    return len(values) - below if at_least else below


def _stops(values: NDArray[np.float64], threshold: float, *, whole: bool) -> list[float]:
    """Thresholds worth trying, ascending: every value where they are few, otherwise along the range and the rows."""
    distinct = np.unique(values)
    if len(distinct) > STOPS:
        tail = np.quantile(distinct, np.linspace(0, 1, STOPS // 2))
        by_rows = np.quantile(values, np.linspace(0, 1, STOPS // 2))
        distinct = np.concatenate([tail, by_rows])
    rounded = np.round(distinct) if whole else np.round(distinct, 4)
    beyond = [rounded.max() + (1 if whole else 0.01)]  # a threshold that hits nothing
    return [float(stop) for stop in np.unique(np.concatenate([rounded, [threshold], beyond]))]


def histogram(values: NDArray[np.float64], bins: int = BINS) -> dict[str, Any]:
    """Counts between edges; the edges grow by a factor where a few values are far larger than most.

    >>> histogram(np.array([1.0, 1.0, 2.0]))
    {'edges': [1.0, 2.0, 3.0], 'counts': [2, 1]}
    """
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.round(values)).all())
    if whole and high - low < bins:
        edges = np.arange(low, high + 2)
    elif whole and low >= 0 and high > 20 * max(1.0, float(np.median(values))):
        grown = np.geomspace(max(low, 1.0), high + 1, bins).round()
        edges = np.unique(np.concatenate([[low], grown]))
    else:
        edges = np.linspace(low, high if high > low else low + 1, bins + 1)
        edges = np.unique(edges.round()) if whole else edges
    if whole and edges[-1] <= high:
        edges[-1] = high + 1
    counts, _ = np.histogram(values, edges)
    return {"edges": [round(float(edge), 6) for edge in edges], "counts": counts.tolist()}


def _examples(values: NDArray[np.float64], threshold: float, at_least: bool) -> list[int]:
    """Places of rows just above and below the threshold, and of some all along."""
    at = int(np.searchsorted(values, threshold, "left" if at_least else "right"))
    beside = range(max(0, at - NEAREST), min(len(values), at + NEAREST))
    ends = np.unique(values, return_index=True)[1]
    along = spread(ends[1:] if len(ends) > 1 else ends, NEAREST)
    return sorted({*beside, *along.tolist()})


def _pairs(found: AuditResult, rule: Rule) -> dict[str, Any] | None:
    """How many rows would go at each similarity down to the floor, each kept row counted as kept."""
    pairs = found.pairs.filter(pl.col("signal") == rule.signal).sort("effective", "left", "right")
    if pairs.is_empty():
        return None
    options: Mapping[str, Any] = {**get(rule.signal).options, **found.recipe.signals[rule.signal]}
    floor, threshold = float(options["floor"]), float(rule.threshold or 0)
    stops = sorted({*np.round(np.linspace(floor, 1.0, PAIR_STEPS + 1), 3).tolist(), threshold})
    best = np.sort(found.rows[rule.signal].drop_nulls().to_numpy())
    affected = [_goes(found, rule, stop, pairs) for stop in stops]
    at = int(pairs["effective"].search_sorted(threshold))
    first = max(0, at - NEAREST)
    chosen = pl.concat([pairs.slice(first, 2 * NEAREST), pairs.gather_every(max(1, pairs.height // NEAREST))]).unique(
        ["left", "right"], maintain_order=True
    )
    return {
        "applies": found.rows.height,
        "rows": affected[stops.index(threshold)],
        "counted": "rows that repeat a kept one",
        "stops": stops,
        "affected": affected,
        "histogram": histogram(best),
        "examples": [
            {"row": left, "other": right, "value": value}
            for left, right, value in chosen.filter((pl.col("left") >= 0) & (pl.col("right") >= 0))
            .sort("effective")
            .select("left", "right", "effective")
            .iter_rows()
        ],
        "varies": True,
    }


def _goes(found: AuditResult, rule: Rule, stop: float, pairs: pl.DataFrame) -> int:
    """Rows that the rule alone would name as duplicates at a threshold."""
    recipe = found.recipe.only([rule.name]).set([f"{rule.name}.at_least={stop}"]).only([rule.name])
    bare = pl.DataFrame(schema=FINDINGS)
    return judge(found.rows, bare, recipe, found.accepted, pairs).height
