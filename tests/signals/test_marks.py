"""Residue of chat pages, runs of digits, links from nowhere, broken numbering."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signals.chats import asked, assistant, of_answer, turn, user, value

LINK = "https://www.flight-history-pages.com/first/brothers.html"


@pytest.mark.parametrize(
    "said", ["python\nCopy code\nprint(1)", "Yes.\nRegenerate response", "2 / 2\nYes.", "Hm.\n复制代码\n"]
)
def test_words_of_a_page_count_on_a_line_of_their_own(said: str) -> None:
    assert of_answer("interface_residue", said) == 1
    assert of_answer("interface_residue", f"He said: {said.replace(chr(10), ' ')}") == 0


def test_a_link_is_from_nowhere_unless_another_turn_names_its_host() -> None:
    assert of_answer("ungiven_links", f"See {LINK}.") == 1
    assert of_answer("ungiven_links", f"`curl {LINK}`") == 0
    chat = [turn("system", "Cite www.flight-history-pages.com."), *asked("Who flew first?", f"See {LINK}.")]
    assert value("ungiven_links", chat) == 0
    called = [user("Who flew?"), assistant("", tool_calls="[]"), turn("tool", LINK), assistant(f"See {LINK}.")]
    assert value("ungiven_links", called) == 0


@given(st.integers(3, 12), st.booleans())
def test_a_list_numbered_in_order_has_no_fault_and_one_with_a_gap_has_one(length: int, spaced: bool) -> None:
    gap = "\n\n" if spaced else "\n"
    items = [f"{i}. item" for i in range(1, length + 1)]
    assert of_answer("list_index_faults", gap.join(items)) == 0
    assert of_answer("list_index_faults", gap.join([*items, f"{length + 2}. item"])) == 1
    assert of_answer("list_index_faults", gap.join([*items, f"{length}. item"])) == 1
    assert of_answer("list_index_faults", gap.join(["1. item"] * length)) == 0
    assert of_answer("list_index_faults", "\n\nTrees:\n".join([gap.join(items)] * 2)) == 0


@pytest.mark.parametrize(
    "said", ["1000000000", "0.3333333333", "`7777777777`", "0xfffffffff 1111111111", "1,000,000,000"]
)
def test_long_numbers_that_mean_something_are_no_runs(said: str) -> None:
    assert of_answer("digit_runs", said, "Tell me.") == 0


def test_a_run_of_one_digit_is_found() -> None:
    assert of_answer("digit_runs", "He was 7777777777 and", "Tell me.") == 1
