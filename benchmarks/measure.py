"""One measurement: a fresh process, its wall and processor seconds, its peak memory, and what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """`peak_bytes` is that of the largest process: for peers that fork, less than they use together."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    printed: dict[str, Any]
    failed: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The numbers of the run; `work_seconds` where the command timed its work itself."""
        numbers = asdict(self)
        del numbers["printed"], numbers["failed"]
        return numbers | ({"work_seconds": self.printed["seconds"]} if "seconds" in self.printed else {})


def run_once(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a command to its end.

    A child starts its peak at the memory of the process it was forked from, so nothing large may be
    imported or held here.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=dict(environment))
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen must not wait for it
        out.seek(0)
        err.seek(0)
        failed = None
        if process.returncode != 0:
            failed = f"exit code {process.returncode}: {_last_line(err.read())}"
        cpu = usage.ru_utime + usage.ru_stime
        return Run(round(wall, 4), round(cpu, 4), usage.ru_maxrss * 1024, _printed(out.read()), failed)


def _printed(stdout: bytes) -> dict[str, Any]:
    """The JSON object of the last line, as the runners print it; empty for commands that print none."""
    try:
        value = json.loads(_last_line(stdout))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
