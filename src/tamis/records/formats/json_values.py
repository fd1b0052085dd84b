"""One JSON array of rows, an object that wraps one, or JSON values one after the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tamis.kernels.splitting import json_values
from tamis.records.decompress import Damaged
from tamis.records.formats.jsonl import BOM
from tamis.records.raw import SKIPPED, Chunk, Unreadable, Wanted, decode_json
from tamis.records.sources import Source, blocks

_KEY = re.compile(r'\s*,?\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_OPEN = re.compile(rb"\s*\[")


@dataclass
class _Scan:
    """The window of the file that is in memory, and where it stands."""

    window: bytes = b""
    begin: int = 0
    line: int = 1
    record: int = 0

    def drop(self, count: int) -> None:
        self.line += self.window.count(b"\n", 0, count)
        self.window = self.window[count:]
        self.begin += count


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records of a `.json` file. A file cut in the middle gives its whole rows, then one unreadable record."""
    scan, stream, closed, damage = _Scan(), blocks(source), False, ""
    scan.window = next(stream, b"")
    if scan.window.startswith(BOM):
        scan.drop(3)
    opening = _OPEN.match(scan.window)
    if opening:
        scan.drop(opening.end())
    else:
        scan.window += b"".join(stream)
        wrapped = rows_inside(scan.window)
        if wrapped:
            scan.drop(wrapped)
    inside = scan.begin > 0 and scan.window is not None and (opening is not None or bool(wrapped))
    while True:
        starts, stops, resume, closed = json_values(np.frombuffer(scan.window, np.uint8), 0)
        if len(starts):
            yield _chunk(scan, starts, stops, int(resume), wanted)
            scan.drop(int(resume))
        if closed:
            return
        try:
            block = next(stream, b"")
        except Damaged as error:
            block, damage = b"", f" (the compressed file is damaged: {error})"
        if not block:
            break
        # doubling keeps one huge value from being scanned once a block
        scan.window += block + b"".join(_some(stream, len(scan.window) // len(block)))
    yield from _end(scan, inside, damage, wanted)


def _some(stream: Iterator[bytes], count: int) -> Iterator[bytes]:
    for _, block in zip(range(count), stream, strict=False):
        yield block


def _end(scan: _Scan, inside: bool, damage: str, wanted: Wanted | None) -> Iterator[Chunk]:
    """What is left when the file ends without the closing bracket."""
    rest = scan.window.strip(b" \t\r\n,")
    start = scan.begin + (len(scan.window) - len(scan.window.lstrip(b" \t\r\n,")))
    place = [start], [start + len(rest)], [scan.line]
    if rest and not inside and not isinstance(value := decode_json(rest), Unreadable):
        skip = wanted is not None and not wanted(scan.record)
        yield Chunk([SKIPPED if skip else value], *place, len(scan.window))
    elif rest or inside:
        reason = (
            f"the file is cut at byte {start + len(rest)}: the record that starts at byte {start} has no end{damage}"
        )
        yield Chunk([Unreadable(reason)], *place, len(scan.window))


def _chunk(scan: _Scan, starts: np.ndarray, stops: np.ndarray, resume: int, wanted: Wanted | None) -> Chunk:
    newlines = np.flatnonzero(np.frombuffer(scan.window, np.uint8) == 10)
    lines = (np.searchsorted(newlines, starts) + scan.line).tolist()
    values = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        skip = wanted is not None and not wanted(scan.record)
        values.append(SKIPPED if skip else decode_json(scan.window[start:stop]))
        scan.record += 1
    return Chunk(values, (starts + scan.begin).tolist(), (stops + scan.begin).tolist(), lines, resume)


def rows_inside(data: bytes) -> int | None:
    """The byte after the `[` of the only list of objects in a wrapping object, as in `{"data": [{...}]}`.

    >>> rows_inside(b'{"version": 1, "data": [{"a": 1}]}')
    24
    """
    text = data.decode("latin-1")  # one character a byte, so positions are byte offsets
    decoder, found = json.JSONDecoder(strict=False), []
    at = len(text) - len(text.lstrip()) + 1
    try:
        while key := _KEY.match(text, at):
            value, at = decoder.raw_decode(text, key.end())
            if isinstance(value, list) and value and isinstance(value[0], dict):
                found.append(key.end() + 1)
    except (ValueError, RecursionError):
        return None
    tail = text[at:].strip()
    return found[0] if len(found) == 1 and tail == "}" else None
