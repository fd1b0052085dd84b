"""Answers that stop in mid-sentence."""

from __future__ import annotations

import pytest

from tests.signals.chats import of_answer, turn, value


@pytest.mark.parametrize(
    "text",
    [
        "There are three reasons why this matters a lot, and the",
        "The museum opened in 1921 and has shown paintings, sculptures,",
        "First, rinse the rice.\n\n2. Then cook it slowly in a large pan with",
        "The third verse of the song goes like this:",
        "He looked at the old house on the hill (",
        "That is the plan. To sum up what was said above, we should always be",
        "- Always bring enough water for the whole group and for your",
    ],
)
def test_an_answer_that_breaks_off_is_truncated(text: str) -> None:
    assert of_answer("truncated", text) is True


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "positive, negative, and",
        "There are three reasons why this matters a lot.",
        "There are three reasons why this matters a lot",
        "- apples\n- pears\n- things to sit on",
        "SELECT name, age FROM people WHERE age > 3 AND name IN",
        "def add(a, b):\n    return a + b,",
        '{"name": "Ann", "age": 3, "town": "Rome", "zip":',
        "| a | b | c | d | e | f |\n| - | - | - | - | - | - |,",
        "Shall I compare thee to a day,\nThou art more lovely and more warm,\nRough winds do shake the darling buds of",
        "```python\nfor one in all the many things that are in the",
        "Dear Ann,\n\nI will be late.\n\nYours,",
        "这是一个很长的句子，它说明了很多事情，然后它就结束了，",
        "Das ist ein langer Satz, der mit einem kurzen Wort aufhört, denn ich rufe dich morgen um acht an",
    ],
)
def test_labels_lists_code_verse_tables_json_and_other_scripts_are_left_alone(text: str) -> None:
    assert not of_answer("truncated", text)


@pytest.mark.parametrize(
    "text",
    [
        "It depends on which country you are in",
        "There is no subject that all Asians are best at",
        "The Pope is not Italian today and does not have to be",
        "1. Stand up slowly\n2. Start in a squat position, jump up as high as you can",
        "She has never said whose idea it was, and she never will",
    ],
)
def test_a_sentence_may_end_in_a_preposition_or_a_verb_where_no_sentence_has_a_full_stop(text: str) -> None:
    assert of_answer("truncated", text) is False
    assert of_answer("truncated", f"Here is what I know. {text.splitlines()[-1]}") is True


def test_raw_text_may_be_cut_on_purpose() -> None:
    assert value("truncated", [turn("text", "There are three reasons why this matters a lot, and the")]) is None
