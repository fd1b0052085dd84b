"""The one place that configures numba.

Kernels have explicit signatures, so they compile when their module is imported: once per machine, since
the compiled code is cached in a folder named after a hash of every file in this package. Editing any
kernel moves the cache, because numba itself would keep serving a caller's stale copy of an edited callee.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs
from numba import types
from numba.core import config

F = TypeVar("F", bound=Callable[..., object])

U8 = types.Array(types.uint8, 1, "C", readonly=True)
I32 = types.Array(types.int32, 1, "C", readonly=True)
I64 = types.Array(types.int64, 1, "C", readonly=True)
U64 = types.Array(types.uint64, 1, "C", readonly=True)
F64 = types.Array(types.float64, 1, "C", readonly=True)


def _cache_folder() -> Path | None:
    """A writable folder for compiled kernels, or None where there is none (they are then compiled anew)."""
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    chosen = os.environ.get("TAMIS_KERNEL_CACHE")
    parent = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tamis")) / "kernels"
    folder = parent / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _cache_folder()


def tuple_of(*kinds: object) -> Any:
    """The numba type of a kernel that returns several things."""
    return types.Tuple(kinds)  # type: ignore[no-untyped-call]


def kernel(signature: object) -> Callable[[F], F]:
    """Compile a kernel for one signature, without the interpreter's lock while it runs."""

    def compile_now(function: F) -> F:
        previous = config.CACHE_DIR  # type: ignore[attr-defined]
        if _FOLDER is not None:
            config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]
        try:
            return cast(F, numba.njit(signature, cache=_FOLDER is not None, nogil=True)(function))
        finally:
            config.CACHE_DIR = previous  # type: ignore[attr-defined]

    return compile_now
