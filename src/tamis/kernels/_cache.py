"""Where compiled kernels are kept; asked by the command line too, which should not wait for numba to answer."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

import platformdirs


def cache_folder() -> Path | None:
    """A writable folder for compiled kernels, or None where there is none (they are then compiled anew).

    It is named after a hash of every file of this package, because numba itself would keep serving a caller's
    stale copy of an edited callee. `TAMIS_KERNEL_CACHE` says where it stands.
    """
    digest = hashlib.sha256(version("numba").encode())
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


def must_compile() -> bool:
    """Whether the kernels have yet to be compiled on this machine."""
    folder = cache_folder()
    return folder is None or not any(folder.rglob("*.nbi"))
