"""Any input as batches of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown
from tamis.records import formats
from tamis.records.builder import Builder
from tamis.records.formats.frames import of_frame, slices
from tamis.records.raw import SKIPPED, Chunk, Unreadable, Wanted
from tamis.records.schemas import Detector
from tamis.records.sources import Source
from tamis.records.table import Records


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of the input: those that could be read, and those that could not."""

    records: Records
    unreadable: pl.DataFrame
    consumed: int  # bytes of input text that the batch was made of


@dataclass(frozen=True)
class Reading:
    """How to understand rows: a schema instead of detection, renamed fields, and columns that are wanted beside.

    `by` is what counts are split by, `keep` what decides which duplicate stays, and each of `columns` is given as a
    column `data.NAME` of the rows. The data may lack those of the last two that `may_lack` names.
    """

    schema: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    by: str | None = None
    keep: str | None = None
    columns: tuple[str, ...] = ()
    may_lack: tuple[str, ...] = ()


def read_batches(
    inputs: Sequence[Source] | pl.DataFrame, reading: Reading | None = None, wanted: Wanted | None = None
) -> Iterator[Batch]:
    """The rows of files (or of a polars frame) in order, about 12 MB of text at a time.

    `wanted` is asked about each row number; refused rows are left out, and cost no parsing.
    """
    reader = _Reader(reading or Reading(), wanted)
    if isinstance(inputs, pl.DataFrame):
        for part in slices(inputs):
            yield reader.batch(of_frame(part, 0, reader.wanted_from(reader.row)), 0, "table")
    else:
        for index, source in enumerate(inputs):
            for chunk in formats.read(source, reader.wanted_from(reader.row)):
                yield reader.batch(chunk, index, source.name)
    reader.check_named(final=True)


def batches_of(chunks: Iterable[Chunk], reading: Reading, file: int, name: str) -> Iterator[Batch]:
    """The batches of a part of an input, its rows numbered from 0; what `check_columns` asks is not asked."""
    reader = _Reader(reading, None)
    reader.unseen = {}
    for chunk in chunks:
        yield reader.batch(chunk, file, name)


def check_columns(inputs: Sequence[Source] | pl.DataFrame, reading: Reading) -> None:
    """What reading asks of all rows together: that the schema exists, and the columns that the user named.

    Raises
    ------
    TamisError
        With the nearest name, where one of them is not there.
    """
    seen = 0
    for batch in read_batches(inputs, reading) if _Reader(reading, None).unseen else ():
        seen += len(batch.records) + batch.unreadable.height
        if seen >= LOOK_AHEAD:
            return


