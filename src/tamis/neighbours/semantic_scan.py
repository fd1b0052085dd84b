"""Blocks of products over the pairs of rows, each once, and what of them reaches the floor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.kernels.similarity import count_reaching, list_reaching, thin
from tamis.neighbours.pairs import levels_reached
from tamis.neighbours.semantic_bounds import SLACK
from tamis.neighbours.semantic_rows import Rows

ROWS, COLUMNS = 512, 2_048
"""A block of products is 4 MB, which stays in cache between the product and the look at it."""

DENSE: Final = 16
"""Where one in so many bounds reaches the floor, whole products come before verifying: 42 to 28 s for 100,000 rows."""

Found = tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]  # rows as int64, or as int32 once settled
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cells:
    """Rows in cells: cell c holds `members[starts[c]:starts[c + 1]]`, ascending; row r probes
    `probes[probe_starts[r]:probe_starts[r + 1]]`.

    `bounds` are in the order of `members`, and row r is the one at `places[r]`. One cell that holds all rows makes the
    search exact.
    """

    members: NDArray[np.int64]
    starts: NDArray[np.int64]
    probe_starts: NDArray[np.int64]
    probes: NDArray[np.int32] | None  # None where there is one cell
    bounds: NDArray[np.float32]
    places: NDArray[np.int64]
    stripe: int = 0  # rows that are searched before it is settled who covers them; 0 is as few as pays

    @classmethod
    def one(cls, bounds: NDArray[np.float32]) -> Cells:
        """All rows in one cell."""
        members = np.arange(len(bounds))
        return cls(members, np.array([0, len(bounds)]), members, None, bounds, members)

    @classmethod
    def of(
        cls,
        home: NDArray[np.int64],
        probe_starts: NDArray[np.int64],
        probes: NDArray[np.int32],
        bounds: NDArray[np.float32],
    ) -> Cells:
        """Each row in its home, which is one of those it probes; the bounds are put in another order in place."""
        members = np.argsort(home, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(home, minlength=int(probes.max()) + 1))])
        places = np.empty_like(members)
        places[members] = np.arange(len(members))
        for column in range(0, bounds.shape[1], 8):  # a copy of all is the most that a search of many rows has held
            bounds[:, column : column + 8] = bounds[members, column : column + 8]
        return cls(members, starts.astype(np.int64), probe_starts, probes, bounds, places, 32_768)

    def visits(self, rows: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], int, int]]:
        """The rows of a run that probe a cell, with the bounds of its members in `members`, for each cell probed."""
        if not len(rows):
            return
        if self.probes is None:
            yield rows, 0, len(self.members)
            return
        first, last = self.probe_starts[rows[0]], self.probe_starts[rows[-1] + 1]
        probes = self.probes[first:last]
        order = np.argsort(probes, kind="stable")
        cells, places = probes[order], np.repeat(rows, np.diff(self.probe_starts[rows[0] : rows[-1] + 2]))[order]
        edges = np.flatnonzero(np.diff(cells, prepend=-1, append=-1))
        for start, stop in pairwise(edges):
            cell = cells[start]
            yield places[start:stop], int(self.starts[cell]), int(self.starts[cell + 1])


@dataclass
class Scan:
    """One pass over all rows in order; each row is compared with the earlier ones of the cells it probes."""

    rows: Rows
    names: NDArray[np.int64]  # the row that each searched one is
    cells: Cells
    floor: float
    most: int
    found: int = 0

    def run(self, threads: int, on_progress: Progress | None = None) -> Found:
        """Earlier, later, similarity of the pairs found, less those that `thin` leaves out; `found` counts all."""
        n = len(self.names)
        taken, covered = np.zeros(n, np.int32), np.zeros(n, np.uint32)
        stripe = self.cells.stripe or threads * ROWS
        parts: list[Found] = []  # rows as 32 bits: 16 bytes a pair
        with ThreadPoolExecutor(threads) as pool, one_blas_thread():
            for start in range(0, n, stripe):
                rows = np.arange(start, min(start + stripe, n))
                work = partial(self._compare, taken=taken, covered=covered, settled=start)
                results = list(pool.map(work, np.array_split(rows, threads)))
                self.found += sum(count for _, count in results)
                parts.append(self._settle([part for found, _ in results for part in found], rows, taken, covered))
                if on_progress:
                    on_progress(int(rows[-1]) + 1, n)
        return joined(parts)

    def _compare(
        self, rows: NDArray[np.int64], *, taken: NDArray[np.int32], covered: NDArray[np.uint32], settled: int
    ) -> tuple[list[Found], int]:
        """The pairs of some rows with earlier ones, thinned where it is known who covers the earlier one."""
        parts: list[Found] = []
        count = 0
        for earlier, later, similarity in self._reaching(rows):
            count += len(earlier)
            kept = thin(earlier, later, levels_reached(similarity, self.floor), taken, covered, settled, self.most)
            parts.append((earlier[kept], later[kept], similarity[kept]))
        return parts, count

    def _reaching(self, rows: NDArray[np.int64]) -> Iterator[Found]:
        for visitors, start, stop in self.cells.visits(rows):
            for first in range(0, len(visitors), ROWS):
                some = visitors[first : first + ROWS]
                members = self.cells.members[start:stop]
                left = self.cells.bounds[self.cells.places[some]]
                for at in range(0, int(np.searchsorted(members, some[-1])), COLUMNS):
                    yield self._block(some, left, start + at, min(start + at + COLUMNS, stop))

    def _block(self, some: NDArray[np.int64], left: NDArray[np.float32], start: int, stop: int) -> Found:
        """The pairs of a few rows with a run of members, verified; by later row, then earlier."""
        members = self.cells.members[start:stop]
        product = left @ self.cells.bounds[start:stop].T
        stops = np.searchsorted(members, some)
        limit = np.float32(self.floor - SLACK)
        counts = count_reaching(product, stops, limit)
        if int(counts.sum()) * DENSE > product.size:
            np.minimum(product, self.rows.products(self.names[some], self.names[members]), out=product)
            counts = count_reaching(product, stops, limit)
        at = np.empty(int(counts.sum()), np.int64)
        columns = np.empty_like(at)
        list_reaching(product, stops, limit, counts, at, columns)
        earlier, later = members[columns], some[at]
        kept, similarity = self.rows.reaching(self.names[earlier], self.names[later], self.floor)
        return earlier[kept], later[kept], similarity

    def _settle(
        self, parts: list[Found], rows: NDArray[np.int64], taken: NDArray[np.int32], covered: NDArray[np.uint32]
    ) -> Found:
        """Thin once more in row order, now that all earlier rows of each row are known."""
        earlier, later, similarity = joined(parts)
        order = np.argsort(later * len(taken) + earlier)  # no two are equal
        earlier, later, similarity = earlier[order], later[order], similarity[order]
        taken[rows] = covered[rows] = 0
        kept = thin(earlier, later, levels_reached(similarity, self.floor), taken, covered, len(taken), self.most)
        return earlier[kept].astype(np.int32), later[kept].astype(np.int32), similarity[kept]


def joined(parts: list[Found]) -> Found:
    """Pairs end to end."""
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    earlier, later, similarity = zip(*parts, strict=True)
    return np.concatenate(earlier), np.concatenate(later), np.concatenate(similarity)


def one_blas_thread() -> AbstractContextManager[Any]:
    """Products on one thread each, where threadpoolctl is there to say so: threads of ours and of BLAS wait for each
    other (a block took 7 to 20 times as long on a busy machine)."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limits: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limits
