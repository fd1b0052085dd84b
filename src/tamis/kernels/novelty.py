"""How many words of one text another one does not have."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, kernel
from tamis.kernels.shingles import INTS, KEYS, fold_words, hash_words, scratch_for

_INT = types.int64
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Offsets = NDArray[np.int64]
Data = NDArray[np.uint8]


@kernel(_INT(KEYS, INTS, types.uint64, _INT))
def _add(table: NDArray[np.uint64], owners: NDArray[np.int64], key: np.uint64, owner: int) -> int:
    """Put a key in the owner's set, and say whether it was new there; what other owners left counts as empty."""
    mask = len(table) - 1
    at = int(key >> np.uint64(20)) & mask
    while owners[at] == owner and table[at] != key:
        at = (at + 1) & mask
    if owners[at] == owner:
        return 0
    table[at], owners[at] = key, owner
    return 1


@kernel(_INT(I64))
def _longest(offsets: Offsets) -> int:
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    return longest


@kernel(INTS(I64, U8, I64, U8))
def new_words(offsets: Offsets, data: Data, known_offsets: Offsets, known_data: Data) -> NDArray[np.int64]:
    """Count the different words of each text that its known text does not have: int64 of shape (n,). O(bytes).

    Words are those of `shingles`: runs of letters and digits, lower-cased; code points in unspaced scripts.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> answers, questions = Packed.of(["Red, blue, red and GREEN.", ""]), Packed.of(["Is it green?", "Why?"])
    >>> new_words(answers.offsets, answers.data, questions.offsets, questions.data).tolist()
    [3, 0]
    """
    most = _longest(offsets) + _longest(known_offsets)
    folded, prefixes, alone, _ = scratch_for(most)
    size = 8
    while size < most + 4:  # a word takes two bytes with what parts it, so at least half of the slots stay empty
        size *= 2
    table, owners = np.empty(size, np.uint64), np.full(size, -1, np.int64)
    counts = np.zeros(len(offsets) - 1, np.int64)
    for i in range(len(counts)):
        found = hash_words(
            folded, fold_words(known_data, known_offsets[i], known_offsets[i + 1], folded), prefixes, alone
        )
        for k in range(found):
            _add(table, owners, prefixes[k + 1] - prefixes[k] * _GOLDEN, i)
        found = hash_words(folded, fold_words(data, offsets[i], offsets[i + 1], folded), prefixes, alone)
        for k in range(found):
            counts[i] += _add(table, owners, prefixes[k + 1] - prefixes[k] * _GOLDEN, i)
    return counts
