"""Frames of batches that are gathered to one: in memory while they are few, then in a temporary file that is mapped."""

from __future__ import annotations

import mmap
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import polars as pl
import pyarrow as pa

from tamis.errors import TamisError

HELD: Final = 1 << 16
"""Rows that are held before they are written: 40 MB of the default recipe's signals."""
_MAPPED: Final[weakref.WeakSet[mmap.mmap]] = weakref.WeakSet()


@contextmanager
def room(what: str) -> Iterator[None]:
    """One clear error where a temporary file cannot be written."""
    try:
        yield
    except OSError as error:
        raise TamisError(
            f"{what} cannot be kept in a temporary file ({error.strerror or error}); "
            "name a folder with room for as much as the data have: TMPDIR=FOLDER tamis ..."
        ) from None


class Frames:
    """Frames of one schema, added one after the other, to be read as one.

    What is mapped is no memory of the process: the system takes its pages back when it needs them. It lies in parts of
    so many lines, the last one aside, so that columns of two such frames fit each other: those of one whose parts have
    other lengths would be copied, all of them, to memory.
    """

    def __init__(self) -> None:
        self._held: list[pl.DataFrame] = []
        self._rows = 0
        self._file: IO[bytes] | None = None
        self._writer: Any = None

    def add(self, frame: pl.DataFrame) -> None:
        """Append a frame."""
        if frame.height and not self._rows:
            self._held.clear()  # an empty one may be of no settled types
        if frame.height or not self._held:
            self._held.append(frame)
            self._rows += frame.height
        if self._rows >= HELD:
            held = pl.concat(self._held, rechunk=True)
            whole = held.height - held.height % HELD
            with room("the values of all rows"):
                for part in held[:whole].iter_slices(HELD):
                    self._write(part)
            self._held, self._rows = [held[whole:]], held.height - whole

    def frame(self) -> pl.DataFrame:
        """All of them, in order.

        >>> frames = Frames()
        >>> frames.add(pl.DataFrame({"row": [0, 1]}))
        >>> frames.add(pl.DataFrame({"row": [2]}))
        >>> frames.frame()["row"].to_list()
        [0, 1, 2]
        """
        if self._file is None:
            return pl.concat(self._held, rechunk=True)
        with room("the values of all rows"):
            self._writer.close()
            self._file.flush()
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        _MAPPED.add(mapped)
        written = pl.from_arrow(pa.ipc.open_stream(pa.BufferReader(pa.py_buffer(mapped))).read_all(), rechunk=False)
        assert isinstance(written, pl.DataFrame)
        return pl.concat([written, pl.concat(self._held, rechunk=True)] if self._rows else [written])

    def _write(self, frame: pl.DataFrame) -> None:
        # Strings end to end, without those that were filtered out, then as polars has them, to be mapped as such.
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        table = table.cast(frame.clear().to_arrow(compat_level=pl.CompatLevel.newest()).schema)
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="tamis-")  # noqa: SIM115 - open while it is written
            weakref.finalize(self, self._file.close)
            self._writer = pa.ipc.new_stream(self._file, table.schema)
        self._writer.write_table(table)


def put_away(frame: pl.DataFrame, change: Callable[[pl.DataFrame], pl.DataFrame] = lambda part: part) -> pl.DataFrame:
    """What is made of a frame, a part of its lines after the other: mapped where it is long.

    >>> put_away(pl.DataFrame({"row": [1, 2]}), lambda part: part.filter(pl.col("row") > 1))["row"].to_list()
    [2]
    """
    frames = Frames()
    frames.add(change(frame.clear()))
    for part in frame.iter_slices(HELD):
        frames.add(change(part))
    let_go()
    return frames.frame()


def let_go() -> None:
    """Give back the pages of all frames that are mapped; they are read again where they are needed."""
    for mapped in list(_MAPPED) if hasattr(mmap, "MADV_DONTNEED") else ():  # not on Windows
        mapped.madvise(mmap.MADV_DONTNEED)
