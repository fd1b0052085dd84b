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

Q, A, B = "What is 1 + 1?", "2", "3"
ASKED, SAID = ("user", Q), ("assistant", A)
REJECTED = ("rejected assistant", B)
CHAT = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
CALL = [{"type": "function", "function": {"name": "add", "arguments": {"a": 1}}}]
TOOLS = [{"type": "function", "function": {"name": "add"}}]


def turns(row: Any, schema: str | None = None, mapping: dict[str, str] | None = None) -> tuple[Any, ...]:
    """The schema's name, and each turn as (role, text), with what else it has as a mapping."""
    out = Builder()
    name = Detector(schema, mapping).read(row, out)
    if isinstance(name, Unreadable):
        return (name.reason,)
    out.finish(name)
    places = pl.DataFrame({"row": [0], "file": [0], "line": [None], "start": [None], "stop": [None]})
    records = out.build(places, pl.Series("by", [None], dtype=pl.String))
    told = []
    for turn in records.turns.drop("row", "turn").iter_rows(named=True):
        side = f"{turn.pop('side')} " if turn["side"] else turn.pop("side") or ""
        extra = {key: value for key, value in turn.items() if value is not None and key not in ("role", "text")}
        told.append((side + turn["role"], turn["text"], extra) if extra else (side + turn["role"], turn["text"]))
    return name, *told


