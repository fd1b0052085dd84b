"""Pieces of chat templates."""

from __future__ import annotations

import pytest

from tamis.signals.leaks import TOKENS
from tests.signals.chats import asked, of_answer, turn, user, value


@pytest.mark.parametrize("token", TOKENS)
def test_each_control_token_counts_wherever_it_stands(token: str) -> None:
    assert of_answer("template_tokens", f"Yes.{token}") == 1
    assert value("template_tokens", [user(f"{token} Why?{token}")]) == 2


@pytest.mark.parametrize(
    "text",
    ["a <| b |> c", "<end>", "[inst]", "List.map |> print", "<s>gone</s>", "im_end", "<b>user</b>", "[INSTRUCTIONS]"],
)
def test_what_only_looks_like_a_token_does_not(text: str) -> None:
    assert of_answer("template_tokens", text) == 0


def test_raw_text_may_be_written_in_a_template() -> None:
    assert value("template_tokens", [turn("text", "<|im_start|>user")]) is None
    assert value("template_headers", [turn("text", "### Human: Hi\n### Assistant: Hello")]) is None


@pytest.mark.parametrize(
    "text",
    [
        "Done.\n\n### Human: And then?",
        "### Response: Done.",
        "Done.\n\nUSER: thanks\n\nASSISTANT: you are welcome",
        "Done.</s>",
    ],
)
def test_an_answer_that_goes_on_into_another_turn(text: str) -> None:
    assert of_answer("template_headers", text) >= 1


@pytest.mark.parametrize(
    "text", ["### Instructions:\n1. Boil water.", "### Output\n3", "The user: a person.", "### Response time"]
)
def test_headings_of_an_answer_are_no_template(text: str) -> None:
    assert of_answer("template_headers", text) == 0


def test_a_dialogue_that_was_asked_for_is_no_leak() -> None:
    assert value("template_headers", asked("Write a dialogue of two.", "Human: Hi\n\nAssistant: Hello")) == 0