class _Reader:
    def __init__(self, reading: Reading, wanted: Wanted | None) -> None:
        self.detector = Detector(reading.schema, reading.mapping)
        self.by = reading.by
        self.keep = reading.keep
        self.beside = reading.columns
        named = dict.fromkeys(reading.mapping.values(), "column in --map")
        if reading.by is not None and reading.by not in BUILT_IN_COLUMNS:
            named[reading.by] = "column in --by"
        if reading.keep is not None:
            named |= self._needed([reading.keep], "column of the keep policy", reading)
        named |= self._needed(reading.columns, "column or signal", reading)
        self.unseen = named if wanted is None else {}
        self.columns: set[str] = set()
        self.wanted = wanted
        self.row = 0
        self.bad = 0

    @staticmethod
    def _needed(names: Iterable[str], kind: str, reading: Reading) -> dict[str, str]:
        """Which of the columns it is a mistake to name where the data lacks them."""
        return {name: kind for name in names if name not in {*BUILT_IN_COLUMNS, *reading.may_lack}}

    def wanted_from(self, first: int) -> Wanted | None:
        wanted = self.wanted
        return None if wanted is None else lambda record: wanted(first + record)

    def batch(self, chunk: Chunk, file: int, name: str) -> Batch:
        out, read = Builder(), self.detector.read
        good: list[int] = []
        bad: dict[int, str] = {}
        if self.detector.read_all(chunk.values, out):
            good = list(range(len(chunk.values)))
        else:
            for index, value in enumerate(chunk.values):
                if value is SKIPPED:
                    continue
                schema = read(value, out)
                if isinstance(schema, Unreadable):
                    bad[index] = schema.reason
                else:
                    out.finish(schema)
                    good.append(index)
        if self.unseen:
            self._look_for_named(chunk)
        records = out.build(self._places(chunk, file, good))
        columns = {"by": self._column(self.by, chunk, good, name), "keep": self._column(self.keep, chunk, good, name)}
        columns |= {f"{BESIDE}{wanted}": self._column(wanted, chunk, good, name) for wanted in self.beside}
        rows = records.rows.with_columns(**columns)
        reasons = pl.Series("reason", list(bad.values()), dtype=pl.String)
        unreadable = self._places(chunk, file, list(bad)).with_columns(reasons)
        self.row += len(chunk.values)
        self.bad += len(bad)
        if self.bad > MOST_UNREADABLE and 2 * self.bad > self.row:
            raise TamisError(
                f"{name}: of the first {self.row:,} records {self.bad:,} cannot be read "
                f"(the last: {unreadable['reason'][-1]}); is this instruction data? --schema and --map may help"
            )
        return Batch(replace(records, rows=rows), unreadable, chunk.consumed)

    def _column(self, wanted: str | None, chunk: Chunk, good: list[int], file: str) -> pl.Expr | pl.Series:
        """A column that the user named, as text; nulls without one."""
        if wanted == "source_schema":
            return pl.col("source_schema")
        if wanted is None or wanted == "file":
            return pl.lit(None if wanted is None else file, pl.String)
        return pl.Series([_field(chunk.values[index], wanted) for index in good], dtype=pl.String)

    def _places(self, chunk: Chunk, file: int, indices: list[int]) -> pl.DataFrame:
        """Where the records of these indices stand."""
        chosen = np.array(indices, np.int64)
        known = {"line": chunk.lines, "start": chunk.starts, "stop": chunk.stops}
        return pl.DataFrame(
            {
                "row": chosen + self.row,
                "file": np.full(len(chosen), file, np.int32),
                **{name: _gathered(name, column, chosen) for name, column in known.items()},
            }
        )

    def _look_for_named(self, chunk: Chunk) -> None:
        """Note which of the columns that the user named are there."""
        for row in chunk.values[: max(0, LOOK_AHEAD - self.row)]:
            if isinstance(row, dict):
                self.columns |= row.keys()
                self.unseen = {name: kind for name, kind in self.unseen.items() if not _has(row, name)}
                if not self.unseen:
                    return
        self.check_named(final=self.row + len(chunk.values) >= LOOK_AHEAD)

    def check_named(self, *, final: bool) -> None:
        """A column that none of the first rows has is a mistake; how many are looked at depends on no batch."""
        if final and self.columns:
            for name, kind in self.unseen.items():
                raise unknown(kind, name, {*BUILT_IN_COLUMNS, *self.columns} if "by" in kind else self.columns)


LOOK_AHEAD = 10_000
MOST_UNREADABLE = 5_000_000
"""Records that cannot be read, from where on a file that has hardly any other is refused: each takes some 100 bytes."""
BESIDE = "data."
"""What the names of columns begin with that a caller wants beside a row's own."""


def _gathered(name: str, column: list[int], chosen: NDArray[np.int64]) -> pl.Series:
    if not column:
        return pl.Series(name, [None] * len(chosen), dtype=pl.Int64)
    return pl.Series(name, np.array(column, np.int64)[chosen])


BUILT_IN_COLUMNS = ("file", "source_schema")


def _field(row: dict[str, Any], path: str) -> str | None:
    """A field, or a field of a field written with dots, as text."""
    value: Any = row.get(path)
    if value is None and "." in path:
        value = row
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    return value if value is None or type(value) is str else str(value)


def _has(row: dict[str, Any], path: str) -> bool:
    return path in row or _field(row, path) is not None


def as_frame(table: Any) -> pl.DataFrame | None:
    """A polars, pandas, pyarrow or `datasets` table as a polars frame; None for anything else."""
    if isinstance(table, pl.DataFrame):
        return table
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    module = type(table).__module__.partition(".")[0]
    converters: dict[str, Callable[[Any], Any]] = {
        "pandas": pl.from_pandas,
        "pyarrow": pl.from_arrow,
        "datasets": lambda dataset: pl.from_arrow(dataset.with_format("arrow")[:]),
    }
    if module not in converters:
        return None
    try:
        return pl.DataFrame(converters[module](table))
    except (TypeError, ValueError, AttributeError) as error:
        raise TamisError(f"this {type(table).__name__} cannot be read as a table: {error}") from None
