"""Exact Jaccard similarities of texts as sets of shingles."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel, tuple_of
from tamis.kernels._table import slot_of, table_size
from tamis.kernels.shingles import INTS, KEYS, RULE, Rule, scratch_for, shingles_of

_INT, _BOOL = types.int64, types.boolean
_FLOATS = types.Array(types.float64, 1, "C")
SETS = tuple_of(I64, INTS, INTS, KEYS)
SETS_IN = tuple_of(I64, I64, I64, U64)

Sets = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]
"""Where each set starts, how many shingles it has, of how many tokens they are made, and the shingles of all."""


@kernel(_BOOL(KEYS, types.uint64, types.uint64))
def _add(table: NDArray[np.uint64], mask: np.uint64, key: np.uint64) -> bool:
    """Put a key into a table of `mask + 1` slots, 0 being an empty one: False where it was there."""
    at = slot_of(key, mask)
    while table[at] != np.uint64(0):
        if table[at] == key:
            return False
        at = (at + np.uint64(1)) & mask
    table[at] = key
    return True


@kernel(types.void(I64, U8, I64, RULE, U64, SETS))
def _write_sets(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    rows: NDArray[np.int64],
    rule: Rule,
    template: NDArray[np.uint64],
    sets: Sets,
) -> None:
    starts, sizes, tokens, shingles = sets
    longest = 0
    for row in rows:
        longest = max(longest, offsets[row + 1] - offsets[row])
    scratch = scratch_for(longest)
    table = np.empty(table_size(len(scratch[3])), np.uint64)
    for i in range(len(rows)):
        start, stop = offsets[rows[i]], offsets[rows[i] + 1]
        found, tokens[i], _ = shingles_of(data, start, stop, rule, template, scratch)
        size, end = table_size(found), starts[i]
        for k in range(size):
            table[k] = np.uint64(0)
        for k in range(found):
            key = scratch[3][k]
            if _add(table, np.uint64(size - 1), key):
                shingles[end] = key
                end += 1
        sizes[i] = end - starts[i]


def room_for_sets(lengths: NDArray[np.int64]) -> Sets:
    """Room for the sets of texts of so many bytes: starts, sizes, tokens of shape (n,), and the shingles.

    The shingles have room for the most that the bytes could hold; what is not written to costs no memory.
    """
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths // 2 + 2, out=starts[1:])
    sizes, tokens = np.zeros(len(lengths), np.int64), np.zeros(len(lengths), np.int64)
    return starts[:-1], sizes, tokens, np.empty(starts[-1], np.uint64)


def write_sets(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    rows: NDArray[np.int64],
    rule: Rule,
    template: NDArray[np.uint64],
    sets: Sets,
) -> None:
    """Write the distinct shingles of some rows, and how many tokens these are made of, to `sets`. O(bytes).

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["x", "to be or not to be", ""])
    >>> sets = room_for_sets(np.array([18, 0]))
    >>> write_sets(texts.offsets, texts.data, np.array([1, 2]), (2, 5, np.uint64(0)), np.zeros(1, np.uint64), sets)
    >>> starts, sizes, tokens, shingles = sets
    >>> sizes.tolist(), tokens.tolist()
    ([4, 0], [6, 0])
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        _write_sets(offsets, data, rows, rule, template, sets)


@kernel(_FLOATS(SETS_IN, I64, I64))
def _jaccard(sets: Sets, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    starts, sizes, _, shingles = sets
    most = 0
    for row in left:
        most = max(most, sizes[row])
    table = np.zeros(table_size(most), np.uint64)
    mask = np.uint64(len(table) - 1)
    similarities = np.empty(len(left), np.float64)
    for i in range(len(left)):
        one, other = left[i], right[i]
        if i == 0 or one != left[i - 1]:
            size = table_size(sizes[one])
            mask = np.uint64(size - 1)
            for k in range(size):
                table[k] = np.uint64(0)
            for k in range(starts[one], starts[one] + sizes[one]):
                _add(table, mask, shingles[k])
        shared = 0
        for k in range(starts[other], starts[other] + sizes[other]):
            key = shingles[k]
            at = slot_of(key, mask)
            while table[at] != np.uint64(0) and table[at] != key:
                at = (at + np.uint64(1)) & mask
            shared += table[at] == key
        union = sizes[one] + sizes[other] - shared
        similarities[i] = shared / union if union > 0 else 1.0
    return similarities


def jaccard(sets: Sets, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compare pairs of sets: shared shingles over all shingles of both, float64 in [0, 1]; 1.0 for two empty ones.

    Fastest where pairs with the same `left` stand together: its table is made once for them. O(sizes).

    Examples
    --------
    >>> starts, sizes, tokens = np.array([0, 3]), np.array([3, 2]), np.array([5, 4])
    >>> shingles = np.array([10, 11, 12, 12, 13], np.uint64)
    >>> jaccard((starts, sizes, tokens, shingles), np.array([0]), np.array([1])).tolist()
    [0.25]
    """
    with np.errstate(over="ignore"):
        return _jaccard(sets, left, right)
