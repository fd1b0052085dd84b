"""The cache changes the time an audit takes, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.cache.parts import UNUSED_DAYS, Parts, tidy
from tamis.cache.rows import row_keys
from tamis.records import sources
from tamis.records.reader import read_batches
from tests import rows as make
from tests.written import lines, write

ROWS = [{"instruction": q, "output": a} for q in make.QUESTIONS[:4] for a in make.ANSWERS[:8]]


def same(left: tamis.AuditResult, right: tamis.AuditResult) -> None:
    """Equal to the last bit, but for the seconds and what was known before."""
    for name in ("rows", "findings", "unreadable", "pairs", "reference"):
        assert getattr(left, name).equals(getattr(right, name)), name
        assert getattr(left, name).schema == getattr(right, name).schema, name
    first, second = left.summary(), right.summary()
    for summary in (first, second):
        del summary["seconds"], summary["cache"]
    assert first == second


@st.composite
def edited(draw: st.DrawFn, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with some gone, some new and all of them perhaps in another order."""
    kept = [row for row in rows if draw(st.integers(0, 3))]
    return list(draw(st.permutations(kept + draw(st.lists(make.pair(), max_size=3))))) or rows


@settings(max_examples=8)
@given(draws=st.data())
def test_a_warm_audit_is_a_cold_one(draws: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cache")
    rows = draws.draw(make.any_rows)
    with pytest.MonkeyPatch.context() as patch:
        for step in range(3):
            patch.setattr(sources, "BLOCK", draws.draw(st.sampled_from([64, 1000, 1 << 20])))
            threads = draws.draw(st.sampled_from([1, 3]))
            file = write(rows, "jsonl", folder / f"{step}")
            same(tamis.audit(file, cache=folder / "kept", threads=threads), tamis.audit(file, threads=1))
            rows = draws.draw(edited(rows))


def test_only_new_rows_are_measured(tmp_path: Path) -> None:
    file = write(ROWS, "jsonl", tmp_path)
    assert tamis.audit(file, cache=tmp_path / "kept").facts["cache"]["rows_known"] == 0
    new = [{"instruction": "Name a bird.", "output": "A wren."}]
    write(ROWS[:9] + new + ROWS[10:], "jsonl", tmp_path)
    cache = tamis.audit(file, cache=tmp_path / "kept").facts["cache"]
    assert cache == {"rows_known": 31, "rows_measured": 1, "neighbours": "computed", "damaged": 0}
    cache = tamis.audit(file, cache=tmp_path / "kept").facts["cache"]
    assert cache == {"rows_known": 32, "rows_measured": 0, "neighbours": "known", "damaged": 0}


def test_a_changed_threshold_measures_only_rows_newly_hit(tmp_path: Path) -> None:
    file = write(ROWS, "jsonl", tmp_path)
    tamis.audit(file, cache=tmp_path / "kept")
    raised, lowered = ["looping_response.at_least=50"], ["looping_response.at_least=2"]
    for changes, threshold in ((raised, 50), (lowered, 2)):
        warm, cold = tamis.audit(file, cache=tmp_path / "kept", set=changes), tamis.audit(file, set=changes)
        same(warm, cold)
        newly = set(cold.rows_of("looping_response")["row"]) if threshold == 2 else set()
        assert warm.facts["cache"]["rows_measured"] == len(
            newly - set(tamis.audit(file).rows_of("looping_response")["row"])
        )
    assert tamis.audit(file, cache=tmp_path / "kept", set=lowered).facts["cache"]["rows_measured"] == 0


@pytest.mark.parametrize(
    "options",
    [
        {"recipe": "strict"},
        {"show_sensitive": True},
        {"by": "instruction"},
        {"language_model": lambda texts: ["xx" for _ in texts]},
        {"embedder": lambda texts: np.eye(8, dtype=np.float32)[[len(text) % 8 for text in texts]]},
    ],
    ids=["recipe", "sensitive", "by", "language model", "embedder"],
)
def test_other_options_are_not_mistaken_for_the_same(options: dict[str, Any], tmp_path: Path) -> None:
    told = {"instruction": "Write to jo@example.org", "output": "I wrote to jo@example.org."}
    file = write([*ROWS, told], "jsonl", tmp_path)
    tamis.audit(file, cache=tmp_path / "kept")
    for _ in range(2):
        same(tamis.audit(file, cache=tmp_path / "kept", **options), tamis.audit(file, **options))


def test_signals_of_ones_own_are_known_by_their_code(tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    code = (
        'from tamis.registry import SIGNALS, signal\nSIGNALS.pop("my_own", None)\n@signal(unit="count", source="own")\n'
    )
    code += 'def my_own(rows):\n    """Mine."""\n    return [{}] * rows.height\n'
    file = write(ROWS, "jsonl", tmp_path)
    try:
        for value in (1, 2):
            module.write_text(code.replace("{}", str(value)))
            found = tamis.audit(file, signals=[str(module)], recipe="default", cache=tmp_path / "kept")
            assert found.rows["my_own"].unique().to_list() == [value]
    finally:
        from tamis.registry import SIGNALS

        SIGNALS.pop("my_own", None)


def test_keys_tell_every_field_and_no_place() -> None:
    def keys(*rows: dict[str, Any]) -> list[tuple[int, ...]]:
        frame = pl.DataFrame(list(rows), infer_schema_length=None)
        return [tuple(key) for batch in read_batches(frame) for key in row_keys(batch.records).tolist()]

    plain = {"instruction": "Name a colour.", "output": "Blue."}
    assert len(set(keys(plain, plain))) == 1
    changed = [{**plain, "output": "Blue. "}, {**plain, "instruction": "Name a color."}, {**plain, "input": "dark"}]
    changed += [
        {"instruction": "Name a colour.Blue.", "output": ""},
        {"instruction": "Name a colour", "output": ".Blue."},
    ]
    assert len(set(keys(plain, *changed))) == 1 + len(changed)
    roles = [[{"role": role, "content": "Hm."}] for role in ("user", "assistant", "system")]
    weights = [
        [{"role": "user", "content": "Hm."}, {"role": "assistant", "content": "Hm.", "weight": w}] for w in (0, 1)
    ]
    seen = [key for turns in (*roles, *weights) for key in keys({"messages": turns})]
    assert len(set(seen)) == 5


def test_what_nobody_reads_goes_after_a_month(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "deep")
    parts.add(pl.DataFrame({"a": [1]}))
    parts.add(pl.DataFrame({"a": [2]}))
    old, new = parts.names()
    (parts.folder / ".left.over").touch()
    now = time.time()
    os.utime(parts.folder / old, (0, now - (UNUSED_DAYS + 1) * 86_400))
    os.utime(parts.folder / ".left.over", (0, now - 2 * 86_400))
    tidy(tmp_path)
    assert [path.name for path in parts.folder.iterdir()] == [new]
    tidy(tmp_path, lambda: now + 40 * 86_400)
    assert parts.names() == []


def test_nothing_is_cached_where_nothing_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_bytes(lines(ROWS))
    assert tamis.audit("rows.jsonl").facts["cache"] is None
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]
