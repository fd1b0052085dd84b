"""The Vendi score against the package, the n x n formula, and what must hold of any effective number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.scores.diversity.vendi import effective_number, spectrum, vendi
from tests import naive
from tests.scores.diversity.unit import unit_rows

orders = st.sampled_from([0.5, 1.0, 2.0, 3.0, np.inf])
sets = st.builds(unit_rows, st.integers(1, 40), st.integers(1, 12), st.integers(0, 99))


@settings(deadline=None)
@given(sets, orders)
def test_it_is_the_formula_of_the_kernel(rows: np.ndarray, q: float) -> None:
    assert vendi(rows, q, threads=1) == pytest.approx(naive.vendi(rows.astype(np.float64).tolist(), q), rel=1e-4)


@settings(deadline=None)
@given(sets, orders, st.integers(2, 4), st.integers(0, 9))
def test_copies_and_order_change_nothing(rows: np.ndarray, q: float, copies: int, seed: int) -> None:
    again = np.repeat(rows, copies, axis=0)[np.random.default_rng(seed).permutation(copies * len(rows))]
    assert vendi(again, q, threads=1) == pytest.approx(vendi(rows, q, threads=1), rel=1e-4)


@settings(deadline=None)
@given(sets)
def test_it_lies_between_one_and_the_rows_and_falls_with_the_order(rows: np.ndarray) -> None:
    told = [vendi(rows, q, threads=1) for q in (1.0, 2.0, np.inf)]
    assert 1 - 1e-6 <= told[2] <= told[1] * (1 + 1e-6) <= told[0] * (1 + 2e-6)
    assert told[0] <= min(rows.shape) * (1 + 1e-6)


@pytest.mark.parametrize("q", [1.0, 2.0, np.inf])
def test_equal_rows_are_one_and_rows_at_right_angles_all_count(q: float) -> None:
    assert vendi(np.repeat(unit_rows(1, 8, 0), 50, axis=0), q) == pytest.approx(1)
    assert vendi(np.eye(9, 12, dtype=np.float32), q) == pytest.approx(9)


@pytest.mark.parametrize(
    ("rows", "theirs"),
    [
        (unit_rows(500, 16, 1), {1: 15.74185793349357, 2: 15.499383623299185, np.inf: 12.32168841057249}),
        (unit_rows(64, 256, 2), {1: 56.555048841539545, 2: 51.33372087534428, np.inf: 30.04619158948398}),
    ],
)
def test_it_is_the_score_dual_of_the_package(rows: np.ndarray, theirs: dict[float, float]) -> None:
    """Printed by `score_dual` of vendi-score 0.0.3; its `score_X` gives the first value for any order."""
    assert [vendi(rows, q) for q in theirs] == pytest.approx(list(theirs.values()), rel=1e-6)


def test_float32_blocks_are_near_float64_and_threads_change_no_digit() -> None:
    mean = unit_rows(1, 256, 5)
    rows = unit_rows(30_000, 256, 3) + 3 * mean  # as embeddings are: all a little alike
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    wide = rows.astype(np.float64)
    values = np.linalg.eigvalsh(wide.T @ wide / len(wide))
    told = spectrum(rows, threads=1)
    assert told.tobytes() == spectrum(rows, threads=2).tobytes() == spectrum(rows, threads=5).tobytes()
    for q in (1.0, 2.0, np.inf):
        assert effective_number(told, q) == pytest.approx(effective_number(values, q), rel=1e-6)


def test_rows_of_zeros_are_left_out() -> None:
    rows = unit_rows(20, 6, 0)
    assert vendi(np.vstack([rows, np.zeros((7, 6), np.float32)])) == pytest.approx(vendi(rows))
    assert np.isnan(vendi(np.zeros((3, 6), np.float32)))
    assert np.isnan(vendi(np.zeros((0, 6), np.float32)))
