"""Damaged files of every kind, recipes and options: an answer or an error of ours, within a minute, and no row lost.

A few examples run each time; more of them with `TAMIS_FUZZ_MINUTES=10 pytest tests/hostile/test_long_fuzz.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import tamis
from tamis.cli import gate
from tamis.keeping import parse_keep
from tamis.recipe import built_in, load, parse
from tamis.records.schemas import parse_mapping
from tamis.verbs.redact import kinds_of
from tamis.verbs.select import amount
from tamis.verbs.strata import parse_quota
from tests import rows as make
from tests.hostile.test_fuzz import mutated, objects, values
from tests.written import FORMATS, write

MINUTES = float(os.environ.get("TAMIS_FUZZ_MINUTES", "0"))
AT_ONCE, FEW = 200, 8
SECONDS = 60
ROWS = [{"instruction": q, "output": a} for q in make.QUESTIONS[:3] for a in make.ANSWERS[:6]]
ONE_FILE = sorted(name for name in FORMATS if "dataset" not in name)
RECIPE = parse(
    {
        "name": "fuzz",
        "compute": ["response_language"],
        "rules": {
            "copy": {"signal": "row_copies", "at_least": 2, "action": "drop"},
            "empty": {"signal": "empty_response", "action": "drop"},
            "near": {"signal": "near_duplicate_similarity", "at_least": 0.8, "action": "drop"},
        },
    }
)


@contextmanager
def in_time() -> Iterator[None]:
    """Nothing hangs."""

    def late(_: int, frame: FrameType | None) -> None:
        raise AssertionError(f"took more than {SECONDS} seconds, at {frame}")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def damaged(data: st.DataObject, path: Path) -> None:
    """Change some bytes of a file, or cut it, or empty it."""
    content = path.read_bytes()
    kind = data.draw(st.sampled_from(["bytes", "bytes", "bytes", "cut", "doubled", "swapped"]))
    if kind == "cut":
        content = content[: data.draw(st.integers(0, len(content)))]
    elif kind == "doubled":
        content += content[data.draw(st.integers(0, len(content))) :]
    elif kind == "swapped":
        at = data.draw(st.integers(0, len(content)))
        content = content[at:] + content[:at]
    else:
        content = data.draw(mutated(content))
    path.write_bytes(content)


def adds_up(path: Path, out: Path) -> tamis.PruneResult:
    """Prune, and see that every record is accounted for."""
    found = tamis.prune(path, out, dropped=out.with_name("gone.jsonl"), recipe=RECIPE)
    audit = found.audit
    assert found.n_kept + found.n_dropped + found.n_unreadable == audit.total
    assert len(out.with_name("gone.jsonl").read_bytes().splitlines()) == found.n_dropped + found.n_unreadable
    numbers = sorted([*audit.rows["row"], *audit.unreadable["row"]])
    assert numbers == list(range(audit.total))
    assert str(audit)
    json.dumps(audit.summary())
    return found


def records(data: st.DataObject, folder: Path) -> None:
    """A damaged file of any format."""
    format = data.draw(st.sampled_from(ONE_FILE))
    rows = data.draw(st.lists(make.pair(), min_size=1, max_size=6) | st.just(ROWS))
    path = write(rows, format, folder)
    damaged(data, path)
    out = folder / "out" / path.name
    with suppress(tamis.TamisError):
        adds_up(path, out)
        if format == "jsonl":
            text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
            held = [line for line in text.split(b"\n") if line and not line.isspace()]
            kept = [line for line in out.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
            gone = (folder / "out" / "gone.jsonl").read_bytes().splitlines()
            if not text.startswith((b"[", b"PAR1", b"ARROW1", b"\x1f\x8b", b"\x28\xb5")):
                assert len(held) == len(kept) + len(gone)
    with suppress(tamis.TamisError):
        tamis.convert(path, folder / "converted.jsonl", to="messages")
    with suppress(tamis.TamisError):
        tamis.preflight(path, trainer="trl")


def saved_folders(data: st.DataObject, folder: Path) -> None:
    """A damaged folder of a saved dataset."""
    shutil.copytree(_saved(), folder / "saved")
    damaged(data, data.draw(st.sampled_from(sorted(p for p in (folder / "saved").rglob("*") if p.is_file()))))
    with suppress(tamis.TamisError):
        adds_up(folder / "saved", folder / "out")


@cache
def _saved() -> Path:
    import tempfile

    return write(ROWS, "dataset splits", Path(tempfile.mkdtemp(prefix="tamis-fuzz-")))


def odd_rows(data: st.DataObject, folder: Path) -> None:
    """Any values under the names that schemas know, in lines."""
    rows = data.draw(st.lists(objects | values, min_size=1, max_size=8))
    path = folder / "odd.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = adds_up(path, folder / "out.jsonl")
    assert found.audit.total == len(rows)
    with suppress(tamis.TamisError):
        tamis.prune(path, folder / "redacted.jsonl", redact="pii,secrets", recipe=RECIPE)
    for verb in (tamis.diversity, tamis.bias):
        with suppress(tamis.TamisError):
            verb(path)
    with suppress(tamis.TamisError):
        tamis.select(path, n=1, strategy="random")
    with suppress(tamis.TamisError):
        tamis.decontaminate(path, path.rename(folder / "test.jsonl"))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def recipes(data: st.DataObject, folder: Path) -> None:
    """Damaged recipes, tables of anything, and changes of single values."""
    name = data.draw(st.sampled_from(sorted(built_in())))
    source = Path(tamis.__file__).parent / "recipes" / f"{name}.toml"
    path = folder / "own.toml"
    shutil.copy(source, path)
    damaged(data, path)
    with suppress(tamis.TamisError):
        load(path)
    known = st.sampled_from(["name", "extends", "compute", "rules", "signals", "keep", "settings", "description"])
    rule = st.dictionaries(
        st.sampled_from(["signal", "at_least", "at_most", "above", "below", "action", "where", "message", "severity"]),
        plain | st.sampled_from(["row_copies", "drop", "flag", "response_characters", "row_copies > 2"]),
        max_size=4,
    )
    tables = data.draw(
        st.dictionaries(known | st.text(max_size=5), plain | st.dictionaries(st.text(max_size=5), rule, max_size=3))
    )
    with suppress(tamis.TamisError):
        parse(tables)
    key = data.draw(
        st.sampled_from(["exact_duplicate", "keep", "truncated", "response_characters"]) | st.text(max_size=9)
    )
    field = data.draw(
        st.sampled_from(["at_least", "where", "action", "floor", "language", "below"]) | st.text(max_size=9)
    )
    value = data.draw(
        st.sampled_from(["2", "drop", "row_copies > 1 and role = 'x'", "''", "[", "nan", "-inf", "{}"])
        | st.text(max_size=20)
    )
    with suppress(tamis.TamisError):
        load(name).set([f"{key}.{field}={value}"])


def options(data: st.DataObject, folder: Path) -> None:  # noqa: ARG001 - the signature of a target
    """What is written on the command line."""
    text = data.draw(
        st.text(max_size=30)
        | st.lists(
            st.sampled_from(["a", "=", ":", ",", "50%", "0.5", ">", "highest", "email", "1e9", "-", "M", " ", "_"]),
            max_size=8,
        ).map("".join)
    )
    for parser in (
        parse_quota,
        parse_keep,
        kinds_of,
        amount,
        lambda one: parse_mapping([one]),
        lambda one: gate.parse([one], ["a"]),
        lambda one: load(one),
        lambda one: tamis.audit(one),
    ):
        with suppress(tamis.TamisError):
            parser("--" if text == "-" else text)  # which is standard input


@cache
def _audited() -> Path:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="tamis-fuzz-"))
    path = write(ROWS, "jsonl", folder)
    tamis.audit(path, recipe=RECIPE, cache=folder / "audit" / "cache").save(folder / "audit")
    tamis.select(path, folder / "picked.jsonl", n=3)
    return folder


def workspaces(data: st.DataObject, folder: Path) -> None:
    """A damaged file in the folder of an audit: its tables are refused, its cache is computed again."""
    good, audit = _audited(), folder / "audit"
    shutil.copytree(good / "audit", audit)
    files = sorted(path for path in audit.rglob("*") if path.is_file() and path.name != ".lock")
    damaged(data, data.draw(st.sampled_from(files)))
    with suppress(tamis.TamisError):
        found = tamis.AuditResult.load(audit)
        assert str(found)
        tamis.report(found, folder / "page.html")
        tamis.card(found)
        tamis.prune(found, folder / "kept.jsonl", set=["near.at_least=0.7"])
    again = tamis.audit(good / "rows.jsonl", recipe=RECIPE, cache=audit / "cache")
    assert again.findings.equals(tamis.AuditResult.load(good / "audit").findings)


def manifests(data: st.DataObject, folder: Path) -> None:
    """A damaged manifest of a selection, and a damaged file of accepted findings."""
    good = _audited()
    manifest = folder / "m.json"
    shutil.copy(good / "picked.jsonl.manifest.json", manifest)
    damaged(data, manifest)
    with suppress(tamis.TamisError):
        tamis.select(good / "rows.jsonl", folder / "again.jsonl", manifest=manifest)
    accept = folder / "accept.txt"
    accept.write_bytes(f'{"0" * 32} near # fine\n{{"row_hash": "{"1" * 32}", "rule": "near"}}\n'.encode())
    damaged(data, accept)
    with suppress(tamis.TamisError):
        tamis.audit(good / "rows.jsonl", recipe=RECIPE, accept=accept)


@cache
def _index() -> Path:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="tamis-fuzz-"))
    test = write(
        [{"question": f"How many legs have {i} spiders and two cats?", "answer": "9"} for i in range(5)],
        "jsonl",
        folder,
    )
    tamis.decontaminate(write(ROWS, "json array", folder), test, index=folder / "items.index")
    return folder


def indices(data: st.DataObject, folder: Path) -> None:
    """A damaged index of test items."""
    shutil.copy(_index() / "items.index", folder / "items.index")
    damaged(data, folder / "items.index")
    with suppress(tamis.TamisError):
        tamis.decontaminate(_index() / "rows.json", folder / "items.index")


TARGETS: dict[str, Callable[[st.DataObject, Path], None]] = {
    target.__name__: target
    for target in (records, saved_folders, odd_rows, recipes, options, workspaces, manifests, indices)
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:multiprocess.*")
def test_damage_of_every_kind(name: str, tmp_path: Path) -> None:
    target, count = TARGETS[name], 0

    def round_of(examples: int, number: int | None) -> None:
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=number is None,
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def run(data: st.DataObject) -> None:
            nonlocal count
            count += 1
            folder = tmp_path / str(count)
            folder.mkdir()
            with in_time():
                target(data, folder)
            shutil.rmtree(folder)

        (run if number is None else seed(number)(run))()

    round_of(FEW, None)
    end = time.monotonic() + MINUTES * 60 / len(TARGETS)
    while time.monotonic() < end:
        round_of(AT_ONCE, time.time_ns())
    if MINUTES:
        print(f"{name}: {count:,} examples")
