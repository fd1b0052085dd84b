"""`tamis.bias` on planted data and on the sets made to measure bias."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tamis
from tamis.inputs import Texts
from tamis.registry import SIGNALS, signal


def planted(seed: int = 0, n: int = 800) -> pl.DataFrame:
    """Prompts about a Muslim or a Christian friend: the first are refused six times as often."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        who = random.choice(["Muslim", "Christian"])
        refused = random.random() < (0.6 if who == "Muslim" else 0.1)
        answer = "I'm sorry, but I can't help with that." if refused else f"Bring flowers and say hello, number {i}."
        rows.append({"instruction": f"What shall I give my {who} friend in house {i}?", "output": answer})
    return pl.DataFrame(rows)


def gaps(found: tamis.BiasResult, outcome: str) -> dict[str, Any]:
    return {facts["group"]: facts for facts in found.gaps if facts["outcome"] == outcome and "gap" in facts}


def test_a_planted_treatment_gap_is_found_and_shown() -> None:
    found = tamis.bias(planted(), sample=0)
    refusal = gaps(found, "refusal")
    assert refusal.keys() == {"religion.muslim", "religion.christian"}
    assert refusal["religion.muslim"]["differs"]
    low, high = refusal["religion.muslim"]["interval"]
    assert low < 0.5 < high
    assert "religion.muslim" in str(found)
    assert "are refused" in str(found)


def test_shuffled_answers_have_no_gap() -> None:
    rows = planted()
    shuffled = rows.with_columns(output=rows["output"].shuffle(seed=1))
    assert not any(facts.get("differs") for facts in tamis.bias(shuffled, sample=0).gaps)


def test_copies_of_a_prompt_are_no_evidence() -> None:
    rows = planted(n=40)
    assert not any("gap" in facts for facts in tamis.bias(pl.concat([rows] * 10), sample=0).gaps)


def test_a_rule_that_hits_one_group_changes_its_verdict_when_terms_are_swapped() -> None:
    @signal(unit="flag", source="test", reduce="any")
    def names_a_muslim(prompts: Texts) -> pl.Series:
        """Whether a prompt names a Muslim."""
        return prompts.text.str.contains("Muslim")

    try:
        rule = {"signal": "names_a_muslim", "action": "drop", "message": "test"}
        recipe = tamis.recipe.parse({"name": "unfair", "rules": {"unfair": rule}})
        found = tamis.bias(planted(), recipe=recipe, sample=100)
    finally:
        del SIGNALS["names_a_muslim"]
    religion = next(facts for facts in found.swaps if facts["axis"] == "religion")
    assert religion["rows"] == religion["changed"] == 100
    assert religion["newly_dropped"] + religion["no_longer_dropped"] == 100
    assert "100 of 100 rows are judged otherwise" in str(found)


def test_the_same_seed_gives_the_same_numbers_whatever_the_threads() -> None:
    one, two = (tamis.bias(planted(), sample=50, seed=3, threads=threads).summary() for threads in (1, 2))
    assert one == two


def test_few_rows_say_so_everywhere() -> None:
    found = tamis.bias(pl.DataFrame({"instruction": ["Who is she?"] * 3, "output": ["The nurse. He is a man."] * 3}))
    text = str(found)
    assert text.count("too few") >= 5
    assert all(set(facts) == {"group", "rows"} for side in found.representation.values() for facts in side)


def test_the_numbers_can_be_saved(tmp_path: Path) -> None:
    found = tamis.bias(planted(n=60), sample=10)
    found.save(tmp_path / "bias.json")
    saved = json.loads((tmp_path / "bias.json").read_text())
    assert saved["rows"] == 60
    assert saved.keys() == found.summary().keys()
    with pytest.raises(tamis.TamisError, match="cannot be written"):
        found.save(tmp_path / "no" / "bias.json")


def test_a_negative_sample_is_a_mistake() -> None:
    with pytest.raises(tamis.TamisError, match="sample"):
        tamis.bias(planted(n=5), sample=-1)


# what sets that were made to measure bias are known to hold


def texts(said: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"text": said})


@pytest.mark.data
def test_bold_sentences_of_actors_and_actresses_are_theirs(data: Path) -> None:
    prompts = json.loads((data / "bias/amazon-science_bold--gender_prompt.json").read_text())
    for group, more in (("American_actors", "he"), ("American_actresses", "she")):
        said = [line for lines in prompts[group].values() for line in lines]
        found = tamis.bias(texts(said), sample=0)
        shares = {facts["group"]: facts["rows"] for facts in found.representation["answers"]}
        assert (shares["gender.female"] > shares["gender.male"]) == (more == "she"), shares


@pytest.mark.data
def test_no_occupation_leans_where_sentences_are_balanced(data: Path) -> None:
    said = []
    for kind in ("pro", "anti"):  # the same sentences with the other pronoun
        lines = (data / f"bias/uclanlp_corefBias--{kind}_stereotyped_type1.txt.dev").read_text().splitlines()
        said += [line.split(" ", 1)[1].replace("[", "").replace("]", "") for line in lines]
    told = [facts for facts in tamis.bias(texts(said), sample=0).occupations if "differs" in facts]
    assert len(told) > 20
    assert not any(facts["differs"] for facts in told)


@pytest.mark.data
def test_crows_pairs_name_more_of_the_disadvantaged_group_in_the_stereotyping_sentence(data: Path) -> None:
    with (data / "bias/nyu-mll_crows-pairs--crows_pairs_anonymized.csv").open() as file:
        pairs = [row for row in csv.DictReader(file) if row["stereo_antistereo"] == "stereo"]
    rows = {}
    for side in ("sent_more", "sent_less"):
        told = tamis.bias(texts([pair[side] for pair in pairs]), sample=0).representation["answers"]
        rows[side] = {facts["group"]: facts["rows"] for facts in told}
    for more, less in (("ethnicity.black", "ethnicity.white"), ("class.poor", "class.rich")):
        assert rows["sent_more"][more] > rows["sent_less"][more]
        assert rows["sent_more"][less] < rows["sent_less"][less]


@pytest.mark.data
def test_bbq_names_the_religions_that_it_is_about(data: Path) -> None:
    lines = (data / "bias/nyu-mll_BBQ--Religion.jsonl").read_text().splitlines()
    said = [row["context"] + " " + row["question"] for row in map(json.loads, lines)]
    told = {facts["group"]: facts for facts in tamis.bias(texts(said), sample=0).representation["answers"]}
    for group in ("muslim", "jewish", "christian", "hindu", "none"):
        assert told[f"religion.{group}"]["share"] > 0.05, group
