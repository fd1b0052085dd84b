"""Stated requirements: how they are read, against the labels of IFEval's prompts, and how they are checked."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import orjson
import pytest

from tamis.signals.constraints import constraints, unmet

DATA = Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[3] / "shared" / "data"))
IFEVAL = DATA / "benchmarks" / "microsoft_llm-steer-instruct--input_data.jsonl"
KINDS = {
    "length_constraints:number_words": "words",
    "length_constraints:number_sentences": "sentences",
    "length_constraints:number_paragraphs": "paragraphs",
    "length_constraints:nth_paragraph_first_word": "paragraphs",
    "detectable_format:number_bullet_lists": "bullets",
    "detectable_format:number_highlighted_sections": "highlights",
    "detectable_format:json_format": "json",
    "detectable_format:title": "title",
    "detectable_content:postscript": "postscript",
    "detectable_content:number_placeholders": "placeholders",
    "punctuation:no_comma": "no_comma",
    "change_case:english_lowercase": "lower_case",
    "change_case:english_capital": "upper_case",
    "keywords:existence": "keywords",
    "keywords:frequency": "keywords",
    "keywords:forbidden_words": "forbidden_words",
    "startend:end_checker": "ending",
    "startend:quotation": "double_quotes",
    "combination:two_responses": "two_answers",
}
LEAST_RECALL = {
    "no_comma": 0.9,
    "title": 0.9,
    "double_quotes": 0.9,
    "bullets": 0.9,
    "lower_case": 0.85,
    "upper_case": 0.9,
    "words": 0.85,
    "postscript": 0.8,
    "sentences": 0.75,
}


@pytest.mark.data
def test_what_is_read_from_the_prompts_of_ifeval_is_what_they_are_labelled_with() -> None:
    if not IFEVAL.exists():
        pytest.skip(f"{IFEVAL} is not there")
    both, read, labelled = Counter[str](), Counter[str](), Counter[str]()
    for row in map(orjson.loads, IFEVAL.read_bytes().splitlines()):
        truth = {KINDS[name] for name in row["instruction_id_list"] if name in KINDS}
        found = {kind for kind, _ in constraints(row["prompt"])} - {"items", "opening"}  # IFEval has no such label
        both.update(found & truth)
        read.update(found)
        labelled.update(truth)
    assert sum(both.values()) >= 0.93 * sum(read.values())
    assert {
        kind: both[kind] / labelled[kind] for kind in LEAST_RECALL if both[kind] < LEAST_RECALL[kind] * labelled[kind]
    } == {}


BEES = "Bees dance. They show where flowers are. Others fly there."
CASES = [
    ("Write at least 5 words.", BEES, "Bees dance.", "words"),
    ("Use no more than 10 words.", "Bees dance.", BEES * 2, "words"),
    ("Write a 10+ word note.", BEES, "Bees dance.", "words"),
    ("Write it in 4 words or less.", "Bees dance.", BEES, "words"),
    ("Use less than 5 sentences.", BEES, " ".join([BEES] * 4), "sentences"),
    ("Write exactly 2 paragraphs.", f"{BEES}\n\n{BEES}", "Bees dance.", "paragraphs"),
    ("Answer with exactly 2 bullet points.", "* one\n* two", "* one\n* two\n* three", "bullets"),
    ("Do not use any commas.", "Bees dance.", "Well, bees dance.", "no_comma"),
    ("Answer in all lowercase letters.", "bees dance.", "Bees dance.", "lower_case"),
    ("Answer in all capital letters.", "BEES DANCE.", "Bees dance.", "upper_case"),
    ("Your entire output should be in JSON format.", '```json\n{"bee": 1}\n```', "bee: 1", "json"),
    ("Wrap your entire response with double quotation marks.", '"Bees dance."', "Bees dance.", "double_quotes"),
    ("Give it a title in double angular brackets.", "<<Bees>>\nThey dance.", "Bees\nThey dance.", "title"),
    ("Add a postscript starting with P.S.", "Bees dance. P.S. So do I.", "Bees dance.", "postscript"),
    ("Use at least 2 placeholders.", "[name] and [place]", "[name]", "placeholders"),
    ('Include the word "dance".', BEES, "Bees sing.", "keywords"),
    ('Do not use the word "dance".', "Bees sing. A dancer looks on.", BEES, "forbidden_words"),
    ('End your response with "Others fly there."', BEES, "Bees dance.", "ending"),
    ('Begin your response with "Bees dance"', BEES, "They dance.", "opening"),
    ("Highlight at least 2 sections.", "*Bees* and *flowers*", "*Bees* and flowers", "highlights"),
    ("Give two answers separated by ******", "One\n******\nTwo", "One and two", "two_answers"),
    ("List 3 trees.", "1. oak\n2. elm\n3. ash", "1. oak\n2. elm", "items"),
]


@pytest.mark.parametrize(("question", "met", "missed", "kind"), CASES, ids=[kind for *_, kind in CASES])
def test_a_requirement_is_met_by_one_answer_and_missed_by_the_other(
    question: str, met: str, missed: str, kind: str
) -> None:
    assert unmet(question, met) == []
    assert unmet(question, missed) == [kind]


@pytest.mark.parametrize(
    "question",
    [
        "Write about 300 words on bees.",
        "Write at least approximately 300 words.",
        "Each item should have at least 300 words.",
        "Stories under ten words, please.",
        "Write a Python function that uses at least 300 words.",
        "Use at least 10 words in all capital letters.",
        "Translate this. Use only lowercase letters.",
        "Why do people like commas in poems about 300 words long?",
    ],
)
def test_what_cannot_be_counted_or_holds_for_a_part_is_not_read(question: str) -> None:
    assert list(constraints(question)) == []
