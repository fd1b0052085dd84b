import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.selection.budget import Budget, divided

PARTS = st.lists(st.tuples(st.floats(0, 10), st.integers(0, 50)), min_size=1, max_size=8)


@given(PARTS, st.integers(0, 200))
def test_a_total_is_divided_whole_and_nobody_gets_more_than_there_is(
    parts: list[tuple[float, int]], total: int
) -> None:
    weights, whole = np.array([weight for weight, _ in parts]), np.array([size for _, size in parts], np.int64)
    given_out = divided(total, weights, whole)
    assert (given_out >= 0).all()
    assert (given_out <= whole).all()
    assert (given_out[weights == 0] == 0).all()
    assert given_out.sum() == min(total, whole[weights > 0].sum())


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 30))
def test_where_nothing_is_full_shares_are_within_one_of_the_ideal(weights: list[int], total: int) -> None:
    given_out = divided(total, np.array(weights, np.float64), np.full(len(weights), 1000))
    assert (np.abs(given_out - total * np.array(weights) / sum(weights)) < 1).all()


@given(st.data(), st.integers(1, 30))
def test_parts_get_what_their_group_had(data: st.DataObject, n: int) -> None:
    part = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)))
    total = data.draw(st.integers(0, n))
    split = Budget.of(np.ones(n, np.int64), total).split(part)
    assert split.limit.sum() == total
    assert len(np.unique(np.stack([split.group, part]), axis=1).T) == len(split.limit)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 40))
def test_most_is_the_number_of_the_cheapest_rows_that_are_paid_for(cost: list[int], total: int) -> None:
    expected = sum(sum(sorted(cost)[: i + 1]) <= total for i in range(len(cost)))
    assert Budget.of(np.array(cost, np.int64), total).most == expected
