"""One batch of records through the row signals and the row rules: values, and evidence where a rule fires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.inputs import INPUTS, Inputs, Texts
from tamis.masking import excerpt
from tamis.recipe import Recipe, Rule
from tamis.records.reader import Batch
from tamis.records.table import ROWS
from tamis.registry import Signal, get
from tamis.sketch import sketch

FINDINGS = pl.Schema(
    {
        "row": pl.Int64,
        "rule": pl.String,
        "action": pl.String,
        "severity": pl.String,
        "signal": pl.String,
        "value": pl.Float64,
        "threshold": pl.Float64,  # null for a flag, which has none
        "turn": pl.Int32,
        "start": pl.Int32,  # characters into the turn's text
        "stop": pl.Int32,
        "other": pl.Int64,  # the row it duplicates, or shares its prompt or answer with
        "excerpt": pl.String,
    }
)
PLACE = ("row", "file", "line", "start", "stop", "source_schema", "by")


@dataclass(frozen=True)
class Measured:
    """A batch after the row signals: a line a row, what could not be read, and the findings of row rules."""

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    findings: pl.DataFrame
    consumed: int


@dataclass(frozen=True)
class Column:
    """A signal's values by row, and by text where it reads texts turn by turn."""

    values: pl.Series
    by_text: pl.Series | None = None


def measure(batch: Batch, recipe: Recipe, *, show_sensitive: bool = False) -> Measured:
    """Compute the recipe's row signals for a batch, and the findings of its row rules."""
    inputs = Inputs(batch.records)
    columns = {s.name: compute(s, inputs, recipe.signals[s.name]) for s in recipe.signals_of("row")}
    rows = pl.DataFrame(
        [
            *batch.records.rows.select(PLACE),
            *sketch(inputs),
            *(column.values.alias(name) for name, column in columns.items()),
        ]
    )
    found = [_findings(rule, rows, columns[rule.signal], inputs, show_sensitive) for rule in recipe.rules_on("row")]
    findings = pl.concat([pl.DataFrame(schema=FINDINGS), *found])
    return Measured(rows, batch.unreadable, findings, batch.consumed)


def compute(signal: Signal, inputs: Inputs, options: Any) -> Column:
    """One signal's values for a batch."""
    asked = [getattr(inputs, name) for name in signal.inputs]
    try:
        returned = signal.function(*asked, **options)
    except Exception as error:
        raise TamisError(f"signal {signal.name} failed: {type(error).__name__}: {error}") from error
    values = returned if isinstance(returned, pl.Series) else pl.Series(np.asarray(returned))
    if values.dtype.is_float():
        values = values.fill_nan(None)
    if signal.over is None:
        _check_length(signal, values, len(inputs.records))
        return Column(_typed(signal, values))
    _check_length(signal, values, len(asked[0]))
    place = asked[0]
    row = place["row"].to_numpy() if INPUTS[signal.over] == "frame" else place.row
    return Column(_typed(signal, reduce_by_row(values, row, len(inputs.records), signal.reduce)), values)


def _check_length(signal: Signal, values: pl.Series, expected: int) -> None:
    if len(values) != expected:
        raise TamisError(f"signal {signal.name} returned {len(values)} values for {expected} {signal.over or 'rows'}")


def _typed(signal: Signal, values: pl.Series) -> pl.Series:
    dtype = pl.Boolean if signal.unit == "flag" else pl.Float64 if values.dtype.is_float() else pl.Int64
    return values.cast(dtype)


def reduce_by_row(values: pl.Series, row: NDArray[np.int64], n_rows: int, how: str | None) -> pl.Series:
    """One value a row from one value a text; null where a row has no text that the signal applies to."""
    valid = values.is_not_null().to_numpy()
    number = values.cast(pl.Float64 if values.dtype.is_float() else pl.Int64)
    numbers = number.fill_null(0).to_numpy()
    if not valid.all():
        numbers, row = numbers[valid], row[valid]
    if len(numbers) == 0:
        return pl.Series([None], dtype=number.dtype).new_from_index(0, n_rows)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    combine = np.add if how == "sum" else np.maximum
    reduced = combine.reduceat(numbers, starts)
    if len(reduced) == n_rows:
        return pl.Series(reduced)
    return pl.Series([None], dtype=number.dtype).new_from_index(0, n_rows).scatter(row[starts], reduced)


def _findings(rule: Rule, rows: pl.DataFrame, column: Column, inputs: Inputs, show_sensitive: bool) -> pl.DataFrame:
    """The rows that a rule hits, each with its evidence."""
    signal = get(rule.signal)
    hits = rows.select(rule.fires().arg_true()).to_series().to_numpy()
    if len(hits) == 0:
        return pl.DataFrame(schema=FINDINGS)
    evidence = [_evidence(signal, int(hit), column, inputs, show_sensitive) for hit in hits]
    values = column.values[hits].cast(pl.Float64)
    count = len(hits)
    return pl.DataFrame(
        {
            "row": rows["row"][hits],
            "rule": [rule.name] * count,
            "action": [rule.action] * count,
            "severity": [rule.severity or signal.severity] * count,
            "signal": [rule.signal] * count,
            "value": values,
            "threshold": [rule.threshold] * count,
            "turn": [turn for turn, _, _, _ in evidence],
            "start": [start for _, start, _, _ in evidence],
            "stop": [stop for _, _, stop, _ in evidence],
            "other": [None] * count,
            "excerpt": [shown for _, _, _, shown in evidence],
        },
        schema=FINDINGS,
    )


Evidence = tuple[int | None, int | None, int | None, str | None]


def _evidence(signal: Signal, hit: int, column: Column, inputs: Inputs, show_sensitive: bool) -> Evidence:
    """The turn, the character span and an excerpt of what made a row fire."""
    if signal.over is None or column.by_text is None:
        return None, None, None, None
    texts = _as_texts(getattr(inputs, signal.over))
    first, last = np.searchsorted(texts.row, [hit, hit + 1])
    values = column.by_text[int(first) : int(last)].cast(pl.Float64)
    worst = values.arg_max()
    if worst is None:
        return None, None, None, None
    at = int(first) + worst
    text, span = texts.text[at] or "", None
    if signal.locate is not None:
        span = signal.locate(text)
    start, stop = span if span is not None else (None, None)
    return int(texts.turn[at]), start, stop, excerpt(text, start, stop, show_sensitive=show_sensitive)


def _as_texts(asked: Any) -> Texts:
    if isinstance(asked, Texts):
        return asked
    return Texts(asked["text"], asked["row"].to_numpy(), asked["turn"].to_numpy())


assert set(PLACE) <= set(ROWS)
