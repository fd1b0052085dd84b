"""The engine ray gives what the local one gives, survives its workers, and keeps to itself.

One file, so that tests that run side by side share one Ray.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import tamis
from tamis.engines.ray.session import ENVIRONMENT
from tamis.errors import TamisError
from tamis.records import sources
from tamis.registry import SIGNALS
from tests import rows as make
from tests.written import write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(r"ignore:::ray(\.|$)"),
    pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning"),  # Ray's own processes, which it ends itself
]
EXAMPLES = [str(path) for path in sorted(Path("examples/data").iterdir())]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
AUDIT = "from tamis.cli import main; main()"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here sockets to this machine are allowed, and no others: Ray's parts talk with each other."""

    class Loopback(socket.socket):
        def connect(self, address: Any) -> None:
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
                raise AssertionError(f"a connection to {address}: nothing may leave the machine")
            super().connect(address)

    monkeypatch.setattr(socket, "socket", Loopback)


@pytest.fixture(autouse=True)
def _own_signals_go() -> Iterator[None]:
    """Signals that a test declares are not there for the next one."""
    before = dict(SIGNALS)
    yield
    SIGNALS.clear()
    SIGNALS.update(before)


@pytest.fixture(scope="module")
def started() -> Iterator[None]:
    """A Ray of two processors with a small store, for all tests that need one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        ray.init(
            address="local", num_cpus=2, object_store_memory=300 << 20, include_dashboard=False, log_to_driver=False,
            logging_level=logging.CRITICAL, _node_ip_address="127.0.0.1",
        )  # fmt: skip
        try:
            yield
        finally:
            ray.shutdown()


def same(one: tamis.AuditResult, other: tamis.AuditResult) -> None:
    for name in ("rows", "findings", "unreadable", "pairs", "reference"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.facts["corpus"] == other.facts["corpus"]


@pytest.mark.usefixtures("started")
class TestSameAnswer:
    def test_of_all_formats_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [{"instruction": f"Name é {i % 7} colours.\n", "output": 'Blue, "red".' * (i % 4)} for i in range(30)]
        names = ("jsonl", "json array", "csv", "parquet", "jsonl.gz")
        written = [str(write(rows, name, tmp_path / name)) for name in names]
        broken = tmp_path / "broken.jsonl"
        broken.write_bytes(
            b'\n{"prompt": "a", "completion": "b"}\r\n{"prompt": \n  \n{"prompt": "a", "completion": ""}'
        )
        (tmp_path / "empty.jsonl").write_bytes(b"")
        given = [*EXAMPLES, *written, str(broken), str(tmp_path / "empty.jsonl")]
        whole = tamis.audit(given, by="source_schema")
        monkeypatch.setattr(sources, "BLOCK", 5000)
        told: list[int] = []
        found = tamis.audit(given, by="source_schema", engine="ray", progress=lambda _, n: told.append(n))
        same(found, whole)
        assert sum(told) == whole.rows.height
        assert len(told) > 20
        assert found.facts["engine"]["cpus"] == 2

    def test_of_a_table_against_a_set_by_prompts(self) -> None:
        rows = [{"prompt": make.QUESTIONS[i % 5] + " " + "word " * (i % 9), "completion": str(i)} for i in range(200)]
        options: dict[str, Any] = {
            "set": ["near_duplicate_similarity.field=prompt", "near_duplicate_similarity.template_share=0.02"],
            "against": pl.DataFrame(rows[:3]),
        }
        table = pl.DataFrame(rows)
        same(tamis.audit(table, **options, engine="ray"), tamis.audit(table, **options))

    def test_of_functions_of_the_callers(self) -> None:
        def lengths(texts: list[str]) -> list[list[float]]:
            return [[len(text), text.count("e"), 1.0] for text in texts]

        def shouts(texts: list[str]) -> list[str | None]:
            return ["de" if "!" in text else "en" for text in texts]

        options: dict[str, Any] = {"embedder": lengths, "language_model": shouts}
        same(tamis.audit(EXAMPLES[0], **options, engine="ray"), tamis.audit(EXAMPLES[0], **options))

    def test_a_worker_that_is_killed_changes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        marker, module = tmp_path / "killed", tmp_path / "mine.py"
        module.write_text(
            f'''
import os, signal
from pathlib import Path
import numpy as np
from tamis.registry import signal as declared
WHERE = Path({str(marker)!r})

@declared(unit="count", source="own")
def letters_e(rows):
    """How many rows there are before it in its batch."""
    if {os.getpid()} != os.getpid() and (rows["row"].max() or 0) > 3 and not WHERE.exists():
        WHERE.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return np.ones(rows.height, np.int64)
'''
        )
        rows = [{"instruction": f"Name {i} colours.", "output": "Blue."} for i in range(60)]
        source = write(rows, "jsonl", tmp_path)
        monkeypatch.setattr(sources, "BLOCK", 500)
        whole = tamis.audit(source, signals=[str(module)])
        found = tamis.audit(source, signals=[str(module)], engine="ray")
        assert marker.exists()
        assert "letters_e" in found.rows.columns
        same(found, whole)

    def test_a_failing_signal_is_one_line(self, tmp_path: Path) -> None:
        module = tmp_path / "failing.py"
        module.write_text(
            "from tamis.registry import signal\n\n@signal(unit='count', source='own')\n"
            "def divided(rows):\n    '''Nothing.'''\n    return rows['row'] // 0 if rows.height < 0 else 1 / 0\n"
        )
        with pytest.raises(TamisError, match="signal divided failed: ZeroDivisionError"):
            tamis.audit(EXAMPLES[0], signals=[str(module)], engine="ray")

    def test_what_cannot_be_sent_is_named(self) -> None:
        lock = threading.Lock()

        def guarded(texts: list[str]) -> list[list[float]]:
            with lock:
                return [[1.0, len(text)] for text in texts]

        with pytest.raises(TamisError, match="embedder cannot be sent"):
            tamis.audit(EXAMPLES[0], embedder=guarded, engine="ray")

    def test_of_nothing_that_can_be_read(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.jsonl"
        broken.write_bytes(b"{broken\n[1]\n")
        same(tamis.audit(broken, engine="ray"), tamis.audit(broken))
        with pytest.raises(TamisError, match="the input holds no rows"):
            tamis.audit(pl.DataFrame({"prompt": []}), engine="ray")

    def test_mistakes_are_found_before_a_row_is_measured(self) -> None:
        with pytest.raises(TamisError, match="unknown column in --by 'sourc'; did you mean"):
            tamis.audit("examples/data/support_mix.jsonl", by="sourc", engine="ray")


def test_an_unknown_engine_an_address_for_none_and_a_cache_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TamisError, match="unknown engine 'rai'; did you mean"):
        tamis.audit(EXAMPLES[0], engine="rai")
    with pytest.raises(TamisError, match="--address names a Ray; it goes with --engine ray"):
        tamis.audit(EXAMPLES[0], address="auto")
    with pytest.raises(TamisError, match="the engine ray keeps no cache"):
        tamis.audit(EXAMPLES[0], engine="ray", cache=tmp_path)


def test_without_ray_the_command_that_adds_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TamisError, match=r"pip install 'tamis\[ray\]'"):
        tamis.audit(EXAMPLES[0], engine="ray")


def command(*arguments: object) -> subprocess.Popen[str]:
    whole = [sys.executable, "-c", AUDIT, *map(str, arguments)]
    return subprocess.Popen(whole, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ray_processes(of: int) -> list[str]:
    """The command lines of the processes of the Ray that this one has started: its sessions end in its number."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"_{of}/" in line:
            found.append(line)
    return found


