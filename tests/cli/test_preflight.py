"""`tamis preflight` on the command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tamis.cli import main
from tests.written import FORMATS, lines, write

ROWS = [
    {"prompt": "Name a bird.", "completion": "The wren."},
    {"prompt": "Name a fish.", "completion": None},
    {"prompt": "Name a tree. " * 40, "completion": "The lime."},
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run preflight for TRL as the shell does; its exit code, standard output and standard error."""

    def run(*arguments: object, trainer: str = "trl") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tamis", "preflight", "--trainer", trainer, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(ROWS, "jsonl", tmp_path)


def test_the_report_says_what_happens_where_and_why(run: Any, source: Path) -> None:
    code, out, err = run(source, "--max-length", 64)
    assert (code, err) == (0, "")
    for said in (
        "TRL, 1.16.0",
        "line 2: completion is null",
        "line 3: the answer starts at token",
        "it stops at line 2",
    ):
        assert said in " ".join(out.split())


def test_the_report_names_what_the_rules_were_taken_from(run: Any, source: Path) -> None:
    assert "checked by the rules of Axolotl, 0.19.0" in run(source, trainer="axolotl")[1]
    assert "checked by OpenAI's published guide, from memory" in run(source, trainer="openai")[1]


def test_only_messages_count_more_for_the_chat_template(run: Any, source: Path, tmp_path: Path) -> None:
    said = "a message counts 5 more for the chat template"
    assert said not in run(source)[1]
    messages = [{"role": "user", "content": "Name a bird."}, {"role": "assistant", "content": "The wren."}]
    path = write([{"prompt": messages[:1], "completion": messages[1:]}], "jsonl", tmp_path)
    assert said in run(path)[1]
    path = write([{"instruction": "Name a bird.", "output": "The wren."}], "jsonl", tmp_path)
    assert said not in run(path, trainer="axolotl")[1]
    assert said in run(path, trainer="llama-factory")[1]


def test_two_things_that_go_wrong_are_told_apart(run: Any, tmp_path: Path) -> None:
    asked, said = {"from": "human", "value": "Name a bird."}, {"from": "gpt", "value": "The wren."}
    rows = [{"conversations": [asked]}, {"conversations": [asked, said], "chosen": said, "rejected": said}]
    rules = json.loads(run(write(rows, "jsonl", tmp_path), "--json", trainer="llama-factory")[1])["rules"]
    told = {rule["rule"]: rule["what"] for rule in rules}
    assert "an odd number of messages" in told["message_count"]
    assert "must end with the user" in told["pair_message_count"]


def test_without_a_limit_that_of_the_trainer_holds(run: Any, source: Path) -> None:
    assert "max_length 1,024 tokens (TRL's own limit" in run(source)[1]
    assert "own limit" not in run(source, trainer="openai")[1]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read(format: str, run: Any, tmp_path: Path) -> None:
    rows = [{"prompt": "Name a bird.", "completion": "The wren."}, {"prompt": "Name a fish.", "completion": ""}]
    code, out, _ = run(write(rows, format, tmp_path), "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["rows"], found["format"]) == (2, "prompt-completion")
    assert {rule["rule"] for rule in found["rules"]} & {
        "empty_answer",
        "wrong_type",
    }  # an empty cell of CSV may be null


def test_standard_input_is_read(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped(io.StringIO):
        buffer = io.BytesIO(lines(ROWS))

    monkeypatch.setattr(sys, "stdin", Piped())
    assert json.loads(run("-", "--json")[1])["rows"] == 3


def test_fail_if_is_exit_code_1(run: Any, source: Path) -> None:
    assert run(source, "--fail-if", "rejected > 1", "-q")[0] == 0
    for text in ("rejected > 0", "wrong_type >= 33%", "problems > 0", "masked <= 0"):
        assert run(source, "--fail-if", text, "-q") == (1, "", f"tamis: --fail-if met: {text}\n")


def test_rows_with_problems_are_written_one_a_line(run: Any, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "problems.jsonl"
    assert run(source, "--max-length", 64, "-q", "-o", output) == (0, "", "")
    found = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(row["row"], row["line"], row["problems"][0]["code"]) for row in found] == [
        (1, 2, "wrong_type"),
        (2, 3, "all_masked"),
    ]


def test_columns_can_be_named(run: Any, tmp_path: Path) -> None:
    path = write([{"q": "Name a bird.", "a": "The wren."}], "jsonl", tmp_path)
    assert json.loads(run(path, "--json")[1])["rejected"] == 1
    named = json.loads(run(path, "--map", "prompt=q", "--map", "completion=a", "--json")[1])
    assert (named["format"], named["problems"]) == ("prompt-completion", 0)


def test_a_broken_line_takes_its_place(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(ROWS[:1]) + b"{broken\n[1]\n")
    found = json.loads(run(path, "--json")[1])
    assert (found["rows"], found["unreadable"], found["learnt"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no/such.jsonl"], "no such file"),
        (["SOURCE", "--tokenizer", "no/such/tokenizer.json"], "no such file or folder"),
        (["SOURCE", "--fail-if", "regected > 1"], "did you mean 'rejected'"),
        (["SOURCE", "--map", "prompt=promt"], "did you mean 'prompt'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments: list[str], said: str, run: Any, source: Path) -> None:
    code, out, err = run(*(str(source) if one == "SOURCE" else one for one in arguments))
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_an_unknown_trainer_is_a_mistake(run: Any, source: Path) -> None:
    code, _, err = run(source, trainer="llamafactory")
    assert code == 2
    assert "did you mean 'llama-factory'" in err
