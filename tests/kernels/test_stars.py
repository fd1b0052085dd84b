"""Law 3: who goes matches a row that stays, directly; who stays matches none that does."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from tamis.kernels.stars import stars

ROWS = 7
FLAGS = st.lists(st.booleans(), min_size=ROWS, max_size=ROWS)
LINKS = st.lists(st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1)), max_size=12)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    rules = draw(st.integers(1, 2))
    return {
        "order": draw(st.permutations(range(ROWS))),
        "gone": draw(FLAGS),
        "groups": [draw(st.lists(st.integers(-1, ROWS - 1), min_size=ROWS, max_size=ROWS)) for _ in range(rules)],
        "hit": [draw(FLAGS) for _ in range(rules)],
        "drops": [draw(FLAGS) for _ in range(rules)],
        "links": [sorted({(min(a, b), max(a, b)) for a, b in draw(LINKS) if a != b}) for _ in range(rules)],
    }


def solved(case: dict[str, Any]) -> tuple[list[list[int]], list[list[int]]]:
    nodes = [[] for _ in range(len(case["groups"]) * ROWS)]  # type: list[list[int]]
    for rule, links in enumerate(case["links"]):
        for a, b in links:
            nodes[rule * ROWS + a].append(b)
            nodes[rule * ROWS + b].append(a)
    starts = np.cumsum([0, *map(len, nodes)]).astype(np.int64)
    flat = np.array([end for node in nodes for end in node], np.int64)
    arrays = (np.array(case[name]) for name in ("order", "gone", "groups", "hit", "drops"))
    other, link = stars(*arrays, starts, flat)
    return other.tolist(), link.tolist()


def alike(case: dict[str, Any], rule: int, one: int, other: int) -> bool:
    a, b = case["groups"][rule][one], case["groups"][rule][other]
    return a >= 0 and b >= 0 and (a == b or (min(a, b), max(a, b)) in case["links"][rule])


@given(cases())
def test_what_goes_matches_what_stays_and_what_stays_matches_nothing_that_does(case: dict[str, Any]) -> None:
    other, link = solved(case)
    rules = range(len(other))
    leaves = [
        case["gone"][row] or any(other[k][row] >= 0 and case["drops"][k][row] for k in rules) for row in range(ROWS)
    ]
    place = {row: i for i, row in enumerate(case["order"])}
    for k in rules:
        for row in range(ROWS):
            kept_before = [one for one in range(ROWS) if not leaves[one] and place[one] < place[row]]
            matches = [one for one in kept_before if alike(case, k, row, one)]
            if other[k][row] >= 0:
                assert other[k][row] in matches
                assert case["hit"][k][row]
                same = case["groups"][k][row] == case["groups"][k][other[k][row]]
                assert (link[k][row] < 0) == same
            else:
                assert not matches or not case["hit"][k][row]
