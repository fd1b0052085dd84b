"""Audits a folder and saves the result, killed (-9) after a random time over and over until one run ends by itself.

A program of its own: it imports once, and forks before polars has started a thread.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import tamis
import tamis.verbs.audit


def run(data: str, out: Path) -> int:
    """Start an audit in a child; its process id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            tamis.audit(data, threads=2, cache=out / "cache").save(out)
            status = 0
        finally:
            os._exit(status)
    return child


def main(data: str, out: Path, seconds: float, seed: int) -> None:
    """Print how often it was killed."""
    chance, kills = random.Random(seed), 0
    while True:
        child = run(data, out)
        if kills < 4:
            time.sleep(chance.uniform(0, seconds))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            kills += 1
            continue
        assert os.WEXITSTATUS(status) == 0
        print(kills)
        return


if __name__ == "__main__":
    for seed in sys.argv[4:]:
        main(sys.argv[1], Path(sys.argv[2]) / seed, float(sys.argv[3]), int(seed))
