"""One JSON array of rows, an object that wraps one, or JSON values one after the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tamis import kernels
from tamis.errors import TamisError
from tamis.records.decompress import Damaged
from tamis.records.formats.jsonl import BOM
from tamis.records.raw import LONGEST, SKIPPED, WHOLE, Chunk, Unreadable, Wanted, decode_json, too_long
from tamis.records.schemas import FIELDS
from tamis.records.sources import Source, blocks

_KEY = re.compile(r'\s*,?\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_OPEN = re.compile(rb"\s*\[")
_ROWS = re.compile(r"\[\s*\{")
_BETWEEN = b" \t\r\n,"


@dataclass
class _Scan:
    """The window of the file that is in memory, and where it stands."""

    window: bytes = b""
    begin: int = 0
    line: int = 1
    record: int = 0

    @property
    def end(self) -> int:
        """The byte after the window."""
        return self.begin + len(self.window)

    def drop(self, count: int) -> None:
        self.line += self.window.count(b"\n", 0, count)
        self.window = self.window[count:]
        self.begin += count


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records of a `.json` file. A file cut in the middle gives its whole rows, then one unreadable record."""
    scan, damage = _Scan(), list[str]()
    stream = _until_damage(blocks(source), damage)
    scan.window = next(stream, b"")
    if scan.window.startswith(BOM):
        scan.drop(3)
    bracket, inside = _opened(scan, stream, source)
    while True:
        starts, stops, resume, closed = kernels.splitting.json_values(np.frombuffer(scan.window, np.uint8), 0)
        if len(starts):
            yield _chunk(scan, starts, stops, int(resume), wanted)
        if len(starts) or closed:
            scan.drop(int(resume))
        if closed:
            yield from _after(scan, stream, wrapped=inside and not bracket)
            if damage:
                yield Chunk([Unreadable("the rows are whole" + damage[0])], [scan.end], [scan.end], [scan.line])
            return
        if len(scan.window) > LONGEST:
            refused = too_long(scan.begin, ", and what follows it is not read")
            yield Chunk([refused], [scan.begin], [scan.end], [scan.line])
            return
        block = next(stream, b"")
        if not block:
            break
        # doubling keeps one huge value from being scanned once a block
        scan.window += block + b"".join(_some(stream, len(scan.window) // len(block)))
    yield from _end(scan, inside, damage, wanted)


def _opened(scan: _Scan, stream: Iterator[bytes], source: Source) -> tuple[bool, bool]:
    """Whether the file begins with the bracket of a list, and whether rows are in one at all; drops what is before."""
    if opening := _OPEN.match(scan.window):
        scan.drop(opening.end())
        return True, True
    if not _are_several(scan.window):
        scan.window += b"".join(_at_most(stream, source))
    wrapped = rows_inside(scan.window)
    if wrapped:
        scan.drop(wrapped)
    return False, bool(wrapped)


def _are_several(window: bytes) -> bool:
    """Whether the first value ends here and another follows, so that it is no object around all rows."""
    starts, stops, _, closed = kernels.splitting.json_values(np.frombuffer(window, np.uint8), 0)
    return not closed and len(starts) > 0 and bool(window[int(stops[0]) :].strip(_BETWEEN))


def _at_most(stream: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """The rest of a file that must be held whole."""
    held = 0
    for block in stream:
        held += len(block)
        if held > WHOLE:
            raise TamisError(
                f"{source.name}: an object of more than {WHOLE >> 30} GB around the rows cannot be read; "
                "write them as JSON lines, for instance with: jq -c '.data[]'"
            )
        yield block


def _until_damage(stream: Iterator[bytes], damage: list[str]) -> Iterator[bytes]:
    """The blocks of a file; what is wrong with its end is added to `damage`."""
    try:
        yield from stream
    except Damaged as error:
        damage.append(f" (the compressed file is damaged: {error})")


def _after(scan: _Scan, stream: Iterator[bytes], *, wrapped: bool) -> Iterator[Chunk]:
    """What follows the bracket that closes the rows, where it is more than the end of the object around them."""
    for block in stream:
        if len(scan.window) > LONGEST:  # enough to tell that it is no part of the rows
            break
        scan.window += block
    rest = scan.window.strip(_BETWEEN)
    if rest and not (wrapped and rest.endswith(b"}")):
        before = len(scan.window) - len(scan.window.lstrip(_BETWEEN))
        line = scan.line + scan.window.count(b"\n", 0, before)
        reason = f"the rows end at byte {scan.begin}, and what follows is no part of them"
        yield Chunk([Unreadable(reason)], [scan.begin + before], [scan.begin + before + len(rest)], [line])


def _some(stream: Iterator[bytes], count: int) -> Iterator[bytes]:
    for _, block in zip(range(count), stream, strict=False):
        yield block


def _end(scan: _Scan, inside: bool, damage: list[str], wanted: Wanted | None) -> Iterator[Chunk]:
    """What is left when the file ends without the closing bracket."""
    rest = scan.window.strip(_BETWEEN)
    before = len(scan.window) - len(scan.window.lstrip(_BETWEEN))
    start = scan.begin + before
    place = [start], [start + len(rest)], [scan.line + scan.window.count(b"\n", 0, before)]
    if rest and not inside and not isinstance(value := decode_json(rest), Unreadable):
        skip = wanted is not None and not wanted(scan.record)
        yield Chunk([SKIPPED if skip else value], *place, len(scan.window))
        start, rest = start + len(rest), b""
        place = [start], [start], place[2]
    if rest or inside or damage:
        cut = f"the file is cut at byte {start + len(rest)}"
        reason = f"{cut}: the record that starts at byte {start} has no end" if rest else cut
        yield Chunk([Unreadable(reason + "".join(damage))], *place, len(scan.window))


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

    A list that is a field of a row (`messages`, `instances`) wraps nothing: the object is a row.

    >>> rows_inside(b'{"version": 1, "data": [{"a": 1}]}')
    24
    """
    text = data.decode("latin-1")  # one character a byte, so positions are byte offsets
    decoder, found, end = json.JSONDecoder(strict=False), list[int](), 0
    at = len(text) - len(text.lstrip()) + 1
    while key := _KEY.match(text, at):
        if key[1][1:-1] not in FIELDS and _ROWS.match(text, key.end()):
            found.append(key.end() + 1)
        try:
            _, at = decoder.raw_decode(text, key.end())
        except (ValueError, RecursionError):  # the file is cut, or a row in it is broken
            return found[0] if len(found) == 1 and found[0] == key.end() + 1 else None
        end = at
    return found[0] if len(found) == 1 and text[end:].strip() == "}" else None
