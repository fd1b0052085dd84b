"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

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
            whole = b"".join([*carry, memoryview(block)[:cut]])
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
    data = np.frombuffer(whole, np.uint8)
    stops = np.flatnonzero(data == 10)
    lines = len(stops)
    if whole and not whole.endswith(b"\n"):
        stops = np.append(stops, len(whole))
    starts = np.concatenate([[0], stops[:-1] + 1]) if len(stops) else stops
    if place.byte == 0 and whole.startswith(BOM):
        starts[0] = len(BOM)
    kept = np.flatnonzero(starts < stops)
    values = _all_decoded(whole, starts[kept], stops[kept]) if wanted is None else None
    if values is None:
        kept = kept[[not whole[starts[i] : stops[i]].isspace() for i in kept]]
        values = _decoded(whole, starts[kept], stops[kept], place.record, wanted)
    starts, stops = starts[kept], stops[kept]
    stops = stops - (data[stops - 1] == 13)
    numbers = (kept + place.line).tolist()
    chunk = Chunk(values, (starts + place.byte).tolist(), (stops + place.byte).tolist(), numbers, len(whole))
    place.byte += len(whole)
    place.line += lines
    place.record += len(kept)
    return chunk


Offsets = NDArray[np.int64]


def _all_decoded(whole: bytes, starts: Offsets, stops: Offsets) -> list[Any] | None:
    """The values of lines that are all strict JSON, as almost all are; None where one is not."""
    view, loads = memoryview(whole), orjson.loads
    try:
        return [loads(view[start:stop]) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
    except orjson.JSONDecodeError:
        return None


def _decoded(whole: bytes, starts: Offsets, stops: Offsets, first: int, wanted: Wanted | None) -> list[Any]:
    return [
        decode_json(whole[start:stop]) if wanted is None or wanted(first + i) else SKIPPED
        for i, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True))
    ]


def _damaged(place: _Place, damage: Damaged) -> Chunk:
    reason = f"the compressed file is damaged after byte {place.byte} of its text ({damage})"
    return Chunk([Unreadable(reason)], [place.byte], [place.byte], [place.line])
