"""One batch of records through the row signals and the row rules: values, and evidence where a rule fires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.inputs import INPUTS, Inputs, Texts
from tamis.masking import excerpt
from tamis.packed import Packed
from tamis.recipe import Recipe, Rule
from tamis.records.reader import BESIDE, Batch
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
EVIDENCE = pl.Schema([(name, FINDINGS[name]) for name in ("turn", "start", "stop", "excerpt")])
PLACE = ("row", "file", "line", "start", "stop", "source_schema", "by", "keep")


@dataclass(frozen=True)
class Measured:
    """A batch after the row signals: a line a row, what could not be read, and the findings of row rules."""

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    findings: pl.DataFrame
    consumed: int
    sides: tuple[Packed, Packed] | None = None  # each row's prompt and response, where they are kept


@dataclass(frozen=True)
class Column:
    """A signal's values by row, and by text (NaN where null) where it reads texts turn by turn."""

    values: pl.Series
    by_text: NDArray[Any] | None = None


def measure(
    batch: Batch,
    recipe: Recipe,
    *,
    show_sensitive: bool = False,
    language_model: Any = None,
    keep_texts: bool = False,
) -> Measured:
    """Compute the recipe's row signals for a batch, and the findings of its row rules.

    Prompts and responses are kept where a signal of the recipe compares texts, or where they are asked for; then it is
    also told which rows have a `context` and `tools`.
    """
    inputs = Inputs(batch.records, language_model)
    columns = {s.name: compute(s, inputs, recipe.signals[s.name]) for s in recipe.signals_of("row")}
    rows = pl.DataFrame(
        [
            *batch.records.rows.select(*PLACE, cs.starts_with(BESIDE)),
            *(batch.records.rows.select(_given("context"), _given("tools")) if keep_texts else ()),
            *sketch(inputs),
            *(column.values.alias(name) for name, column in columns.items()),
        ]
    )
    rules = recipe.rules_on("row")
    found = [pl.DataFrame(schema=FINDINGS)]
    for rule, hits in fired(rules, rows):
        evidence = [_evidence(rule, int(hit), columns[rule.signal], inputs, show_sensitive) for hit in hits]
        found.append(findings_of(rule, rows[hits], pl.DataFrame(evidence, EVIDENCE, orient="row")))
    sides = inputs.sides if keep_texts or recipe.compares_texts else None
    return Measured(rows, batch.unreadable, pl.concat(found), batch.consumed, sides)


def _given(name: str) -> pl.Expr:
    """True where a row has that field, otherwise null: its text stays in the batch."""
    return pl.when(pl.col(name).is_not_null()).then(True).alias(name)


def compute(signal: Signal, inputs: Inputs, options: Any) -> Column:
    """One signal's values for a batch."""
    asked = [getattr(inputs, name) for name in signal.inputs]
    try:
        returned = signal.function(*asked, **options)
    except TamisError:
        raise
    except Exception as error:
        raise TamisError(f"signal {signal.name} failed: {type(error).__name__}: {error}") from error
    n_rows, place = len(inputs.records), asked[0]
    _check_length(signal, len(returned), n_rows if signal.over is None else len(place))
    row = None
    if signal.over is not None:
        row = place["row"].to_numpy() if INPUTS[signal.over] == "frame" else place.row
    if signal.unit == "code":
        return Column(commonest_by_row(pl.Series(returned, dtype=pl.String), row, n_rows))
    numbers, valid = _numbers(returned)
    if row is None:
        return Column(_typed(signal, numbers, valid))
    by_text = numbers if valid is None else np.where(valid, numbers, np.nan)
    return Column(_typed(signal, *reduce_by_row(numbers, valid, row, n_rows, signal.reduce)), by_text)


Mask = NDArray[np.bool_] | None
"""Which values are not null; None where all are."""


def _numbers(returned: Any) -> tuple[NDArray[Any], Mask]:
    """What a signal returned, as numbers and where they hold. Most signals return arrays without a null."""
    if isinstance(returned, pl.Series) and returned.null_count():
        numbers = returned.cast(pl.Float64).to_numpy()  # null is NaN, and a count is exact below 2^53
        valid = ~np.isnan(numbers)
        return np.where(valid, numbers, 0).astype(np.float64 if returned.dtype.is_float() else np.int64), valid
    numbers = returned.to_numpy() if isinstance(returned, pl.Series) else np.asarray(returned)
    if numbers.dtype.kind != "f":
        return numbers.astype(np.int64), None
    absent = np.isnan(numbers)
    return (np.where(absent, 0, numbers), ~absent) if absent.any() else (numbers.astype(np.float64), None)


