"""Tables as folders of Parquet files, written by tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from tamis.engines.ray.session import Session
from tamis.errors import TamisError
from tamis.workspace import clear_parts, whole_file

PART_ROWS: Final = 100_000


def write_parts(session: Session, folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Write each table as `folder/NAME/part-00000.parquet` and so on, in order; what stood there goes.

    The folder must be one that all machines of a cluster see.
    """
    clear_parts(folder, tables)
    try:
        for name in tables:
            (folder / name).mkdir(parents=True)
    except OSError as error:
        raise TamisError(f"{folder}: cannot be written ({error.strerror or error})") from None
    written = [
        session.call(write_part, table.slice(start, PART_ROWS), str(folder / name / f"part-{number:05}.parquet"))
        for name, table in tables.items()
        for number, start in enumerate(range(0, max(1, table.height), PART_ROWS))
    ]
    session.results(written)


def write_part(table: pl.DataFrame, path: str) -> None:
    """Write a part, whole or not at all."""
    try:
        with whole_file(Path(path)) as draft:
            table.write_parquet(draft, compression="zstd")
    except OSError as error:
        raise TamisError(f"{path}: cannot be written ({error.strerror or error})") from None
