"""The kernel that sums rows, against NumPy in double precision."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.embedding import sum_rows
from tests.kernels.strategies import EXAMPLES

VOCABULARY = 7
LISTS = st.lists(st.lists(st.integers(0, VOCABULARY - 1), max_size=12), max_size=5)


def table(seed: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    vectors = random.integers(-127, 128, (VOCABULARY, dimension)).astype(np.int8)
    vectors[0] = 0
    return vectors, random.random(VOCABULARY).astype(np.float32)


def naive(ids: list[int], vectors: np.ndarray, scales: np.ndarray) -> np.ndarray:
    total = sum((vectors[i].astype(float) * float(scales[i]) for i in ids), np.zeros(vectors.shape[1]))
    length = np.sqrt((total**2).sum())
    return total / length if length > 0 else total


@EXAMPLES
@given(LISTS, st.integers(0, 99), st.sampled_from([1, 3, 8, 33]))
def test_rows_are_unit_sums(lists: list[list[int]], seed: int, dimension: int) -> None:
    vectors, scales = table(seed, dimension)
    ends = np.concatenate([[0], np.cumsum([len(ids) for ids in lists], dtype=np.int64)]).astype(np.int64)
    ids = np.array([i for ids in lists for i in ids], np.int32)
    counts = np.zeros(VOCABULARY, np.int32)
    rows = np.full((len(lists), dimension), np.nan, np.float32)
    sum_rows(ends, ids, vectors, scales, counts, rows)
    expected = np.array([naive(each, vectors, scales) for each in lists]).reshape(-1, dimension)
    norms = np.array([sum(np.abs(vectors[i] * scales[i]).sum() for i in each) for each in lists])
    alive = np.array([np.abs(row).sum() for row in expected]) > 0
    lengths = np.array([np.linalg.norm(sum((vectors[i] * scales[i] for i in e), np.zeros(dimension))) for e in lists])
    steady = ~alive | (lengths > 1e-3 * norms)  # a sum that all but cancels out has no direction worth the name
    assert np.allclose(rows[steady], expected[steady], atol=1e-4)
    assert not counts.any()


@EXAMPLES
@given(LISTS)
def test_order_and_neighbours_do_not_change_a_row_by_much(lists: list[list[int]]) -> None:
    vectors, scales = table(1, 16)
    for ids in lists:
        rows = np.zeros((2, 16), np.float32)
        both = np.array([*ids, *reversed(ids)], np.int32)
        ends = np.array([0, len(ids), 2 * len(ids)])
        sum_rows(ends, both, vectors, scales, np.zeros(VOCABULARY, np.int32), rows)
        assert np.allclose(rows[0], rows[1], atol=1e-5)
