"""Task types: what must be told apart, and datasets whose task is known."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.packed import Packed
from tamis.scores.diversity.task_types import TASK_TYPES, cues, task_types


def types(prompts: list[str], context: bool = False, tools: bool = False) -> list[str]:
    flags = [np.full(len(prompts), given) for given in (context, tools)]
    return task_types(Packed.of(prompts), *flags).to_list()


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("Write a Python function that reverses a string.", "code"),
        ("What is the difference between Java and JavaScript?", "code"),
        ("Write a video script about pandas.", "writing"),
        ("Tom has 3 apples and buys 4 more. How many apples does Tom have?", "maths"),
        ("Calculate 5 x 3.", "maths"),
        ("Translate the sentence into German: I am here.", "translation"),
        ("How do you say good evening in French?", "translation"),
        ("Summarize the following article.\nRain fell.", "summary"),
        ("Rewrite the sentence in the past tense.\nShe sings.", "rewriting"),
        ("Classify the tweet as positive or negative.\nI love it", "classification"),
        ("Determine if the given sentence is a question.\nWho?", "classification"),
        ("Extract all dates from the paragraph.\nOn May 3 it rained.", "extraction"),
        ("You are Sherlock Holmes. Describe your method.", "role play"),
        ("You are given a list. Sort the list.", "rewriting"),
        ("Write a short story about a dragon.", "fiction"),
        ("Write an email to my landlord.", "writing"),
        ("Suggest five names for a bakery.", "ideas"),
        ("Explain photosynthesis.", "explanation"),
        ("Why is the sky blue?", "explanation"),
        ("Who wrote Faust?", "question"),
        ("Answer the question based on the passage.\nPassage: Rain fell. Did it rain?", "question about a text"),
        ("Hello!", "conversation"),
        ("I still have not received my card", "conversation"),
        ("Schreib mir bitte eine Geschichte über den alten Hund, der am Fluss lebte und viel bellte.", "other"),
        ("", "other"),
    ],
)
def test_one_prompt_of_each_kind(prompt: str, kind: str) -> None:
    assert types([prompt]) == [kind]


def test_a_text_to_work_on_and_tools_count() -> None:
    assert types(["Improve it."], context=True) == ["rewriting"]
    assert types(["Book a flight."], tools=True) == ["tools"]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_every_prompt_has_one_label_whatever_stands_beside_it(prompts: list[str]) -> None:
    found = types(prompts)
    assert set(found) <= set(TASK_TYPES)
    assert found == [types([prompt])[0] for prompt in prompts]


def test_every_cue_is_a_pattern_that_polars_and_python_read_alike() -> None:
    prompts = pl.Series(["how many apples?", "hi", "act as a poet", "translate to french", "spam or not", ""])
    for pattern in cues().values():
        theirs = pl.Series([bool(re.search(pattern, prompt)) for prompt in prompts])
        assert prompts.str.contains(pattern).equals(theirs)


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "field", "kind", "share"),
    [
        ("instructions/teknium1_GPTeacher--codegen-instruct.json", "instruction", "code", 0.98),
        (
            "instructions/teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json",
            "instruction",
            "role play",
            0.88,
        ),
        ("tasks/openai_grade-school-math--data__train.jsonl", "question", "maths", 0.94),
    ],
)
def test_sets_of_one_task_are_recognised(data: Path, file: str, field: str, kind: str, share: float) -> None:
    text = (data / file).read_text("utf-8")
    rows = json.loads(text) if file.endswith(".json") else [json.loads(line) for line in text.splitlines()]
    found = types([row[field] for row in rows])
    assert found.count(kind) / len(found) >= share


@pytest.mark.data
def test_bank_customers_ask_or_remark_and_set_no_task(data: Path) -> None:
    with (data / "tasks/PolyAI-LDN_task-specific-datasets--banking_data__test.csv").open(newline="") as file:
        found = types([row["text"] for row in csv.DictReader(file)])
    talk = sum(found.count(kind) for kind in ("question", "explanation", "conversation", "ideas", "other"))
    assert talk / len(found) >= 0.98
