"""The rows that are compared: one vector or several sides each, checked, without the empty ones, equal ones as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.kernels.similarity import count_expanded, dots, expand, row_keys
from tamis.neighbours.codes import Codes, empty_rows

Vectors = NDArray[np.float32]
CHUNK = 1 << 13
"""Rows that are looked at together, as float32."""
Side = Vectors | Codes


@dataclass(frozen=True)
class Rows:
    """n rows of one or several vectors of unit length; a vector of zeros says that there is no text to know.

    The similarity of two rows is the least cosine of their sides, where two empty sides count as 1; a row with
    all sides empty is like nothing.
    """

    sides: tuple[Side, ...]
    empty: NDArray[np.bool_]  # (sides, n)

    @classmethod
    def of(cls, vectors: Side | Sequence[Side]) -> Rows:
        """Check the vectors: of one length, finite, each of unit length or zero.

        >>> Rows.of(np.array([[1, 0], [0, 0]], np.float32)).empty
        array([[False,  True]])
        """
        given = [vectors] if isinstance(vectors, np.ndarray | Codes) else list(vectors)
        sides = tuple(side if isinstance(side, Codes) else np.ascontiguousarray(side, np.float32) for side in given)
        if not sides or any(len(side.shape) != 2 for side in sides):
            raise TamisError("vectors must be a table of numbers, one row each")
        if len({len(side) for side in sides}) > 1:
            raise TamisError(f"the sides have different numbers of rows: {', '.join(str(len(side)) for side in sides)}")
        return cls(sides, np.stack([_empty(side) for side in sides]))

    def __len__(self) -> int:
        return len(self.sides[0])

    @property
    def width(self) -> int:
        """Numbers of a row that `gather` gives."""
        numbers = sum(int(side.shape[1]) for side in self.sides)
        return numbers + len(self.sides) if len(self.sides) > 1 else numbers

    def known(self) -> NDArray[np.int64]:
        """The rows that can be like another: some side is not empty."""
        return np.flatnonzero(~self.empty.all(axis=0))

    def gather(self, rows: NDArray[np.int64]) -> Vectors:
        """One vector a row whose cosine is the mean of the sides' similarities, so never below the least of them.

        A number of its own stands for an empty side, so that two of them agree.
        """
        if len(self.sides) == 1:
            return self.sides[0][rows]
        parts: list[NDArray[np.float32]] = [side[rows] for side in self.sides]
        parts.append(self.empty[:, rows].T.astype(np.float32))
        return np.concatenate(parts, axis=1) / np.float32(np.sqrt(len(self.sides)))

    def products(self, some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float32]:
        """Their similarities in float32, every one with every other, within 1e-6 or so: (len(some), len(others))."""
        least = np.ones((len(some), len(others)), np.float32)
        for side, empty in zip(self.sides, self.empty, strict=True):
            product = side[some] @ side[others].T
            if empty.any() and len(self.sides) > 1:
                product[np.ix_(empty[some], empty[others])] = 1
            np.minimum(least, product, out=least)
        return least

    def reaching(
        self, left: NDArray[np.int64], right: NDArray[np.int64], floor: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Which of some pairs reach the floor, and their similarity; the last side first, as answers differ most."""
        kept, least = np.arange(len(left)), np.ones(len(left))
        for side, empty in zip(self.sides[::-1], self.empty[::-1], strict=True):
            one, other = left[kept], right[kept]
            cosine = side.cosines(one, other) if isinstance(side, Codes) else dots(side, one, other)
            if len(self.sides) > 1:
                cosine[empty[one] & empty[other]] = 1.0
            np.minimum(least, cosine, out=least)
            reached = least >= floor
            kept, least = kept[reached], least[reached]
        return kept, least

    def groups(self, rows: NDArray[np.int64]) -> Groups:
        """Put equal rows together; the first of each group in the given order stands for it."""
        keys = np.zeros(len(rows), np.uint64)
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            for side in self.sides:
                keys[start : start + CHUNK] = keys[start : start + CHUNK] * np.uint64(31) + row_keys(side[chunk])
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        stands = first[inverse]
        for start in range(0, len(rows), CHUNK):  # equal hashes of unequal rows: let each stand for itself
            here = np.arange(start, min(start + CHUNK, len(rows)))
            here = here[stands[here] != here]
            for side in self.sides:
                unequal = (side[rows[here]] != side[rows[stands[here]]]).any(axis=1)
                stands[here[unequal]] = here[unequal]
        return Groups.of(stands)


@dataclass(frozen=True)
class Groups:
    """Rows 0 to n - 1 in groups: group g has `members[starts[g]:starts[g + 1]]`, ascending; groups by first row."""

    members: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, stands: NDArray[np.int64]) -> Groups:
        """From the first row of each row's group.

        >>> Groups.of(np.array([0, 1, 0]))
        Groups(members=array([0, 2, 1]), starts=array([0, 2, 3]))
        """
        members = np.argsort(stands, kind="stable")
        sizes = np.bincount(stands, minlength=1)[: len(stands)]
        return cls(members, np.concatenate([[0], np.cumsum(sizes[sizes > 0])]).astype(np.int64))

    @property
    def first(self) -> NDArray[np.int64]:
        """The row that stands for each group."""
        return self.members[self.starts[:-1]]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Rows of each group."""
        return np.diff(self.starts)

    def pairs(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
        """How many pairs of rows some pairs of groups are, with those of equal rows.

        >>> Groups.of(np.array([0, 1, 0])).pairs(np.array([0]), np.array([1]))
        3
        """
        sizes = self.sizes
        return int((sizes[left] * sizes[right]).sum() + (sizes * (sizes - 1) // 2).sum())

    def expanded(
        self, left: NDArray[np.int64], right: NDArray[np.int64], similarity: NDArray[np.float64], most: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Pairs of groups to pairs of rows; equal rows are pairs too. See `count_expanded` for what `most` leaves."""
        both = np.concatenate([left, right])
        order = np.lexsort((np.concatenate([right, left]), both))
        partners = np.concatenate([right, left])[order]
        alike = np.concatenate([similarity, similarity])[order]
        bounds = np.searchsorted(both[order], np.arange(len(self.starts))).astype(np.int64)
        counts = count_expanded(self.members, self.starts, partners, bounds, most)
        places = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        earlier, via = np.empty(places[-1], np.int64), np.empty(places[-1], np.int64)
        expand(self.members, self.starts, partners, bounds, most, places, earlier, via)
        later = np.repeat(np.arange(len(counts)), counts)
        return earlier, later, np.where(via < 0, 1.0, np.append(alike, 1.0)[via])


def _empty(side: Side) -> NDArray[np.bool_]:
    """Which rows are zero; an error for those that are neither that nor of unit length."""
    if isinstance(side, Codes):
        return np.asarray(side.squares == 0)
    parts = [empty_rows(side[start : start + CHUNK], start) for start in range(0, len(side), CHUNK)]
    return np.concatenate([np.zeros(0, np.bool_), *parts])
