"""Empty fields and markers."""

from __future__ import annotations

import pytest

from tests.signals.chats import asked, assistant, of_answer, turn, user, value


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u200b\ufeff", "\u00a0", "\x00"])
def test_an_answer_without_a_visible_character_is_empty(text: str) -> None:
    assert of_answer("empty_response", text) is True


@pytest.mark.parametrize("text", ["0", ".", "No", "是", "👍", "```"])
def test_the_shortest_answer_is_not_empty(text: str) -> None:
    assert of_answer("empty_response", text) is False


@pytest.mark.parametrize("more", [{"tool_calls": "[{}]"}, {"reasoning": "Hm."}, {"media": 1}])
def test_a_silent_answer_that_calls_thinks_or_shows_is_not_empty(more: dict) -> None:
    assert value("empty_response", [user("Weather?"), assistant("", **more)]) is False


def test_an_empty_rejected_answer_does_not_make_the_chosen_one_empty() -> None:
    assert value("empty_response", [user("Hi"), assistant("Hello."), assistant("", side="rejected")]) is False


def test_a_prompt_may_be_empty_where_the_system_turn_asks() -> None:
    assert value("empty_prompt", asked(" ", "Yes.")) is True
    assert value("empty_prompt", [turn("system", "Write a haiku."), user(""), assistant("Snow.")]) is False
    assert value("empty_prompt", [turn("system", " "), user(""), assistant("Snow.")]) is True
    assert value("empty_prompt", [turn("system", "Go."), user("A"), assistant("B"), user(""), assistant("C")]) is True
    assert value("empty_prompt", [user("", media=1), assistant("A cat.")]) is False


@pytest.mark.parametrize(
    "text",
    [
        "noinput",
        "No input",
        "<noinput>",
        "< no input >",
        "[No Input]",
        "`<noinput>`",
        "No input.",
        "N/A",
        "none",
        "NULL",
        "No input required",
        "(no input needed)",
        "Not applicable",
        "no_input",
        "-",
    ],
)
def test_an_input_that_says_there_is_none_is_a_marker(text: str) -> None:
    assert value("input_marker", asked("Do it.", "Done."), text) is True


@pytest.mark.parametrize(
    "text",
    ["", "The input is 3.", "No.", "noinput is a word", "None of these is red: sky, grass", "nobody", "x = None"],
)
def test_an_input_that_says_something_is_no_marker(text: str) -> None:
    assert value("input_marker", asked("Do it.", "Done."), text) is False


def test_a_row_without_a_field_for_input_has_no_marker_to_judge() -> None:
    assert value("input_marker", asked("Do it.", "Done.")) is None


@pytest.mark.parametrize(
    "text", ["<nooutput>", "<no-output>", "<No Output>", "[no output]", "nooutput", "x = 2\n<noinput>"]
)
def test_a_generators_marker_in_an_answer_is_certain(text: str) -> None:
    assert of_answer("response_marker", text) is True


@pytest.mark.parametrize(
    "text", ["No output", "None", "N/A", "There is no output.", "print(no_output)", "<input>", "No"]
)
def test_words_that_can_be_right_are_no_certain_marker(text: str) -> None:
    assert of_answer("response_marker", text) is False


@pytest.mark.parametrize(
    "text", ["N/A", "None.", "none provided", "Not applicable", "No output", "null", "...", "TODO"]
)
def test_a_bare_word_for_nothing_may_be_a_missing_answer(text: str) -> None:
    assert of_answer("missing_answer", text) is True


@pytest.mark.parametrize("text", ["No", "None of them are prime.", "Nonesuch", "0", "Yes...", "nothing else matters"])
def test_a_short_answer_is_not_missing(text: str) -> None:
    assert of_answer("missing_answer", text) is False
