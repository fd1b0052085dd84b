"""Files that must not outlive the program: removed when it ends, and when it is stopped."""

from __future__ import annotations

import atexit
import shutil
from contextlib import suppress
from pathlib import Path

_PATHS: set[Path] = set()


def register(path: Path) -> Path:
    """Note a file or folder that goes when the program does; the path itself."""
    _PATHS.add(path)
    return path


def forget(path: Path) -> None:
    """The file is finished, or gone already."""
    _PATHS.discard(path)


@atexit.register
def remove() -> None:
    """Remove all that is noted; safe to call from a thread while others still write."""
    for path in list(_PATHS):
        with suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        _PATHS.discard(path)
