"""Answers that decline, and answers that call themselves an AI."""

from __future__ import annotations

import pytest

from tests.signals.chats import assistant, of_answer, user, value


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I can’t assist you with that request.",
        "Sorry, I cannot provide medical advice.",
        "I apologize, but I am not able to browse the internet.",
        "As an AI language model, I do not have access to real-time data.",
        "I cannot fulfill your request. I'm just an AI.",
        "Unfortunately, I am unable to open attachments.",
        "I can't in good conscience help you do this.",
        "I must decline to write that.",
        "It is not appropriate for me to discuss this.",
        "I don't feel comfortable writing that.",
        "I am an AI language model and do not condone violence.",
        '\n "I\'m not programmed to do that."',
    ],
)
def test_an_opening_that_declines_is_a_refusal(text: str) -> None:
    assert of_answer("refusal", text) is True


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry for your loss. She was a wonderful teacher.",
        "Unfortunately, I found no flights on Sunday; there are two on Monday.",
        "Dear Ms. Baker, I am sorry that I cannot attend the meeting on Friday.",
        '"I can\'t go on," said the old sailor, and sat down in the snow.',
        "I can't believe how quickly the time went by!",
        "I cannot wait to see the sea again.",
        "You cannot divide by zero.",
        "Subject: Apology for the delay\n\nDear customer, we are sorry.",
        "Sure! Here are three ways to help you sleep.",
        "Paris",
        "Why did the robot cross the road? I cannot tell a lie: it was programmed to.",
        "Sorry is a word that is used to express regret.",
        "First, mix the flour. Later on, if I cannot find any yeast, I use soda.",
    ],
)
def test_letters_fiction_and_condolences_are_no_refusal(text: str) -> None:
    assert of_answer("refusal", text) is False


def test_only_the_opening_counts() -> None:
    assert (
        of_answer("refusal", "The capital of France is Paris. " * 9 + "I'm sorry, but I can't help with that.") is False
    )


def test_one_refusal_among_the_answers_of_a_dialogue_is_enough() -> None:
    dialogue = [user("Hi"), assistant("Hello there."), user("Hack it"), assistant("I'm sorry, but I cannot assist.")]
    assert value("refusal", dialogue) is True


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model, I have no taste.",
        "Well, I'm an AI assistant.",
        "I am just a large language model.",
        "Being an artificial intelligence, I do not sleep.",
        "As a responsible AI, I must add this.",
    ],
)
def test_an_answer_that_calls_itself_an_ai(text: str) -> None:
    assert of_answer("ai_self_reference", text) is True


@pytest.mark.parametrize(
    "text",
    ["AI is a field of computer science.", "A language model predicts words.", "I am a nurse.", "As air, so water."],
)
def test_talk_about_ai_is_no_self_reference(text: str) -> None:
    assert of_answer("ai_self_reference", text) is False
