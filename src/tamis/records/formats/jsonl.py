"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator

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
    chunk = Chunk()
    start, line, loads = place.byte, place.line, orjson.loads
    for raw in whole.split(b"\n"):
        stop = start + len(raw)
        if start == 0 and raw.startswith(BOM):
            raw, start = raw[3:], 3
        if raw and not raw.isspace():
            if wanted is not None and not wanted(place.record):
                value = SKIPPED
            else:
                try:
                    value = loads(raw)
                except orjson.JSONDecodeError:
                    value = decode_json(raw)
            chunk.values.append(value)
            chunk.starts.append(start)
            chunk.stops.append(stop - raw.endswith(b"\r"))
            chunk.lines.append(line)
            place.record += 1
        start = stop + 1
        line += 1
    place.byte += len(whole)
    place.line = line - 1
    chunk.consumed = len(whole)
    return chunk


def _damaged(place: _Place, damage: Damaged) -> Chunk:
    reason = f"the compressed file is damaged after byte {place.byte} of its text ({damage})"
    return Chunk([Unreadable(reason)], [place.byte], [place.byte], [place.line])
