"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from tamis.records.decompress import Damaged
from tamis.records.raw import SKIPPED, Chunk, Unreadable, Wanted, decode_json
from tamis.records.sources import Source, blocks

BOM = b"\xef\xbb\xbf"


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records by line. A blank line is no record; a damaged compressed end is one that cannot be read."""
    carry: list[bytes] = []
    place = _Place()
    try:
        for block in blocks(source):
            cut = block.rfind(b"\n") + 1
            if cut == 0:
                carry.append(block)
                continue
            whole = b"".join([*carry, block[:cut]])
            carry = [block[cut:]]
            yield _chunk(whole, place, wanted)
    except Damaged as damage:
        yield _chunk(b"".join(carry), place, wanted)
        yield _damaged(place, damage)
        return
    yield _chunk(b"".join(carry), place, wanted)


class _Place:
    """Where the next line stands."""

    def __init__(self) -> None:
        self.byte = 0
        self.line = 1
        self.record = 0


def _chunk(whole: bytes, place: _Place, wanted: Wanted | None) -> Chunk:
    """The records of whole lines: their places are reckoned for all lines at once, since most time goes here."""
    lines = whole.split(b"\n")
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    stops = place.byte + np.cumsum(lengths + 1) - 1
    starts = stops - lengths
    if place.byte == 0 and whole.startswith(BOM):
        lines[0], starts[0] = lines[0][len(BOM) :], len(BOM)
    if b"\r\n" in whole:
        stops -= np.array([line.endswith(b"\r") for line in lines])
    kept = [i for i, line in enumerate(lines) if line and not line.isspace()]
    values = _decoded([lines[i] for i in kept], place.record, wanted)
    chunk = Chunk(
        values, starts[kept].tolist(), stops[kept].tolist(), [place.line + i for i in kept], consumed=len(whole)
    )
    place.byte += len(whole)
    place.line += len(lines) - 1
    place.record += len(kept)
    return chunk


def _decoded(lines: list[bytes], first: int, wanted: Wanted | None) -> list[Any]:
    if wanted is not None:
        return [decode_json(line) if wanted(first + i) else SKIPPED for i, line in enumerate(lines)]
    try:
        return [orjson.loads(line) for line in lines]  # almost always all are JSON
    except orjson.JSONDecodeError:
        return [decode_json(line) for line in lines]


def _damaged(place: _Place, damage: Damaged) -> Chunk:
    reason = f"the compressed file is damaged after byte {place.byte} of its text ({damage})"
    return Chunk([Unreadable(reason)], [place.byte], [place.byte], [place.line])
