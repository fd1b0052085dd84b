"""Distances of rows against the obvious version, and NovelSum's weighting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.scores.diversity.distances import BLOCK, NEIGHBOURS, densities, distances, remote_clique
from tests import naive
from tests.scores.diversity.unit import unit_rows

sets = st.builds(unit_rows, st.integers(2, 40), st.integers(2, 8), st.integers(0, 99))


@settings(deadline=None)
@given(sets)
def test_all_are_those_of_the_obvious_version(rows: np.ndarray) -> None:
    n, plain = len(rows), rows.astype(np.float64).tolist()
    far = [sorted(line[:i] + line[i + 1 :]) for i, line in enumerate(naive.cosine_distances(plain))]
    found = distances(rows, threads=1)
    assert found.nearest == pytest.approx([line[0] for line in far], abs=1e-5)
    assert remote_clique(rows) == pytest.approx(np.mean(far), abs=1e-5)
    if n > NEIGHBOURS:
        assert found.tenth == pytest.approx([line[NEIGHBOURS - 1] for line in far], abs=1e-5)
    else:
        assert np.isnan(found.tenth).all()
    assert found.novelty.mean() == pytest.approx(naive.novel_sum(plain, [1.0] * n), abs=1e-5)


@settings(deadline=None)
@given(sets, st.integers(0, 9))
def test_novel_sum_weighs_with_the_density_of_the_row_itself(rows: np.ndarray, seed: int) -> None:
    density = densities(rows, unit_rows(30, rows.shape[1], seed + 100), threads=1)
    found = (distances(rows, threads=1).novelty * density).mean()
    assert found == pytest.approx(naive.novel_sum(rows.astype(np.float64).tolist(), density.tolist()), rel=1e-4)


def test_densities_are_of_the_ten_nearest_of_the_reference() -> None:
    rows, reference = unit_rows(30, 6, 0), unit_rows(50, 6, 1)
    near = np.sort(1 - rows.astype(np.float64) @ reference.T, axis=1)[:, :NEIGHBOURS].mean(axis=1)
    assert densities(rows, reference) == pytest.approx((near + 1e-9) ** -0.5, rel=1e-4)


def test_order_changes_nothing_but_the_order_and_threads_no_digit() -> None:
    rows = unit_rows(2 * BLOCK + 37, 32, 0)
    order = np.random.default_rng(0).permutation(len(rows))
    one, two, mixed = distances(rows, threads=1), distances(rows, threads=3), distances(rows[order], threads=1)
    for name in ("nearest", "tenth", "novelty"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
        assert getattr(mixed, name) == pytest.approx(getattr(one, name)[order], abs=1e-6)


def test_copies_are_at_no_distance() -> None:
    rows = np.repeat(unit_rows(40, 8, 0), 11, axis=0)
    found = distances(rows)
    assert found.nearest == pytest.approx(0, abs=1e-6)
    assert found.tenth == pytest.approx(0, abs=1e-6)
    assert found.novelty.mean() < distances(unit_rows(440, 8, 0)).novelty.mean()


def test_too_few_rows_have_no_distance() -> None:
    for n in (0, 1):
        assert np.isnan(distances(unit_rows(n, 4, 0)).nearest).all()
        assert np.isnan(remote_clique(unit_rows(n, 4, 0)))
    assert remote_clique(np.array([[1, 0], [0, 0], [-1, 0]], np.float32)) == pytest.approx(2)
