"""Fenced code blocks."""

from __future__ import annotations

import pytest

from tests.signals.chats import asked, of_answer, value


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)",
        "Text.\n```\na\n```\nMore:\n```",
        "~~~\na\n```",
        "````\na\n```",
        "1. Do:\n   ```sh\n   ls\n2. Done.",
        "```python\na\n```python\nb\n",
        "Write this: ```python\nThen:\n```python\nprint(1)",
        "~~~\nprint(1)```",
    ],
)
def test_a_block_without_its_closing_fence_is_unbalanced(text: str) -> None:
    assert of_answer("unbalanced_fences", text) is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No code.",
        "```python\nprint(1)\n```",
        "````\n```\n````",
        "~~~\n```\n~~~",
        "Use ```inline``` code.",
        "```\na\n`````",
        "- ```\n  a\n  ```\n- b",
        "> ```\n> a\n> ```",
        "``` `` ```",
        "```js\nreturn `a ${b}`;```",
        "```js\nfunction f() {\n}``` \n",
        "Run:\n```cmd\nchkdsk C:\n```Replace C with the letter of the drive.",
        "It prints:\n```text\nHello\n``` to your console.",
        "Type ```ls```\nor ```dir```",
    ],
)
def test_blocks_that_close_are_balanced(text: str) -> None:
    assert of_answer("unbalanced_fences", text) is False


def test_empty_blocks_are_counted() -> None:
    assert of_answer("empty_fences", "```\n```\n\n```js\n \n```\n```\na\n```\n\n```\nb\n```") == 2
    assert of_answer("empty_fences", "``` ```") == 0
    assert of_answer("empty_fences", "```js\nf()```") == 0


def test_questions_about_markdown_are_left_out() -> None:
    chat = asked("Show a code block in Markdown.", "````\n```\n```\n")
    assert value("unbalanced_fences", chat) is False
    assert value("empty_fences", chat) == 0
