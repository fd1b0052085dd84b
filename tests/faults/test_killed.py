"""A run that is killed leaves nothing broken, and the next one goes on from what it had measured."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import tamis
from tests import rows as make
from tests.cache.test_cache import same
from tests.written import write

AUDIT = "from tamis.cli import main; main()"
SLOW = float(os.environ.get("TAMIS_SLOW_MACHINE", "2"))
"""How much longer than alone a process may take here."""
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


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows enough that no verb is done before it is stopped."""
    rows = [{"instruction": f"Name {i} colours.", "output": f"Blue {i}, red, green. " * 60} for i in range(30_000)]
    return write(rows, "jsonl", tmp_path_factory.mktemp("big"))


class TooLateError(Exception):
    """A command was done before it was stopped."""


def stopped(command: list[str], room: Path, begun: Callable[[], bool], number: int = signal.SIGINT) -> str:
    """Stop a command that has begun: it must say one line, and end within two seconds of processor or clock."""
    room.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(room)}
    running = subprocess.Popen(
        [sys.executable, "-c", AUDIT, *command],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    wait = time.monotonic() + 120
    while not begun() and running.poll() is None and time.monotonic() < wait:
        time.sleep(0.02)
    running.send_signal(number)
    sent = time.monotonic()
    out, said = running.communicate(timeout=60)
    assert time.monotonic() - sent < 2 * SLOW
    if running.returncode in (0, -number):  # at its end Python takes back what it does on a signal
        raise TooLateError
    assert running.returncode == 128 + number, said
    assert out == ""
    assert list(room.iterdir()) == [], "a temporary file is left"
    [line] = [line for line in said.splitlines() if "compiling" not in line]
    assert line.startswith("tamis: stopped; no file is half written, and ")
    return line


def after(seconds: float) -> Callable[[], bool]:
    """Begun so long ago."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def test_an_audit_stops_at_once_and_says_how_to_go_on(big: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["audit", str(big), "-o", str(out), "--threads", "2"]
    said = stopped(command, tmp_path / "room", lambda: bool(list(out.rglob("part-*.parquet"))))
    assert f"the same command goes on from {out}/cache" in said
    assert not (out / "audit.json").exists()
    assert [path for path in out.rglob(".*") if path.name != ".lock"] == []


VERBS = {
    "prune": ("{big}", "-o", "{out}/kept.jsonl", "--dropped", "{out}/gone.jsonl"),
    "duplicates": ("{big}", "--kind", "meaning"),
    "decontaminate": ("{big}", "--against", "{big}.test", "-o", "{out}/clean.jsonl"),
    "diversity": ("{big}", "-o", "{out}/d.json"),
    "compare": ("{big}", "{big}.test", "-o", "{out}/c.json"),
    "bias": ("{big}", "-o", "{out}/b.json"),
    "select": ("{big}", "-n", "900", "-o", "{out}/picked.jsonl", "--rest", "{out}/rest.jsonl"),
    "preflight": ("{big}", "--trainer", "trl", "-o", "{out}/p.jsonl"),
    "convert": ("{big}", "--to", "messages", "-o", "{out}/chat.json"),
    "audit": ("{big}",),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_every_verb_stops_at_once_and_leaves_nothing(verb: str, seed: int, big: Path, tmp_path: Path) -> None:
    test, out = big.with_name(big.name + ".test"), tmp_path / "out"
    test.write_bytes(big.read_bytes()[:2000].rpartition(b"\n")[0])
    out.mkdir()
    arguments = [part.format(big=big, out=out) for part in VERBS[verb]]
    seconds, number = random.Random(f"{verb} {seed}").uniform(0.6, 5), (signal.SIGINT, signal.SIGTERM)[seed % 2]
    said = ""
    while not said:
        assert seconds > 0.2, "it was never running when it was stopped"
        with suppress(TooLateError):
            said = stopped([verb, *arguments], tmp_path / "room", after(seconds), number)
        if not said or list(out.iterdir()):  # done, or all but done: what is written is whole
            assert [path for path in out.iterdir() if path.name.startswith(".")] == []
            shutil.rmtree(out)
            out.mkdir()
            said, seconds = "", seconds * 0.6
    assert list(out.iterdir()) == []
    assert "run it again" in said or (verb in ("audit", "prune", "duplicates") and "-o FOLDER" in said)


WAITING = """
import signal, sys, threading, time
from tamis.cli.stopping import advise, stoppable
with stoppable():
    advise("a kernel ran on")
    print("begun", flush=True)
    deaf = time.monotonic() + 30
    while time.monotonic() < deaf:  # what catches everything, as a kernel that no exception ends
        try:
            time.sleep(30)
        except BaseException:
            pass
"""


def test_work_that_hears_no_signal_is_ended_all_the_same() -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    running.send_signal(signal.SIGINT)
    sent = time.monotonic()
    said = running.communicate(timeout=30)[1]
    assert time.monotonic() - sent < 2 * SLOW
    assert (running.returncode, said) == (130, "tamis: stopped; no file is half written, and a kernel ran on\n")
