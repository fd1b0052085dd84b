"""`read`: any instruction data as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from tamis.records.reader import Reading, as_frame, read_batches
from tamis.records.sources import find
from tamis.records.table import nested
from tamis.workspace import check_steady, state


def read(
    data: Any,
    *,
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
) -> pl.DataFrame:
    """Every readable row of the data in one frame: its place, its schema, and `turns` as a list of structs.

    Records that could not be read are listed by `audit(...).unreadable`.

    Examples
    --------
    >>> import polars as pl
    >>> frame = read(pl.DataFrame({"prompt": ["Say hi."], "completion": ["Hi!"]}))
    >>> [(turn["role"], turn["text"]) for turn in frame["turns"][0]]
    [('user', 'Say hi.'), ('assistant', 'Hi!')]
    """
    frame = as_frame(data)
    inputs = (
        find([data] if isinstance(data, str) or not isinstance(data, list) else data, format)
        if frame is None
        else frame
    )
    seen = [state(source) for source in inputs] if isinstance(inputs, list) else []
    rows = pl.concat([nested(batch.records) for batch in read_batches(inputs, Reading(schema, mapping or {}))])
    check_steady(seen)
    return rows
