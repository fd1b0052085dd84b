"""Numbers: lengths, loops, echoes and the repetition of Gopher."""

from __future__ import annotations

import pytest

from tamis.kernels.repetition import MEASURES
from tamis.registry import SIGNALS
from tests.signals.chats import asked, assistant, of_answer, user, value

QUESTION = "Which river flows through the old town of Bern in Switzerland?"


def test_lengths_add_up_over_the_turns() -> None:
    chat = [user("Hi there"), assistant("Hello."), user("Bye"), assistant("So long.")]
    assert value("prompt_characters", chat) == 11
    assert value("prompt_words", chat) == 3
    assert value("response_characters", chat) == 14
    assert value("response_words", chat) == 3
    assert value("turn_count", chat) == 4
    assert value("prompt_tokens", chat) > 0
    assert value("response_tokens", chat) > 0


def test_thoughts_are_counted_apart() -> None:
    assert value("thought_tokens", asked("Hi", "Hello.")) is None
    assert value("thought_tokens", [user("1 + 1?"), assistant("2", reasoning="One and one make two.")]) > 0


def test_a_loop_reaches_the_end() -> None:
    assert of_answer("trailing_repeats", "Well. " + "It goes on and on. " * 12) == 12
    assert of_answer("trailing_repeats", "It goes on and on. " * 12 + "Then it stopped, as all things do.") == 1
    assert of_answer("sentence_repeats", "It goes on and on. " * 12 + "Then it stopped, as all things do.") == 12


@pytest.mark.parametrize("name", MEASURES)
def test_repetition_is_a_share(name: str) -> None:
    assert SIGNALS[name].unit == "ratio"
    once = of_answer(name, "One thing after another, and none of them twice.")
    looped = of_answer(name, "the same line of words that goes round and round again\n\n" * 9)
    assert 0 <= once <= 1
    assert 0 <= looped <= 1
    if not name.startswith("top_"):  # the most common run of words of a text may well be one that occurs once
        assert (once, looped > 0.5) == (0, True)


def test_an_answer_that_gives_the_question_back() -> None:
    assert of_answer("prompt_echo_ratio", QUESTION, QUESTION) == 1
    assert of_answer("response_equals_prompt", f" {QUESTION.rstrip('?')}. ", QUESTION) is True
    assert of_answer("response_equals_prompt", "The Aare.", QUESTION) is False
    assert of_answer("prompt_echo_ratio", "It is the Aare, which comes from the Grimsel pass.", QUESTION) == 0


def test_a_quotation_from_a_long_passage_is_no_echo() -> None:
    passage = "Who wrote it? " + " ".join(f"word{i}" for i in range(80))
    assert of_answer("prompt_echo_ratio", "word3 word4 word5 word6 word7 word8", passage) == 0


def test_a_question_turned_into_a_sentence_is_an_answer() -> None:
    question = "What is the smallest country in the world that is at least one square mile in area?"
    sentence = "Nauru is the smallest country in the world that is at least one square mile in area"
    assert of_answer("prompt_echo_ratio", sentence, question) == 0
    assert of_answer("prompt_echo_ratio", f"Sure! {question}", question) > 0.9
    assert of_answer("prompt_echo_ratio", question.removeprefix("What is "), question) > 0.8


def test_short_answers_have_no_echo_to_measure() -> None:
    assert of_answer("prompt_echo_ratio", "pending transfer", "Pending transfer?") is None


def test_an_answer_may_be_the_separate_input() -> None:
    chat = asked("Correct it.\n\nI has a dog.", "I has a dog.")
    assert value("response_equals_prompt", chat, "I has a dog.") is True
    assert value("response_equals_prompt", chat, "I have a dog.") is False
    assert value("response_equals_prompt", asked("", ""), "") is False