def test_the_command_writes_the_same_tables_in_parts_too_and_says_nothing_of_ray(tmp_path: Path) -> None:
    source, here, there = "examples/data/support_mix.jsonl", tmp_path / "local", tmp_path / "ray"
    tamis.audit(source).save(here)
    running = command("audit", source, "-o", there, "--no-report", "--engine", "ray", "--threads", "2", "--json")
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, err
    assert json.loads(out)["rows"] > 0
    assert [line for line in err.splitlines() if "tamis" not in line and "audit" not in line] == []
    for name in ("findings", "signals"):
        whole = pl.read_parquet(here / f"{name}.parquet")
        assert_frame_equal(pl.read_parquet(there / f"{name}.parquet"), whole)
        assert_frame_equal(pl.read_parquet(sorted((there / "parts" / name).glob("*.parquet"))), whole)
    assert not (there / "cache").exists()
    assert ray_processes(running.pid) == []


def test_an_address_that_cannot_be_reached_is_one_line() -> None:
    running = command("audit", EXAMPLES[0], "--engine", "ray", "--address", "127.0.0.1:1")
    _, err = running.communicate(timeout=120)
    assert running.returncode == 2
    assert err.splitlines()[-1].startswith("tamis: no Ray can be reached at --address 127.0.0.1:1")
    assert "Traceback" not in err


