"""The input in portions that tasks read by themselves: byte ranges of JSON lines, or whole files of another kind."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import pyarrow as pa

from tamis.errors import TamisError
from tamis.records import formats, sources
from tamis.records.formats import frames, jsonl
from tamis.records.raw import Chunk
from tamis.records.reader import Reading, batches_of
from tamis.records.sources import Source

PORTIONS: Final = pa.schema(
    [
        ("portion", pa.int64()),
        ("file", pa.int32()),
        ("start", pa.int64()),
        ("stop", pa.int64()),  # null: the whole file
        ("table", pa.large_binary()),  # rows of a table instead of a file's, as Arrow IPC
    ]
)
BATCHES: Final = pa.schema(
    [
        ("portion", pa.int64()),
        ("file", pa.int32()),
        ("lines", pa.int64()),  # lines of the portion, where its lines are counted from 1
        ("consumed", pa.int64()),
        ("error", pa.string()),  # what the user can mend; then there is nothing else
        ("rows", pa.large_binary()),  # frames as Arrow IPC
        ("turns", pa.large_binary()),
        ("unreadable", pa.large_binary()),
    ]
)


@dataclass(frozen=True)
class Reader:
    """What a worker must know to read a portion."""

    sources: tuple[Source, ...]
    reading: Reading

    def batches(self, portion: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The batches of a portion, each a line of `BATCHES`; rows and lines are numbered as if nothing came before."""
        place = {"portion": portion["portion"], "file": portion["file"]}
        name = "table" if portion["table"] is not None else self.sources[portion["file"]].name
        try:
            lines, chunks = self._chunks(portion)
            for batch in batches_of(chunks, self.reading, portion["file"], name):
                written = {"rows": batch.records.rows, "turns": batch.records.turns, "unreadable": batch.unreadable}
                cells = {column: written_ipc(frame) for column, frame in written.items()}
                yield place | cells | {"lines": lines, "consumed": batch.consumed}
        except TamisError as error:
            yield place | {"error": str(error)}

    def _chunks(self, portion: dict[str, Any]) -> tuple[int, Iterator[Chunk]]:
        if portion["table"] is not None:
            return 0, iter([frames.of_frame(read_ipc(portion["table"]))])
        source = self.sources[portion["file"]]
        if portion["stop"] is None:
            return 0, formats.read(source)
        chunk, lines = jsonl.read_range(source, portion["start"], portion["stop"])
        return lines, iter([chunk])


def portions(inputs: Sequence[Source] | pl.DataFrame) -> list[dict[str, Any]]:
    """The portions of the input in order, each a line of `PORTIONS`.

    >>> [portion["portion"] for portion in portions(pl.DataFrame({"prompt": ["Add 2 and 3."]}))]
    [0]
    """
    found: list[dict[str, Any]] = []
    if isinstance(inputs, pl.DataFrame):
        found = [{"file": 0, "table": written_ipc(part)} for part in frames.slices(inputs)]
    else:
        for file, source in enumerate(inputs):
            found += [{"file": file, "start": start, "stop": stop} for start, stop in _ranges(source)]
    return [dict.fromkeys(PORTIONS.names) | portion | {"portion": i} for i, portion in enumerate(found)]


def _ranges(source: Source) -> list[tuple[int, int | None]]:
    if source.format != "jsonl" or source.compression is not None:
        return [(0, None)]
    size = source.size
    return [(start, min(start + sources.BLOCK, size)) for start in range(0, size, sources.BLOCK)]


def written_ipc(frame: pl.DataFrame) -> bytes:
    """A frame as Arrow IPC.

    >>> read_ipc(written_ipc(pl.DataFrame({"a": [1]})))["a"].to_list()
    [1]
    """
    content = io.BytesIO()
    frame.write_ipc(content)
    return content.getvalue()


def read_ipc(content: bytes) -> pl.DataFrame:
    """The frame that `written_ipc` was given."""
    return pl.read_ipc(io.BytesIO(content))
