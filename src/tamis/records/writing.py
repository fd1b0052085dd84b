"""Writing the rows that are kept: byte ranges are copied, columns filtered, nothing is serialised anew."""

from __future__ import annotations

import gzip
import io
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import zstandard
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.records.decompress import Compression, Damaged
from tamis.records.formats.columnar import open_table
from tamis.records.raw import LONGEST
from tamis.records.sources import BLOCK, Source, opened

COLUMNAR = ("parquet", "arrow")
Changes = dict[int, Any]
"""By record of a file (0-based), what is written in its place: bytes, or the new values of its columns by name."""


def compression_of(path: Path) -> Compression | None:
    """The compression that a file's ending asks for."""
    return {".gz": "gz", ".zst": "zst"}.get(path.suffix)  # type: ignore[return-value]


def write_kept(
    source: Source,
    places: pl.DataFrame,
    kept: NDArray[np.bool_],
    out: IO[bytes],
    *,
    after: bytes = b"",
    changes: Changes | None = None,
) -> bytes:
    """Write the kept records of one file, as they stand in it but for those that `changes` replaces.

    `places` has a line a record of the file, readable or not, in order (`start`, `stop`); `kept` says
    which to write. `after` is what the call for the file before returned, where lines of several files go
    to one: the last bytes written.
    """
    if source.format in COLUMNAR:
        _write_columnar(source, kept, out, changes or {})
        return b""
    starts, stops = places["start"].to_numpy(), places["stop"].to_numpy()
    patches = [(int(starts[i]), int(stops[i]), new) for i, new in sorted((changes or {}).items())]
    with _Copy(source, out, patches) as copy:
        if source.format == "json":
            _write_values(copy, starts, stops, kept)
            return b""
        if source.format == "jsonl":
            return _write_lines(copy, starts, kept, after)
        header = copy.range(0, int(starts[0]) if len(starts) else None)
        return _write_lines(copy, starts, kept, header)