def test_interrupted_it_stops_and_ends_its_ray(tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {i} colours.", "output": f"Blue {i}, red, green. " * 60} for i in range(20_000)]
    running = command("audit", write(rows, "jsonl", tmp_path), "--engine", "ray", "--threads", "2")
    wait = time.monotonic() + 120
    while not ray_processes(running.pid):
        assert running.poll() is None
        assert time.monotonic() < wait
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopped; no file is half written, and the engine ray keeps nothing" in err
    assert "Traceback" not in err
    assert ray_processes(running.pid) == []


def test_rows_meet_in_shards_as_they_do_in_one_place() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tamis.engines.ray.lexical import BUCKET_LIMIT, _distinct, meet, route
    from tamis.kernels.shingle_counts import table_of
    from tamis.neighbours.lexical import rules_for
    from tamis.neighbours.lexical_bands import Banding, Texts, buckets, sketch
    from tamis.packed import Packed

    generator = np.random.default_rng(0)
    words = [f"w{i}" for i in range(40)]
    base = generator.choice(words, (60, 30))
    changed = np.where(generator.random((700, 30)) < 0.02, "x", base[[i % (60 if i < 300 else 2) for i in range(700)]])
    texts = [f"{' '.join(line)} {i % 650}" for i, line in enumerate(changed)]
    order = generator.permutation(700)
    whole = Texts([Packed.of(texts)], rules_for(1, 3, 5), table_of(np.zeros(0, np.uint64)))
    banding = Banding(34, 4, 0, BUCKET_LIMIT, order)
    with ThreadPoolExecutor(2) as pool:
        expected = buckets(whole, banding, pool, lambda *_: None)
        pairs = set(zip(*(side.tolist() for side in expected.pairs(0, len(expected.rows), pool)), strict=True))
        keys, hashes = sketch(whole, banding, pool, lambda *_: None)
    assert expected.limited > 0
    same_as, rows = _distinct(hashes, order)
    assert (same_as == expected.same_as).all()
    rank = np.full(700, -1)
    rank[rows] = np.arange(len(rows))
    for shards, cut in ((1, 700), (3, 256), (7, 100)):
        parts = [route(keys[:, a : a + cut], rank[a : a + cut], shards) for a in range(0, 700, cut)]
        met = [meet(34, *(part[shard] if shards > 1 else part for part in parts)) for shard in range(shards)]
        ranked = np.unique(np.concatenate([pairs for pairs, _ in met]))
        one, other = rows[(ranked >> np.uint64(32)).astype(int)], rows[(ranked & np.uint64(2**32 - 1)).astype(int)]
        found = set(zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True))
        assert found == pairs
        assert sum(limited for _, limited in met) == expected.limited


@pytest.mark.usefixtures("started")
def test_cells_on_ray_are_those_of_one_machine() -> None:
    options: dict[str, Any] = {"set": ["semantic_similarity.cells=6", "semantic_similarity.floor=0.6"]}
    whole, found = tamis.audit(EXAMPLES, **options), tamis.audit(EXAMPLES, **options, engine="ray")
    same(found, whole)
    assert whole.facts["corpus"]["semantic"]["method"] == "cells"
    assert 0 < whole.facts["corpus"]["semantic"]["recall"] <= 1
