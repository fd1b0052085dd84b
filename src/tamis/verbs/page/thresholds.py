"""The threshold explorer: for every numeric rule, how many rows each threshold would hit, and rows beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.keeping import keep_order
from tamis.recipe import Rule
from tamis.registry import SIGNALS, get
from tamis.results import AuditResult
from tamis.verbs.page.sampling import spread
from tamis.verdicts import Judged, group_column

STOPS: Final = 160
"""Places of the slider at most; the count at each is exact."""
BINS: Final = 40
NEAREST: Final = 6
"""Rows carried at either side of the threshold as it is, and as many all along the slider."""
REPEAT_STEPS: Final = 9
"""Places of the slider of a rule on duplicates: at each, it is settled anew which rows are kept."""


def explored(found: AuditResult) -> list[dict[str, Any]]:
    """A mapping a numeric rule: the histogram of its signal, the slider's stops with their counts, and examples."""
    told, repeats = [], _Repeats(found)
    for rule in found.recipe.rules.values():
        if rule.threshold is None:
            continue
        facts = _repeated(repeats, rule) if _names_duplicates(found, rule) else _values(found, rule)
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
    chosen = _examples(values, threshold, stops, at_least)
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
        edges = _growing(low, high, (high / max(low, 1.0)) ** (1 / bins))
    elif whole:
        edges = np.arange(low, high + bins, -(-(high - low + 1) // bins))
        edges = edges[: int(np.searchsorted(edges, high, "right")) + 1]
    else:
        edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    if whole and edges[-1] <= high:
        edges[-1] = high + 1
    counts, _ = np.histogram(values, edges)
    return {"edges": [round(float(edge), 6) for edge in edges], "counts": counts.tolist()}


def _growing(low: float, high: float, ratio: float) -> NDArray[np.float64]:
    """Whole edges from `low` to beyond `high`, each step a share of where it begins, so that no step is shorter."""
    edges = [low]
    while edges[-1] <= high:
        edges.append(edges[-1] + max(1.0, float(np.floor(edges[-1] * (ratio - 1)))))
    return np.array(edges)


def _examples(values: NDArray[np.float64], threshold: float, stops: list[float], at_least: bool) -> list[int]:
    """Places of rows on either side of the threshold, and of some stops all along the slider."""
    side: Literal["left", "right"] = "left" if at_least else "right"
    at = int(np.searchsorted(values, threshold, side))
    along = np.searchsorted(values, np.array(stops)[spread(np.arange(len(stops)), NEAREST)], side)
    chosen = {*range(at - NEAREST, at + NEAREST), *along.tolist(), *(along - 1).tolist()}
    return sorted(place for place in chosen if 0 <= place < len(values))


@dataclass(frozen=True)
class _Repeats:
    """What is needed to say which rows a rule on duplicates would name at another threshold."""

    found: AuditResult

    @cached_property
    def others(self) -> pl.DataFrame:
        """The findings of all rules that name no duplicates."""
        names = [rule.name for rule in self.found.recipe.rules.values() if not _names_duplicates(self.found, rule)]
        return self.found.findings.filter(pl.col("rule").is_in(names))

    @cached_property
    def judged(self) -> Judged:
        """The rows in the order of the keep policy, which findings of rules on rows alone decide."""
        own = [rule.name for rule in self.found.recipe.rules_on("row")]
        order = keep_order(
            self.found.rows, self.found.findings.filter(pl.col("rule").is_in(own)), self.found.recipe.keep
        )
        return Judged(self.found.rows, self.found.pairs, order, self.found.accepted)

    @cached_property
    def drops(self) -> list[Rule]:
        """The rules that drop duplicates."""
        return [r for r in self.found.recipe.rules.values() if r.action == "drop" and _names_duplicates(self.found, r)]

    @cached_property
    def before_flags(self) -> pl.DataFrame:
        """All findings but those of rules that flag duplicates, which are settled last."""
        named = self._marked(self.judged.duplicates(self.drops, self.others))
        return pl.concat([self.others.select(named.columns), named])

    def count(self, rule: Rule, stop: float) -> int:
        """Rows that the rule would name at that threshold, all other rules as they are."""
        changed = replace(rule, at_least=stop)
        if rule.action == "drop":
            rules = [changed if other.name == rule.name else other for other in self.drops]
            named = self.judged.duplicates(rules, self.others).filter(pl.col("rule") == rule.name)
        else:
            named = self.judged.duplicates([changed], self.before_flags)
        return self._marked(named).filter(~pl.col("accepted")).height

    def _marked(self, named: pl.DataFrame) -> pl.DataFrame:
        """Findings with whether each is accepted."""
        hashes = named.select("row").join(self.found.rows.select("row", "row_hash"), "row", maintain_order="left")
        return named.with_columns(self.found.accepted.mask(named, hashes["row_hash"]))


def _names_duplicates(found: AuditResult, rule: Rule) -> bool:
    """Whether the rule names a kept row for each row that it hits, so that the kept ones are not counted."""
    scope = get(rule.signal).scope
    return scope == "pairs" or (
        scope == "corpus" and rule.action == "drop" and group_column(rule.signal) in found.rows.columns
    )


def _repeated(repeats: _Repeats, rule: Rule) -> dict[str, Any] | None:
    """How many rows would be named at each threshold, each kept row counted as kept."""
    found = repeats.found
    values = np.sort(found.rows[rule.signal].drop_nulls().cast(pl.Float64).to_numpy())
    threshold = float(rule.threshold or 0)
    if not len(values) or rule.at_least is None:
        return None
    pairs = found.pairs.filter(pl.col("signal") == rule.signal)
    if get(rule.signal).scope == "pairs":
        options: Mapping[str, Any] = {**get(rule.signal).options, **found.recipe.signals[rule.signal]}
        tried = np.round(np.linspace(float(options["floor"]), 1.0, REPEAT_STEPS), 3).tolist()
        own = pairs.filter((pl.col("left") >= 0) & (pl.col("right") >= 0))
        examples = _pair_examples(own, threshold, tried)
    else:
        tried = spread(np.unique(values)[1:].astype(np.int64), REPEAT_STEPS).tolist()
        examples = []
    stops = sorted({float(stop) for stop in [*tried, threshold]})
    affected = [repeats.count(rule, stop) for stop in stops]
    return {
        "applies": found.rows.height,
        "rows": affected[stops.index(threshold)],
        "counted": "repeats",
        "stops": stops,
        "affected": affected,
        "histogram": histogram(values),
        "examples": examples,
        "varies": bool(values[0] < values[-1]) or len(pairs) > 0,
    }


def _pair_examples(pairs: pl.DataFrame, threshold: float, stops: list[float]) -> list[dict[str, Any]]:
    """Pairs on either side of the threshold, and of every stop."""
    ranked = pairs.sort("effective", "left", "right").select("left", "right", "effective")
    at = int(ranked["effective"].search_sorted(threshold)) if ranked.height else 0
    along = [int(ranked["effective"].search_sorted(stop)) for stop in stops] if ranked.height else []
    chosen = {*range(at - NEAREST, at + NEAREST), *(place + step for place in along for step in (-2, -1, 0, 1))}
    told = ranked[sorted(place for place in chosen if 0 <= place < ranked.height)]
    return [{"row": left, "other": right, "value": value} for left, right, value in told.iter_rows()]
