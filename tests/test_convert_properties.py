"""Converting: there and back, for any rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamis.verbs.convert import convert
from tamis.verbs.read import read
from tests.test_convert import SFT, accounts, lines, written

ENDINGS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".jsonl.gz", ".json.zst", ".csv.gz")
many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
some = settings(many, max_examples=10)  # every example writes all formats

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["<think>a</think>b", "a\n\nb", ' "x",\ty', "\r", "", "Human: hi", "[1]", "{}"]
)
thoughts = texts.filter(bool)
names = st.text(st.characters(categories=["Ll"]), min_size=1, max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts, lambda v: st.lists(v, max_size=2), max_leaves=4
)
arguments = st.dictionaries(names, values, max_size=2)
functions = st.fixed_dictionaries({"name": names, "arguments": arguments | texts})
calls = st.fixed_dictionaries({"type": st.just("function"), "function": functions}, optional={"id": names})
asking = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "developer", "user", "tool", "narrator"]), "content": texts},
    optional={"name": names, "tool_call_id": names},
)
answering = st.fixed_dictionaries(
    {"role": st.just("assistant"), "content": texts.filter(lambda text: not text.startswith("<think>"))},
    optional={
        "reasoning_content": thoughts,
        "tool_calls": st.lists(calls, min_size=1, max_size=2),
        "name": names,
        "weight": st.sampled_from([0, 1, 0.5]),
    },
)
chats = st.fixed_dictionaries(
    {"messages": st.lists(asking | answering, min_size=1, max_size=6)},
    optional={"tools": st.lists(st.fixed_dictionaries({"name": names}), min_size=1), "id": st.integers(0, 9)},
)
pairs = st.fixed_dictionaries(
    {"instruction": texts, "input": texts, "output": texts},
    optional={
        "system": thoughts,
        "history": st.lists(st.tuples(texts, texts).map(list), min_size=1, max_size=2),
        "id": names,
    },
)
preferences = st.fixed_dictionaries({"prompt": texts, "chosen": texts, "rejected": texts, "source": names})
prompts = st.fixed_dictionaries({"prompt": texts})
broken = st.sampled_from([[], 5, None, {"nothing": 1}, {"messages": "{"}])


@many
@given(st.lists(chats, min_size=1, max_size=4))
def test_messages_survive_sharegpt(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = written(tmp_path / "in.jsonl", rows)
    there = convert(path, tmp_path / "there.jsonl", to="sharegpt")
    back = convert(tmp_path / "there.jsonl", tmp_path / "back.jsonl", to="messages", schema="sharegpt")
    assert there.losses.is_empty()
    assert back.losses.is_empty()
    assert lines(tmp_path / "back.jsonl") == rows


@some
@given(
    st.lists(chats | pairs | preferences | prompts | broken, min_size=1, max_size=6),
    st.sampled_from([*SFT, "preference"]),
)
def test_every_row_is_accounted_for(tmp_path: Path, rows: list[Any], to: str) -> None:
    path = written(tmp_path / "in.jsonl", rows)
    results = [convert(path, tmp_path / f"out{ending}", to=to) for ending in ENDINGS]
    for ending, result in zip(ENDINGS, results, strict=True):
        assert accounts(result), ending
        assert result.rows == len(rows), ending
        assert (result.written, result.lossy) == (results[0].written, results[0].lossy), ending
        if result.written:
            again = convert(tmp_path / f"out{ending}", tmp_path / "again.jsonl")
            assert (again.rows, again.unreadable.height) == (result.written, 0), ending


@many
@given(st.lists(chats | pairs | preferences, min_size=1, max_size=4), st.sampled_from([*SFT, "preference"]))
def test_what_was_converted_has_its_shape_and_stays_as_it_is(tmp_path: Path, rows: list[Any], to: str) -> None:
    once = convert(written(tmp_path / "in.jsonl", rows), tmp_path / "once.jsonl", to=to)
    if once.written:
        twice = convert(tmp_path / "once.jsonl", tmp_path / "twice.jsonl", to=to)
        assert twice.losses.is_empty()
        assert lines(tmp_path / "twice.jsonl") == lines(tmp_path / "once.jsonl")


@many
@given(st.lists(pairs, min_size=1, max_size=4), st.sampled_from(ENDINGS))
def test_alpaca_and_messages_say_the_same_in_every_format(tmp_path: Path, rows: list[Any], ending: str) -> None:
    path = written(tmp_path / "in.jsonl", rows)
    result = convert(path, tmp_path / f"out{ending}", to="messages")
    assert result.losses.is_empty()
    assert turns(tmp_path / f"out{ending}") == turns(path)


@many
@given(
    st.lists(st.dictionaries(names, values, min_size=1), min_size=1, max_size=4),
    st.sampled_from(ENDINGS[:1] + ENDINGS[6:8]),
)
def test_json_formats_keep_any_row(tmp_path: Path, rows: list[Any], ending: str) -> None:
    convert(written(tmp_path / "in.jsonl", rows), tmp_path / f"out{ending}")
    convert(tmp_path / f"out{ending}", tmp_path / "back.jsonl")
    assert lines(tmp_path / "back.jsonl") == rows


@many
@given(st.lists(st.dictionaries(names, texts, min_size=1), min_size=1, max_size=4), st.sampled_from([",", "\t"]))
def test_delimited_files_hold_any_text(tmp_path: Path, rows: list[dict[str, str]], delimiter: str) -> None:
    path = tmp_path / ("out.csv" if delimiter == "," else "out.tsv")
    convert(written(tmp_path / "in.jsonl", rows), path)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file, delimiter=delimiter))
    assert found == [columns, *([row.get(name, "") for name in columns] for row in rows)]
    back = convert(path, tmp_path / "back.jsonl")
    assert back.written == len(rows)
    assert lines(tmp_path / "back.jsonl") == [{name: row.get(name) or None for name in columns} for row in rows]


def turns(path: Path) -> list[list[tuple[Any, ...]]]:
    """What is said, by whom, with what thought: row by row."""
    fields = ("role", "text", "reasoning")
    return [[tuple(turn[name] for name in fields) for turn in row] for row in read(path)["turns"].to_list()]
