"""JSON lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from tamis.records.decompress import Damaged
from tamis.records.raw import LONGEST, SKIPPED, Chunk, Unreadable, Wanted, decode_json, too_long
from tamis.records.sources import Source, blocks

BOM = b"\xef\xbb\xbf"
MOST_LINES: Final = 1 << 18
"""Lines of a chunk."""
_LINE: Final = 1 << 20


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records by line. A blank line is no record; a damaged compressed end is one that cannot be read."""
    carry, place = list[bytes](), _Place()
    passed = 0  # bytes of a line that is too long to be held
    try:
        for block in blocks(source):
            if passed:
                end = block.find(b"\n")
                if end < 0:
                    passed += len(block)
                    continue
                yield _overlong(place, passed + end, wanted)
                passed, block = 0, block[end + 1 :]
            cut = block.rfind(b"\n") + 1
            if cut == 0:
                passed, carry = _held([*carry, block])
                continue
            whole, carry = b"".join([*carry, memoryview(block)[:cut]]), [block[cut:]]
            yield from _chunks(whole, place, wanted)
    except Damaged as damage:
        yield _overlong(place, passed, wanted) if passed else _chunk(b"".join(carry), place, wanted)
        yield _damaged(place, damage)
        return
    yield _overlong(place, passed, wanted) if passed else _chunk(b"".join(carry), place, wanted)


def _held(carry: list[bytes]) -> tuple[int, list[bytes]]:
    """The pieces of an open line; once they are too many, how many bytes they were, and none."""
    length = sum(map(len, carry))
    return (length, []) if length > LONGEST else (0, carry)


def _chunks(whole: bytes, place: _Place, wanted: Wanted | None) -> Iterator[Chunk]:
    """A chunk, or several where there are very many lines: a million values take memory however short they are."""
    start, data = 0, np.frombuffer(whole, np.uint8)
    if whole.count(b"\n") > MOST_LINES:
        for cut in (np.flatnonzero(data == 10)[MOST_LINES - 1 :: MOST_LINES] + 1).tolist():
            yield _chunk(whole[start:cut], place, wanted)
            start = cut
    yield _chunk(whole[start:] if start else whole, place, wanted)


def _overlong(place: _Place, length: int, wanted: Wanted | None) -> Chunk:
    """A line that was passed over; its bytes count, and it is one record."""
    start, skip = place.byte, wanted is not None and not wanted(place.record)
    chunk = Chunk([SKIPPED if skip else too_long(start)], [start], [start + length], [place.line], length + 1)
    place.byte += length + 1
    place.line += 1
    place.record += 1
    return chunk


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
