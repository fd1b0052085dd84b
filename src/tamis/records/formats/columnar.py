"""Parquet, Arrow IPC files and streams, and the Arrow files of a saved `datasets` folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from tamis.errors import TamisError
from tamis.records.raw import SKIPPED, Chunk, Wanted
from tamis.records.sources import Source, opened

ROWS_AT_ONCE = 8192


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records as mappings; such formats have rows, but no byte ranges."""
    record = 0
    with open_table(source) as (_, batches):
        for batch in batches:
            for table in _slices(batch):
                yield of_frame(table, record, wanted)
                record += table.height


def _slices(batch: pa.RecordBatch) -> Iterator[pl.DataFrame]:
    for start in range(0, batch.num_rows, ROWS_AT_ONCE):
        yield pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch.slice(start, ROWS_AT_ONCE)])))


def of_frame(frame: pl.DataFrame, first: int = 0, wanted: Wanted | None = None) -> Chunk:
    """The rows of a polars frame as raw records."""
    values: list[Any] = frame.to_dicts()
    if wanted is not None:
        values = [value if wanted(first + i) else SKIPPED for i, value in enumerate(values)]
    return Chunk(values, consumed=int(frame.estimated_size()))


@contextmanager
def open_table(source: Source) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema of a columnar file and its record batches in order."""
    try:
        if source.format == "parquet":
            with pq.ParquetFile(source.path) as file:
                yield file.schema_arrow, file.iter_batches(batch_size=ROWS_AT_ONCE)
        else:
            with opened(source.path, source.compression) as stream:
                head = stream.read(6)
                stream.seek(0)
                if head == b"ARROW1":
                    table = pa.ipc.open_file(stream)
                    yield table.schema, (table.get_batch(i) for i in range(table.num_record_batches))
                else:
                    stream_reader = pa.ipc.open_stream(stream)
                    yield stream_reader.schema, iter(stream_reader)
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TamisError(f"{source.name}: damaged {source.format} file ({reason})") from None
