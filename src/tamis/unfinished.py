"""Files that appear whole or not at all, and temporary ones: none is left when the program ends, or is stopped."""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from tamis.errors import TamisError

_ELSEWHERE = ("http:", "https:", "s3:", "gs:", "hf:")
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


def check_local(path: Path) -> None:
    """An error for an output that is a URL: what is written is written to this machine."""
    if path.parts[:1] and path.parts[0] in _ELSEWHERE:
        raise TamisError(f"{path.as_posix()}: outputs are files on this machine; write one, and copy it there")


class whole_file:  # noqa: N801 - a context manager, used like a function
    """A temporary path beside the target, renamed to it when the block ends well, removed otherwise.

    A target that is a link stays one: the file that it names is written, as a shell does it.
    """

    def __init__(self, target: Path) -> None:
        check_local(target)
        self.target = Path(os.path.realpath(target)) if target.is_symlink() else target

    def __enter__(self) -> Path:
        if self.target.exists() and not self.target.is_file():  # root could rename a file over /dev/null
            raise OSError(errno.EINVAL, "it is no regular file")
        handle, name = tempfile.mkstemp(prefix=f".{self.target.name[:100]}.", dir=self.target.parent)
        os.close(handle)
        self.path = register(Path(name))
        return self.path

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            mask = os.umask(0)
            os.umask(mask)
            self.path.chmod(0o666 & ~mask)
            self.path.replace(self.target)
        else:
            self.path.unlink(missing_ok=True)
        forget(self.path)
