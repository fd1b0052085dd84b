"""Any input as chunks of raw records, before anyone asks for their schema."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from tamis.errors import TamisError
from tamis.records import formats, sources
from tamis.records.formats.frames import of_frame, slices
from tamis.records.raw import Chunk
from tamis.records.reader import as_frame
from tamis.records.sources import Source

Inputs = list[Source] | pl.DataFrame


def open_inputs(data: Any, format: str | None) -> Inputs:
    """The files that a path, glob, folder or `-` (or several) stand for; a table as a polars frame."""
    frame = as_frame(data)
    if frame is not None:
        return frame
    paths = [data] if isinstance(data, str | os.PathLike) else data
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | os.PathLike) for path in paths):
        raise TamisError(
            f"cannot read a {type(data).__name__}; give a path, or a polars, pandas, pyarrow or datasets table"
        )
    return sources.find(paths, format)


def chunks(inputs: Inputs) -> Iterator[tuple[int, Chunk]]:
    """Chunks of raw records, each with the index of its file."""
    if isinstance(inputs, pl.DataFrame):
        for part in slices(inputs):
            yield 0, of_frame(part)
        return
    for index, source in enumerate(inputs):
        for chunk in formats.read(source):
            yield index, chunk
