"""The kernels beside the obvious versions, and what theory says of them."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tamis import kernels
from tamis.neighbours.graph import neighbour_graph
from tamis.selection import pooled
from tamis.selection.budget import Budget
from tamis.selection.cover import cover, covered
from tamis.selection.pooled import k_center, largest_volume
from tests import naive
from tests.selection.cases import budgets, clouds

Vectors = NDArray[np.float32]


def dense(graph: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]) -> list[list[float]]:
    starts, others, similarity = graph
    table = np.zeros((len(starts) - 1, len(starts) - 1))
    for row, (start, stop) in enumerate(pairwise(starts)):
        table[row, others[start:stop]] = similarity[start:stop]
    return table.tolist()


def cosines(vectors: Vectors) -> list[list[float]]:
    table = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    return table.tolist()


def budget(costs: tuple[list[int], list[int], list[int]]) -> Budget:
    return Budget(*(np.array(part, np.int64) for part in costs))


@given(clouds(), st.integers(1, 5), st.data())
def test_lazy_facility_location_picks_what_plain_greedy_does(vectors: Vectors, k: int, data: st.DataObject) -> None:
    n, graph = len(vectors), cover(neighbour_graph(vectors, k=k))
    factor = data.draw(st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=n, max_size=n))
    costs = data.draw(budgets(n))
    paid = budget(costs)
    picked = kernels.facility.facility_location(
        *graph, np.array(factor), np.arange(n), paid.cost, paid.group, paid.limit.copy()
    )
    expected = naive.facility_location(dense(graph), factor, *costs)
    worth = [covered(graph, np.array(some[:3], np.int64)) for some in (picked.tolist(), expected)]
    if worth[0] != pytest.approx(worth[1], abs=1e-6):  # sums in another order may turn a tie
        assert picked.tolist() == expected
    assert len(set(picked.tolist())) == len(picked)
    assert len(picked) == len(expected) or len(set(costs[0])) > 1
    assert (paid.after(picked) >= 0).all()


@given(clouds(most=9), st.integers(1, 4))
def test_facility_location_reaches_its_share_of_the_best_there_is(vectors: Vectors, k: int) -> None:
    graph, n = cover(neighbour_graph(vectors, k=3)), len(vectors)
    k = min(k, n)
    one = np.ones(n, np.int64)
    picked = kernels.facility.facility_location(*graph, np.ones(n), np.arange(n), one, one - 1, np.array([k]))
    best = max(covered(graph, np.array(some)) for some in combinations(range(n), k))
    assert covered(graph, picked) >= (1 - 1 / np.e) * best - 1e-6


@pytest.mark.parametrize("size", [3, 2_048])
@given(vectors=clouds(), data=st.data())
def test_k_center_picks_the_farthest_whatever_the_pool(size: int, vectors: Vectors, data: st.DataObject) -> None:
    n = len(vectors)
    factor = data.draw(st.lists(st.sampled_from([0.5, 1.0]), min_size=n, max_size=n))
    costs = data.draw(budgets(n))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooled, "POOL", size)
        picked, nearest = k_center(vectors, budget(costs), np.array(factor), threads=2)
    if not len(picked):
        assert all(cost > costs[2][group] for cost, group in zip(costs[0], costs[1], strict=True))
        return
    assert picked.tolist() == naive.k_center(cosines(vectors), int(picked[0]), factor, *costs)
    expected = np.array(cosines(vectors))[:, picked].max(axis=1)
    np.testing.assert_allclose(nearest, expected, atol=1e-6)


@given(clouds(most=9), st.integers(1, 4))
def test_k_center_is_within_twice_the_smallest_radius(vectors: Vectors, k: int) -> None:
    n, exact = len(vectors), vectors.astype(np.float64)
    distance = np.linalg.norm(exact[:, None] - exact[None], axis=2)
    picked, _ = k_center(vectors, Budget.of(np.ones(n, np.int64), min(k, n)))
    best = min(distance[:, list(some)].min(axis=1).max() for some in combinations(range(n), min(k, n)))
    assert distance[:, picked].min(axis=1).max() <= 2 * best + 1e-3


@pytest.mark.parametrize("size", [3, 2_048])
@given(vectors=clouds(), k=st.integers(1, 12), weighted=st.booleans())
def test_the_volume_grows_by_the_most_it_can_at_each_step(size: int, vectors: Vectors, k: int, weighted: bool) -> None:
    n, own = len(vectors), 0.1
    factor = np.linspace(1, 2, n) if weighted else np.ones(n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooled, "POOL", size)
        picked = largest_volume(vectors, Budget.of(np.ones(n, np.int64), k), factor, own=own)
    assert len(picked) == min(k, n)
    kernel = (1 - own) * np.array(cosines(vectors)) + own * np.eye(n)
    for step in range(1, len(picked)):
        chosen, rest = picked[:step].tolist(), [i for i in range(n) if i not in picked[:step]]
        before = np.linalg.slogdet(kernel[np.ix_(chosen, chosen)])[1]
        growth = {}
        for i in rest:
            after = np.linalg.slogdet(kernel[np.ix_([*chosen, i], [*chosen, i])])[1]
            growth[i] = float(factor[i] * np.exp(after - before))
        assert growth[int(picked[step])] >= max(growth.values()) * (1 - 1e-4)


@given(clouds(), st.floats(-0.5, 1), st.integers(1, 9))
def test_rows_too_like_one_picked_are_left_out(vectors: Vectors, threshold: float, k: int) -> None:
    n = len(vectors)
    order, one = np.arange(n)[::-1].copy(), np.ones(n, np.int64)
    alike = cosines(vectors)
    if np.abs(np.array(alike) - threshold).min() > 1e-6:
        found = kernels.apart.apart(vectors, order, one, one - 1, np.array([k]), threshold)
        assert found.tolist() == naive.deita(alike, order.tolist(), threshold, k)


@given(clouds(least=6, most=60), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_threads_decide(vectors: Vectors, random: object) -> None:
    n = len(vectors)
    order = np.random.default_rng(random.randrange(1 << 30)).permutation(n)  # type: ignore[attr-defined]
    paid = Budget.of(np.ones(n, np.int64), n // 2)
    for threads in (1, 2):
        one, _ = k_center(vectors, paid, threads=1)
        other, _ = k_center(vectors[order], paid, threads=threads)
        assert order[other].tolist() == one.tolist()
        one = largest_volume(vectors, paid, np.linspace(1, 2, n), own=0.1, threads=1)
        other = largest_volume(vectors[order], paid, np.linspace(1, 2, n)[order], own=0.1, threads=threads)
        assert order[other].tolist() == one.tolist()
