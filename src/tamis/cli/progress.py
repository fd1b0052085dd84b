"""A progress line on standard error, for work that takes longer than two seconds."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

DELAY = 2.0


@dataclass(frozen=True)
class Told:
    """Whom a verb tells how far it is."""

    progress: Callable[[int, int], None] | None
    stages: Callable[[str, float], None] | None


@contextmanager
def progress(what: str, total: int | None, *, quiet: bool) -> Iterator[Told]:
    """Give the caller what to tell: the bytes and rows done since the last call, and the stages after that."""
    if quiet or not sys.stderr.isatty():
        yield Told(None, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what, total=total, rows=0)
    started, shown = time.monotonic(), False

    def advance(consumed: int, rows: int) -> None:
        nonlocal shown
        bar.update(task, advance=consumed, rows=bar.tasks[0].fields["rows"] + rows)
        if not shown and time.monotonic() - started > DELAY:
            bar.start()
            shown = True

    def stage(name: str, share: float) -> None:
        bar.update(task, description=name, total=1.0, completed=share)
        advance(0, 0)

    try:
        yield Told(advance, stage)
    finally:
        if shown:
            bar.stop()


def announce_compilation(*, quiet: bool) -> None:
    """Say why the first run on a machine takes longer to start."""
    from tamis.kernels._cache import must_compile

    if not quiet and must_compile():
        print("tamis: compiling its kernels, which takes half a minute, once on this machine", file=sys.stderr)


def text_size(inputs: list[str] | None) -> int | None:
    """Bytes of text to read; None where a file is compressed, remote or a stream, so that it cannot be told."""
    from tamis.records.remote import is_remote
    from tamis.records.sources import find

    if not inputs or any(one == "-" or is_remote(one) or _is_stream(one) for one in inputs):
        return None
    found = find(inputs)
    return None if any(source.compression for source in found) else sum(source.size for source in found)


def _is_stream(given: str) -> bool:
    """Whether a path can be read once only: to look into it would take from it."""
    with suppress(OSError, ValueError):
        return not stat.S_ISREG(mode := os.stat(given).st_mode) and not stat.S_ISDIR(mode)
    return False
