"""Blanks that were left to fill in."""

from __future__ import annotations

import pytest

from tests.signals.chats import asked, of_answer, value


@pytest.mark.parametrize(
    "text",
    [
        "I am {{name}}.",
        "Today is [insert current date].",
        "Hello [Your Name]!",
        "Lorem ipsum dolor",
        "Go, [Team Name]!",
        "# TODO\npass",
        "It costs <insert price>.",
        "Welcome to [Company Name].",
    ],
)
def test_a_blank_nobody_asked_for_counts(text: str) -> None:
    assert of_answer("placeholders", text, "What is it?") == 1


@pytest.mark.parametrize(
    "text",
    [
        "a[name]",
        "See [1].",
        "[link](http://x.org)",
        "<name>",
        "{{ item.price }}",
        "x = data[date.today()]",
        "[Enter the king]",
        "std::cout << name",
        "const [name, value] = pair",
    ],
)
def test_brackets_of_code_plays_and_notes_are_no_blanks(text: str) -> None:
    assert of_answer("placeholders", text, "What is it?") == 0


@pytest.mark.parametrize(
    "question", ["Write an email to my boss.", "Fill in: I am [name].", "Draft a cover letter.", "A form for {{x}}"]
)
def test_a_blank_in_a_form_that_was_asked_for_does_not(question: str) -> None:
    assert value("placeholders", asked(question, "Dear [Your Name], ...")) == 0
