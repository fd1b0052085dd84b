"""Formats, topics and the labels of whole rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.packed import Packed
from tamis.scores.diversity.catalogue import SIDES_KNOWN
from tamis.scores.diversity.formats import FORMATS, formats
from tamis.scores.diversity.mixes import SIDES, deciles, mix_of, mixes
from tamis.scores.diversity.requests import singular, top_verbs
from tamis.scores.diversity.topics import TOPIC, topics


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        (" \n", "empty"),
        ("$1,200.50", "number"),
        ("3/4", "number"),
        ("positive", "word"),
        ("The fourth child is Mike.", "short answer"),
        ('{"a": [1, 2]}', "json"),
        ('[see note] "a" is here, and it is a long remark about nothing', "prose"),
        ("```python\nprint(1)\n```", "code"),
        ("def f(x):\n    return x", "code"),
        ("int main() {\n  return 0;\n}", "code"),
        ("SELECT name\nFROM users\nWHERE id = 1", "code"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "table"),
        ("Three things:\n1. one\n2. two\n3. three", "list"),
        ("We set \\(x = 2\\) and find that \\[x^2 = 4\\] holds for all of them", "maths"),
        ("First words.\nMore words.\nStill more.\n- a\n- b\nAnd an end.", "mixed"),
        ("It rained all day. Nobody went out, and nothing else was said of it.", "prose"),
    ],
)
def test_one_answer_of_each_form(answer: str, form: str) -> None:
    assert formats(Packed.of([answer])).to_list() == [form]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_every_answer_has_one_form_whatever_stands_beside_it(answers: list[str]) -> None:
    found = formats(Packed.of(answers)).to_list()
    assert set(found) <= set(FORMATS)
    assert found == [formats(Packed.of([answer]))[0] for answer in answers]


def test_a_topic_is_named_by_what_the_others_have_not() -> None:
    money = ["Send money to my bank account", "Is my bank account open?", "The bank account has no money"]
    rain = ["Will it rain in Paris?", "Describe the rain of Paris", "Paris in rain"]
    found = topics(np.array([1, 1, 1, 0, 0, 0, -1]), Packed.of([*money, *rain, "bank bank bank"]))
    assert found.schema == TOPIC
    assert found["rows"].to_list() == [3, 3]
    assert found.sort("topic")["terms"].to_list() == [["paris", "rain"], ["bank account", "money"]]
    assert found["share"].sum() == pytest.approx(6 / 7)


def test_topics_weigh_terms_as_the_formula_says() -> None:
    found = topics(np.array([0, 0, 1, 1, 1]), Packed.of(["oak elm", "oak elm", "elm", "elm", "elm"]))
    # cluster 0 has 6 terms (oak, elm and the pair, twice), 1 has 3; A = 4.5; f(oak) = 2, f(elm) = 5, f(pair) = 2
    oak, elm = 2 / 6 * np.log(1 + 4.5 / 2), 2 / 6 * np.log(1 + 4.5 / 5)
    assert oak > elm
    assert found.sort("topic")["name"].to_list() == ["oak elm", "elm"]


def test_no_topic_without_rows() -> None:
    assert topics(np.zeros(0, np.int64), Packed.of([])).is_empty()
    assert topics(np.array([0]), Packed.of(["the of and"]))["name"].to_list() == [""]


@pytest.mark.parametrize(
    ("plural", "single"),
    [
        *[("Stories", "story"), ("boxes", "box"), ("classes", "class"), ("people", "person"), ("analysis", "analysis")],
        *[("movies", "movie"), ("bus", "bus"), ("ideas", "idea"), ("series", "series"), ("c", "c"), ("pies", "pie")],
    ],
)
def test_the_singular(plural: str, single: str) -> None:
    assert singular(pl.Series([plural])).to_list() == [single]


def test_equal_prompts_have_equal_labels_and_columns_become_sides() -> None:
    rows = pl.DataFrame(
        {
            "turn_count": [2, 2, 14],
            "prompt_tokens": [0, 5, None],
            "prompt_language": ["en", "en", None],
            "by": [None, None, None],
            "context": ["It rains.", None, None],
        },
        schema_overrides={"by": pl.String},
    )
    prompts = ["Improve it.", "Write a poem.", "Write a poem."]
    found = mixes(rows, Packed.of(prompts), Packed.of(["a", "b", "c"]))
    assert set(found) <= set(SIDES)
    assert "source" not in found
    assert found["task type"].to_list() == ["rewriting", "fiction", "fiction"]
    assert found["verb and object"].to_list() == [None, "write poem", "write poem"]
    assert found["turns"].to_list() == ["2", "2", "10 or more"]
    assert found["prompt tokens"].to_list() == ["0", "4-7", None]
    assert mix_of(found["prompt language"]).counts == {"en": 2}


def test_labels_do_not_depend_on_the_order_of_rows() -> None:
    prompts = ["Write a poem.", "Why?", "Sort the list: 3, 1", "Write a poem."]
    rows = pl.DataFrame({"turn_count": [2, 2, 2, 2]})
    straight, back = (mixes(rows, Packed.of(p), Packed.of(p)) for p in (prompts, prompts[::-1]))
    for side, labels in straight.items():
        assert labels.to_list() == back[side].to_list()[::-1]


def test_deciles_are_numpys() -> None:
    values = np.random.default_rng(0).integers(0, 99, 50)
    assert deciles(pl.Series(values)) == pytest.approx(np.quantile(values, np.linspace(0.1, 0.9, 9)))
    assert deciles(pl.Series([None], dtype=pl.Int64)) == []


def test_what_is_known_names_every_side() -> None:
    assert set(SIDES_KNOWN) == set(SIDES)


def test_the_commonest_verbs_have_their_commonest_objects() -> None:
    pairs = ["write poem"] * 3 + ["write story"] * 2 + ["write ode", "sort list", "name dog", None]
    found = top_verbs(pl.Series(pairs), verbs=2, objects=2)
    assert found == [
        {"verb": "write", "rows": 6, "objects": [("poem", 3), ("story", 2)]},
        {"verb": "name", "rows": 1, "objects": [("dog", 1)]},
    ]
