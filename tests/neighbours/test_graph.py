import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.errors import TamisError
from tamis.neighbours import graph as graphs
from tamis.neighbours.graph import Graph, neighbour_graph, relevance
from tests.neighbours.test_semantic import EXAMPLES, families, unit


def brute_force(rows: np.ndarray, k: int) -> list[list[float]]:
    """Similarities of the nearest other rows that are not empty, best first."""
    known = rows.any(axis=1)
    cosine = rows.astype(np.float64) @ rows.astype(np.float64).T
    expected = []
    for i in range(len(rows)):
        others = [cosine[i, j] for j in range(len(rows)) if j != i and known[j] and known[i]]
        expected.append(sorted(others, reverse=True)[:k])
    return expected


@EXAMPLES
@given(st.integers(1, 40), st.integers(0, 10**6), st.integers(1, 8), st.integers(0, 4))
def test_neighbours_are_the_nearest_rows(n: int, seed: int, k: int, extra: int) -> None:
    rows = families(n, seed, copies=extra, empty=extra)
    graph = neighbour_graph(rows, k=k)
    assert (graph.method, graph.recall) == ("exact", 1.0)
    assert graph.indices.shape == graph.similarities.shape == (len(rows), k)
    for i, expected in enumerate(brute_force(rows, k)):
        there = graph.indices[i] >= 0
        assert there.tolist() == [True] * len(expected) + [False] * (k - len(expected))
        np.testing.assert_allclose(graph.similarities[i][there], expected, atol=2e-6)
        assert np.isnan(graph.similarities[i][~there]).all()
        assert i not in graph.indices[i]
        assert len(set(graph.indices[i][there].tolist())) == there.sum()
        partners = rows[graph.indices[i][there]]
        np.testing.assert_allclose(partners @ rows[i], graph.similarities[i][there], atol=2e-6)


def test_cells_find_most_and_say_how_many() -> None:
    rows = families(3_000, 0, width=32, spread=0.3, empty=4)
    true, found = neighbour_graph(rows, k=5), neighbour_graph(rows, k=5, exact=False, seed=1)
    kept = rows.any(axis=1)
    recall = np.mean(found.similarities[kept] >= true.similarities[kept][:, -1:] - 1e-5)
    assert found.method == "ivf"
    assert recall >= 0.93
    assert abs(found.recall - recall) < 0.02
    again = neighbour_graph(rows, k=5, exact=False, seed=1)
    np.testing.assert_array_equal(found.indices, again.indices)


def test_threads_change_nothing() -> None:
    rows = families(700, 2)
    one, two = neighbour_graph(rows, threads=1), neighbour_graph(rows, threads=2)
    np.testing.assert_array_equal(one.indices, two.indices)
    np.testing.assert_array_equal(one.similarities, two.similarities)


def test_density_is_the_mean_similarity() -> None:
    rows = families(60, 4, empty=1)
    expected = [np.mean(near) if near else np.nan for near in brute_force(rows, 7)]
    np.testing.assert_allclose(graphs.density(neighbour_graph(rows, k=7)), expected, atol=2e-6)


def test_a_row_apart_is_the_outlier() -> None:
    rows = np.concatenate([families(100, 6, width=16), -unit(families(100, 6, width=16).mean(axis=0, keepdims=True))])
    score = graphs.outlier_score(neighbour_graph(rows, k=5))
    assert score.argmax() == 100
    assert np.median(score) == pytest.approx(1)


def test_scores_of_copies_alone_are_not_nan() -> None:
    rows = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    assert graphs.outlier_score(neighbour_graph(rows, k=2)).tolist() == [0] * 6


def test_relative_threshold_follows_the_median_distance() -> None:
    rows = families(80, 8)
    nearest = [1 - near[0] for near in brute_force(rows, 1)]
    assert graphs.relative_threshold(neighbour_graph(rows)) == pytest.approx(1 - 0.13 * np.median(nearest), abs=2e-6)
    nothing = Graph(np.array([[-1]], np.int32), np.array([[np.nan]], np.float32), "exact", 1.0)
    assert np.isnan(graphs.relative_threshold(nothing))


def test_relevance_tells_own_answers_from_shuffled_ones() -> None:
    random = np.random.default_rng(0)
    prompts = unit(random.normal(size=(400, 32)))
    answers = unit(prompts + 0.1 * random.normal(size=(400, 32)))
    answers[:40] = unit(random.normal(size=(40, 32)))
    answers[40] = 0
    found = relevance(prompts, answers, seed=3)
    np.testing.assert_allclose(found.cosine[:40], (prompts * answers).sum(axis=1)[:40], atol=1e-6)
    assert np.isnan(found.cosine[40])
    assert np.isnan(found.shuffled_ratio[40])
    assert (found.shuffled_ratio[41:] <= 2 / 129).all()
    assert 0.3 < found.shuffled_ratio[:40].mean() < 0.7
    np.testing.assert_array_equal(relevance(prompts, answers, seed=3).shuffled_ratio, found.shuffled_ratio)


def test_relevance_with_all_other_rows_is_the_exact_share() -> None:
    prompts, answers = families(20, 1), families(20, 2)
    cosine = prompts.astype(np.float64) @ answers.astype(np.float64).T
    own = np.diag(cosine)
    expected = [(1 + sum(cosine[i, j] >= own[i] - 1e-12 for j in range(20) if j != i)) / 20 for i in range(20)]
    np.testing.assert_allclose(relevance(prompts, answers, draws=19).shuffled_ratio, expected)


def test_mistakes_are_errors() -> None:
    with pytest.raises(TamisError, match="k is 0"):
        neighbour_graph(np.eye(2, dtype=np.float32), k=0)
    with pytest.raises(TamisError, match="NaN"):
        neighbour_graph(np.full((2, 2), np.nan, np.float32))
    with pytest.raises(TamisError, match="one shape"):
        relevance(np.eye(2, dtype=np.float32), np.eye(3, dtype=np.float32))


def test_a_row_alone_has_no_neighbour_and_no_relevance() -> None:
    alone = np.array([[1, 0]], np.float32)
    assert neighbour_graph(alone).indices.tolist() == [[-1] * 10]
    assert np.isnan(relevance(alone, alone).shuffled_ratio).all()
