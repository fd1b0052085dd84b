"""Hill numbers and the Jensen-Shannon distance against scipy, and what equal sizes are for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.scores.diversity.hill import hill_number, jensen_shannon, mix

stats = pytest.importorskip("scipy.stats")
distance = pytest.importorskip("scipy.spatial.distance")
some_counts = st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any)
pairs = st.integers(1, 20).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 99), min_size=n, max_size=n)] * 2))


@given(some_counts)
def test_hill_numbers_are_richness_the_exponential_of_entropy_and_inverse_simpson(counts: list[int]) -> None:
    shares = np.array(counts) / sum(counts)
    theirs = [np.count_nonzero(counts), np.exp(stats.entropy(counts)), 1 / (shares**2).sum()]
    assert [float(hill_number(np.array(counts), order)) for order in (0, 1, 2)] == pytest.approx(theirs)


@given(some_counts)
def test_a_higher_order_never_finds_more_kinds(counts: list[int]) -> None:
    found = [float(hill_number(np.array(counts), order)) for order in (0, 1, 2)]
    assert found[0] >= found[1] - 1e-9
    assert found[1] >= found[2] - 1e-9


@given(st.integers(1, 30), st.integers(1, 50))
def test_kinds_of_one_size_count_one_each(kinds: int, each: int) -> None:
    assert [float(hill_number(np.full(kinds, each), order)) for order in (0, 1, 2)] == pytest.approx([kinds] * 3)


@given(pairs)
def test_the_distance_is_scipys(sides: tuple[list[int], list[int]]) -> None:
    if any(sides[0]) and any(sides[1]):
        theirs = distance.jensenshannon(*sides, base=2)
        assert float(jensen_shannon(*map(np.array, sides))) == pytest.approx(theirs, abs=1e-7)


def test_a_mix_without_rows_has_no_number() -> None:
    assert np.isnan(hill_number(np.zeros(3, int), 1))
    assert mix({}).hill == {}
    assert mix({"a": 3}, {}).divergence is None


def test_a_bigger_sample_of_one_mix_does_not_look_more_varied_at_an_equal_size() -> None:
    random = np.random.default_rng(0)
    shares = random.dirichlet(np.full(300, 0.3))
    small, large = (dict(enumerate(random.multinomial(n, shares).tolist())) for n in (500, 20_000))
    small, large = ({str(kind): n for kind, n in side.items()} for side in (small, large))
    assert mix(large).hill[0].value > 1.3 * mix(small).hill[0].value
    for order in (0, 1, 2):
        one, other = mix(small, size=500).hill[order], mix(large, size=500).hill[order]
        assert one.low < other.value < one.high


def test_the_interval_of_a_sample_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    truth = float(np.exp(stats.entropy(shares)))
    held = 0
    for seed in range(200):
        counts = dict(zip("abcd", random.multinomial(300, shares).tolist(), strict=True))
        estimate = mix(counts, seed=seed).hill[1]
        held += estimate.low <= truth <= estimate.high
    assert 180 <= held <= 199


def test_two_samples_of_one_mix_are_as_far_apart_as_chance_and_other_mixes_farther() -> None:
    random = np.random.default_rng(2)
    draw = [dict(zip("abcdef", random.multinomial(400, np.full(6, 1 / 6)).tolist(), strict=True)) for _ in range(2)]
    alike, other = mix(*draw), mix(draw[0], {"a": 300, "b": 100})
    assert alike.divergence is not None
    assert alike.divergence.value < (alike.chance or 0)
    assert other.divergence is not None
    assert other.divergence.low > (other.chance or 1)


def test_the_order_of_the_counts_does_not_matter() -> None:
    counts = {"a": 7, "b": 7, "c": 20}
    assert mix(counts, size=10) == mix(dict(reversed(counts.items())), size=10)
