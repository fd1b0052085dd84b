"""One file a format: bytes to raw records, each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from tamis.records.raw import Chunk, Wanted
from tamis.records.sources import Source


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """The records of a file, in order; those whose index `wanted` refuses are `SKIPPED`."""
    # numba's kernels and pyarrow's Parquet take seconds to import: only what the file needs is imported
    if source.format == "jsonl":
        from tamis.records.formats import jsonl

        return jsonl.read(source, wanted)
    if source.format == "json":
        from tamis.records.formats import json_values

        return json_values.read(source, wanted)
    if source.format in ("csv", "tsv"):
        from tamis.records.formats import delimited

        return delimited.read(source, wanted)
    from tamis.records.formats import columnar

    return columnar.read(source, wanted)
