"""Three ways of reading a JSONL file to the end, in tamis' own environment.

python run_read.py tamis|orjson|polars DATA
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import polars
from protocol import timed


def read_orjson(data: Path) -> tuple[int, dict[str, int]]:
    """The bare minimum: parse each line and forget it."""
    with data.open("rb") as file:
        return sum(1 for _ in map(orjson.loads, file)), {}


def read_polars(data: Path) -> tuple[int, dict[str, int]]:
    """One frame of the file's own columns, held in memory."""
    return polars.read_ndjson(data).height, {}


def read_tamis(data: Path) -> tuple[int, dict[str, int]]:
    """Batches of records in tamis' one schema: turns, prompt, response, byte range."""
    from tamis.records.reader import read_batches
    from tamis.records.sources import find

    return sum(len(batch.records) + batch.unreadable.height for batch in read_batches(find([data]))), {}


READERS = {"tamis": read_tamis, "orjson": read_orjson, "polars": read_polars}

if __name__ == "__main__":
    if sys.argv[1] == "tamis":
        import tamis.records.formats.jsonl
        import tamis.records.reader  # noqa: F401  (imports are not part of reading)
    timed(READERS[sys.argv[1]], Path(sys.argv[2]))
