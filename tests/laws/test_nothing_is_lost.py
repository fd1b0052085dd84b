"""Law 1: rows in = kept + dropped + unreadable, and what goes says where it was and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.recipe import Recipe
from tests import rows as make
from tests.written import BYTES, FORMATS, text_of, write


def check_accounts(result: tamis.PruneResult, total: int) -> None:
    """Every row number from 0 to the total stands in one of the three, and in one only."""
    audit = result.audit
    numbers = [*audit.kept, *audit.dropped, *audit.unreadable["row"]]
    assert sorted(numbers) == list(range(total))
    assert result.n_kept + result.n_dropped + result.n_unreadable == total == audit.total


def check_dropped(result: tamis.PruneResult, gone: Path, sources: Mapping[str, bytes] | None = None) -> None:
    """Every row that goes is written with its place, all its reasons and the record itself."""
    audit = result.audit
    entries = [json.loads(line) for line in gone.read_bytes().splitlines()]
    assert [entry["row"] for entry in entries] == sorted([*audit.dropped, *audit.unreadable["row"]])
    hits = audit.findings.filter(~audit.findings["accepted"])
    for entry in entries:
        assert entry["file"] in {file["name"] for file in audit.facts["inputs"]}
        if "unreadable" in entry:
            assert entry["unreadable"]
            assert entry["raw"] is not None
        else:
            expected = sorted(hits.filter(hits["row"] == entry["row"])["rule"])
            assert sorted(reason["rule"] for reason in entry["reasons"]) == expected
            assert entry["reasons"][0]["action"] == "drop"
            assert entry["record"]
        if sources is not None:
            assert entry["line"] >= 1
            check_range(entry, sources[entry["file"]])


def check_range(entry: dict[str, Any], text: bytes) -> None:
    """`text[start:stop]` is the record."""
    raw = text[entry["start"] : entry["stop"]]
    assert text.count(b"\n", 0, entry["start"]) + 1 == entry["line"]
    if "unreadable" in entry:
        assert entry["raw"] == raw.decode("utf-8", "backslashreplace")
    elif raw.lstrip().startswith(b"{"):
        assert json.loads(raw) == entry["record"]


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=4)
@given(rows=make.pairs, recipe=make.recipes)
def test_every_row_is_kept_dropped_or_reported(
    format: str, rows: list[dict[str, str]], recipe: str | Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    source = write(rows, format, folder)
    result = tamis.prune(source, dropped=folder / "gone.jsonl", recipe=recipe)
    check_accounts(result, len(rows))
    texts = {str(source): text_of(source)} if format in BYTES else None
    check_dropped(result, folder / "gone.jsonl", texts)


@given(written=make.json_lines(), recipe=make.recipes)
def test_json_lines_of_any_spelling(
    written: tuple[list[bytes], bytes], recipe: str | Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    records, text = written
    folder = tmp_path_factory.mktemp("law")
    source = folder / "rows.jsonl"
    source.write_bytes(text)
    result = tamis.prune(source, dropped=folder / "gone.jsonl", recipe=recipe)
    check_accounts(result, len(records))
    places = sorted([*result.audit.rows.select("row", "start", "stop").iter_rows(),
                     *result.audit.unreadable.select("row", "start", "stop").iter_rows()])  # fmt: skip
    assert [text[start:stop].strip() for _, start, stop in places] == [record.strip() for record in records]
    check_dropped(result, folder / "gone.jsonl", {str(source): text})


@settings(max_examples=10)
@given(parts=st.lists(make.pairs, min_size=2, max_size=4), data=st.data())
def test_several_files_of_several_formats(
    parts: list[list[dict[str, str]]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    kinds = st.sampled_from([name for name in FORMATS if "dataset" not in name])
    sources = [write(part, data.draw(kinds), folder / str(i)) for i, part in enumerate(parts)]
    result = tamis.prune(sources, folder / "out", dropped=folder / "gone.jsonl", recipe=make.THIN)
    check_accounts(result, sum(map(len, parts)))
    check_dropped(result, folder / "gone.jsonl")
    kept = tamis.read([str(folder / "out" / str(i) / source.name) for i, source in enumerate(sources)
                       if (folder / "out" / str(i) / source.name).stat().st_size]) if result.n_kept else []  # fmt: skip
    assert len(kept) == result.n_kept


@pytest.mark.parametrize("rows", [make.chats, make.several(make.preference())], ids=["chats", "preferences"])
@pytest.mark.parametrize("format", ["jsonl", "json array", "csv", "parquet", "arrow"])
def test_conversations_and_preferences(
    format: str, rows: st.SearchStrategy[list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    @settings(max_examples=3)
    @given(rows, make.recipes)
    def check(rows: list[dict[str, Any]], recipe: str | Recipe) -> None:
        folder = tmp_path_factory.mktemp("law")
        result = tamis.prune(write(rows, format, folder), dropped=folder / "gone.jsonl", recipe=recipe)
        check_accounts(result, len(rows))
        check_dropped(result, folder / "gone.jsonl")

    check()


def test_a_glob_and_a_folder_read_the_same_files(tmp_path: Path) -> None:
    rows = [{"instruction": "Add 1 and 2.", "output": "3"}, {"instruction": "Add 2 and 2.", "output": ""}]
    for name in ("b", "a"):
        write(rows, "jsonl", tmp_path / "in").rename(tmp_path / "in" / f"{name}.jsonl")
    named = tamis.audit([str(tmp_path / "in" / "a.jsonl"), str(tmp_path / "in" / "b.jsonl")])
    for given_as in (str(tmp_path / "in" / "*.jsonl"), tmp_path / "in"):
        assert tamis.audit(given_as).findings.equals(named.findings)
