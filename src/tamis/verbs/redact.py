"""`prune --redact`: which spans of the kept rows give way to a marker, and what is told of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from tamis import workspace
from tamis.errors import TamisError, unknown
from tamis.records.formats.columnar import open_table
from tamis.records.formats.jsonl import BOM
from tamis.records.reader import as_frame
from tamis.records.redaction import Finder, Redaction, redacted_fields, redacted_json, redacted_value
from tamis.records.sources import Source
from tamis.records.writing import COLUMNAR, Changes, compressed, compression_of, raw_ranges, replaced
from tamis.results import REDACTIONS, AuditResult
from tamis.sensitive import GROUPS, Kind, find, hint

_AT_ONCE: Final = 2000
_ESCAPED: Final = r"|\\u00[0-7]"  # JSON may write any character so, and a hint would not see it


def kinds_of(names: str | Sequence[str]) -> tuple[Kind, ...]:
    """The kinds that are named, one by one or by group, as a list or with commas between.

    >>> [kind.name for kind in kinds_of("email,iban")]
    ['email', 'iban']
    """
    known = {**GROUPS, **{kind.name: (kind,) for group in GROUPS.values() for kind in group}}
    asked = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    if (missing := next((name for name in asked if name not in known), None)) is not None:
        raise unknown("kind to redact", missing, known)
    chosen = {kind.name: kind for name in asked for kind in known[name]}
    # keys before numbers: the digits of a key are no telephone
    return tuple(kind for kind in (*GROUPS["secrets"], *GROUPS["pii"]) if kind.name in chosen)


@dataclass
class Redacted:
    """The records that change, by file and place in it, and a line a span of what was found in them."""

    changes: dict[int, Changes] = field(default_factory=dict)
    lines: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, file: int, record: int, row: int, new: Any, found: Iterable[Redaction]) -> None:
        """Note what a record becomes: its new bytes, or the new values of its columns by name."""
        changes = self.changes.setdefault(file, {})
        changes[record] = {**changes.get(record, {}), **new} if isinstance(new, dict) else new
        self.lines += [(row, *at) for at in found]

    def of(self, file: int) -> Changes:
        """What changes in one file."""
        return self.changes.get(file, {})

    def told(self, audit: AuditResult) -> pl.DataFrame:
        """Row, file, line, field, span and kind of everything that was redacted; never the text itself."""
        lines = pl.DataFrame(self.lines, schema=["row", *Redaction._fields], orient="row") if self.lines else None
        if lines is None:
            return pl.DataFrame(schema=REDACTIONS)
        names = pl.Series([file["name"] for file in audit.facts["inputs"]])
        places = audit.rows.select("row", "line", file=names.gather(audit.rows["file"]))
        joined = lines.join(places, on="row", how="left", maintain_order="left")
        return joined.select(pl.col(name).cast(kind) for name, kind in REDACTIONS.items()).sort(
            "row", maintain_order=True
        )


def redact(audit: AuditResult, sources: Sequence[Source], kept: NDArray[np.bool_], kinds: Sequence[Kind]) -> Redacted:
    """What redacting these kinds changes in the rows that are kept."""

    def finder(text: str) -> list[tuple[tuple[int, int], str, str]]:
        return [(span, kind.name, kind.marker) for span, kind in find(text, kinds)]

    out, quick = Redacted(), hint(kinds)
    if audit.table is not None:
        frame = as_frame(audit.table)
        assert frame is not None
        columns = {c.name: c.to_list() for c in frame if not (c.dtype.is_numeric() or c.dtype.is_temporal())}
        _redact_columns(columns, kept, finder, quick, lambda i, *new: out.add(0, i, i, *new))
        return out
    places = pl.concat([frame.select("row", "file", "start", "stop") for frame in (audit.rows, audit.unreadable)]).sort(
        "row"
    )
    for index, source in enumerate(sources):
        mine = places.filter(pl.col("file") == index)
        rows = mine["row"].to_numpy()
        if source.format in COLUMNAR:
            _redact_batches(source, index, rows, kept, finder, quick, out)
        else:
            stay = np.flatnonzero(kept[rows])
            rewrite = _rewriter(source, mine, finder)
            for record, text in _hinted(source, mine[stay], quick + _ESCAPED):
                new, found = rewrite(text)
                if found:
                    at = int(stay[record])
                    out.add(index, at, int(rows[at]), new.encode(), found)
    return out


def _rewriter(source: Source, places: pl.DataFrame, finder: Finder) -> Any:
    """What redacts one record of a file."""
    if source.format in ("json", "jsonl"):
        return lambda text: redacted_json(text, finder)
    if places.is_empty():
        return None
    head = next(raw_ranges(source, [0], [places["start"][0]])).removeprefix(BOM).decode()
    delimiter = "\t" if source.format == "tsv" else ","
    names = next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
    return lambda text: redacted_fields(text, names, delimiter, finder)


def _hinted(source: Source, places: pl.DataFrame, quick: str) -> Iterator[tuple[int, str]]:
    """The records that may hold something, each with its index in `places`."""
    raw = raw_ranges(source, places["start"].to_list(), places["stop"].to_list())
    first = 0
    while texts := [record.decode() for record in islice(raw, _AT_ONCE)]:
        for i in pl.Series(texts).str.contains(quick).arg_true():
            yield first + i, texts[i]
        first += len(texts)


def _redact_batches(  # noqa: PLR0913 - a file, where its rows stand, what to look for, and where to note it
    source: Source,
    index: int,
    rows: NDArray[np.int64],
    kept: NDArray[np.bool_],
    finder: Finder,
    quick: str,
    out: Redacted,
) -> None:
    at = 0
    with open_table(source) as (schema, batches):
        wanted = [
            i for i, kind in enumerate(schema.types) if not (pa.types.is_primitive(kind) or pa.types.is_null(kind))
        ]
        for batch in batches:
            columns = {schema.names[i]: batch.column(i).to_pylist() for i in wanted}
            here = at
            _redact_columns(
                columns,
                kept[rows[here : here + batch.num_rows]],
                finder,
                quick,
                lambda i, *new, here=here: out.add(index, here + i, int(rows[here + i]), *new),
            )
            at += batch.num_rows


def _redact_columns(
    columns: dict[str, list[Any]], kept: NDArray[np.bool_], finder: Finder, quick: str, note: Any
) -> None:
    """Note the new values of columns, row by row."""
    for name, values in columns.items():
        texts = [
            v
            if isinstance(v, str)
            else orjson.dumps(v, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
            if isinstance(v, list | dict)
            else None
            for v in values
        ]
        may = pl.Series(texts, dtype=pl.String).str.contains(quick).fill_null(False) & pl.Series(kept)
        for i in may.arg_true():
            new, found = redacted_value(values[i], finder, name)
            if found:
                note(i, {name: new}, found)


def write_lines(told: pl.DataFrame, output: Path) -> None:
    """Write a JSON line for every span."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with workspace.whole_file(output) as path, compressed(path, compression_of(output)) as out:
            told.write_ndjson(out)
    except OSError as error:
        raise TamisError(f"{output}: cannot be written ({error.strerror or error})") from None


