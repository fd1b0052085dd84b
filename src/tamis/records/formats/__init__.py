"""One file a format: bytes to raw records, each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from tamis.records.raw import Chunk, Wanted
from tamis.records.sources import Source


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """The records of a file, in order; those whose index `wanted` refuses are `SKIPPED`."""
    from tamis.records.formats import columnar, delimited, json_values, jsonl

    if source.format == "jsonl":
        return jsonl.read(source, wanted)
    if source.format == "json":
        return json_values.read(source, wanted)
    if source.format in ("csv", "tsv"):
        return delimited.read(source, wanted)
    return columnar.read(source, wanted)
