import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tamis.kernels import similarity
from tests.kernels.strategies import EXAMPLES

_TABLES = hnp.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 21)), elements=st.floats(-1, 1, width=32))


@EXAMPLES
@given(_TABLES)
def test_dots_are_inner_products_in_float64(vectors: np.ndarray) -> None:
    left, right = (side.ravel() for side in np.indices((len(vectors), len(vectors))))
    expected = (vectors.astype(np.float64) @ vectors.astype(np.float64).T).ravel()
    np.testing.assert_allclose(similarity.dots(vectors, left, right), expected, atol=1e-12)


@EXAMPLES
@given(_TABLES, st.floats(-1, 1, width=32), st.data())
def test_reaching_entries_are_those_before_the_stop(block: np.ndarray, limit: float, data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.integers(0, block.shape[1]), min_size=len(block), max_size=len(block)))
    stops = np.array(lengths, np.int64)
    expected = [(i, j) for i, stop in enumerate(stops) for j in range(stop) if block[i, j] >= np.float32(limit)]
    counts = similarity.count_reaching(block, stops, np.float32(limit))
    rows, columns = np.empty(counts.sum(), np.int64), np.empty(counts.sum(), np.int64)
    similarity.list_reaching(block, stops, np.float32(limit), counts, rows, columns)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == expected
    assert counts.tolist() == [sum(i == row for row, _ in expected) for i in range(len(block))]


@EXAMPLES
@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.sampled_from([-0.0, 0, 1])))
def test_rows_with_equal_numbers_have_equal_keys_and_others_do_not(vectors: np.ndarray) -> None:
    keys = similarity.row_keys(vectors)
    equal = (vectors[:, None] == vectors[None]).all(axis=2)
    assert ((keys[:, None] == keys[None]) == equal).all()


@EXAMPLES
@given(hnp.arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 70))))
def test_cosines_of_codes_are_exact(codes: np.ndarray) -> None:
    left, right = (side.ravel() for side in np.indices((len(codes), len(codes))))
    whole = codes.astype(np.int64)
    squares = (whole**2).sum(axis=1)
    found = similarity.code_cosines(codes, squares.astype(np.int32), left, right)
    products = (whole @ whole.T).ravel()
    lengths = np.sqrt((squares[left] * squares[right]).astype(np.float64))
    expected = np.divide(products, lengths, out=np.zeros(len(left)), where=lengths > 0)
    assert found.tolist() == expected.tolist()
    assert (found[left == right] == (squares > 0)).all()


@EXAMPLES
@given(st.integers(2, 14), st.integers(0, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_thinning_keeps_what_a_walk_through_the_rows_needs(n: int, most: int, levels: int, random: object) -> None:
    every = [(i, j, random.randint(1, levels)) for j in range(n) for i in range(j) if random.random() < 0.5]  # type: ignore[attr-defined]
    earlier, later, level = (np.array([pair[k] for pair in every], np.int64) for k in range(3))
    taken, covered = np.zeros(n, np.int32), np.zeros(n, np.uint32)
    kept = similarity.thin(earlier, later, ((1 << level) - 1).astype(np.uint32), taken, covered, n, most)
    chosen = [pair for pair, is_kept in zip(every, kept, strict=True) if is_kept]
    for threshold in range(1, levels + 1):
        pairs, left = ([(i, j) for i, j, reached in some if reached >= threshold] for some in (every, chosen))
        centres = _centres(n, pairs)
        assert (covered >> (threshold - 1) & 1 == 0).nonzero()[0].tolist() == centres
        assert _centres(n, left) == centres
    pairs, left = ([(i, j) for i, j, _ in some] for some in (every, chosen))
    centres = _centres(n, pairs)
    for row in range(n):
        mine = [pair for pair in pairs if pair[1] == row]
        held = [pair for pair in left if pair[1] == row]
        assert len(held) <= most + sum(one in centres for one, _ in mine) + levels - 1
        assert len(held) >= min(most, len(mine))
        assert {one for one, _ in mine if one in centres} <= {one for one, _ in held}
    assert taken.tolist() == [sum(other == row for _, other in left) for row in range(n)]


def _centres(n: int, pairs: list[tuple[int, int]]) -> list[int]:
    """Rows that no earlier row stands for."""
    kept: list[int] = []
    for row in range(n):
        if not any((one, row) in pairs for one in kept):
            kept.append(row)
    return kept
