"""Thoughts in tags."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.inputs import Inputs
from tamis.measure import compute
from tamis.registry import get
from tests.signals.chats import assistant, of_answer, records_of, turn, user, value

WORDS = st.lists(st.sampled_from(["One.", "two", "\n", "<b>", "x < y", "think"]), max_size=5).map(" ".join)


def as_read(rule: str, answer: str) -> object:
    """A signal's value for an answer that the reader has seen first, as it takes whole thoughts away."""
    row = records_of(json.dumps({"instruction": "What is 2 + 2?", "output": answer}))
    return compute(get(rule), Inputs(row), {}).values.to_list()[0]


@given(thought=WORDS, answer=WORDS)
def test_a_whole_thought_at_the_start_is_well_formed(thought: str, answer: str) -> None:
    assert as_read("malformed_thought", f"<think>{thought}</think>{answer}") is False
    assert as_read("malformed_thought", f"\n <think>\n{thought}\n</think>\n{answer}") is False


@pytest.mark.parametrize(
    "answer",
    [
        "<think>\nIt was cut off",
        "It lost its start.\n</think>\n\n4",
        "Four is it.</think>",
        "<think>One.</think>4\n<think>Two.</think>5",
        "<think>One.</think>\n4\n</think>",
        "The answer is 4.\n<think>Was it?</think>",
        "<think>\n<think>\nTwice.\n</think>\n</think>\n4",
        "</think>\n4",
        "</think>\nFour.\n<think>",
    ],
)
def test_tags_that_do_not_pair_up_at_the_start_are_found_and_shown(answer: str) -> None:
    assert as_read("malformed_thought", answer) is True
    locate = get("malformed_thought").locate
    assert locate is not None
    start, stop = locate(answer) or (0, 0)
    assert "think>" in answer[start:stop]


def test_a_question_about_the_tags_excuses_pairs_alone() -> None:
    asked = "What does <think> do?"
    assert of_answer("malformed_thought", "So:\n<think>\nHm.\n</think>\nDone.", asked) is False
    assert of_answer("malformed_thought", "So:\n<think>\nHm.\nDone.", asked) is True


@pytest.mark.parametrize(("thought", "empty"), [("", True), (" \n\u200b", True), ("Hm.", False), (None, None)])
def test_an_empty_thought(thought: str | None, empty: bool | None) -> None:
    assert value("empty_thought", [user("Hi"), assistant("Hello.", reasoning=thought)]) is empty


def test_a_thought_without_an_answer() -> None:
    thinks = assistant("\n", reasoning="Hm.")
    assert value("thought_without_answer", [user("Hi"), thinks]) is True
    assert value("thought_without_answer", [user("Hi"), thinks, user("Well?"), assistant("Hello.")]) is True
    assert value("thought_without_answer", [user("Hi"), thinks, assistant("Hello.")]) is False
    assert value("thought_without_answer", [user("Hi"), {**thinks, "tool_calls": "[]"}, turn("tool")]) is False
    assert value("thought_without_answer", [user("Hi"), {**thinks, "media": 1}]) is False
    assert value("thought_without_answer", [user("Hi"), assistant("Hello.", reasoning="Hm.")]) is False
    assert value("thought_without_answer", [user("Hi"), assistant("")]) is None


@pytest.mark.parametrize(
    ("prompt", "flag"), [("<think>a</think>b", True), ("\n<think>", True), ("a <think>", False), ("<thinking>", False)]
)
def test_a_user_turn_that_thinks(prompt: str, flag: bool) -> None:
    assert value("thought_in_prompt", [user(prompt), assistant("Yes.")]) is flag
