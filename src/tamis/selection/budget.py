"""What may be picked: so many rows or tokens, in all or of each group of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Budget:
    """What each row costs, which group pays for it, and what each group has to spend."""

    cost: Numbers  # (n,): 1 where rows are counted
    group: Numbers  # (n,)
    limit: Numbers  # (groups,)

    @classmethod
    def of(cls, cost: Numbers, total: int) -> Budget:
        """One purse for all rows."""
        return cls(cost, np.zeros(len(cost), np.int64), np.array([total], np.int64))

    def split(self, part: Numbers, weights: NDArray[np.float64] | None = None) -> Budget:
        """Each group's limit split over the parts that its rows belong to.

        In proportion to `weights`, one number a part, or evenly; a part whose rows cost less leaves the rest to the
        others.

        >>> Budget.of(np.ones(6, np.int64), 4).split(np.array([0, 0, 0, 0, 0, 1])).limit.tolist()
        [3, 1]
        """
        both = np.stack([self.group, part], axis=1)
        named, group = np.unique(both, axis=0, return_inverse=True)
        group = group.reshape(-1).astype(np.int64)
        whole = np.bincount(group, self.cost, len(named)).astype(np.int64)
        limit = np.zeros(len(named), np.int64)
        for one in range(len(self.limit)):
            mine = np.flatnonzero(named[:, 0] == one)
            shares = np.ones(len(mine)) if weights is None else weights[named[mine, 1]]
            limit[mine] = divided(int(self.limit[one]), shares, whole[mine])
        return Budget(self.cost, group, limit)

    @property
    def most(self) -> int:
        """How many rows it pays for at most: those that cost least."""
        order = np.lexsort((self.cost, self.group))
        spent = np.cumsum(self.cost[order])
        sizes = np.bincount(self.group, minlength=len(self.limit))
        before = np.concatenate([[0], spent])[np.cumsum(sizes) - sizes]
        return int((spent - np.repeat(before, sizes) <= np.repeat(self.limit, sizes)).sum())

    def after(self, picked: Numbers) -> Numbers:
        """What each group has left once those rows are paid for."""
        spent = np.bincount(self.group[picked], self.cost[picked], len(self.limit))
        return self.limit - spent.astype(np.int64)


def divided(total: int, weights: NDArray[np.float64], whole: Numbers) -> Numbers:
    """A number in whole parts in proportion to weights, none larger than its `whole`: shape (parts,).

    What a full part leaves goes to the others in proportion; the largest remainders are rounded up, so that the sum is
    `total` unless the parts that have a weight are too small for it.

    >>> divided(10, np.ones(3), np.array([2, 9, 9])).tolist()
    [2, 4, 4]
    >>> divided(5, np.array([0.5, 0.5, 0]), np.array([9, 9, 9])).tolist()
    [3, 2, 0]
    """
    given, free = np.zeros(len(whole), np.int64), weights > 0
    while free.any():
        ideal = np.zeros(len(whole))
        ideal[free] = (total - int(given.sum())) * weights[free] / weights[free].sum()
        full = free & (ideal >= whole)
        if not full.any():
            given[free] = np.floor(ideal[free])
            rest = total - int(given.sum())
            remainders = np.where(free, ideal - np.floor(ideal), -1.0)
            given[np.argsort(-remainders, kind="stable")[:rest]] += 1
            break
        given[full] = whole[full]
        free &= ~full
    return given
