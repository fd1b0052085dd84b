"""Intervals and tests against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.reports.terminal import disparity_lines
from tamis.scores.bias.disparity import FEWEST, FEWEST_DROPPED, disparity
from tamis.scores.statistics import benjamini_hochberg, risk_ratio, wilson

stats = pytest.importorskip("scipy.stats")
counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [  # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(hits: int, trials: int, low: float, high: float) -> None:
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-5)


@given(counts)
def test_the_interval_of_a_share_is_wilsons(count: tuple[int, int]) -> None:
    theirs = stats.binomtest(*count).proportion_ci(method="wilson")
    assert wilson(*count) == pytest.approx((theirs.low, theirs.high))


@given(counts, counts)
def test_the_ratio_of_two_shares_is_scipys(one: tuple[int, int], other: tuple[int, int]) -> None:
    cells = (one[0], one[1] - one[0], other[0], other[1] - other[0])
    if min(cells) > 0:
        theirs = stats.contingency.relative_risk(one[0], one[1], other[0], other[1])
        interval = theirs.confidence_interval(0.95)
        ratio, low, high, p = risk_ratio(*one, *other)
        assert (ratio, low, high) == pytest.approx((theirs.relative_risk, interval.low, interval.high))
        assert (p < 0.05) == (not low <= 1 <= high)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_p_values_are_adjusted_as_scipy_does(p_values: list[float]) -> None:
    assert benjamini_hochberg(np.array(p_values)) == pytest.approx(stats.false_discovery_control(p_values))


def test_a_group_whose_rows_are_dropped_more_often_is_named_and_no_other() -> None:
    random = np.random.default_rng(0)
    mentions = random.integers(0, 8, 4000)
    gone = random.random(4000) < np.where(mentions & 2, 0.4, 0.1)
    told = disparity(mentions, gone, ["a", "b", "c"])
    assert [facts["differs"] for facts in told] == [False, True, False]
    assert [facts["four_fifths"] for facts in told] == [False, True, False]
    low, high = told[1]["ratio_interval"]
    assert low < 4 < high


def test_groups_that_nothing_tells_apart_are_seldom_named() -> None:
    named = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        told = disparity(random.integers(0, 1 << 6, 1000), random.random(1000) < 0.2, list("abcdef"))
        named += any(facts["differs"] for facts in told)
    assert named <= 20  # one in twenty of the 200 expected, with room


def test_a_group_of_few_rows_is_not_told() -> None:
    mentions = np.array([1] * (FEWEST - 1) + [0] * 500)
    assert disparity(mentions, np.ones(len(mentions), np.bool_), ["a"]) == [{"group": "a", "rows": FEWEST - 1}]


def test_a_few_dropped_rows_are_no_rate() -> None:
    mentions, gone = np.array([1] * FEWEST + [0] * 500), np.zeros(FEWEST + 500, np.bool_)
    gone[: FEWEST_DROPPED - 1] = True
    assert disparity(mentions, gone, ["a"]) == [{"group": "a", "rows": FEWEST}]
    gone[FEWEST_DROPPED - 1] = True
    assert disparity(mentions, gone, ["a"])[0]["dropped"] == FEWEST_DROPPED
    assert [line for line, _ in disparity_lines([{"group": "a", "rows": 3}])] == [
        "drop rate by identity group: too few rows to tell"
    ]
    assert disparity_lines([]) == []