CASES: dict[str, tuple[Any, ...]] = {
    # alpaca and its relatives
    "alpaca": ({"instruction": Q, "input": "", "output": A}, "alpaca", ASKED, SAID),
    "alpaca with an input": ({"instruction": "Add.", "input": "1, 1", "output": A}, "alpaca", ("user", "Add.\n\n1, 1"), SAID),
    "gpteacher": ({"instruction": Q, "input": "", "response": A}, "alpaca", ASKED, SAID),
    "dolly": ({"instruction": "Add.", "context": "1, 1", "response": A, "category": "qa"}, "alpaca", ("user", "Add.\n\n1, 1"), SAID),
    "oasst": ({"INSTRUCTION": Q, "RESPONSE": A}, "alpaca", ASKED, SAID),
    "instruction and answer": ({"instruction": Q, "answer": A}, "alpaca", ASKED, SAID),
    "null input and number": ({"instruction": Q, "input": None, "output": 2}, "alpaca", ASKED, SAID),
    "llama-factory history": (
        {"instruction": Q, "input": "", "output": A, "system": "Count.", "history": [["Hi", "Hello"]]},
        "alpaca", ("system", "Count."), ("user", "Hi"), ("assistant", "Hello"), ASKED, SAID,
    ),
    "self-instruct": (
        {"instruction": "Add.", "instances": [{"input": "1, 1", "output": "2"}, {"input": "", "output": "0"}], "is_classification": False},
        "self-instruct", ("user", "Add.\n\n1, 1"), SAID, ("user", "Add."), ("assistant", "0"),
    ),
    # pairs
    "prompt-completion": ({"prompt": Q, "completion": A}, "prompt-completion", ASKED, SAID),
    "metharme": ({"prompt": Q, "generation": A}, "prompt-completion", ASKED, SAID),
    "question-answer": ({"question": Q, "answer": A}, "question-answer", ASKED, SAID),
    "jeopardy": ({"question": Q, "category": "sums", "answer": A}, "question-answer", ASKED, SAID),
    "open orca": ({"system_prompt": "Count.", "question": Q, "response": A}, "question-answer", ("system", "Count."), ASKED, SAID),
    "context qa": ({"context": "Sums.", "question": Q, "answer": A}, "question-answer", ("user", f"{Q}\n\nSums."), SAID),
    "text to sql": ({"question": Q, "query": "SELECT 2"}, "question-answer", ASKED, ("assistant", "SELECT 2")),
    "input-output": ({"input": Q, "output": A}, "input-output", ASKED, SAID),
    "article-summary": ({"article": Q, "summary": A}, "article-summary", ASKED, SAID),
    # conversations
    "messages": ({"messages": CHAT}, "messages", ASKED, SAID),
    "messages under conversations": ({"conversations": CHAT}, "messages", ASKED, SAID),
    "content parts": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": Q}, {"type": "image"}, {"type": "audio", "path": "x"}]}, CHAT[1]]},
        "messages", ("user", Q, {"media": 2}), SAID,
    ),
    "tool calls": (
        {"messages": [CHAT[0], {"role": "assistant", "content": None, "tool_calls": CALL},
                      {"role": "tool", "tool_call_id": "c1", "name": "add", "content": "2"}, CHAT[1]], "tools": TOOLS},
        "messages", ASKED, ("assistant", "", {"tool_calls": json.dumps(CALL, separators=(",", ":"))}),
        ("tool", "2", {"tool_call_id": "c1", "name": "add"}), SAID,
    ),
    "weights": ({"messages": [CHAT[0], {**CHAT[1], "weight": 0}]}, "messages", ASKED, ("assistant", A, {"weight": 0.0})),
    "train marks": ({"messages": [CHAT[0], {**CHAT[1], "train": True}]}, "messages", ASKED, ("assistant", A, {"weight": 1.0})),
    "developer": ({"messages": [{"role": "developer", "content": "Count."}, *CHAT]}, "messages", ("developer", "Count."), ASKED, SAID),
    "reasoning_content": ({"messages": [CHAT[0], {**CHAT[1], "reasoning_content": "One, two."}]},
                          "messages", ASKED, ("assistant", A, {"reasoning": "One, two."})),
    "thinking": ({"messages": [CHAT[0], {**CHAT[1], "thinking": "One, two."}]}, "messages", ASKED, ("assistant", A, {"reasoning": "One, two."})),
    "<think>": ({"instruction": Q, "output": "<think>\nOne, two.\n</think>\n\n2"}, "alpaca", ASKED, ("assistant", A, {"reasoning": "One, two."})),
    "sharegpt": ({"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]}, "sharegpt", ASKED, SAID),
    "sharegpt with tools": (
        {"conversations": [{"from": "human", "value": Q}, {"from": "function_call", "value": '{"name": "add"}'},
                           {"from": "observation", "value": "2"}, {"from": "gpt", "value": A}], "system": "Count.", "tools": "[]"},
        "sharegpt", ("system", "Count."), ASKED, ("assistant", "", {"tool_calls": '{"name": "add"}'}), ("tool", "2"), SAID,
    ),
    "pygmalion": ({"conversations": [{"role": "user", "value": Q}, {"role": "model", "value": A}]}, "messages", ASKED, SAID),
    "schema-guided": ({"turns": [{"speaker": "USER", "utterance": Q}, {"speaker": "SYSTEM", "utterance": A}]}, "dialogue", ASKED, SAID),
    # text
    "text": ({"text": Q}, "text", ("text", Q)),
    "hh-rlhf transcript": ({"text": f"\n\nHuman: {Q}\n\nAssistant: {A}"}, "transcript", ASKED, SAID),
    "segments": ({"segments": [{"label": False, "text": Q}, {"label": True, "text": A}]}, "segments", ASKED, SAID),
    "prompt only": ({"prompt": Q}, "prompt-only", ASKED),
    "prompt only messages": ({"prompt": CHAT[:1]}, "prompt-only", ASKED),
    # preference
    "preference": ({"prompt": Q, "chosen": A, "rejected": B}, "preference", ASKED, SAID, REJECTED),
    "intel": ({"system": "Count.", "question": Q, "chosen": A, "rejected": B}, "preference", ("system", "Count."), ASKED, SAID, REJECTED),
    "argilla": ({"instruction": Q, "chosen_response": A, "rejected_response": B}, "preference", ASKED, SAID, REJECTED),
    "icr": ({"input": Q, "chosen": A, "rejected": B}, "preference", ASKED, SAID, REJECTED),
    "messages preference": ({"prompt": CHAT[:1], "chosen": CHAT[1:], "rejected": [{**CHAT[1], "content": B}]}, "preference", ASKED, SAID, REJECTED),
    "implicit prompt": ({"chosen": CHAT, "rejected": [CHAT[0], {**CHAT[1], "content": B}]}, "preference", ASKED, SAID, REJECTED),
    "chat and dicts": ({"messages": CHAT[:1], "chosen": CHAT[1], "rejected": {**CHAT[1], "content": B}}, "preference", ASKED, SAID, REJECTED),
    "llama-factory dpo": (
        {"conversations": [{"from": "human", "value": Q}], "chosen": {"from": "gpt", "value": A}, "rejected": {"from": "gpt", "value": B}},
        "preference", ASKED, SAID, REJECTED,
    ),
    "openai dpo": (
        {"input": {"messages": CHAT[:1]}, "preferred_output": [CHAT[1]], "non_preferred_output": [{**CHAT[1], "content": B}]},
        "preference", ASKED, SAID, REJECTED,
    ),
    "hh-rlhf preference": (
        {"chosen": f"\n\nHuman: {Q}\n\nAssistant: {A}", "rejected": f"\n\nHuman: {Q}\n\nAssistant: {B}"},
        "preference", ASKED, SAID, REJECTED,
    ),
    "judged pair": ({"input": Q, "output_1": B, "output_2": A, "label": 2}, "pairwise", ASKED, SAID, REJECTED),
    # labels
    "kto": ({"prompt": Q, "completion": A, "label": True}, "kto", ASKED, SAID),
    "kto alpaca": ({"instruction": Q, "input": "", "output": A, "kto_tag": False}, "kto", ASKED, SAID),
    "kto messages": ({"messages": CHAT, "label": False}, "kto-messages", ASKED, SAID),
    "stepwise": ({"prompt": Q, "completions": ["One.", "Two."], "labels": [True, False]}, "stepwise", ASKED, ("assistant", "One.\nTwo.")),
}  # fmt: skip


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
