from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.neighbours.graph import neighbour_graph
from tamis.selection.budget import Budget
from tamis.selection.figures import figures
from tamis.selection.strategies import NAMES, WHAT, Candidates, Strategy, parse_strategy, pick
from tests.selection.cases import unit

RANDOM = np.random.default_rng(0)
CENTRES = unit(RANDOM.normal(size=(8, 16)))
CROWDED = unit(np.repeat(CENTRES, [400, 40, 20, 20, 10, 5, 3, 2], axis=0) + RANDOM.normal(size=(500, 16)) * 0.05)
QUALITY = RANDOM.random(500)


def candidates(n: int, *, seed: int = 0, quality: NDArray[np.float64] | None = QUALITY) -> Candidates:
    budget = Budget.of(np.ones(500, np.int64), n)
    return Candidates(budget, lambda: CROWDED, lambda k: neighbour_graph(CROWDED, k=k), quality, seed=seed)


@pytest.mark.parametrize("name", WHAT)
def test_every_strategy_picks_as_many_different_rows_as_asked_and_repeats_itself(name: str) -> None:
    one, other = (pick(Strategy(name, alike=1.1), candidates(60)).rows for _ in range(2))
    assert len(set(one.tolist())) == 60
    assert one.tolist() == other.tolist()


@pytest.mark.parametrize("name", ["facility", "k-center", "dpp", "coverage"])
def test_strategies_that_look_for_variety_find_more_groups_than_chance(name: str) -> None:
    group = np.repeat(np.arange(8), [400, 40, 20, 20, 10, 5, 3, 2])
    found, drawn = (pick(Strategy(s, clusters=8), candidates(12)).rows for s in (name, "random"))
    assert len(set(group[found])) > len(set(group[drawn]))
    mine, theirs = (figures(rows, np.ones(500, np.int64), None, CROWDED) for rows in (found, drawn))
    assert mine["reach"] < theirs["reach"]


@pytest.mark.parametrize("name", ["facility", "k-center", "dpp"])
def test_the_more_quality_weighs_the_better_are_the_rows(name: str) -> None:
    means = [QUALITY[pick(Strategy(name, weight), candidates(50)).rows].mean() for weight in (0.0, 0.5, 0.95)]
    assert means == sorted(means)
    assert means[2] > 0.9


def test_deita_stops_where_all_others_are_too_alike() -> None:
    found = pick(Strategy("deita", alike=0.9), candidates(60)).rows
    assert 8 <= len(found) < 60
    assert QUALITY[found].tolist() == sorted(QUALITY[found], reverse=True)
    products = CROWDED[found] @ CROWDED[found].T - np.eye(len(found))
    assert products.max() < 0.9


def test_a_token_budget_is_spent_and_never_passed() -> None:
    cost = RANDOM.integers(1, 50, 500)
    for name in WHAT:
        rows = Candidates(
            Budget.of(cost, 700), lambda: CROWDED, lambda k: neighbour_graph(CROWDED, k=k), QUALITY, seed=1
        )
        found = pick(Strategy(name, alike=1.1), rows).rows
        assert 700 - cost.min() < cost[found].sum() + 1 <= 701
        assert len(set(found.tolist())) == len(found)


def test_rows_of_which_nothing_is_known_and_copies_come_last() -> None:
    vectors = np.concatenate([CROWDED[::50], CROWDED[:1], CROWDED[:1], np.zeros((3, 16), np.float32)])
    n = len(vectors)
    for name in ("k-center", "facility", "dpp"):
        rows = Candidates(
            Budget.of(np.ones(n, np.int64), n - 2), lambda: vectors, lambda k: neighbour_graph(vectors, k=k), seed=1
        )
        found = pick(Strategy(name), rows)
        assert len(set(found.rows.tolist())) == n - 2
        assert found.facts["filled"] >= 1
        assert set(found.rows[:10]) <= set(range(12))


def test_equal_quality_is_left_to_the_seed() -> None:
    quality = np.repeat([1.0, np.nan, 5.0], [200, 100, 200])
    one, other = (pick(Strategy("quality"), candidates(50, seed=s, quality=quality)).rows for s in (1, 2))
    assert set(quality[one]) == {5.0}
    assert set(one) != set(other)
    every = pick(Strategy("quality"), candidates(500, quality=quality)).rows
    assert np.isnan(quality[every[-100:]]).all()


def test_a_strategy_that_does_not_exist_is_a_mistake() -> None:
    for text, said in (
        ("divers", "did you mean 'diverse'"),
        ("quality*random", "quality"),
        ("diverse*quality", "quality"),
    ):
        with pytest.raises(TamisError, match=said):
            parse_strategy(text)
    with pytest.raises(TamisError, match="weight"):
        parse_strategy("diverse", 0.5)
    with pytest.raises(TamisError, match="below 1"):
        parse_strategy("quality*dpp", 1.0)
    assert {parse_strategy(name).name for name in NAMES} == set(WHAT)
