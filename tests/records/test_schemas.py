"""Every schema that trainers use: rows in, the exact turns out."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

import tamis
from tamis.records.builder import Builder
from tamis.records.raw import Unreadable
from tamis.records.schemas import SCHEMAS, Detector
from tests.records.cases import ASKED, CASES, CHAT, SAID, A, Q


def turns(row: Any, schema: str | None = None, mapping: dict[str, str] | None = None) -> tuple[Any, ...]:
    """The schema's name, and each turn as (role, text), with what else it has as a mapping."""
    out = Builder()
    name = Detector(schema, mapping).read(row, out)
    if isinstance(name, Unreadable):
        return (name.reason,)
    out.finish(name)
    records = out.build()
    told = []
    for turn in records.turns.drop("row", "turn").iter_rows(named=True):
        side = f"{turn.pop('side')} " if turn["side"] else turn.pop("side") or ""
        extra = {key: value for key, value in turn.items() if value is not None and key not in ("role", "text")}
        told.append((side + turn["role"], turn["text"], extra) if extra else (side + turn["role"], turn["text"]))
    return name, *told


@pytest.mark.parametrize("case", CASES)
def test_rows_are_read_by_their_schema_turn_by_turn(case: str) -> None:
    row, *expected = CASES[case]
    assert turns(row) == tuple(expected)


@pytest.mark.parametrize("case", CASES)
def test_a_csv_file_holds_the_same_rows_as_json_in_its_fields(case: str) -> None:
    row, *expected = CASES[case]
    flat = {key: json.dumps(value) if isinstance(value, list | dict) else value for key, value in row.items()}
    if case in (
        "segments",
        "self-instruct",
        "stepwise",
        "llama-factory history",
        "prompt only messages",
        "openai dpo",
    ) or ("kto" in case):
        assert turns(flat)  # a label that is no text: told or read, and no crash
    else:
        assert turns(flat) == tuple(expected)


@pytest.mark.parametrize("case", CASES)
def test_the_schema_that_was_found_can_be_named(case: str) -> None:
    row, name, *expected = CASES[case]
    assert turns(row, schema=name) == (name, *expected)


def test_labels_tools_and_contexts_stand_beside_the_turns() -> None:
    rows = [CASES[case][0] for case in ("kto", "kto messages", "stepwise", "tool calls", "dolly", "judged pair")]
    frames = [tamis.read(pl.DataFrame([row])) for row in rows]
    assert [frame["label"][0] for frame in frames] == ["true", "false", "[true,false]", None, None, '{"better":2}']
    assert json.loads(frames[3]["tools"][0])[0]["function"]["name"] == "add"
    assert frames[4]["context"][0] == "1, 1"


def test_a_mapping_says_where_fields_stand() -> None:
    row = {"ask": Q, "reply": A, "output": "not this"}
    mapping = {"instruction": "ask", "output": "reply"}
    assert turns(row, mapping=mapping) == ("alpaca", ASKED, SAID)
    assert turns({"talk": CHAT}, mapping={"messages": "talk"}) == ("messages", ASKED, SAID)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": 1, "ground_truth": []}, "no known schema fits the fields id, ground_truth"),
        ({}, "no known schema"),
        ({"messages": "not a list"}, "messages"),
        ({"messages": [1]}, "turns have no"),
        ({"messages": [{"content": "x"}]}, "messages"),
        ({"conversations": [{"from": 1, "value": "x"}]}, "names no role"),
        ({"instruction": Q, "output": {"a": 1}}, "output is not text"),
        ({"prompt": Q, "chosen": 1, "rejected": A}, "preference"),
        ({"prompt": None}, "prompt"),
        ({"chosen": "a", "chosen_response": "b", "rejected_response": 1}, "preference"),
        ({"prompt": {"a": 1}}, "prompt"),
        ([1], "found an array"),
        (True, "true or false"),
        (1.5, "a number"),
    ],
)
def test_rows_that_fit_nothing_say_why(row: Any, said: str) -> None:
    (reason,) = turns(row)
    assert said in reason


def test_a_row_that_a_schema_gives_up_leaves_no_turns_behind() -> None:
    row = {"messages": [*CHAT, {"role": None}], "prompt": Q, "completion": A}
    assert turns(row)[1:] in ((), (ASKED, SAID))


def test_rows_of_one_file_may_differ(tmp_path: Any) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [case[0] for case in CASES.values()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    audit = tamis.audit(path)
    assert audit.unreadable.is_empty()
    assert audit.rows["source_schema"].to_list() == [case[1] for case in CASES.values()]
    shares = {entry["name"]: entry["rows"] for entry in audit.summary()["schemas"]}
    assert sum(shares.values()) == len(rows)


def test_every_schema_has_a_case() -> None:
    assert {schema.name for schema in SCHEMAS} == {case[1] for case in CASES.values()}
