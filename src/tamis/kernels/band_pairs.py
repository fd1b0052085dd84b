"""Rows that share a band's key: every such pair once, and a bound on what one big bucket may cost."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U64, kernel
from tamis.kernels._table import table_size

_INT, _U64 = types.int64, types.uint64
_BYTES = types.Array(types.uint8, 1, "C")
_KEYS_IN = types.Array(types.uint32, 1, "C", readonly=True)
_FLAGS_IN = types.Array(types.uint8, 2, "C", readonly=True)
_LEAD_IN = types.Array(types.uint32, 2, "C", readonly=True)
_KEYS = types.Array(types.uint64, 1, "C")
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@kernel(_U64(_KEYS, _U64))
def _slot(slots: NDArray[np.uint64], key: np.uint64) -> np.uint64:
    """Where a table has a bucket's key in the upper half of a slot, or where it would; 0 is an empty slot."""
    mask, one = np.uint64(len(slots) - 1), np.uint64(1)
    at = key & mask
    while slots[at] != np.uint64(0) and slots[at] >> _HALF != key:
        at = (at + one) & mask
    return at


@kernel(_INT(_KEYS_IN, I64, _INT, _BYTES))
def mark_late(keys: NDArray[np.uint32], rows: NDArray[np.int64], limit: int, late: NDArray[np.uint8]) -> int:
    """Mark those of some rows that are not among the first `limit` of their bucket; count pairs of such rows.

    These pairs are what the bound leaves out. First is said of the order of `rows`, from best to worst. `keys` and
    `late` are of shape (n,). O(rows).

    Examples
    --------
    >>> keys, rows, late = np.array([7, 7, 7, 7], np.uint32), np.arange(4), np.zeros(4, np.uint8)
    >>> int(mark_late(keys, rows, 2, late)), late.tolist()
    (1, [0, 0, 1, 1])
    """
    slots = np.zeros(table_size(len(rows)), np.uint64)
    left_out = 0
    for row in rows:
        key = np.uint64(keys[row])
        at = _slot(slots, key)
        if slots[at] == np.uint64(0):
            slots[at] = key << _HALF
        slots[at] += np.uint64(1)
        ahead = int(slots[at] & _LOW) - 1
        if ahead >= limit:
            late[row] = 1
            left_out += ahead - limit
    return left_out


@kernel(types.boolean(_LEAD_IN, _FLAGS_IN, _INT, _INT, _INT))
def _met(lead: NDArray[np.uint32], late: NDArray[np.uint8], band: int, one: int, other: int) -> bool:
    """Whether one of the first bands, if it is an earlier one, has paired a row with a later one already."""
    met = False
    for k in range(min(band, lead.shape[1])):
        met |= lead[one, k] == lead[other, k] and late[k, one] == 0
    return met


@kernel(_KEYS(_KEYS_IN, I64, _FLAGS_IN, _LEAD_IN, _INT, _INT))
def band_pairs(
    keys: NDArray[np.uint32],
    rows: NDArray[np.int64],
    late: NDArray[np.uint8],
    lead: NDArray[np.uint32],
    band: int,
    first: int,
) -> NDArray[np.uint64]:
    """Pair each of some rows with those before it in its bucket that are not late: uint64, lower << 32 | higher.

    `rows` are in any order, "before" is said of it, and `late`, of shape (bands, n), is what `mark_late` has filled
    in the same order; `keys`, of shape (n,), are those of the band. Most pairs that an earlier band gives too are
    left out: those that share a key of the first few bands, whose keys `lead` holds, of shape (n, few). The `first`
    so many rows are only paired with, so that pairs can be had a stripe of rows at a time. O(rows + pairs).

    Examples
    --------
    >>> keys = np.array([[7, 7, 8], [9, 9, 9]], np.uint32)
    >>> late, lead = np.zeros((2, 3), np.uint8), np.ascontiguousarray(keys[:1].T)
    >>> [[divmod(int(pair), 2**32) for pair in band_pairs(keys[b], np.arange(3), late, lead, b, 0)] for b in (0, 1)]
    [[(0, 1)], [(1, 2), (0, 2)]]
    """
    slots, before = np.zeros(table_size(len(rows)), np.uint64), np.empty(len(rows), np.int32)
    pairs, count = np.empty(1024, np.uint64), 0
    for i in range(len(rows)):
        row = rows[i]
        key = np.uint64(keys[row])
        at = _slot(slots, key)
        other = int(slots[at] & _LOW) - 1
        if late[band, row] == 0:
            slots[at], before[i] = (key << _HALF) | np.uint64(i + 1), other
        if i < first:
            continue
        while other >= 0:
            if not _met(lead, late, band, rows[other], row):
                if count == len(pairs):
                    longer = np.empty(2 * count, np.uint64)
                    longer[:count] = pairs
                    pairs = longer
                pairs[count] = (np.uint64(min(rows[other], row)) << _HALF) | np.uint64(max(rows[other], row))
                count += 1
            other = before[other]
    return pairs[:count].copy()


@kernel(types.Array(types.int64, 1, "C")(U64))
def first_equal(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each key, a hash, the first place that has it, which may be its own: int64 of shape (n,). O(n).

    Examples
    --------
    >>> first_equal(np.array([5, 0, 5, 0], np.uint64)).tolist()
    [0, 1, 0, 1]
    """
    size = table_size(len(keys))
    mask, one = np.uint64(size - 1), np.uint64(1)
    slots, first = np.zeros(size, np.int32), np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        at = keys[i] & mask
        while slots[at] > 0 and keys[slots[at] - 1] != keys[i]:
            at = (at + one) & mask
        if slots[at] == 0:
            slots[at] = i + 1
        first[i] = slots[at] - 1
    return first
