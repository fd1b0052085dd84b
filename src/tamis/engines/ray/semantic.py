"""Pairs by meaning inside cells of k-means, of vectors in the cluster: see `neighbours.semantic_partition`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.engines.ray.session import Session
from tamis.models.search import SAMPLE_PER_CELL
from tamis.neighbours.codes import Vectors
from tamis.neighbours.semantic import SemanticPairs
from tamis.neighbours.semantic_partition import (
    SAMPLE,
    Found,
    centres_of,
    homes_of,
    pairs_of_sample,
    sampled,
    settled,
    within,
)

SHARD_BYTES: Final = 512 << 20  # vectors that one task compares, unless one cell has more
Ints = NDArray[np.int64]


def pairs_in_cells(
    session: Session, blocks: Sequence[Sequence[Any]], sizes: Sequence[int], order: Ints, *, cells: int, floor: float
) -> SemanticPairs:
    """As `neighbours.semantic_partition.pairs_in_cells`; `blocks` are references to vectors, a list a side."""
    import ray

    n, ends = int(sum(sizes)), np.cumsum([0, *sizes])
    sides = list(zip(*blocks, strict=True))  # of each block, its sides
    centres = ray.put(centres_of(_rows(session, sides, ends, sampled(n, cells * SAMPLE_PER_CELL, 0)), cells, 0))
    homes = session.results([session.call(_homes, centres, *block) for block in sides])
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    shards = _shards(np.concatenate(homes), sides, session)
    divided = [
        session.call(divide, home, start + np.arange(len(home)), rank[start:stop], shards, *block,
                     returns=int(shards.max()) + 1)
        for home, block, (start, stop) in zip(homes, sides, pairwise(ends), strict=True)
    ]  # fmt: skip
    several = int(shards.max()) > 0
    found = [
        session.call(search, floor, *(part[shard] if several else part for part in divided))
        for shard in range(int(shards.max()) + 1)
    ]
    probe = sampled(n, SAMPLE, 1)
    asked = ray.put((_rows(session, sides, ends, probe), np.concatenate(homes)[probe]))
    counted = [session.call(_counted, asked, home, floor, *block) for home, block in zip(homes, sides, strict=True)]
    empty = int((np.concatenate(homes) < 0).sum())
    return settled(session.results(found), floor, empty, session.results(counted))


def _rows(session: Session, sides: Sequence[Sequence[Any]], ends: Ints, rows: Ints) -> list[Vectors]:
    """The vectors of some rows, ascending, a table a side, here."""
    cuts = np.searchsorted(rows, ends)
    taken = session.results(
        [
            session.call(_taken, rows[first:last] - ends[i], *block)
            for i, (block, (first, last)) in enumerate(zip(sides, pairwise(cuts), strict=True))
            if last > first
        ]
    )
    return [np.concatenate(parts) for parts in zip(*taken, strict=True)]


def _taken(rows: Ints, *vectors: Vectors) -> list[Vectors]:
    return [side[rows] for side in vectors]


def _homes(centres: Vectors, *vectors: Vectors) -> Ints:
    return homes_of(vectors, centres)


def _shards(homes: Ints, sides: Sequence[Sequence[Any]], session: Session) -> Ints:
    """The shard that each cell is compared in: cells one after the other while they fit."""
    known = homes[homes >= 0]
    sizes = np.bincount(known, minlength=1)
    width = sum(session.results([session.call(_width, side) for side in sides[0]]))
    most = max(1, min(SHARD_BYTES // (4 * width), len(known) // session.workers))
    return np.asarray((np.cumsum(sizes) - sizes) // most, np.int64)


def _width(vectors: Vectors) -> int:
    return int(vectors.shape[1])


Divided = tuple[list[Vectors], Ints, Ints, Ints]
"""Of some rows: the vectors of each side, the cell, the number, and the place among the best."""


def divide(homes: Ints, numbers: Ints, rank: Ints, shards: Ints, *vectors: Vectors) -> Any:
    """The rows of a block by the shard of their cell."""
    shard = np.where(homes < 0, -1, shards[homes])
    parts = []
    for number in range(int(shards.max()) + 1):
        mine = np.flatnonzero(shard == number)
        parts.append(([side[mine] for side in vectors], homes[mine], numbers[mine], rank[mine]))
    return parts if len(parts) > 1 else parts[0]


def search(floor: float, *parts: Divided) -> Found:
    """The pairs of a shard's cells."""
    vectors = [np.concatenate(sides) for sides in zip(*(part[0] for part in parts), strict=True)]
    homes, numbers, rank = (np.concatenate(column) for column in list(zip(*parts, strict=True))[1:])
    return within(vectors, homes, numbers, rank, floor)


def _counted(asked: tuple[list[Vectors], Ints], homes: Ints, floor: float, *vectors: Vectors) -> tuple[int, int]:
    return pairs_of_sample(asked[0], asked[1], vectors, homes, floor)
