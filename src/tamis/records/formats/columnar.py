"""Parquet, Arrow IPC files and streams, and the Arrow files of a saved `datasets` folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from tamis.errors import TamisError
from tamis.records.formats import frames
from tamis.records.decompress import Damaged
from tamis.records.raw import Chunk, Wanted
from tamis.records.sources import Source, opened


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records as mappings; such formats have rows, but no byte ranges."""
    record = 0
    with open_table(source) as (_, batches):
        for batch in batches:
            for part in frames.slices(pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))):
                yield frames.of_frame(part, record, wanted)
                record += part.height


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
                    stream = io.BytesIO(stream.read())
                head = stream.read(6)
                stream.seek(0)
                if head == b"ARROW1":
                    table = pa.ipc.open_file(stream)
                    yield table.schema, (table.get_batch(i) for i in range(table.num_record_batches))
                else:
                    stream_reader = pa.ipc.open_stream(stream)
                    yield stream_reader.schema, iter(stream_reader)
    except (pa.ArrowException, Damaged, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TamisError(f"{source.name}: damaged {source.format} file ({reason})") from None
