"""`tamis.diversity` and `tamis.compare` on data whose diversity and changes are known."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.errors import TamisError

VERBS = ["Describe", "Explain", "Compare", "Sketch", "Plan", "Question", "Rewrite", "Rank", "Translate", "Defend"]
TOPICS = [
    "the tides",
    "a loaf of bread",
    "Roman roads",
    "a bicycle chain",
    "night trains",
    "beetles",
    "old maps",
    "rain",
    "chess",
    "salt",
]


def varied(n: int = 200, seed: int = 0) -> pl.DataFrame:
    """Prompts of a hundred kinds, each with words of its own."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        verb, topic = random.choice(VERBS), random.choice(TOPICS)
        number = int(random.integers(1000))
        answer = f"{topic} {' '.join(random.permutation(VERBS)[:4]).lower()} and number {number} of {i}"
        rows.append({"instruction": f"{verb} {topic} for reader {number}.", "output": answer})
    return pl.DataFrame(rows)


def value(found: tamis.DiversityResult, side: str, score: str) -> dict[str, Any]:
    [line] = found.scores.filter(side=side, score=score).to_dicts()
    return line


@pytest.fixture(scope="module")
def of_varied() -> tamis.DiversityResult:
    return tamis.diversity(varied())


def test_copies_are_less_varied_than_the_rows_and_lie_at_their_anchor(of_varied: tamis.DiversityResult) -> None:
    copies = tamis.diversity(pl.concat([varied().head(20)] * 10))
    for score in ("distinct_2", "vendi", "nearest_distance"):
        one, other = value(of_varied, "prompt", score), value(copies, "prompt", score)
        assert other["high"] < one["low"], score
        assert one["duplicated"] < one["value"], score


def test_the_same_seed_gives_the_same_figures_for_any_number_of_threads(of_varied: tamis.DiversityResult) -> None:
    again = tamis.diversity(varied(), threads=1)
    assert again.summary() == of_varied.summary()
    other = tamis.diversity(varied(), seed=1)
    assert not other.scores["value"].equals(of_varied.scores["value"])


def test_a_set_is_as_varied_as_itself_and_reaches_all_of_itself() -> None:
    found = tamis.diversity(varied(), against=varied())
    assert not found.scores["differs"].any()
    assert (found.scores["value"] - found.scores["reference"]).abs().max() < 1e-12
    assert found.gaps == found.excesses == []


def test_what_was_taken_out_of_the_reference_is_told_as_a_gap_with_its_rows() -> None:
    reference = varied(600)
    few = reference.filter(~pl.col("instruction").str.contains("chess|salt"))
    found = tamis.diversity(few, against=reference)
    told = [row["text"] for gap in found.gaps if gap["side"] == "prompt" for row in gap["examples"]]
    assert told
    assert all("chess" in text or "salt" in text for text in told)
    for gap in found.gaps:
        assert gap["share"] < gap["reference_share"] / 10
    assert not [gap for gap in found.excesses if gap["side"] == "prompt"]
    back = tamis.diversity(reference, against=few)
    assert any("chess" in row["text"] or "salt" in row["text"] for gap in back.excesses for row in gap["examples"])


def test_a_reference_of_a_few_rows_is_said_to_be_too_few() -> None:
    found = tamis.diversity(varied(), against=varied(8))
    assert found.scores["reference"].null_count() == found.scores.height
    assert "too few prompts to measure beside" in str(found)
    assert "reference" not in str(found).split("prompts, 20 samples")[1].split("  the reference has")[0]


def test_a_comparison_shows_headlines_and_says_how_many_other_scores_moved() -> None:
    told = str(tamis.compare(varied(), varied(60)))
    assert "n-gram diversity" not in told
    assert "coverage" not in told
    assert "other scores moved: --json lists all" in told


def test_sets_that_are_their_own_only_sample_are_shown_without_a_verdict() -> None:
    told = str(tamis.compare(varied(40), varied(40, seed=1), size=40))
    assert "0 of" in told
    assert "more varied" not in told


