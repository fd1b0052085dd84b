"""The same rows written in every format that tamis reads, byte by byte under the test's control."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import zstandard

Rows = Sequence[Mapping[str, Any]]


def lines(rows: Rows) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def array(rows: Rows) -> bytes:
    """One JSON array, printed over several lines."""
    return json.dumps(list(rows), indent=2, ensure_ascii=False).encode() + b"\n"


def wrapped(rows: Rows) -> bytes:
    """An object that holds the rows beside other facts."""
    return json.dumps({"version": [1, 2], "data": list(rows), "note": "]}"}).encode()


def values(rows: Rows) -> bytes:
    """JSON values one after the other, each over several lines, as `jq` prints them."""
    return b"".join(json.dumps(row, indent=1).encode() + b"\n" for row in rows)


def delimited(rows: Rows, delimiter: str = ",") -> bytes:
    """CSV: objects and lists as JSON in a field."""
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    for row in rows:
        cells = (row.get(name) for name in names)
        writer.writerow([json.dumps(c) if isinstance(c, list | dict) else c for c in cells])
    return out.getvalue().encode()


def table(rows: Rows) -> pa.Table:
    """An Arrow table with metadata of its own, which pruning must keep."""
    made = pa.Table.from_pylist([dict(row) for row in rows])
    return made.replace_schema_metadata({b"made-by": b"a test"})


def _parquet(rows: Rows, path: Path) -> Path:
    pq.write_table(table(rows), path, row_group_size=3)
    return path


def _arrow(rows: Rows, path: Path) -> Path:
    made = table(rows)
    with pa.ipc.new_file(path, made.schema) as out:
        out.write_table(made, max_chunksize=3)
    return path


def _stream(rows: Rows, path: Path) -> Path:
    made = table(rows)
    with path.open("wb") as raw, pa.ipc.new_stream(raw, made.schema) as out:
        out.write_table(made, max_chunksize=3)
    return path


def _dataset(rows: Rows, path: Path) -> Path:
    import datasets

    datasets.Dataset(table(rows)).save_to_disk(path, num_shards=min(2, len(rows)))
    return path


def _splits(rows: Rows, path: Path) -> Path:
    import datasets

    cut = len(rows) // 2
    halves = {"train": rows[:cut], "test": rows[cut:]} if cut else {"train": rows}
    datasets.DatasetDict({name: datasets.Dataset(table(half)) for name, half in halves.items()}).save_to_disk(path)
    return path


def _as(make: Callable[[Rows], bytes]) -> Callable[[Rows, Path], Path]:
    def write(rows: Rows, path: Path) -> Path:
        path.write_bytes(make(rows))
        return path

    return write


FORMATS: dict[str, tuple[str, Callable[[Rows, Path], Path]]] = {
    "jsonl": ("rows.jsonl", _as(lines)),
    "jsonl.gz": ("rows.jsonl.gz", _as(lambda rows: gzip.compress(lines(rows)))),
    "jsonl.zst": ("rows.jsonl.zst", _as(lambda rows: zstandard.compress(lines(rows)))),
    "json array": ("rows.json", _as(array)),
    "json array.gz": ("rows.json.gz", _as(lambda rows: gzip.compress(array(rows)))),
    "json object": ("rows.json", _as(wrapped)),
    "json values": ("rows.json", _as(values)),
    "csv": ("rows.csv", _as(delimited)),
    "csv.zst": ("rows.csv.zst", _as(lambda rows: zstandard.compress(delimited(rows)))),
    "tsv": ("rows.tsv", _as(lambda rows: delimited(rows, "\t"))),
    "parquet": ("rows.parquet", _parquet),
    "arrow": ("rows.arrow", _arrow),
    "arrow stream": ("rows.arrow", _stream),
    "dataset": ("saved", _dataset),
    "dataset splits": ("saved", _splits),
}
BYTES = tuple(name for name in FORMATS if "json" in name or "sv" in name)


def write(rows: Rows, format: str, folder: Path) -> Path:
    """Write the rows in a format of `FORMATS`; where they are."""
    name, make = FORMATS[format]
    folder.mkdir(parents=True, exist_ok=True)
    return make(rows, folder / name)


def text_of(path: Path) -> bytes:
    """A file's bytes, decompressed."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw)
    return (
        zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read()
        if path.suffix == ".zst"
        else raw
    )
