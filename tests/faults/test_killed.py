"""A run that is killed leaves nothing broken, and the next one goes on from what it had measured."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tamis
from tests import rows as make
from tests.cache.test_cache import same
from tests.written import write

AUDIT = "from tamis.cli import main; main()"
RUN = """
import sys
import tamis
print("begun", flush=True)
tamis.audit(sys.argv[1], threads=2, cache=sys.argv[2] + "/cache").save(sys.argv[2])
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows in many small files: each is a batch."""
    folder = tmp_path_factory.mktemp("data")
    for part in range(8):
        rows = [{"instruction": f"{q} ({part})", "output": a} for q in make.QUESTIONS[:3] for a in make.ANSWERS[:6]]
        write(rows, "jsonl", folder / f"{part:02}").rename(folder / f"{part:02}.jsonl")
        (folder / f"{part:02}").rmdir()
    return folder


def started(data: Path, out: Path) -> subprocess.Popen[str]:
    """An audit in a process of its own, which has just begun."""
    command = [sys.executable, "-c", RUN, str(data), str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 50), marks=pytest.mark.slow)], ids=["few", "many"])
def test_killed_at_any_time_it_goes_on(seeds: range, data: Path, tmp_path: Path) -> None:
    whole = tamis.audit(data)
    begun = time.perf_counter()
    timed = started(data, tmp_path / "timed")
    timed.communicate()
    assert timed.returncode == 0
    seconds = time.perf_counter() - begun
    for seed in seeds:
        out, chance = tmp_path / str(seed), random.Random(seed)
        killed = started(data, out)
        time.sleep(chance.uniform(0, seconds))
        killed.kill()
        killed.communicate()
        if (out / "audit.json").exists():  # it was done before it was killed
            same(tamis.AuditResult.load(out), whole)
        known = len(list(out.rglob("part-*.parquet")))
        same(tamis.audit(data, threads=2, cache=out / "cache"), whole)
        again = tamis.audit(data, cache=out / "cache")
        same(again, whole)
        assert again.facts["cache"]["rows_measured"] == 0
        assert known <= len(list(out.rglob("part-*.parquet")))


def test_interrupted_it_stops_at_once_and_says_how_to_go_on(tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {i} colours.", "output": f"Blue {i}, red, green. " * 60} for i in range(30_000)]
    big, out = write(rows, "jsonl", tmp_path), tmp_path / "out"
    command = [sys.executable, "-c", AUDIT, "audit", big, "-o", out, "--threads", "2"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait = time.monotonic() + 120
    while not list(out.rglob("part-*.parquet")) and running.poll() is None and time.monotonic() < wait:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    sent = time.monotonic()
    assert running.stderr is not None
    said = running.stderr.readline()
    assert time.monotonic() - sent < 5
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopped; no output file was changed" in said
    assert f"goes on from {out}/cache" in said
    assert not (out / "audit.json").exists()
