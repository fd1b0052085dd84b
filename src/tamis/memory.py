"""How much memory there is for this process: of the machine, and within the limits of its container."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tamis.errors import TamisError

VARIABLE: Final = "TAMIS_MEMORY"
"""Bytes that the process may hold, as `6G`; `any` for no limit. Without it, what it holds and what is free."""
ROOT: Final = Path("/")
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def available(root: Path = ROOT) -> int | None:
    """Bytes that this process may hold: what `TAMIS_MEMORY` says, or what it holds and what is free; None if unknown.

    >>> available(Path("/nowhere")) is None
    True
    """
    told = os.environ.get(VARIABLE, "")
    if told:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", told, re.IGNORECASE)
        if found is None and told != "any":
            raise TamisError(f"{VARIABLE} is '{told}'; write a size as 6G, or any for no limit")
        return None if found is None else int(float(found[1]) * _UNITS[found[2].upper()])
    free = [*_machine(root), *_container(root)]
    return min(free) + _held(root) if free else None


def give_back() -> None:
    """Let the system have what the C library keeps of memory that is free: 92 MB after 20,000 rows of 2 kB.

    It keeps it for each thread, and who measures and who compares rows are different threads.
    """
    with suppress(OSError, AttributeError, TypeError):  # none but that of GNU has a name for it
        ctypes.CDLL(None).malloc_trim(0)


def _held(root: Path) -> int:
    """Bytes that the process holds by itself: pages of files can go."""
    pages = _text(root / "proc/self/statm").split()
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE") if len(pages) > 2 else 0


def _machine(root: Path) -> Iterator[int]:
    """What the kernel says could be used without swapping: free memory, and caches that it would let go."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", _text(root / "proc/meminfo"), re.MULTILINE)
    if found is not None:
        yield int(found[1]) * 1024


def _container(root: Path) -> Iterator[int]:
    """What is left of the limit of each control group that the process is in, file caches not counted as used."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        top = root / "sys/fs/cgroup" / controllers
        limit, used = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
        )
        for folder in (top / path.lstrip("/"), *(top / path.lstrip("/")).parents):
            if top not in (folder, *folder.parents):
                break
            most, now = _text(folder / limit).strip(), _text(folder / used).strip()
            if most.isdigit() and now.isdigit():
                cached = re.search(r"^(?:total_)?inactive_file (\d+)$", _text(folder / "memory.stat"), re.MULTILINE)
                yield max(0, int(most) - int(now) + (int(cached[1]) if cached else 0))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
