"""What preference data teaches by its make-up: length for its own sake, and more of one label than of the other."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from tamis.scores.statistics import wilson

_MOST_DESIRABLE: Final = 4 / 3


def preference_facts(rows: pl.DataFrame) -> dict[str, Any]:
    """`length_bias` of pairs and `label_balance` of labelled answers; empty where the rows are neither.

    `rows` has the signals `chosen_characters`, `rejected_characters` and `desirable`, or some of them.
    """
    facts: dict[str, Any] = {}
    if {"chosen_characters", "rejected_characters"} <= set(rows.columns):
        facts["length_bias"] = length_bias(rows["chosen_characters"], rows["rejected_characters"])
    if "desirable" in rows.columns:
        facts["label_balance"] = label_balance(rows["desirable"])
    return {name: fact for name, fact in facts.items() if fact is not None}


def length_bias(chosen: pl.Series, rejected: pl.Series) -> dict[str, Any] | None:
    """How often the chosen answer is the longer one, among pairs of different length; None without such a pair.

    A reward model learns from a share far from one half that longer is better, whatever the answers say.
    `ties` counts pairs of equal length, which are left out; `low` and `high` bound the share (Wilson, 95 %).

    >>> found = length_bias(pl.Series([9, 9, 9, 5]), pl.Series([4, 4, 12, 5]))
    >>> found["longer"], found["pairs"], found["ties"], round(found["share"], 3)
    (2, 3, 1, 0.667)
    """
    difference = (chosen.cast(pl.Int64) - rejected.cast(pl.Int64)).drop_nulls()
    ties = int((difference == 0).sum())
    pairs, longer = len(difference) - ties, int((difference > 0).sum())
    if not pairs:
        return None
    low, high = wilson(longer, pairs)
    return {"longer": longer, "pairs": pairs, "ties": ties, "share": longer / pairs, "low": low, "high": high}


def label_balance(desirable: pl.Series) -> dict[str, Any] | None:
    """How many of the labelled answers are desirable, and the weight that evens them out; None without a label.

    TRL's KTO wants desirable to undesirable answers, each times its weight, between 1:1 and 4:3. Where they are not,
    `weight` names the option for the rarer kind, and `weight_low` and `weight_high` the values that bring it there.
    `unlabelled` counts the rows without a label.

    >>> label_balance(pl.Series([True, False, False, None]))["weight"]
    'desirable_weight'
    """
    told = desirable.drop_nulls()
    if not len(told):
        return None
    good = int(told.sum())
    bad = len(told) - good
    weight, low, high = _weights(good, bad)
    return {
        "desirable": good,
        "undesirable": bad,
        "unlabelled": desirable.null_count(),
        "share": good / len(told),
        "weight": weight,
        "weight_low": low,
        "weight_high": high,
    }


def _weights(good: int, bad: int) -> tuple[str | None, float | None, float | None]:
    if not good or not bad or bad <= good <= _MOST_DESIRABLE * bad:
        return None, None, None
    if good < bad:
        return "desirable_weight", bad / good, _MOST_DESIRABLE * bad / good
    return "undesirable_weight", good / bad / _MOST_DESIRABLE, good / bad
