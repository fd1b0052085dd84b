"""Law 4: the same input gives the same answer, whatever the threads, the batches or the format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.records import sources
from tamis.records.formats import frames
from tests import rows as make
from tests.written import FORMATS, write

EXAMPLES = sorted(Path("examples/data").iterdir())


def same(left: tamis.AuditResult, right: tamis.AuditResult) -> None:
    assert left.findings.equals(right.findings)
    assert left.rows.equals(right.rows)
    assert left.unreadable.equals(right.unreadable)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.name)
def test_threads_and_batches_change_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tamis.audit(file, threads=1, by="source_schema")
    same(tamis.audit(file, threads=4, by="source_schema"), whole)
    for block, rows in ((3000, 7), (20_000, 13)):
        monkeypatch.setattr(sources, "BLOCK", block)
        monkeypatch.setattr(frames, "ROWS_AT_ONCE", rows)
        same(tamis.audit(file, threads=2, by="source_schema"), whole)


@pytest.mark.parametrize("format", [name for name in FORMATS if "dataset" not in name])
def test_small_batches_of_every_format(format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"instruction": f"Name é {i % 5} colours.\n", "output": 'Blue, "red".' * (i % 3)} for i in range(40)]
    source = write(rows, format, tmp_path)
    whole = tamis.prune(source, tmp_path / "one", dropped=tmp_path / "one.jsonl", recipe=make.THIN)
    assert whole.n_dropped > 10
    for block, at_once in ((16, 1), (333, 11)):
        monkeypatch.setattr(sources, "BLOCK", block)
        monkeypatch.setattr(frames, "ROWS_AT_ONCE", at_once)
        out, gone = tmp_path / f"{block}", tmp_path / f"{block}.jsonl"
        part = tamis.prune(source, out, dropped=gone, recipe=make.THIN, threads=2)
        same(part.audit, whole.audit)
        assert gone.read_bytes() == (tmp_path / "one.jsonl").read_bytes()
        if format != "parquet":
            assert (out / source.name).read_bytes() == (tmp_path / "one" / source.name).read_bytes()


@settings(max_examples=6)
@given(rows=make.any_rows, block=st.sampled_from([1 << 5, 100, 1 << 10]), threads=st.sampled_from([1, 2, 4]))
def test_batches_of_any_rows(
    rows: list[dict[str, Any]], block: int, threads: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = write(rows, "jsonl", tmp_path_factory.mktemp("law"))
    whole = tamis.audit(source, threads=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BLOCK", block)
        same(tamis.audit(source, threads=threads), whole)


@settings(max_examples=2)
@given(rows=make.pairs)
def test_the_same_rows_in_every_format(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("law")
    audits = {name: tamis.audit(write(rows, name, folder / name)) for name in FORMATS if name != "dataset splits"}
    expected = audits["jsonl"]
    for name, audit in audits.items():
        assert audit.findings.equals(expected.findings), name
        assert audit.rows["row_hash"].equals(expected.rows["row_hash"]), name
        assert audit.rows["source_schema"].equals(expected.rows["source_schema"]), name


@pytest.mark.parametrize("rows", [make.chats, make.several(make.preference())], ids=["chats", "preferences"])
def test_conversations_in_every_format(
    rows: st.SearchStrategy[list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    @settings(max_examples=2)
    @given(rows)
    def check(rows: list[dict[str, Any]]) -> None:
        folder = tmp_path_factory.mktemp("law")
        names = ("jsonl", "json array", "json object", "csv", "parquet", "arrow stream", "dataset")
        first, *others = (tamis.audit(write(rows, name, folder / name)).findings for name in names)
        for name, findings in zip(names[1:], others, strict=True):
            assert findings.equals(first), name

    check()


def test_a_column_that_appears_late_is_found_whatever_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"instruction": "Name a colour.", "output": "Blue."}
    source = write([*[row] * 50, {**row, "team": "a"}], "jsonl", tmp_path)
    whole = tamis.audit(source, by="team", recipe=make.THIN)
    monkeypatch.setattr(sources, "BLOCK", 64)
    same(tamis.audit(source, by="team", recipe=make.THIN), whole)
    assert whole.rows["by"].drop_nulls().to_list() == ["a"]


def test_a_repeated_audit_is_the_same_audit() -> None:
    first, second = (tamis.audit("examples/data/support_mix.jsonl").summary() for _ in range(2))
    for summary in (first, second):
        del summary["seconds"]
    assert first == second
    assert pl.DataFrame(first["rules"]).height == len(first["rules"])