def with_changes(table: Any, changes: Changes) -> Any:
    """A table of the kind it was, with other values in some of its rows."""
    by_column: dict[str, dict[int, Any]] = {}
    for row, values in changes.items():
        for name, value in values.items():
            by_column.setdefault(name, {})[row] = value
    if not by_column:
        return table
    module = type(table).__module__.partition(".")[0]
    if module == "datasets":
        whole = table.with_format("arrow")[:]
        return type(table)(_arrow_changed(whole, by_column), info=table.info.copy(), split=table.split)
    if module == "pyarrow":
        return _arrow_changed(table, by_column)
    if module == "pandas":
        return table.assign(**{name: _pandas_changed(table[name], new) for name, new in by_column.items()})
    frame = table.collect() if isinstance(table, pl.LazyFrame) else table
    return frame.with_columns(
        pl.Series(name, [new.get(i, v) for i, v in enumerate(frame[name].to_list())], dtype=frame[name].dtype)
        for name, new in by_column.items()
    )


def _pandas_changed(column: Any, new: dict[int, Any]) -> Any:
    kind = object if str(column.dtype) == "category" else column.dtype
    values = [new.get(i, value) for i, value in enumerate(column.tolist())]
    return type(column)(values, index=column.index, dtype=kind)


def _arrow_changed(table: Any, by_column: dict[str, dict[int, Any]]) -> Any:
    for name, new in by_column.items():
        at = table.schema.get_field_index(name)
        column = table.column(at)
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        table = table.set_column(at, table.schema.field(at), replaced(whole, new))
    return table