class _Copy:
    """Copies rising byte ranges of a file, which may be compressed and can then only be read onward.

    A patch is a byte range, inside one of those that are copied, and what is written in its place.
    """

    def __init__(self, source: Source, out: IO[bytes], patches: Sequence[tuple[int, int, bytes]] = ()) -> None:
        self.source = source
        self.patches = deque(patches)
        self.stream = opened(source.path, source.compression)
        self.out = out
        self.at = 0

    def __enter__(self) -> _Copy:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def range(self, start: int, stop: int | None) -> bytes:
        """Copy bytes `start` to `stop` (None: to the end); the last few bytes copied."""
        self._skip(start - self.at)
        last = b""
        while self.patches and (stop is None or self.patches[0][1] <= stop):
            begin, end, new = self.patches.popleft()
            last = (last + self._plain(begin) + new)[-2:]
            self.out.write(new)
            self._skip(end - begin)
        return (last + self._plain(stop))[-2:]

    def _plain(self, stop: int | None) -> bytes:
        last = b""
        while stop is None or self.at < stop:
            block = self._read(BLOCK if stop is None else min(BLOCK, stop - self.at))
            if not block:
                break
            self.at += len(block)
            self.out.write(block)
            last = (last + block)[-2:]
        return last

    def rest(self, start: int) -> bytes:
        """What stands from byte `start` on, as far as a record may reach."""
        self._skip(start - self.at)
        return b"".join(islice(iter(lambda: self._read(BLOCK), b""), 1 + LONGEST // BLOCK))

    def _read(self, count: int) -> bytes:
        """The next bytes; none where a compressed file is damaged, which the audit has reported."""
        try:
            return self.stream.read(count)
        except Damaged:
            return b""

    def _skip(self, count: int) -> None:
        if count > 0 and isinstance(self.stream, io.FileIO):
            self.stream.seek(count, os.SEEK_CUR)
            self.at += count
            return
        while count > 0:
            block = self._read(min(BLOCK, count))
            if not block:
                break
            self.at += len(block)
            count -= len(block)


def _runs(kept: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of kept records."""
    edges = np.flatnonzero(np.diff(kept.astype(np.int8), prepend=0, append=0))
    for first, end in edges.reshape(-1, 2).tolist():
        yield first, end - 1


def _write_lines(copy: _Copy, starts: NDArray[np.int64], kept: NDArray[np.bool_], last: bytes) -> bytes:
    """Runs of lines, each from its first byte to the next one that goes; `last` was written before."""
    opening = not last  # a byte order mark stays where it opens the output
    for first, final in _runs(kept):
        if last and not last.endswith(b"\n"):
            copy.out.write(b"\n")
        end = int(starts[final + 1]) if final + 1 < len(starts) else None
        last = copy.range(0 if first == 0 and opening else int(starts[first]), end) or last
    return last


def _write_values(copy: _Copy, starts: NDArray[np.int64], stops: NDArray[np.int64], kept: NDArray[np.bool_]) -> None:
    """The file's own beginning and end, and runs of values with the separators that stood between them."""
    if not len(starts):
        copy.range(0, None)
        return
    head = next(raw_ranges(copy.source, [0], [int(starts[0])]))
    copy.range(0, int(starts[0]))
    array = head.rstrip().endswith(b"[")
    closing = b"]}" if b"{" in head else b"]"
    separator = b""
    for first, final in _runs(kept):
        copy.out.write(separator)
        copy.range(int(starts[first]), int(stops[final]))
        separator = b",\n" if array else b"\n"
    tail = copy.rest(int(stops[-1]))
    copy.out.write(tail if not array or b"]" in tail else b"\n" + closing + b"\n")


def _write_columnar(source: Source, kept: NDArray[np.bool_], out: IO[bytes], changes: Changes) -> None:
    with open_table(source) as (schema, batches):
        if source.format == "parquet":
            with pq.ParquetFile(source.path) as file:
                codec = file.metadata.row_group(0).column(0).compression if file.metadata.num_row_groups else "SNAPPY"
            codec = "NONE" if codec == "UNCOMPRESSED" else codec
            with pq.ParquetWriter(out, schema, compression=codec) as writer:
                for batch in _filtered(batches, kept, changes):
                    writer.write_batch(batch)
        else:
            opener = pa.ipc.new_stream if _is_stream(source) else pa.ipc.new_file
            chosen = _filtered(batches, kept, changes)
            if changes and any(pa.types.is_dictionary(kind) for kind in schema.types):
                # a file has one dictionary a column, and a changed value is new to it
                chosen = iter(pa.Table.from_batches(chosen, schema).unify_dictionaries().to_batches())
            with opener(out, schema) as arrow:
                for batch in chosen:
                    arrow.write_batch(batch)


def _is_stream(source: Source) -> bool:
    with opened(source.path, source.compression) as stream:
        return not stream.read(6).startswith(b"ARROW1")


def _filtered(batches: Iterator[pa.RecordBatch], kept: NDArray[np.bool_], changes: Changes) -> Iterator[pa.RecordBatch]:
    at = 0
    for batch in batches:
        mask = kept[at : at + batch.num_rows]
        here = {i - at: changes[i] for i in range(at, at + batch.num_rows) if i in changes} if changes else {}
        batch = _changed(batch, here) if here else batch
        at += batch.num_rows
        if mask.all():
            yield batch
        elif mask.any():
            yield batch.filter(pa.array(mask))


def _changed(batch: pa.RecordBatch, changes: Changes) -> pa.RecordBatch:
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        new = {row: values[name] for row, values in changes.items() if name in values}
        columns.append(replaced(column, new) if new else column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def replaced(column: pa.Array, new: Mapping[int, Any]) -> pa.Array:
    """An Arrow array of the same type with other values at some places; all others are taken as they are.

    >>> replaced(pa.array(["a", None, "c"]), {2: "d"}).to_pylist()
    ['a', None, 'd']
    """
    pieces, at = list[pa.Array](), 0
    for place, value in sorted(new.items()):
        one = pa.array([value], _plain_type(column.type))
        pieces += [column.slice(at, place - at), one.cast(column.type) if one.type != column.type else one]
        at = place + 1
    return pa.concat_arrays([*pieces, column.slice(at)])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


class compressed:  # noqa: N801 - a context manager, used like a function
    """A file to write to, compressed as asked."""

    def __init__(self, path: Path, compression: Compression | None) -> None:
        self.path, self.compression = path, compression

    def __enter__(self) -> IO[bytes]:
        self.raw = self.path.open("wb")
        if self.compression == "gz":
            self.out: IO[bytes] = gzip.GzipFile(filename="", mode="wb", fileobj=self.raw, compresslevel=6, mtime=0)  # type: ignore[assignment]
        elif self.compression == "zst":
            self.out = zstandard.ZstdCompressor(level=3).stream_writer(self.raw, closefd=False)
        else:
            self.out = self.raw
        return self.out

    def __exit__(self, *_: object) -> None:
        if self.out is not self.raw:
            self.out.close()
        self.raw.close()


def check_same_format(sources: list[Source], out: Path) -> None:
    """Pruning copies bytes, so the output has the input's format."""
    kinds = {source.format for source in sources}
    if len(kinds) > 1:
        raise TamisError(
            f"{out}: the inputs are {' and '.join(sorted(kinds))}; prune each, or into a folder: -o {out.stem}/"
        )
    ending = out.with_suffix("").suffix if compression_of(out) else out.suffix
    asked = {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".json": "json",
        ".csv": "csv",
        ".tsv": "tsv",
        ".parquet": "parquet",
        ".arrow": "arrow",
    }.get(ending)
    (kind,) = kinds
    as_named = {"".join(source.path.suffixes[-1 - (source.compression is not None) :]) for source in sources}
    as_named = {name.removesuffix(".gz").removesuffix(".zst") for name in as_named}
    if asked is not None and asked != kind and ending not in as_named:
        raise TamisError(
            f"{out}: the rows keep the input's own bytes, which are {kind}; name it .{kind}, then use: tamis convert"
        )


def raw_ranges(source: Source, starts: list[int], stops: list[int]) -> Iterator[bytes]:
    """The bytes of rising ranges of a file."""
    with _Copy(source, io.BytesIO()) as copy:
        for start, stop in zip(starts, stops, strict=True):
            copy.out = held = io.BytesIO()
            copy.range(start, stop)
            yield held.getvalue()
