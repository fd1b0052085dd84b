"""The texts of some rows of an audit, read again from where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from tamis import workspace
from tamis.inputs import Inputs
from tamis.records.reader import Reading, as_frame, read_batches
from tamis.results import AuditResult

Texts = Mapping[int, tuple[str, str]]


def texts_of(found: AuditResult, rows: Iterable[int]) -> Texts:
    """The prompt and the response of rows by number; a number below 0 is a row of the reference set."""
    wanted = pl.Series(sorted(set(rows)), dtype=pl.Int64)
    places = found.places(wanted)
    own, others = places.filter(pl.col("row") >= 0), places.filter(pl.col("row") < 0)
    texts = dict.fromkeys(wanted.to_list(), ("", ""))
    texts.update(_read(own, found.table, found.facts["inputs"], found.reading))
    texts.update(_read(others, found.reference_table, found.facts["against"], Reading()))
    return texts


def _read(
    places: pl.DataFrame, table: Any, files: Sequence[Mapping[str, Any]], reading: Reading
) -> Iterator[tuple[int, tuple[str, str]]]:
    """The rows of one set, if the files are still those that were read."""
    if places.is_empty():
        return
    row_of = dict(places.select("number", "row").iter_rows())
    frame = as_frame(table)
    inputs = [workspace.check_unchanged(file) for file in files if "path" in file] if frame is None else frame
    for batch in read_batches(inputs, reading, row_of.__contains__):
        numbers = (row_of[number] for number in batch.records.rows["row"])
        yield from zip(numbers, _sides(Inputs(batch.records)), strict=True)


def _sides(inputs: Inputs) -> Iterator[tuple[str, str]]:
    prompts, responses = inputs.sides
    return zip(prompts.strings(), responses.strings(), strict=True)
