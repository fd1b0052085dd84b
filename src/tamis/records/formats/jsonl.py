"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from tamis.records.decompress import Damaged
from tamis.records.raw import SKIPPED, Chunk, Unreadable, Wanted, decode_json
from tamis.records.sources import Source, blocks

BOM = b"\xef\xbb\xbf"
_LINE: Final = 1 << 20


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


def read_range(source: Source, start: int, stop: int) -> tuple[Chunk, int]:
    """The records of the lines that begin in a range of bytes, the first of them line 1, and how many lines these are.

    For files that are not compressed; ranges end to end give each line once.
    """
    with source.path.open("rb") as file:
        file.seek(max(0, start - 1))
        text = file.read(stop - file.tell())
        begin = text.find(b"\n") + 1 if start else 0  # the line that the byte before the range is in began before it
        if (start and not begin) or begin == len(text):
            return Chunk(consumed=stop - start), 0
        parts = [text[begin:]]
        while parts[-1] and not parts[-1].endswith(b"\n"):
            parts.append(file.readline(_LINE))
    whole = b"".join(parts)
    chunk = _chunk(whole, _Place(max(0, start - 1) + begin), None)
    return replace(chunk, consumed=stop - start), whole.count(b"\n")


class _Place:
    """Where the next line stands."""

    def __init__(self, byte: int = 0) -> None:
        self.byte = byte
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
