"""The first request of a prompt: what it is, what is none, and that nothing else of the batch matters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.packed import Packed
from tamis.scores.diversity.requests import REQUEST, requests, word_lists


def first(prompt: str) -> tuple[str | None, str | None, str | None]:
    verb, noun, question, _ = requests(Packed.of([prompt])).row(0)
    return verb, noun, question


@pytest.mark.parametrize(
    ("prompt", "verb", "noun"),
    [
        ("Write a short, funny and unexpected story about cats.", "write", "story"),
        ("Can you please give me two ideas for a party?", "give", "idea"),
        ("I want you to design a logo.", "design", "logo"),
        ("Your task is to translate the sentence.", "translate", "sentence"),
        ("Given an array of integers, find the largest element.", "find", "element"),
        ("You are a chef. Describe your favourite dishes.", "describe", "dish"),
        ("Take on the role of a pilot and explain the controls.", "explain", "control"),
        ("In C++, implement a stack class that supports push.", "implement", "class"),
        ("Come up with a slogan.", "come", "slogan"),
        ("List the cities visited by the pope.", "list", "city"),
        ("Write a letter expressing your gratitude.", "write", "letter"),
        ("Create a web-based platform that sells shoes.", "create", "platform"),
        ("Find and fix the errors in this code.", "find", "error"),
        ("Name: John\nSummarize the CV.", "summarize", "cv"),
        ("1. Name three animals", "name", "animal"),
        ("Explain how a car works.", "explain", None),
        ("Rewrite \"hello\" in French", "rewrite", None),
    ],
)  # fmt: skip
def test_the_verb_and_its_object_are_found(prompt: str, verb: str, noun: str | None) -> None:
    assert first(prompt) == (verb, noun, None)


@pytest.mark.parametrize(
    ("prompt", "question"),
    [("How do I write a letter?", "how"), ("What is a list? Explain it.", "what"), ("Is it a fruit?", "is")],
)
def test_a_question_that_comes_first_is_no_request(prompt: str, question: str) -> None:
    assert first(prompt) == (None, None, question)


@pytest.mark.parametrize("prompt", ["", "My card was stolen.", "I want to write books.", "Design is what I love", "!?"])
def test_what_asks_for_nothing_has_no_verb(prompt: str) -> None:
    assert first(prompt)[0] is None


words = st.sampled_from(
    [word for kinds in word_lists().values() for listed in kinds.values() for word in listed]
    + ["cat", "café", "7", "漢"]
)
marks = st.sampled_from([" ", " ", " ", ", ", ". ", "? ", "\n", "-", "'", ': "', "/", "é"])
prompts = st.lists(st.tuples(words, marks).map("".join), max_size=12).map("".join)


@given(st.lists(prompts | st.text(), min_size=1, max_size=4))
def test_a_prompt_is_read_alike_whatever_stands_beside_it(batch: list[str]) -> None:
    together = requests(Packed.of(batch))
    assert together.schema == REQUEST
    assert together.rows() == [requests(Packed.of([prompt])).row(0) for prompt in batch]


@given(prompts)
def test_the_verb_stands_where_it_is_said_to_and_case_does_not_matter(prompt: str) -> None:
    verb, noun, question, at = requests(Packed.of([prompt])).row(0)
    assert verb is None or prompt.encode()[at:].decode().startswith(verb)
    assert (verb is None) == (at == -1)
    assert verb is not None or noun is None
    assert requests(Packed.of([prompt.upper()])).row(0)[::3] == (verb, at) or not prompt.isascii()
    assert question is None or verb is None


def test_a_verb_stands_in_one_group() -> None:
    listed = [verb for verbs in word_lists()["verbs"].values() for verb in verbs]
    assert sorted(listed) == sorted(set(listed))
