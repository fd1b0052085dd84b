"""A run that is killed leaves nothing broken, and the next one goes on from what it had measured."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tamis
from tests import rows as make
from tests.cache.test_cache import same
from tests.conftest import ROOT
from tests.written import write

AUDIT = "from tamis.cli import main; main()"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows in many small files: each is a batch."""
    folder = tmp_path_factory.mktemp("data")
    for part in range(24):
        rows = [{"instruction": f"{q} ({part})", "output": a} for q in make.QUESTIONS[:3] for a in make.ANSWERS]
        write(rows, "jsonl", folder / f"{part:02}").rename(folder / f"{part:02}.jsonl")
        (folder / f"{part:02}").rmdir()
    return folder


@pytest.mark.parametrize("seeds", [range(5), pytest.param(range(5, 50), marks=pytest.mark.slow)], ids=["few", "many"])
def test_killed_at_any_time_it_goes_on(seeds: range, data: Path, tmp_path: Path) -> None:
    whole = tamis.audit(data)
    started = time.perf_counter()
    tamis.audit(data, threads=2, cache=tmp_path / "timed").save(tmp_path / "timed")
    seconds = time.perf_counter() - started
    ended = subprocess.run(
        [sys.executable, ROOT / "tests/faults/killed.py", data, tmp_path, str(1.2 * seconds), *map(str, seeds)],
        check=True,
        capture_output=True,
        text=True,
    )
    kills = [int(line) for line in ended.stdout.split()]
    assert len(kills) == len(seeds)
    assert sum(kills) >= len(seeds)
    resumed = 0
    for seed in seeds:
        again = tamis.AuditResult.load(tmp_path / str(seed))
        same(again, whole)
        resumed += again.facts["cache"]["rows_known"] > 0
    assert resumed >= len(seeds) // 2


@pytest.mark.parametrize("cached", [True, False], ids=["cache", "no cache"])
def test_interrupted_it_stops_at_once_and_says_how_to_go_on(cached: bool, tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {i} colours.", "output": f"Blue {i}, red, green. " * 60} for i in range(30_000)]
    big, out = write(rows, "jsonl", tmp_path), tmp_path / "out"
    options = [] if cached else ["--no-cache"]
    command = [sys.executable, "-c", AUDIT, "audit", big, "-o", out, "--threads", "2", *options]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait = time.monotonic() + 120
    while cached and not list(out.rglob("part-*.parquet")) and running.poll() is None and time.monotonic() < wait:
        time.sleep(0.02)
    if not cached:
        time.sleep(3)
    running.send_signal(signal.SIGINT)
    sent = time.monotonic()
    assert running.stderr is not None
    said = running.stderr.readline()
    assert time.monotonic() - sent < 5
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopped; no output file was changed" in said
    assert (f"goes on from {out}/cache" in said) == cached
    assert not (out / "audit.json").exists()
