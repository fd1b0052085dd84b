"""Prompts that cannot be answered as they stand."""

from __future__ import annotations

import pytest

from tests.signals.chats import asked, assistant, turn, user, value


@pytest.mark.parametrize(
    "prompt",
    [
        "Summarize the following article.",
        "Translate the following sentence into French:",
        "Explain the text below.",
        "Fasse den folgenden Text zusammen.",
        "Résume le texte suivant.",
        "Resume el siguiente texto.",
        "请总结以下文章。",
    ],
)
def test_a_text_that_is_not_there_is_missed_only_where_nothing_gives_it(prompt: str) -> None:
    assert value("missing_attachment", asked(prompt, "Bees.")) is True
    assert value("missing_attachment", asked(prompt, "Bees."), "Bees dance.") is False
    assert value("missing_attachment", asked(f"{prompt}\nBees dance.", "Bees.")) is False
    assert value("missing_attachment", [user("Bees dance."), assistant("Yes."), *asked(prompt, "Bees.")]) is False
    assert value("missing_attachment", [turn("system", "Bees dance. " * 20), *asked(prompt, "Bees.")]) is False
    assert value("missing_attachment", [user(prompt, media=1), assistant("Bees.")]) is False


def test_a_short_system_turn_gives_nothing() -> None:
    chat = [turn("system", "Be kind."), *asked("Summarize the following article.", "Bees.")]
    assert value("missing_attachment", chat) is True


def test_a_link_alone_is_unreadable_but_for_questions_about_the_address() -> None:
    link = "https://www.example.com/news/bees"
    assert value("unreadable_link", asked(link, "Bees.")) is True
    assert value("unreadable_link", asked(f"Summarize this article: {link}", "Bees.")) is True
    assert value("unreadable_link", asked(f"What is the protocol of this address? {link}", "https")) is False
    called = [user(link), assistant("", tool_calls='[{"name": "open"}]'), turn("tool", "Bees."), assistant("Bees.")]
    assert value("unreadable_link", called) is False


def test_a_picture_is_asked_for_at_the_start_of_a_sentence_and_not_in_code() -> None:
    assert value("needs_modality", asked("Hello. Create a pie chart of my sales.", "Here.")) is True
    assert (
        value("needs_modality", asked("He wants to create a pie chart of sales; what does he need?", "Ink.")) is False
    )
    assert value("needs_modality", asked("Create a pie chart in Python.", "import")) is False


def test_an_image_counts_in_prose_alone() -> None:
    image = "![a bee](https://example.com/bee.png)"
    assert value("image_references", asked("What is a bee?", f"This: {image}")) == 1
    assert value("image_references", asked("What is a bee?", f"```\n{image}\n```")) == 0
    assert value("image_references", asked("How do I embed it in Markdown?", image)) == 0
    assert value("image_references", [user("What is this?", media=1), assistant(image)]) == 0


def test_a_merged_task_has_a_number_that_no_list_leads_up_to() -> None:
    assert value("merged_instructions", asked("Name a tree. 7. Instruction: Name a bird.", "Oak.")) == 1
    assert value("merged_instructions", asked("Name a tree.", "Oak.\n\n12.Instruction: Name a bird.")) == 1
    assert value("merged_instructions", asked("Two tasks?", "1. Instruction: a\n2. Instruction: b")) == 0
