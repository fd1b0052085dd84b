"""What the figures were taken on: processor, memory, versions."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.environments import NAMES, REQUIREMENTS

PACKAGES = ("tamis", "polars", "pyarrow", "numpy", "numba", "orjson")


def describe() -> dict[str, object]:
    """Processor, cores, memory in bytes and operating system, without the machine's name."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Our libraries' versions, and the peers' as pinned."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    for name in NAMES:
        pins = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
        found |= dict(pin.split("==") for pin in pins if pin.startswith(f"{name}=="))
    return found


def _field(path: Path, name: str) -> str | None:
    if not path.exists():
        return None
    lines = path.read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
