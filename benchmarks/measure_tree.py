"""One measurement of a command and all the processes it starts: seconds, processor seconds, memory held together."""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PERIOD = 0.2
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: what a child leaves behind becomes ours, and its seconds with it


@dataclass(frozen=True)
class TreeRun:
    """`peak_bytes` is the highest sum of all processes' proportional memory (PSS), looked at every 0.2 s.

    A page that processes share counts once; resident pages of mapped files count. `anonymous_bytes` leaves these out.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    anonymous_bytes: int
    failed: str | None = None


class _Watch(threading.Thread):
    """Adds up the memory of our descendants until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.peak = self.anonymous = 0

    def run(self) -> None:
        while not self.stopped.wait(PERIOD):
            held = [_memory(pid) for pid in _descendants(os.getpid())]
            self.peak = max(self.peak, sum(each.get("Pss", 0) for each in held))
            self.anonymous = max(self.anonymous, sum(each.get("Pss_Anon", 0) for each in held))


def run_tree(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> TreeRun:
    """Run a command in a folder to its end, and wait for all that it leaves behind."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    watch = _Watch()
    watch.start()
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(environment), cwd=folder
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen must not wait for it
        used = [usage, *_orphans()]
        watch.stopped.set()
        watch.join()
        output.seek(0)
        told = output.read().decode("utf-8", "replace").strip().splitlines()
    failed = f"exit code {process.returncode}: {told[-1] if told else ''}" if process.returncode else None
    return TreeRun(
        round(wall, 3),
        round(sum(each.ru_utime + each.ru_stime for each in used), 3),
        max(watch.peak, *(each.ru_maxrss * 1024 for each in used)),
        watch.anonymous,
        failed,
    )


def _orphans() -> Iterator[os.struct_rusage]:  # type: ignore[name-defined]
    """What the processes used that outlived the command; a fork server is one."""
    while True:
        try:
            yield os.wait4(-1, 0)[2]
        except ChildProcessError:
            return


def _descendants(ancestor: int) -> list[int]:
    """The processes below one, as they are now."""
    below, found = _children(), [ancestor]
    for pid in found:
        found += below.get(pid, [])
    return found[1:]


def _children() -> dict[int, list[int]]:
    """Processes by their parent."""
    below: dict[int, list[int]] = {}
    for each in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path(f"/proc/{each}/stat").read_text()
        except OSError:  # it has ended since
            continue
        below.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(each))
    return below


def _memory(pid: int) -> dict[str, int]:
    """Bytes by kind, as the kernel adds them up; empty for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    return {name: 1024 * int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
