"""Rows of a polars frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from tamis.records.raw import SKIPPED, Chunk, Wanted

ROWS_AT_ONCE = 8192


def slices(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The frame in pieces of a batch's size."""
    for start in range(0, frame.height, ROWS_AT_ONCE):
        yield frame.slice(start, ROWS_AT_ONCE)


def of_frame(frame: pl.DataFrame, first: int = 0, wanted: Wanted | None = None) -> Chunk:
    """The rows of a frame as raw records; `first` is the index of its first row."""
    values: list[Any] = frame.to_dicts()
    if wanted is not None:
        values = [value if wanted(first + i) else SKIPPED for i, value in enumerate(values)]
    return Chunk(values, consumed=int(frame.estimated_size()))
