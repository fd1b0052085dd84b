"""What every runner prints: a JSON line with rows, bytes, seconds of the work alone, and what was found.

Runners are scripts for the environment of their peer, so this file imports the standard library only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Work = Callable[[Path], tuple[int, Mapping[str, int]]]


def timed(work: Work, data: Path) -> None:
    """Do the work once (imports are done by now) and print its line."""
    start = time.perf_counter()
    rows, found = work(data)
    seconds = time.perf_counter() - start
    line = {"rows": rows, "bytes": data.stat().st_size, "seconds": round(seconds, 4), "found": dict(found)}
    print(json.dumps(line))
