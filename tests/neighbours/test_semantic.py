import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.errors import TamisError
from tamis.neighbours import semantic_cells, semantic_scan
from tamis.neighbours.semantic import SemanticPairs, pairs_above

ALL = 1 << 30
EXAMPLES = settings(max_examples=60, deadline=None)


def unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0).astype(np.float32)


def families(n: int, seed: int, *, width: int = 24, spread: float = 0.1, copies: int = 0, empty: int = 0) -> np.ndarray:
    """Rows around a few directions each, some of them copied, some empty, shuffled."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(1, n // 6), width))
    rows = centres[random.integers(0, len(centres), n)] + spread * random.normal(size=(n, width))
    rows = unit(rows)
    rows = np.concatenate([rows, rows[random.integers(0, n, copies)], np.zeros((empty, width), np.float32)])
    return rows[random.permutation(len(rows))]


def brute_force(sides: list[np.ndarray], floor: float) -> dict[tuple[int, int], float]:
    """All pairs by whole products in float64."""
    least = np.ones((len(sides[0]), len(sides[0])))
    for side in sides:
        cosine = np.minimum(side.astype(np.float64) @ side.astype(np.float64).T, 1)
        empty = ~side.any(axis=1)
        cosine[np.ix_(empty, empty)] = 1
        least = np.minimum(least, cosine)
    nothing = np.all([~side.any(axis=1) for side in sides], axis=0)
    least[nothing] = least[:, nothing] = 0
    left, right = np.nonzero(np.triu(least >= floor, 1))
    return {(int(i), int(j)): float(least[i, j]) for i, j in zip(left, right, strict=True)}


def found(result: SemanticPairs) -> dict[tuple[int, int], float]:
    pairs = result.pairs
    listed = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    assert listed == sorted(set(listed))
    assert all(left < right for left, right in listed)
    return dict(zip(listed, pairs.similarity.tolist(), strict=True))


def check(result: SemanticPairs, expected: dict[tuple[int, int], float], floor: float) -> None:
    """The same pairs but for those at the floor itself, with the same similarity."""
    ours = found(result)
    for pair in ours.keys() ^ expected.keys():
        assert abs({**ours, **expected}[pair] - floor) < 1e-6, pair
    for pair in ours.keys() & expected.keys():
        assert abs(ours[pair] - expected[pair]) < 1e-6
    assert all(floor <= value <= 1 for value in ours.values())


@EXAMPLES
@given(st.integers(1, 60), st.integers(0, 10**6), st.floats(0.05, 1), st.integers(0, 8), st.sampled_from([2, 24, 70]))
def test_exact_search_finds_what_brute_force_does(n: int, seed: int, floor: float, extra: int, width: int) -> None:
    rows = families(n, seed, width=width, copies=extra, empty=extra)
    result = pairs_above(rows, floor=floor, most=ALL)
    check(result, brute_force([rows], floor), floor)
    assert (result.method, result.recall, result.left_out, result.empty) == ("exact", 1.0, 0, (~rows.any(axis=1)).sum())


@EXAMPLES
@given(st.integers(1, 40), st.integers(0, 10**6), st.sampled_from([0.3, 0.8]), st.integers(0, 5))
def test_two_sides_are_as_alike_as_the_less_alike_one(n: int, seed: int, floor: float, empty: int) -> None:
    prompts = families(n, seed, copies=3, empty=empty, spread=0.2)
    answers = families(n, seed + 1, copies=3, empty=empty, width=8, spread=0.2)
    check(pairs_above([prompts, answers], floor=floor, most=ALL), brute_force([prompts, answers], floor), floor)


@EXAMPLES
@given(st.integers(20, 60), st.integers(0, 10**6), st.integers(1, 20), st.floats(1e-5, 0.3))
def test_no_pair_just_above_the_floor_escapes(n: int, seed: int, rank: int, noise: float) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n, rank)) @ random.normal(size=(rank, 100)) + noise * random.normal(size=(n, 100))
    rows = unit(rows)
    positive = [value for value in brute_force([rows], 0.05).values() if value < 1 - 1e-6]
    for floor in random.permutation(positive)[:3] - 1e-9:
        expected = brute_force([rows], floor)
        assert set(expected) - set(found(pairs_above(rows, floor=float(floor), most=ALL))) == set()


@pytest.mark.parametrize("exact", [True, False])
def test_blocks_and_threads_change_nothing(exact: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = families(900, 5, copies=40, empty=3)
    first = pairs_above(rows, exact=exact, threads=1, most=5)
    again = pairs_above(rows, exact=exact, threads=3, most=5)
    monkeypatch.setattr(semantic_scan, "ROWS", 37)
    monkeypatch.setattr(semantic_scan, "COLUMNS", 53)
    blocks = pairs_above(rows, exact=exact, threads=2, most=5)
    for other in (again, blocks):
        assert (other.found, other.left_out, other.recall) == (first.found, first.left_out, first.recall)
        for one, two in ((first.pairs.left, other.pairs.left), (first.pairs.right, other.pairs.right)):
            np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(first.pairs.similarity, other.pairs.similarity)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_search_in_cells_says_truly_what_it_misses(seed: int) -> None:
    rows = families(4_000, seed, width=48, spread=0.11, empty=5)
    result = pairs_above(rows, exact=False, seed=seed, most=ALL)
    expected, ours = brute_force([rows], 0.8), found(result)
    assert result.method == "ivf"
    assert ours.keys() <= expected.keys()
    assert max(abs(ours[pair] - expected[pair]) for pair in ours) < 1e-6
    assert result.recall is not None
    true = len(ours) / len(expected)
    assert true >= 0.93
    pairs = 2 * len(expected) * semantic_cells.SAMPLE / 2 / len(rows)  # that recall was measured on
    assert abs(result.recall - true) < 4 * np.sqrt(0.05 / pairs) + 0.01


def test_search_in_cells_repeats_itself() -> None:
    rows = families(1_500, 3)
    first, second = (pairs_above(rows, exact=False, seed=9) for _ in range(2))
    np.testing.assert_array_equal(first.pairs.left, second.pairs.left)
    np.testing.assert_array_equal(first.pairs.similarity, second.pairs.similarity)
    assert first.recall == second.recall


def walk(order: np.ndarray, pairs: dict[tuple[int, int], float]) -> set[int]:
    """Rows that stay when each is dropped that matches one which stays, best first."""
    partners: dict[int, set[int]] = {int(row): set() for row in order}
    for one, other in pairs:
        partners[one].add(other)
        partners[other].add(one)
    kept: set[int] = set()
    for row in order.tolist():
        if not partners[row] & kept:
            kept.add(row)
    return kept


@EXAMPLES
@given(st.integers(2, 60), st.integers(0, 10**6), st.integers(0, 5), st.integers(0, 20), st.booleans())
def test_what_is_left_out_of_a_family_is_counted_and_not_needed(
    n: int, seed: int, most: int, copies: int, by_rank: bool
) -> None:
    rows = families(n, seed, width=4, spread=0.5, copies=copies)
    order = np.random.default_rng(seed).permutation(len(rows)) if by_rank else np.arange(len(rows))
    every = pairs_above(rows, order=order, most=ALL)
    result = pairs_above(rows, order=order, most=most)
    ours, expected = found(result), found(every)
    assert ours.items() <= expected.items()
    assert walk(order, ours) == walk(order, expected)
    assert result.found == every.found
    assert every.left_out == 0
    assert (result.left_out > 0) == (len(ours) < len(expected))
    if copies == 0:
        assert result.left_out == len(expected) - len(ours)


def test_a_large_family_does_not_fill_the_memory() -> None:
    rows = unit(
        np.random.default_rng(0).normal(size=(1, 16)) + 0.02 * np.random.default_rng(1).normal(size=(3_000, 16))
    )
    result = pairs_above(rows, most=10)
    assert result.found == 3_000 * 2_999 // 2
    assert len(result.pairs) <= 11 * 3_000
    assert result.left_out == result.found - len(result.pairs)
    assert walk(np.arange(3_000), found(result)) == {0}


def test_rows_on_disk_are_searched_as_those_in_memory(tmp_path: object) -> None:
    rows = families(300, 1)
    np.save(f"{tmp_path}/rows.npy", rows)
    mapped = pairs_above(np.load(f"{tmp_path}/rows.npy", mmap_mode="r"))
    np.testing.assert_array_equal(mapped.pairs.similarity, pairs_above(rows).pairs.similarity)


def test_empty_rows_are_like_nothing() -> None:
    result = pairs_above(np.zeros((4, 8), np.float32))
    assert (len(result.pairs), result.empty, result.rows) == (0, 4, 0)
    assert len(pairs_above(np.zeros((0, 8), np.float32)).pairs) == 0


def test_progress_ends_with_all_rows() -> None:
    seen: list[tuple[int, int]] = []
    pairs_above(families(200, 0), on_progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (200, 200)


@pytest.mark.parametrize(
    ("vectors", "floor", "message"),
    [
        (np.array([[1, 0], [np.nan, 1]]), 0.8, "vector 1 holds NaN or infinity"),
        (np.array([[1, 0], [np.inf, 1]]), 0.8, "vector 1 holds NaN or infinity"),
        (np.array([[1, 0], [3, 4]]), 0.8, "vector 1 has length 5"),
        (np.array([[1, 0]]), 0.0, "floor is 0.0"),
        (np.array([[1, 0]]), 1.5, "floor is 1.5"),
        (np.array([1, 0]), 0.8, "one row each"),
        ([np.eye(2), np.eye(3)], 0.8, "different numbers of rows: 2, 3"),
    ],
)
def test_vectors_that_cannot_be_compared_are_an_error(vectors: np.ndarray, floor: float, message: str) -> None:
    with pytest.raises(TamisError, match=message):
        pairs_above(vectors, floor=floor)


def test_pairs_in_cells_are_those_of_all_that_share_one_and_the_recall_is_their_share() -> None:
    from tamis.neighbours.codes import Codes
    from tamis.neighbours.semantic_partition import centres_of, homes_of, pairs_in_cells, sampled

    generator = np.random.default_rng(5)
    centres = generator.standard_normal((30, 24))
    rows = centres[generator.integers(0, 30, 900)] + 0.45 * generator.standard_normal((900, 24))
    sides = [unit(rows), unit(rows + 0.2 * generator.standard_normal((900, 24)))]
    sides[0][7] = sides[1][7] = sides[0][9] = 0
    whole = pairs_above([Codes.of(side) for side in sides], floor=0.8, exact=True, most=10_000)
    found = pairs_in_cells(sides, cells=12, floor=0.8)
    homes = homes_of(sides, centres_of([side[sampled(900, 12 * 64, 0)] for side in sides], 12, 0))
    assert homes[7] == -1
    shared = homes[whole.pairs.left] == homes[whole.pairs.right]
    assert 0.3 < shared.mean() < 1
    assert found.pairs.left.tolist() == whole.pairs.left[shared].tolist()
    assert found.pairs.right.tolist() == whole.pairs.right[shared].tolist()
    assert found.pairs.similarity.tolist() == whole.pairs.similarity[shared].tolist()
    assert found.recall == pytest.approx(shared.mean(), abs=0.01)  # the sample is all rows but none has fewer pairs
    assert found.empty == 1
