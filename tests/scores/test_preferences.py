"""Length bias and label balance."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.scores.preferences import label_balance, length_bias, preference_facts


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20))
def test_turning_chosen_and_rejected_about_turns_the_bias_about(pairs: list[tuple[int, int]]) -> None:
    chosen, rejected = (pl.Series([pair[i] for pair in pairs], dtype=pl.Int64) for i in (0, 1))
    here, there = length_bias(chosen, rejected), length_bias(rejected, chosen)
    if here is None or there is None:
        assert here is there
        assert all(left == right for left, right in pairs)
    else:
        assert here["share"] == pytest.approx(1 - there["share"])
        assert here["low"] == pytest.approx(1 - there["high"])
        assert here["pairs"] + here["ties"] == len(pairs)


@given(good=st.integers(0, 500), bad=st.integers(0, 500), missing=st.integers(0, 3))
def test_the_weight_brings_the_labels_between_one_to_one_and_four_to_three(good: int, bad: int, missing: int) -> None:
    found = label_balance(pl.Series([True] * good + [False] * bad + [None] * missing, dtype=pl.Boolean))
    if found is None:
        assert good + bad == 0
        return
    assert (found["desirable"], found["undesirable"], found["unlabelled"]) == (good, bad, missing)
    if not good or not bad:
        assert found["weight"] is None
    elif found["weight"] is None:
        assert 1 <= good / bad <= 4 / 3
    else:
        rarer = "desirable_weight" if good < bad else "undesirable_weight"
        ends = [found["weight_low"], found["weight_high"]]
        ratios = sorted(good * w / bad if good < bad else good / (bad * w) for w in ends)
        assert found["weight"] == rarer
        assert min(ends) >= 1 or rarer == "undesirable_weight"
        assert ratios == pytest.approx([1, 4 / 3])


def test_rows_that_are_no_preferences_have_no_such_facts() -> None:
    assert preference_facts(pl.DataFrame({"chosen_characters": [None], "rejected_characters": [None]})) == {}
    assert preference_facts(pl.DataFrame({"row": [0]})) == {}
