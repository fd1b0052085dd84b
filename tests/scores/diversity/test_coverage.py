"""Coverage of a reference, and the cells that one of two sets lacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.scores.diversity.clusters import Clusters, clusters
from tamis.scores.diversity.coverage import Coverage, at_most, coverage, gaps
from tests.scores.diversity.unit import unit_rows

counts = st.lists(st.integers(0, 30), min_size=2, max_size=8).map(np.array).filter(lambda n: n.sum() > 0)


def groups(*sizes: int) -> np.ndarray:
    """So many rows of each of several directions at right angles, a little apart."""
    rows = np.eye(len(sizes), 12)[np.repeat(np.arange(len(sizes)), sizes)]
    rows += np.random.default_rng(0).normal(size=rows.shape) * 0.02
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def cells_of(reference: np.ndarray, k: int) -> Clusters:
    """One cell for each direction of `groups`, in order of size."""
    labels = np.abs(reference).argmax(axis=1)
    return Clusters(labels, np.eye(k, 12, dtype=np.float32))


@settings(deadline=None)
@given(counts, st.integers(0, 5))
def test_expected_coverage_is_the_mean_of_draws(reference: np.ndarray, n: int) -> None:
    told = Coverage(np.array([n] + [0] * (len(reference) - 1)), reference).expected_ratio
    drawn = np.random.default_rng(0).multinomial(n, reference / reference.sum(), 20_000)
    assert told == pytest.approx((drawn > 0).mean(), abs=0.02)


def test_a_set_is_at_no_distance_from_itself_and_covers_it() -> None:
    rows = unit_rows(600, 16, 0)
    found = coverage(clusters(rows, 20), rows)
    assert (found.ratio, found.distance) == (1, 0)
    assert found.counts.tolist() == found.reference.tolist()
    sample = coverage(clusters(rows, 20), rows[::6])
    assert sample.distance == pytest.approx(sample.expected_distance(), abs=0.06)
    assert sample.ratio == pytest.approx(sample.expected_ratio, abs=0.1)


def test_a_direction_that_is_missing_is_a_gap_with_rows_of_the_reference() -> None:
    reference, data = groups(100, 80, 60, 40), groups(50, 0, 60, 0)
    cells = cells_of(reference, 4)
    found = coverage(cells, data)
    told = gaps(cells, reference, found)
    assert [gap.cell for gap in told] == [1, 3]
    assert [gap.share for gap in told] == [0, 0]
    assert told[0].reference_share == pytest.approx(80 / 280)
    assert all(100 <= row < 180 for row in told[0].examples)
    assert len(told[0].examples) == 3


def test_few_rows_make_no_gap_by_chance() -> None:
    reference = groups(*[50] * 12)
    cells = cells_of(reference, 12)
    assert gaps(cells, reference, coverage(cells, groups(1, 1, 1, 1, 1))) == []
    for seed in range(20):
        chosen = np.random.default_rng(seed).choice(len(reference), 40)
        assert gaps(cells, reference, coverage(cells, reference[chosen])) == []


def test_nothing_to_compare_has_no_figures_and_no_gaps() -> None:
    reference = groups(30, 30)
    cells = cells_of(reference, 2)
    none = coverage(cells, np.zeros((3, 12), np.float32))
    assert none.ratio == 0
    assert np.isnan(none.distance)
    assert gaps(cells, reference, none) == []
    assert np.isnan(Coverage(np.zeros(0, np.int64), np.zeros(0, np.int64)).expected_ratio)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_the_tail_is_scipys(successes: int, more: int, share: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    assert at_most(successes, successes + more, share) == pytest.approx(
        float(stats.binom.cdf(successes, successes + more, share)), rel=1e-9, abs=1e-12
    )
