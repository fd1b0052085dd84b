"""Writing rows as a format: chunk by chunk, so that no more than a chunk is held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Protocol

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from tamis.errors import TamisError
from tamis.records.sources import Format
from tamis.records.targets._target import Row
from tamis.records.targets.columns import Columns, fitted, json_text
from tamis.records.writing import compressed, compression_of

ENDINGS: Final[dict[str, Format]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
TABULAR: Final = ("csv", "tsv", "parquet", "arrow")
"""Formats whose columns must be known before the first row is written."""


def format_of(path: Path) -> Format:
    """The format that a file's ending asks for.

    >>> format_of(Path("train.jsonl.gz"))
    'jsonl'
    """
    packed = compression_of(path)
    ending = (path.with_suffix("") if packed else path).suffix.lower()
    if ending not in ENDINGS:
        raise TamisError(
            f"{path}: cannot tell the format from this ending; use {', '.join(ENDINGS)}, or one with .gz or .zst"
        )
    if packed and ENDINGS[ending] in ("parquet", "arrow"):
        raise TamisError(f"{path}: {ENDINGS[ending]} files are compressed inside; leave out {path.suffix}")
    return ENDINGS[ending]


class Writer(Protocol):
    """Takes rows; `kinds` collects, row by row, what the format cannot hold."""

    def write(self, rows: list[Row]) -> list[set[str]]:
        """Write rows, and say for each what was lost."""


@contextmanager
def writer(path: Path, target: Path, columns: Columns, as_json: set[str]) -> Iterator[Writer]:
    """A writer to `path` of the format that `target`'s ending asks for."""
    format = format_of(target)
    if format in ("parquet", "arrow"):
        with _columnar(path, format, columns, as_json) as columnar:
            yield columnar
        return
    with compressed(path, compression_of(target)) as out:
        if format == "jsonl":
            yield _Lines(out)
        elif format == "json":
            values = _Values(out)
            yield values
            values.end()
        else:
            yield _Delimited(out, "," if format == "csv" else "\t", columns, as_json)


class _Lines:
    def __init__(self, out: IO[bytes]) -> None:
        self.out = out

    def write(self, rows: list[Row]) -> list[set[str]]:
        kinds: list[set[str]] = [set() for _ in rows]
        self.out.write(b"".join(json_text(row, lost) + b"\n" for row, lost in zip(rows, kinds, strict=True)))
        return kinds


class _Values:
    """A JSON array with a row a line."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.separator = b"[\n"

    def write(self, rows: list[Row]) -> list[set[str]]:
        kinds: list[set[str]] = [set() for _ in rows]
        for row, lost in zip(rows, kinds, strict=True):
            self.out.write(self.separator + json_text(row, lost))
            self.separator = b",\n"
        return kinds

    def end(self) -> None:
        self.out.write(b"\n]\n" if self.separator == b",\n" else b"[]\n")


class _Delimited:
    """RFC 4180, lines ending in a bare newline; a null is an empty field, what is nested is JSON."""

    def __init__(self, out: IO[bytes], delimiter: str, columns: Columns, as_json: set[str]) -> None:
        self.out, self.delimiter, self.as_json = out, delimiter, as_json
        self.names = list(columns.types)
        self.odd = (delimiter, '"', "\n", "\r")
        if self.names:
            self._line([self._quoted(name) for name in self.names])

    def write(self, rows: list[Row]) -> list[set[str]]:
        kinds: list[set[str]] = [set() for _ in rows]
        for row, lost in zip(rows, kinds, strict=True):
            self._line([self._field(name, row.get(name), lost) for name in self.names])
        return kinds

    def _line(self, fields: list[str]) -> None:
        # one empty field alone would be an empty line, which is no record
        text = '""' if fields == [""] else self.delimiter.join(fields)
        self.out.write(text.encode() + b"\n")

    def _field(self, name: str, value: Any, lost: set[str]) -> str:
        if value is None:
            return ""
        if type(value) is str:
            return self._quoted(value)
        if type(value) is float:
            return repr(value)
        if isinstance(value, list | dict):
            self.as_json.add(name)
        text = json_text(value, lost).decode()
        return self._quoted(text[1:-1] if text.startswith('"') else text)

    def _quoted(self, text: str) -> str:
        if any(mark in text for mark in self.odd) or text != text.strip():
            return '"' + text.replace('"', '""') + '"'
        return text


@contextmanager
def _columnar(path: Path, format: Format, columns: Columns, as_json: set[str]) -> Iterator[Writer]:
    schema = columns.schema()
    if format == "parquet":
        with pq.ParquetWriter(path, schema, compression="zstd") as parquet:
            yield _Batches(parquet, schema, as_json)
    else:
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, schema) as arrow:
            yield _Batches(arrow, schema, as_json)


class _Batches:
    def __init__(self, out: Any, schema: pa.Schema, as_json: set[str]) -> None:
        self.out, self.schema, self.as_json = out, schema, as_json

    def write(self, rows: list[Row]) -> list[set[str]]:
        fitting = [fitted(row, self.schema, self.as_json) for row in rows]
        if rows:
            self.out.write_batch(pa.RecordBatch.from_pylist(fitting, schema=self.schema))
        return [set() for _ in rows]


def copy_tables(tables: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path, format: Format) -> int:
    """Write record batches as they are, types and metadata included; how many rows they held."""
    rows = 0
    with pa.OSFile(str(path), "wb") as out:
        copy: Any = (
            pq.ParquetWriter(out, schema, compression="zstd") if format == "parquet" else pa.ipc.new_file(out, schema)
        )
        with copy:
            for batch in tables:
                copy.write_batch(batch)
                rows += batch.num_rows
    return rows
