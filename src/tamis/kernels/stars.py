"""Which of several duplicates stay: stars around kept rows, never chains."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, kernel, tuple_of

_FLAGS = types.Array(types.boolean, 1, "C", readonly=True)
_TABLE = types.Array(types.int64, 2, "C", readonly=True)
_FLAG_TABLE = types.Array(types.boolean, 2, "C", readonly=True)


@kernel(
    tuple_of(types.Array(types.int64, 2, "C"), types.Array(types.int64, 2, "C"))(
        I64, _FLAGS, _TABLE, _FLAG_TABLE, _FLAG_TABLE, I64, I64
    )
)
def stars(  # noqa: PLR0913 - arrays, one an aspect of the same rows and links
    order: NDArray[np.int64],
    gone: NDArray[np.bool_],
    groups: NDArray[np.int64],
    hit: NDArray[np.bool_],
    drops: NDArray[np.bool_],
    starts: NDArray[np.int64],
    links: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every rule and row, the kept row that it duplicates (or -1) and by which link: shape (k, n) each.

    Rows are visited in `order`; one is kept unless it is `gone` anyway or matches a kept row by a rule that
    `drops` it. `groups[k, i]` is the group of row i for rule k, or -1; rows of one group are the same to the
    rule (link -1). Group g of rule k is also alike to group `links[e]`, e from `starts[k * n + g]` to the next
    start, best first. Rows that are not `hit` by a rule match nothing, and others may match them.
    O(k n + links).

    >>> chain = np.array([1, 0, 2, 1])  # 0 is like 1, and 1 like 2
    >>> rows, all_of_them = np.arange(3), np.ones((1, 3), np.bool_)
    >>> starts = np.array([0, 1, 3, 4])
    >>> other, _ = stars(rows, np.zeros(3, np.bool_), rows[None], all_of_them, all_of_them, starts, chain)
    >>> other.tolist()
    [[-1, 0, -1]]
    """
    k, n = groups.shape
    holder = np.full((k, n), -1, np.int64)
    other, link = np.full((k, n), -1, np.int64), np.full((k, n), -1, np.int64)
    for row in order:
        leaves = gone[row]
        for rule in range(k):
            group = groups[rule, row]
            if group < 0 or not hit[rule, row]:
                continue
            if holder[rule, group] >= 0:
                other[rule, row] = holder[rule, group]
            else:
                for e in range(starts[rule * n + group], starts[rule * n + group + 1]):
                    if holder[rule, links[e]] >= 0:
                        other[rule, row], link[rule, row] = holder[rule, links[e]], e
                        break
            leaves |= other[rule, row] >= 0 and drops[rule, row]
        if not leaves:
            for rule in range(k):
                group = groups[rule, row]
                if group >= 0 and holder[rule, group] < 0:
                    holder[rule, group] = row
    return other, link