def _check_length(signal: Signal, length: int, expected: int) -> None:
    if length != expected:
        raise TamisError(f"signal {signal.name} returned {length} values for {expected} {signal.over or 'rows'}")


def _typed(signal: Signal, numbers: NDArray[Any], valid: Mask) -> pl.Series:
    values = pl.Series(numbers.astype(np.bool_) if signal.unit == "flag" else numbers)
    return values if valid is None else values.set(pl.Series(~valid), None)


def reduce_by_row(
    numbers: NDArray[Any], valid: Mask, row: NDArray[np.int64], n_rows: int, how: str | None
) -> tuple[NDArray[Any], Mask]:
    """One value a row from one value a text; none where a row has no text that the signal applies to."""
    if valid is not None:
        numbers, row = numbers[valid], row[valid]
    starts = np.flatnonzero(row[1:] != row[:-1]) + 1
    if len(starts) + 1 == n_rows == len(numbers):
        return numbers, None
    reduced, present = np.zeros(n_rows, numbers.dtype), np.zeros(n_rows, np.bool_)
    if len(numbers):
        starts = np.concatenate([[0], starts])
        present[row[starts]] = True
        reduced[row[starts]] = (np.add if how == "sum" else np.maximum).reduceat(numbers, starts)
    return reduced, None if present.all() else present


def commonest_by_row(codes: pl.Series, row: NDArray[np.int64] | None, n_rows: int) -> pl.Series:
    """The code that most of a row's texts have, the earlier one of two that are as common; null where none has any."""
    if row is None or (len(row) == n_rows and (row[1:] != row[:-1]).all()):
        return codes
    counted = (
        pl.DataFrame({"row": row, "code": codes})
        .drop_nulls()
        .group_by("row", "code", maintain_order=True)
        .len()
        .sort("len", descending=True, maintain_order=True)
        .unique("row", keep="first")
    )
    every = pl.DataFrame({"row": np.arange(n_rows)})
    return every.join(counted, on="row", how="left", maintain_order="left")["code"]


def fired(rules: Sequence[Rule], rows: pl.DataFrame) -> Iterator[tuple[Rule, NDArray[np.int64]]]:
    """The rules that fire, each with the positions of the rows it hits: one query for all rules."""
    hits = rows.select(rule.fires().alias(rule.name) for rule in rules)
    for rule in rules:
        if hits.height and hits[rule.name].any():
            yield rule, hits[rule.name].arg_true().cast(pl.Int64).to_numpy()


def findings_of(rule: Rule, hit: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """The findings of a rule: a line a row that it hits, with the evidence of each (see `EVIDENCE`)."""
    said = {
        "rule": rule.name,
        "action": rule.action,
        "severity": rule.severity or get(rule.signal).severity,
        "signal": rule.signal,
        "threshold": rule.threshold,
        "other": None,
    }
    columns = {"row": hit["row"], "value": hit[rule.signal].cast(pl.Float64)}
    columns |= {name: evidence[name] for name in EVIDENCE}
    columns |= {
        name: pl.Series([what], dtype=FINDINGS[name]).new_from_index(0, len(hit)) for name, what in said.items()
    }
    return pl.DataFrame({name: columns[name] for name in FINDINGS})


Evidence = tuple[int | None, int | None, int | None, str | None]


def _evidence(rule: Rule, hit: int, column: Column, inputs: Inputs, show_sensitive: bool) -> Evidence:
    """The turn, the character span and an excerpt of what made a row fire."""
    signal = get(rule.signal)
    if signal.over is None or column.by_text is None:
        return None, None, None, None
    asked = getattr(inputs, signal.over)
    texts = _as_texts(asked)
    first, last = np.searchsorted(texts.row, [hit, hit + 1])
    values = column.by_text[first:last]
    worst = np.nanargmin(values) if rule.looks_low else np.nanargmax(values)
    at = int(first + worst)
    text, span = texts.text[at] or "", None
    if not text and isinstance(asked, pl.DataFrame):
        text = asked["tool_calls"][at] or ""  # a turn may hold nothing but a call
    if signal.locate is not None:
        span = signal.locate(text)
    start, stop = span if span is not None else (None, None)
    return int(texts.turn[at]), start, stop, excerpt(text, start, stop, show_sensitive=show_sensitive)


def _as_texts(asked: Any) -> Texts:
    if isinstance(asked, Texts):
        return asked
    return Texts(asked["text"], asked["row"].to_numpy(), asked["turn"].to_numpy())


assert set(PLACE) <= set(ROWS)
