"""Some texts out of the blocks that hold all of them: only what is asked for travels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tamis.engines.ray.rows import Texts
from tamis.engines.ray.session import Session
from tamis.packed import Packed

Sides = tuple[str, ...]


def packed(column: pa.LargeStringArray) -> Packed:
    """The texts of an Arrow array, without a copy.

    >>> packed(pa.array(["a", "bc"], pa.large_string()).slice(1)).strings()
    ['bc']
    """
    _, offsets, data = column.buffers()
    if len(column) == 0 or offsets is None:
        return Packed.of([])
    starts = np.frombuffer(offsets, np.int64, len(column) + 1, column.offset * 8)
    return Packed(starts, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8))


def texts_of(block: pa.Table, side: str) -> pa.LargeStringArray:
    """The texts of a side of all rows of a block; its lines are batches."""
    lists = block[side].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks)
    return lists.flatten()


def take(block: pa.Table, sides: Sides, wanted: Sequence[NDArray[np.int64]]) -> list[pa.Table]:
    """Rows of a block by their places in it, a table for each list of places."""
    columns = [texts_of(block, side) for side in sides]
    return [pa.table([column.take(pa.array(places)) for column in columns], names=list(sides)) for places in wanted]


def requests(session: Session, texts: Texts, groups: Sequence[NDArray[np.int64]], sides: Sides) -> list[list[pa.Table]]:
    """References to the texts of groups of rows (each ascending), by group and block."""
    ends = np.cumsum([0, *texts.sizes])
    found: list[list[pa.Table]] = [[] for _ in groups]
    for block, start, stop in zip(texts.blocks, ends[:-1], ends[1:], strict=True):
        asking, wanted = [], []
        for number, group in enumerate(groups):
            first, last = np.searchsorted(group, [start, stop])
            if last > first:
                asking.append(number)
                wanted.append(group[first:last] - start)
        if asking:
            # as many references as groups: what one group needs goes to it alone
            some = session.call(_take_one if len(wanted) == 1 else take, block, sides, wanted, returns=len(wanted))
            for number, reference in zip(asking, some if len(wanted) > 1 else [some], strict=True):
                found[number].append(reference)
    return found


def _take_one(block: pa.Table, sides: Sides, wanted: Sequence[NDArray[np.int64]]) -> pa.Table:
    return take(block, sides, wanted)[0]


def joined(tables: Sequence[pa.Table], sides: Sides) -> list[Packed]:
    """The texts of several tables one after the other, a `Packed` a side."""
    if not tables:
        return [Packed.of([]) for _ in sides]
    return [packed(pa.concat_arrays([chunk for t in tables for chunk in t[side].chunks])) for side in sides]


def taken(session: Session, texts: Texts, groups: Sequence[NDArray[np.int64]], sides: Sides) -> list[list[Packed]]:
    """The texts of groups of rows, each ascending, here: a `Packed` a side for each."""
    return [joined(session.results(asked), sides) for asked in requests(session, texts, groups, sides)]


def place(numbers: NDArray[np.int64], row: int) -> int:
    """Where a row of that number stands; those of a reference set come after all others."""
    return int(np.searchsorted(numbers, row)) if row >= 0 else len(numbers) - 1 - row
