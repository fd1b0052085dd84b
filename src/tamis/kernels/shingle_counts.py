"""In how many texts some shingles are found."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel
from tamis.kernels.shingles import INTS, KEYS, RULE, Rule, place_of, scratch_for, shingles_of

_INT = types.int64


@kernel(INTS(I64, U8, I64, RULE, U64, KEYS))
def _count_texts(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    rows: NDArray[np.int64],
    rule: Rule,
    table: NDArray[np.uint64],
    digests: NDArray[np.uint64],
) -> NDArray[np.int64]:
    longest = 0
    for row in rows:
        longest = max(longest, offsets[row + 1] - offsets[row])
    scratch, nothing = scratch_for(longest), np.zeros(1, np.uint64)
    counts, last = np.zeros(len(table), np.int64), np.full(len(table), -1, np.int64)
    for i in range(len(rows)):
        start, stop = offsets[rows[i]], offsets[rows[i] + 1]
        found, _, digests[i] = shingles_of(data, start, stop, rule, nothing, scratch)
        for k in range(found):
            key = scratch[3][k]
            at = place_of(table, key)
            if table[at] == key and last[at] != i:
                counts[at] += 1
                last[at] = i
    return counts


def count_texts(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    rows: NDArray[np.int64],
    rule: Rule,
    table: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Count in how many of some texts each shingle of a table is found, and hash the words of each text.

    Counts are int64 of the shape of `table` (see `table_of`), hashes uint64 of shape (rows,), 0 for a blank
    text. O(bytes).

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["to be", "to be or to be", "or"])
    >>> rows, rule = np.arange(3), (2, 5, np.uint64(0))
    >>> counts, words = count_texts(texts.offsets, texts.data, rows, rule, table_of(np.array([5], np.uint64)))
    >>> int(counts.sum()), len(set(words.tolist()))
    (0, 3)
    """
    digests = np.empty(len(rows), np.uint64)
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _count_texts(offsets, data, rows, rule, table, digests), digests


@kernel(KEYS(U64))
def table_of(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put distinct keys, none of them 0, into a table for `place_of`: a power of two slots, at most half full.

    >>> sorted(table_of(np.array([5, 6], np.uint64)).tolist())
    [0, 0, 0, 0, 0, 0, 5, 6]
    """
    size = 8 if len(keys) > 0 else 1
    while size < 2 * len(keys):
        size *= 2
    table = np.zeros(size, np.uint64)
    for key in keys:
        table[place_of(table, key)] = key
    return table
