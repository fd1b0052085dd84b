"""Files of a cache: each appears whole, is checked when it is read, and goes when nobody has read it for a month."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl
import xxhash

from tamis import unfinished
from tamis.errors import TamisError
from tamis.workspace import whole_file, write_parquet

UNUSED_DAYS: Final = 30
TEMPORARY_DAYS: Final = 1  # what a killed run was writing; no run takes a day for one file
_DAY: Final = 24 * 3600


@dataclass
class Parts:
    """A folder of Parquet files, each named by the XXH3 of its bytes: to write one twice changes nothing.

    So several processes may share it, and a changed bit is told from the name. `damaged` names the files that were
    not what their names say; they are removed, and what they held is computed again.
    """

    folder: Path
    damaged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        unfinished.check_local(self.folder)
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, frame: pl.DataFrame, name: str = "part") -> None:
        """Keep a frame."""
        whole = whole_file(self.folder / f"{name}.parquet")
        with self._writing(), whole as path:
            digest = write_parquet(frame, path)
            whole.target = self.folder / f"{name}-{digest}.parquet"

    def names(self, name: str = "part") -> list[str]:
        """The files that are there, in a stable order."""
        return sorted(path.name for path in self.folder.glob(f"{name}-*.parquet"))

    def read(self, name: str, columns: list[str] | None = None) -> pl.DataFrame | None:
        """The frame of a file, or None where it is gone or damaged."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if path.stem.rpartition("-")[2] != _digest(content):
            self.damaged.append(name)
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return pl.read_parquet(io.BytesIO(content), columns=columns)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TamisError(
                f"{self.folder}: the cache cannot be written there ({error.strerror or error}); what it held is kept, "
                "and the same command goes on from there; --no-cache does without"
            ) from None


def _digest(content: bytes) -> str:
    return str(xxhash.xxh3_128_hexdigest(content))


def tidy(folder: Path, now: Callable[[], float] = time.time) -> None:
    """Remove what no run has read for a month, and what killed runs were writing; a file in use is never removed."""
    for path in folder.rglob("*"):
        days = TEMPORARY_DAYS if path.name.startswith(".") else UNUSED_DAYS
        with contextlib.suppress(OSError):  # gone, or full again: another run was here
            if path.is_file() and now() - path.stat().st_mtime > days * _DAY:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()) and now() - path.stat().st_mtime > _DAY:
                path.rmdir()


def keep_newest(folder: Path, count: int) -> None:
    """Remove all files but those that were read or written last."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime)[:-count]:
            path.unlink(missing_ok=True)
