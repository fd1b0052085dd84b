"""CSV and TSV with a header, RFC 4180."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator

import numpy as np

from tamis import kernels
from tamis.errors import TamisError
from tamis.records.decompress import Damaged
from tamis.records.formats.jsonl import BOM
from tamis.records.raw import LONGEST, SKIPPED, Chunk, Unreadable, Wanted, too_long
from tamis.records.sources import Source, blocks

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def read(source: Source, wanted: Wanted | None = None) -> Iterator[Chunk]:
    """Records under the names of the header; empty fields are null."""
    reader = _Reader(source, wanted)
    window, begin, damage = b"", 0, ""
    stream = blocks(source)
    while True:
        try:
            block = next(stream, b"")
        except Damaged as error:
            block, damage = b"", str(error)
        window += block
        skip = 3 if begin == 0 and window.startswith(BOM) else 0
        starts, stops, resume = kernels.splitting.csv_records(
            np.frombuffer(window, np.uint8), skip, ord(reader.delimiter), not block
        )
        yield reader.chunk(window, starts, stops, begin)
        reader.line += window.count(b"\n", 0, int(resume))
        window, begin = window[int(resume) :], begin + int(resume)
        if not block:
            break
        if len(window) > LONGEST:
            refused = too_long(begin, " (a quote that nothing closes?), and what follows it is not read")
            yield Chunk([refused], [begin], [begin + len(window)], [reader.line])
            return
    if damage:
        reason = f"the compressed file is damaged after byte {begin} of its text ({damage})"
        yield Chunk([Unreadable(reason)], [begin], [begin], [reader.line])


class _Reader:
    def __init__(self, source: Source, wanted: Wanted | None) -> None:
        self.name = source.name
        self.delimiter = "\t" if source.format == "tsv" else ","
        self.wanted = wanted
        self.header: list[str] | None = None
        self.line = 1
        self.record = 0

    def chunk(self, window: bytes, starts: np.ndarray, stops: np.ndarray, begin: int) -> Chunk:
        reach = int(starts[-1]) if len(starts) else 0  # not what is left for later, which may be 256 MB of line feeds
        newlines = np.flatnonzero(np.frombuffer(window, np.uint8)[:reach] == 10)
        lines = (np.searchsorted(newlines, starts) + self.line).tolist()
        chunk = Chunk(consumed=len(window))
        for start, stop, line in zip(starts.tolist(), stops.tolist(), lines, strict=True):
            if self.header is None:
                self.header = self._names(window[start:stop])
                continue
            skip = self.wanted is not None and not self.wanted(self.record)
            chunk.values.append(SKIPPED if skip else self._value(window[start:stop]))
            chunk.starts.append(begin + start)
            chunk.stops.append(begin + stop)
            chunk.lines.append(line)
            self.record += 1
        return chunk

    def _fields(self, raw: bytes) -> list[str]:
        parser = csv.reader([raw.decode("utf-8"), ""], delimiter=self.delimiter)
        fields = next(parser, [])
        if parser.line_num > 1:  # it asked for more: only the last record of a file can be open
            raise csv.Error("a quote opens a field and none closes it, so the rest of the file belongs to this record")
        return fields

    def _names(self, raw: bytes) -> list[str]:
        try:
            names = self._fields(raw)
            if twice := next((name for name in names if name and names.count(name) > 1), None):
                raise TamisError(f"{self.name}: the header names '{twice}' twice; rename one of the two columns")
            return names
        except (UnicodeDecodeError, csv.Error) as error:
            raise TamisError(f"{self.name}: the header cannot be read ({error}); is it UTF-8?") from None

    def _value(self, raw: bytes) -> object:
        assert self.header is not None
        try:
            fields = self._fields(raw)
        except UnicodeDecodeError as error:
            return Unreadable(f"not valid UTF-8 at byte {error.start} of the record")
        except csv.Error as error:
            return Unreadable(f"not valid CSV: {error}")
        if len(fields) != len(self.header):
            return Unreadable(f"has {len(fields)} fields where the header names {len(self.header)}")
        return {name: field or None for name, field in zip(self.header, fields, strict=True)}
