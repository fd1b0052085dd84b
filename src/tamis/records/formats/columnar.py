"""Parquet, Arrow IPC files and streams, and the Arrow files of a saved `datasets` folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from tamis.errors import TamisError
from tamis.records.decompress import Damaged
from tamis.records.formats import frames
from tamis.records.raw import WHOLE, Chunk, Wanted
from tamis.records.sources import BLOCK, Source, opened


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records as mappings; such formats have rows, but no byte ranges."""
    record = 0
    with open_table(source) as (_, batches):
        for batch in batches:
            batch.validate(full=True)  # polars trusts offsets and UTF-8: a damaged file ended the process
            for part in frames.slices(_as_polars(batch)):
                yield frames.of_frame(part, record, wanted)
                record += part.height


def _as_polars(batch: pa.RecordBatch) -> pl.DataFrame:
    columns = [c if _is_held(c.type) else pa.array(map(str, c.to_pylist()), pa.string()) for c in batch.columns]
    return pl.DataFrame(pl.from_arrow(pa.Table.from_arrays(columns, names=batch.schema.names)))


def _is_held(kind: pa.DataType) -> bool:
    """Whether polars has the type too (it panics at a wide decimal); other columns are read as text."""
    types = pa.types
    if types.is_union(kind) or types.is_list_view(kind) or types.is_large_list_view(kind):
        return False
    if types.is_decimal256(kind) or types.is_interval(kind) or types.is_run_end_encoded(kind):
        return False
    return not isinstance(kind, pa.BaseExtensionType) and all(
        _is_held(kind.field(i).type) for i in range(kind.num_fields)
    )


def _unpacked(stream: IO[bytes], name: str) -> IO[bytes]:
    held = io.BytesIO()
    while block := stream.read(BLOCK):
        held.write(block)
        if held.tell() > WHOLE:
            raise TamisError(f"{name}: more than {WHOLE >> 30} GB are packed in it; unpack it first")
    held.seek(0)
    return held


@contextmanager
def open_table(source: Source) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema of a columnar file and its record batches in order."""
    try:
        if source.format == "parquet":
            with pq.ParquetFile(source.path) as file:
                yield file.schema_arrow, file.iter_batches(batch_size=frames.ROWS_AT_ONCE)
        else:
            with opened(source.path, source.compression) as stream:
                if source.compression is not None:
                    stream = _unpacked(stream, source.name)
                head = stream.read(6)
                stream.seek(0)
                if head == b"ARROW1":
                    table = pa.ipc.open_file(stream)
                    yield table.schema, (table.get_batch(i) for i in range(table.num_record_batches))
                else:
                    stream_reader = pa.ipc.open_stream(stream)
                    yield stream_reader.schema, iter(stream_reader)
    except (pa.ArrowException, Damaged, OSError, MemoryError) as error:  # a damaged length asks for terabytes
        reason = (str(error).splitlines() or ["it asks for more memory than there is"])[0]
        raise TamisError(f"{source.name}: damaged {source.format} file ({reason})") from None
