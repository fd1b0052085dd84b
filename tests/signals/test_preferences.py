"""Chosen and rejected answers, and labels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tamis
from tamis.inputs import Inputs
from tamis.measure import compute
from tamis.registry import get
from tests.signals.chats import assistant, records_of, user, value

Q, A = {"role": "user", "content": "Name a colour."}, {"role": "assistant", "content": "Red"}
OTHER, B = {**Q, "content": "Name a fruit."}, {**A, "content": "Blue"}
TEXT = st.text(alphabet="ab \n\t", max_size=6)


def of_row(rule: str, **row: Any) -> Any:
    return compute(get(rule), Inputs(records_of(json.dumps(row))), {}).values.to_list()[0]


@given(chosen=TEXT, rejected=TEXT)
def test_equal_is_equal_but_for_white_space(chosen: str, rejected: str) -> None:
    pair = [user("Hi"), assistant(chosen), assistant(rejected, side="rejected")]
    assert value("chosen_equals_rejected", pair) is (chosen.split() == rejected.split())


def test_thoughts_calls_and_earlier_turns_count_as_they_should() -> None:
    no = assistant("No.", side="rejected")
    assert value("chosen_equals_rejected", [user("Hi"), assistant("No."), user("So?"), assistant("Yes."), no]) is False
    assert value("chosen_equals_rejected", [user("Hi"), assistant("Yes."), user("So?"), assistant("No."), no]) is True
    assert value("chosen_equals_rejected", [user("Hi"), assistant("No.", reasoning="Hm."), no]) is False
    assert value("chosen_equals_rejected", [user("Hi"), assistant("No.", tool_calls="[]"), no]) is False
    assert value("chosen_equals_rejected", [user("Hi"), assistant("No.")]) is None


@pytest.mark.parametrize(("rejected", "empty"), [("", True), (" \u200b", True), ("No", False), (None, True)])
def test_an_empty_rejection(rejected: str | None, empty: bool) -> None:
    assert of_row("empty_rejection", prompt="Hi", chosen="Hello.", rejected=rejected) is empty
    assert of_row("empty_rejection", prompt="Hi", completion="Hello.") is None


@pytest.mark.parametrize(
    ("chosen", "rejected", "differ"),
    [
        ([Q, A], [Q, B], False),
        ([Q, A], [OTHER, A], True),
        ([Q, A], [OTHER, B], True),
        ([Q, A, Q, A], [Q, A, OTHER, A], True),
        ([Q, A, Q, A], [Q, B, OTHER, A], False),  # they part at an answer
        ([Q, A], [{**Q, "id": 3}, B], False),
        ([Q, A], [Q], False),
        ([{"role": "system", "content": "x"}, Q, A], [{"role": "system", "content": "y"}, Q, B], True),
        ("\n\nHuman: Hi\n\nAssistant: Hello", "\n\nHuman: Hey\n\nAssistant: Hello", True),
        ("\n\nHuman: Hi\n\nAssistant: Hello", "\n\nHuman: Hi\n\nAssistant: No", False),
    ],
)
def test_conversations_with_prompts_of_their_own(chosen: Any, rejected: Any, differ: bool) -> None:
    assert of_row("prompt_mismatch", chosen=chosen, rejected=rejected) is differ


def test_the_chosen_prompt_is_the_row_s_and_an_answer_that_is_missing_is_empty() -> None:
    turns = records_of(json.dumps({"chosen": [Q, A], "rejected": [OTHER, B]})).turns
    assert turns.select("side", "role", "text").rows() == [
        (None, "user", Q["content"]),
        (None, "assistant", "Red"),
        ("rejected", "user", OTHER["content"]),
        ("rejected", "assistant", "Blue"),
    ]
    assert of_row("empty_rejection", chosen=[Q, A], rejected=[Q]) is True


@pytest.mark.parametrize(
    ("row", "fault", "desirable"),
    [
        ({"completion": "Red", "label": True}, False, True),
        ({"completion": "Red", "label": False}, False, False),
        ({"completion": "Red", "label": 1}, True, None),
        ({"completion": "Red", "label": 0}, True, None),
        ({"completion": "Red", "label": 2}, None, None),
        ({"completion": "Red", "label": "True"}, None, None),
        ({"completion": "Red", "label": None}, None, None),
        ({"output": "Red", "label": 1}, None, None),
        ({"output": "Red", "kto_tag": 1}, True, None),
        ({"output": "Red", "kto_tag": None}, True, None),
        ({"output": "Red", "kto_tag": False}, False, False),
        ({"output": "Red"}, None, None),
    ],
)
def test_a_label_is_true_or_false(row: dict[str, Any], fault: bool | None, desirable: bool | None) -> None:
    assert of_row("label_not_boolean", prompt="Name a colour.", **row) is fault
    assert of_row("desirable", prompt="Name a colour.", **row) is desirable


@given(steps=st.lists(st.text(alphabet="a\n", max_size=3), max_size=4), labels=st.lists(st.booleans(), max_size=4))
def test_as_many_labels_as_steps(steps: list[str], labels: list[bool]) -> None:
    found = of_row("step_labels_mismatch", prompt="Go.", completions=steps, labels=labels)
    assert found is (len(steps) != len(labels))


def test_lengths_are_those_of_the_answers_alone() -> None:
    pair = [user("Hi"), assistant("Hello."), user("So?"), assistant("Yes"), assistant("Never", side="rejected")]
    assert value("chosen_characters", pair) == 3
    assert value("rejected_characters", pair) == 5
    assert value("chosen_characters", [user("Hi"), assistant("Hello.")]) is None
    tie = {"instruction": "Name a colour.", "output_1": "Red", "output_2": "Blue"}
    assert of_row("chosen_characters", **tie, label=2) == 4
    assert of_row("chosen_characters", **tie, label=None) is None


def test_the_evidence_is_the_rejected_turn(tmp_path: Any) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"prompt": "Name a colour.", "chosen": "Red", "rejected": "Red "}) + "\n")
    found = tamis.audit(rows).rows_of("chosen_equals_rejected")
    assert found.select("turn", "excerpt").rows() == [(2, "Red")]


def test_an_audit_tells_the_length_bias_and_the_balance_of_labels(tmp_path: Any) -> None:
    pairs, labelled = tmp_path / "pairs.jsonl", tmp_path / "labelled.jsonl"
    said = [{"prompt": f"{i}?", "chosen": "a" * (i + 2), "rejected": "a" * 4 + "b"} for i in range(6)]
    pairs.write_text("\n".join(map(json.dumps, said)))
    labels = [{"prompt": f"{i}?", "completion": "Red", "label": i == 0} for i in range(4)]
    labelled.write_text("\n".join(map(json.dumps, labels)))
    bias, balance = (tamis.audit(file, recipe="report-only") for file in (pairs, labelled))
    bias.save(tmp_path / "saved")
    found = tamis.AuditResult.load(tmp_path / "saved").summary()["preferences"]
    assert found == bias.summary()["preferences"]
    assert {k: found["length_bias"][k] for k in ("longer", "pairs", "ties")} == {"longer": 2, "pairs": 5, "ties": 1}
    assert "chosen answer is the longer one in 40.0 % of 5 pairs" in str(bias)
    assert "1 desirable, 3 undesirable (25.0 % desirable); KTO: desirable_weight 3.00 to 4.00" in str(balance)
    assert tamis.audit(tmp_path / "labelled.jsonl").summary()["preferences"].keys() == {"label_balance"}
