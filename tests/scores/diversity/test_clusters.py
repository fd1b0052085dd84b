"""Clusters of meaning: every row with its nearest centre, the same on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.errors import TamisError
from tamis.scores.diversity.clusters import clusters, nearest_centre
from tests.scores.diversity.unit import unit_rows


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 400), st.integers(1, 12), st.integers(0, 3))
def test_every_row_has_its_nearest_centre(n: int, k: int, seed: int) -> None:
    rows = unit_rows(n, 5, seed)
    found = clusters(rows, k, seed=seed)
    far = ((rows[:, None].astype(np.float64) - found.centres) ** 2).sum(axis=2)
    assert len(found.centres) <= min(k, n)
    assert (found.counts() > 0).all()
    assert all(far[i, label] <= far[i].min() + 1e-6 for i, label in enumerate(found.labels))
    assert found.counts().sum() == n
    assert (np.diff(found.counts()) <= 0).all()


def test_threads_and_repetition_change_nothing() -> None:
    rows = unit_rows(9_000, 64, 1)
    one, two, again = (clusters(rows, 50, seed=4, threads=threads) for threads in (1, 2, 3))
    assert one.labels.tolist() == two.labels.tolist() == again.labels.tolist()
    assert one.centres.tobytes() == two.centres.tobytes() == again.centres.tobytes()


def test_rows_of_zeros_are_in_no_cluster() -> None:
    rows = unit_rows(30, 4, 0)
    rows[[3, 29]] = 0
    found = clusters(rows, 3)
    assert np.flatnonzero(found.labels < 0).tolist() == [3, 29]
    assert nearest_centre(rows, found.centres).tolist() == found.labels.tolist()
    assert clusters(np.zeros((4, 2), np.float32)).centres.shape == (0, 2)


def test_separate_groups_are_never_in_one_cluster_and_the_largest_is_first() -> None:
    groups = np.repeat(np.arange(4), [10, 40, 20, 30])
    found = clusters(np.eye(4, dtype=np.float32)[groups], 12)
    pairs = set(zip(groups.tolist(), found.labels.tolist(), strict=True))
    assert len(pairs) == len(found.centres) == 4
    assert found.labels[[0, 15, 55, 80]].tolist() == [3, 0, 2, 1]


def test_examples_are_the_nearest_to_the_centre_and_differ() -> None:
    rows = np.array([[1, 0], [1, 0], [0.96, 0.28], [0.8, 0.6]], np.float32)
    found = clusters(rows, 1)
    far = np.linalg.norm(rows - found.centres[0], axis=1)
    told = found.examples(rows, 0)
    assert sorted(told.tolist()) == [0, 2, 3]
    assert (np.diff(far[told]) >= 0).all()


def test_fewer_rows_get_fewer_clusters_and_long_vectors_are_refused() -> None:
    assert len(clusters(unit_rows(400, 8, 0)).centres) == 40
    assert len(clusters(unit_rows(2_000, 8, 0)).centres) == 100
    with pytest.raises(TamisError, match="unit length"):
        clusters(np.full((3, 4), 2, np.float32))