def test_rows_without_a_text_keep_their_numbers() -> None:
    rows = pl.concat([pl.DataFrame({"instruction": ["", ""], "output": ["a", "b"]}), varied(60)])
    found = tamis.diversity(rows.with_columns(output=pl.lit("I hope this helps you all")))
    [closer, *_] = found.phrases["closers"]
    assert closer.texts == rows.height
    openers = {phrase.row for phrase in found.phrases["templates"]}
    assert openers
    assert min(openers) >= 2


def test_texts_are_shown_masked_and_numbers_are_valid_json(tmp_path: Path) -> None:
    rows = varied(60).with_columns(output=pl.lit("Write to jo.bloggs@example.org about it, please do"))
    found = tamis.diversity(rows)
    assert "jo.bloggs" not in str(found)
    found.save(tmp_path / "diversity.json")
    assert "jo.bloggs" not in (tmp_path / "diversity.json").read_text()
    assert json.loads((tmp_path / "diversity.json").read_text())["rows"] == 60


@pytest.mark.parametrize(("rows", "options", "said"), [(5, {}, "too few"), (60, {"size": 1}, "2 or more")])
def test_what_cannot_be_measured_is_an_error(rows: int, options: dict[str, Any], said: str) -> None:
    with pytest.raises(TamisError, match=said):
        tamis.diversity(varied(rows), **options)


def test_a_set_has_not_changed_from_itself() -> None:
    found = tamis.compare(varied(), varied())
    assert found.changes.is_empty()
    assert found.worse.is_empty()
    assert found.shrunk.is_empty()
    assert found.summary()["lost"] == 0


texts = st.sampled_from(["Name a colour.", "Name  a colour.", "Add 2 and 3.", ""])
pairs = st.lists(st.tuples(texts, st.sampled_from(["red", "5", "five"])), min_size=1, max_size=8)


@settings(max_examples=25)
@given(before=pairs, after=pairs)
def test_changes_are_the_difference_of_the_two_multisets(before: list[Any], after: list[Any]) -> None:
    frames = [pl.DataFrame(rows, schema=["prompt", "completion"], orient="row") for rows in (before, after)]
    changes = tamis.compare(*frames, recipe="report-only", scores=False).changes
    counts = [Counter((" ".join(prompt.split()), answer) for prompt, answer in rows) for rows in (before, after)]
    gone, come = counts[0] - counts[1], counts[1] - counts[0]
    of = dict(changes["change"].value_counts().iter_rows())
    assert of.get("removed", 0) + of.get("changed", 0) == gone.total()
    assert of.get("added", 0) + of.get("changed", 0) == come.total()
    prompts = [Counter(prompt for prompt, _ in side.elements() if prompt) for side in (gone, come)]
    assert of.get("changed", 0) == (prompts[0] & prompts[1]).total()
    for column, rows, lost in (("before", before, gone), ("after", after, come)):
        at = changes[column].drop_nulls().to_list()
        assert Counter((" ".join(rows[i][0].split()), rows[i][1]) for i in at) == lost


def test_a_rule_that_finds_more_is_worse_and_a_language_that_went_has_shrunk() -> None:
    german = pl.DataFrame({"instruction": ["Wie heißt die Hauptstadt von Österreich und warum?"] * 200})
    german = german.with_columns(
        output=pl.format("Die Hauptstadt ist Wien, und das ist Antwort Nummer {}.", pl.int_range(200))
    )
    before = pl.concat([varied(200), german])
    after = varied(200).with_columns(output=pl.when(pl.int_range(200) < 80).then(pl.lit("")).otherwise("output"))
    found = tamis.compare(before, after, scores=False)
    assert "empty_response" in found.worse["kind"].to_list()
    assert ("language", "de") in found.shrunk.select("of", "kind").rows()
    assert found.summary()["changed"] == 80


def test_audits_can_be_compared_and_must_be_of_one_recipe() -> None:
    one, other = tamis.audit(varied(40)), tamis.audit(varied(30))
    assert tamis.compare(one, other, scores=False).changes.height == 10
    with pytest.raises(TamisError, match="different recipes"):
        tamis.compare(one, tamis.audit(varied(30), recipe="strict"), scores=False)
