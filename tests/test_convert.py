"""Converting: nothing is lost in silence, and what can go there and back does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from tamis.errors import TamisError
from tamis.verbs.convert import ConvertResult, convert

ENDINGS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".jsonl.gz", ".json.zst", ".csv.gz")
SFT = ("messages", "sharegpt", "alpaca", "prompt-completion")
CHAT = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def written(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def one(tmp_path: Path, row: dict[str, Any], to: str, **options: Any) -> tuple[dict[str, Any], ConvertResult]:
    """One row as a target writes it."""
    result = convert(written(tmp_path / "in.jsonl", [row]), tmp_path / "out.jsonl", to=to, **options)
    assert result.written == 1, result.summary()
    return lines(tmp_path / "out.jsonl")[0], result


def kinds(result: ConvertResult) -> set[str]:
    return set(result.losses["kind"])


def accounts(result: ConvertResult) -> bool:
    places = [*result.left_out["row"], *result.unreadable["row"]]
    return result.rows == result.written + len(places) and len(set(places)) == len(places)


# --- what each target writes


def test_alpaca_becomes_messages_with_the_input_in_the_prompt(tmp_path: Path) -> None:
    row = {"instruction": "Sum up.", "input": "A long text.", "output": "Short.", "id": 7}
    message, result = one(tmp_path, row, "messages")
    assert message == {
        "messages": [
            {"role": "user", "content": "Sum up.\n\nA long text."},
            {"role": "assistant", "content": "Short."},
        ],
        "id": 7,
    }
    assert result.losses.is_empty()
    again, _ = one(tmp_path, message, "alpaca")
    assert again == {"instruction": "Sum up.\n\nA long text.", "input": "", "output": "Short.", "id": 7}


def test_a_separate_input_stays_apart_where_the_source_kept_it_so(tmp_path: Path) -> None:
    row = {"question": "Who?", "context": "Ada wrote it.", "answer": "Ada."}
    assert one(tmp_path, row, "alpaca")[0] == {"instruction": "Who?", "input": "Ada wrote it.", "output": "Ada."}


def test_alpaca_holds_earlier_pairs_in_history_and_says_what_it_cannot_hold(tmp_path: Path) -> None:
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "Jo"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "", "tool_calls": [{"name": "weather", "arguments": {}}]},
        {"role": "tool", "content": "sun"},
        {"role": "assistant", "content": "Sunny.", "reasoning_content": "sun", "weight": 1},
        {"role": "user", "content": "Thanks"},
    ]
    row, result = one(tmp_path, {"messages": chat}, "alpaca")
    assert row == {
        "instruction": "Weather?",
        "input": "",
        "output": "<think>\nsun\n</think>\n\nSunny.",
        "system": "Be brief.",
        "history": [["Hi", "Hello!"]],
    }
    assert kinds(result) == {"names", "tool_calls", "tool_results", "weights", "unanswered"}
    assert result.lossy == 1


def test_prompt_completion_writes_earlier_turns_as_a_transcript(tmp_path: Path) -> None:
    chat = [{"role": "system", "content": "Be brief."}, *CHAT, {"role": "user", "content": "And 3?"}]
    row, result = one(tmp_path, {"messages": [*chat, {"role": "assistant", "content": "6"}]}, "prompt-completion")
    assert row == {
        "prompt": "Be brief.\n\nUser: 2 + 2?\n\nAssistant: 4\n\nUser: And 3?\n\nAssistant:",
        "completion": "6",
    }
    assert kinds(result) == {"transcript", "system_in_prompt"}


def test_function_calls_become_tool_calls_and_back(tmp_path: Path) -> None:
    calls = [{"type": "function", "function": {"name": "now", "arguments": {"zone": "CET"}}}]
    shared = {
        "conversations": [
            {"from": "human", "value": "Time?"},
            {"from": "function_call", "value": '{"name": "now", "arguments": {"zone": "CET"}}'},
            {"from": "observation", "value": "12:00"},
            {"from": "gpt", "value": "Noon."},
        ],
        "tools": [{"name": "now"}],
    }
    row, result = one(tmp_path, shared, "messages")
    assert row["messages"][1] == {"role": "assistant", "content": "", "tool_calls": calls}
    assert [turn["role"] for turn in row["messages"]] == ["user", "assistant", "tool", "assistant"]
    assert result.losses.is_empty()
    assert one(tmp_path, row, "sharegpt")[0] == shared


def test_a_call_that_is_no_json_is_written_as_text_and_counted(tmp_path: Path) -> None:
    shared = {"conversations": [{"from": "human", "value": "Go"}, {"from": "function_call", "value": "now("}]}
    row, result = one(tmp_path, shared, "messages")
    assert row["messages"][1] == {"role": "assistant", "content": "now("}
    assert kinds(result) == {"call_text"}


def test_preferences_are_written_as_messages(tmp_path: Path) -> None:
    row = {"prompt": "Hi", "chosen": "Hello!", "rejected": "Go away.", "margin": 0.5}
    assert one(tmp_path, row, "preference")[0] == {
        "prompt": [{"role": "user", "content": "Hi"}],
        "chosen": [{"role": "assistant", "content": "Hello!"}],
        "rejected": [{"role": "assistant", "content": "Go away."}],
        "margin": 0.5,
    }
    assert kinds(one(tmp_path, row, "messages")[1]) == {"rejected"}


def test_a_judges_tie_is_no_preference(tmp_path: Path) -> None:
    tie = {"instruction": "Hi", "output_1": "a", "output_2": "b", "preference": 0}
    path = written(tmp_path / "in.jsonl", [tie, {**tie, "preference": 2}])
    result = convert(path, tmp_path / "out.jsonl", to="preference")
    assert result.left_out["reason"].to_list() == ["its judge chose neither answer"]
    assert lines(tmp_path / "out.jsonl")[0]["chosen"] == [{"role": "assistant", "content": "b"}]
    assert kinds(convert(path, tmp_path / "sft.jsonl", to="alpaca")) == {"rejected", "undecided"}


def test_a_verdict_of_true_or_false_goes_along(tmp_path: Path) -> None:
    row = {"prompt": "Hi", "completion": "Go away.", "label": False}
    for to in SFT:
        assert one(tmp_path, row, to)[0]["label"] is False, to


def test_images_inside_a_turn_and_fields_of_turns_are_counted(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image", "url": "a.png"}]
    row = {"messages": [{"role": "user", "content": parts, "intent": "ask"}, CHAT[1]]}
    assert kinds(one(tmp_path, row, "sharegpt")[1]) == {"media", "turn_fields"}
    same, result = one(tmp_path, row, "messages")
    assert (same, kinds(result)) == (row, set())


# --- what is left out, and what stays


def test_rows_without_an_answer_are_left_out_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"prompt": "Say hi."}\n{"prompt": "Say hi.", "completion": "Hi!"}\nnot json\n[1]\n{"a": 1}\n')
    result = convert(path, tmp_path / "out.jsonl", to="prompt-completion")
    assert (result.rows, result.written) == (5, 1)
    assert result.left_out.select("row", "line", "start", "reason").rows() == [(0, 1, 0, "it has no answer")]
    assert result.unreadable["line"].to_list() == [3, 4, 5]
    assert result.summary()["left_out_reasons"][0]["first"] == [{"row": 0, "file": str(path), "line": 1}]


def test_further_fields_are_carried_over_unless_they_collide(tmp_path: Path) -> None:
    row = {"messages": CHAT, "id": "x", "meta": {"a": [1, None]}, "input": "mine", "none": None}
    alpaca, result = one(tmp_path, row, "alpaca")
    assert alpaca == {
        "instruction": "2 + 2?",
        "input": "",
        "output": "4",
        "id": "x",
        "meta": {"a": [1, None]},
        "none": None,
    }
    assert kinds(result) == {"same_name"}
    dropped, result = one(tmp_path, row, "alpaca", drop_fields=True)
    assert dropped == {"instruction": "2 + 2?", "input": "", "output": "4"}
    assert result.losses.is_empty()


def test_fields_that_a_schema_looked_at_but_could_not_use_are_kept(tmp_path: Path) -> None:
    row = {"question": "q", "answer": "a", "output": "another", "system": {"os": "linux"}, "label": "spam"}
    got, result = one(tmp_path, row, "messages")
    assert (got["output"], got["system"]) == ("another", {"os": "linux"})
    assert kinds(result) == {"same_name"}  # `label` is messages' own: true or false


def test_renamed_fields_are_no_further_fields(tmp_path: Path) -> None:
    row = {"ask": "q", "reply": "a", "id": 1}
    got, _ = one(tmp_path, row, "messages", mapping={"instruction": "ask", "output": "reply"})
    assert got == {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "id": 1}


# --- formats


def test_arguments_of_calls_do_not_mix_in_parquet(tmp_path: Path) -> None:
    def row(arguments: Any) -> dict[str, Any]:
        call = {"type": "function", "function": {"name": "f", "arguments": arguments}}
        return {"messages": [CHAT[0], {"role": "assistant", "content": "", "tool_calls": [call]}]}

    path = written(tmp_path / "in.jsonl", [row({"a": 1}), row({"b": "x"}), {"messages": CHAT}])
    result = convert(path, tmp_path / "out.parquet", to="messages")
    assert result.as_json == ("messages.tool_calls.function.arguments",)
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert table[1]["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"b":"x"}'
    convert(tmp_path / "out.parquet", tmp_path / "back.jsonl", to="sharegpt")
    assert lines(tmp_path / "back.jsonl")[2]["conversations"] == [
        {"from": "human", "value": "2 + 2?"},
        {"from": "gpt", "value": "4"},
    ]


def test_without_a_target_the_rows_stay_as_they_are_even_unknown_ones(tmp_path: Path) -> None:
    rows = [{"whatever": [1, 2.5, "x"], "deep": {"a": None}}, {"id": 2**70}]
    result = convert(written(tmp_path / "in.jsonl", rows), tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == rows
    assert (result.written, result.losses.height) == (2, 0)


def test_tables_are_copied_with_their_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"instruction": ["a"], "output": ["b"], "small": pl.Series([1], dtype=pl.Int8)})
    frame.write_parquet(tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.arrow")
    assert pl.read_ipc(tmp_path / "out.arrow").equals(frame)
    convert(frame, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(frame)


def test_what_json_cannot_hold_is_counted(tmp_path: Path) -> None:
    frame = pl.DataFrame({"question": ["q"], "answer": ["a"], "score": [float("nan")], "image": [b"\x00"]})
    result = convert(frame, tmp_path / "out.jsonl", to="alpaca")
    assert kinds(result) == {"binary", "not_a_number"}
    assert lines(tmp_path / "out.jsonl")[0] | {"score": None, "image": "AA=="} == lines(tmp_path / "out.jsonl")[0]


def test_values_of_several_kinds_share_a_text_column(tmp_path: Path) -> None:
    rows = [{"prompt": "p", "completion": "c", "meta": meta} for meta in ("x", 5, {"a": 1}, None)]
    result = convert(written(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet", to="prompt-completion")
    assert pl.read_parquet(tmp_path / "out.parquet")["meta"].to_list() == ["x", "5", '{"a":1}', None]
    assert result.as_json == ("meta",)


# --- mistakes


@pytest.mark.parametrize(
    ("output", "options", "says"),
    [
        ("in.jsonl", {}, "is an input"),
        ("out.txt", {}, "cannot tell the format"),
        ("out.parquet.gz", {}, "compressed inside"),
        ("no/out.jsonl", {}, "does not exist"),
        ("out.jsonl", {"to": "alpacca"}, "did you mean 'alpaca'"),
        ("out.jsonl", {"drop_fields": True}, "need --to"),
        ("out.jsonl", {"to": "alpaca", "mapping": {"instrction": "a"}}, "did you mean 'instruction'"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    tmp_path: Path, output: str, options: dict[str, Any], says: str
) -> None:
    path = written(tmp_path / "in.jsonl", [{"prompt": "p", "completion": "c"}])
    before = path.read_bytes()
    with pytest.raises(TamisError, match=says):
        convert(path, tmp_path / output, **options)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]


def test_an_existing_output_survives_a_failure(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("\n")
    (tmp_path / "out.jsonl").write_text("precious")
    with pytest.raises(TamisError, match="no rows"):
        convert(tmp_path / "in.jsonl", tmp_path / "out.jsonl", to="messages")
    assert (tmp_path / "out.jsonl").read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 2


# --- the command


def test_the_command_prints_the_same_counts_as_the_function(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from tamis.cli.app import app

    path = written(tmp_path / "in.jsonl", [{"prompt": "Hi"}, {"prompt": "Hi", "chosen": "a", "rejected": "b"}])
    given = ["convert", str(path), "--to", "alpaca", "-o", str(tmp_path / "out.jsonl")]
    said = CliRunner().invoke(app, [*given, "--json"])
    assert json.loads(said.stdout) == convert(path, tmp_path / "out.jsonl", to="alpaca").summary()
    shown = CliRunner().invoke(app, given).stdout
    for part in ("1 of 2 rows written as alpaca", "the rejected answer is left out", "it has no answer", "line 1"):
        assert part in shown
    assert CliRunner().invoke(app, [*given, "--quiet"]).stdout == ""
