"""Texts about someone else: against sentence pairs written by people, and what a swap may not touch."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.identity import identity_lexicon, lists
from tamis.identity.swaps import axes, replacements, swapped

WINOGENDER = "bias/rudinger_winogender-schemas--all_sentences.tsv"
WINOBIAS = "bias/uclanlp_corefBias--{}_stereotyped_type1.txt.dev"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("She told her that the book was hers.", "He told him that the book was his."),
        ("HE SAW HIMSELF.", "SHE SAW HERSELF."),
        ("Give it to her, then take her coat.", "Give it to him, then take his coat."),
        ("His own car is not his.", "Her own car is not hers."),
        ("Mrs. Smith and her wives", "Mr. Smith and his husbands"),
        ("King Lear was a king.", "King Lear was a queen."),
        ("I miss 100 ms of it, Ms. Lee.", "I miss 100 ms of it, Mr. Lee."),
        ("Theatre, sheet, heroes", "Theatre, sheet, heroes"),
    ],
)
def test_gender(text: str, other: str) -> None:
    assert swapped([text], "gender") == [other]


@pytest.mark.parametrize(
    ("axis", "text", "other"),
    [
        ("nationality", "an American and a British actor", "a British and a Mexican actor"),
        ("ethnicity", "Two white women met an African-American.", "Two black women met an Asian-American."),
        ("religion", "Is a jewish or a HINDU feast meant?", "Is a Christian or a BUDDHIST feast meant?"),
        ("age", "old-people and Young People", "young-people and Old People"),
        ("sexuality", "A gay couple", "A heterosexual couple"),
    ],
)
def test_other_axes_keep_case_number_and_article(axis: str, text: str, other: str) -> None:
    assert swapped([text], axis) == [other]


WORDS = ["he", "She", "MAN", "women", "his book", "Her book", "it", "é", " ", ". ", "\n", "father", "theatre"]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=3))
def test_words_without_ambiguity_come_back_when_swapped_twice(texts: list[str]) -> None:
    assert swapped(swapped(texts, "gender"), "gender") == texts


@given(st.lists(st.text(), max_size=3), st.sampled_from(axes()))
def test_texts_without_a_term_stay_as_they_are(texts: list[str], axis: str) -> None:
    words = set(re.findall(r"[^\W_]+", " ".join(texts).lower()))
    if not words & {word for term in replacements(axis) for word in term.split("-")}:
        assert swapped(texts, axis) == texts


def test_every_line_of_replacements_has_a_term_that_is_counted_for_its_axis() -> None:
    lexicon = identity_lexicon()
    for axis in axes():
        own = {t for t, g in zip(lexicon.terms, lexicon.group, strict=True) if lexicon.groups[g].startswith(axis)}
        lines = [line.split() for line in re.split(r"[|\n]", lists()["swaps"][axis]["lines"])]
        lost = [line for line in lines if line and not own & set(line)]
        assert axis == "nationality" or not lost  # there adjectives count before a person alone


@pytest.mark.data
def test_winogender_sentences_become_their_twins(data: Path) -> None:
    by_name = dict(pl.read_csv(data / WINOGENDER, separator="\t").iter_rows())
    for one, other in (("female", "male"), ("male", "female")):
        names = [name for name in by_name if name.endswith(f".{one}.txt")]
        expected = [by_name[name.replace(f".{one}.", f".{other}.")] for name in names]
        assert swapped([by_name[name] for name in names], "gender") == expected


@pytest.mark.data
def test_winobias_sentences_become_their_twins_but_for_two_that_a_word_cannot_tell(data: Path) -> None:
    def sentences(kind: str) -> list[str]:
        lines = (data / WINOBIAS.format(kind)).read_text().splitlines()
        return [re.sub(r"[\[\]]", "", line.split(" ", 1)[1]) for line in lines]

    found = zip(swapped(sentences("pro"), "gender"), sentences("anti"), strict=True)
    wrong = [ours for ours, theirs in found if ours != theirs]
    assert len(wrong) == 4  # "to keep her safe", "to make her less trusting"; two twins differ in other words
