"""MinHash signatures of texts, folded into the keys of bands as they are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, U8, U64, kernel
from tamis.kernels._table import finish
from tamis.kernels.shingles import KEYS, RULE, Rule, scratch_for, shingles_of

_INT = types.int64
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LANES = types.Array(types.uint32, 1, "C")
_LANES_IN = types.Array(types.uint32, 1, "C", readonly=True)
_TABLE = types.Array(types.uint32, 2, "C")
_TABLE_IN = types.Array(types.uint32, 2, "C", readonly=True)


@kernel(types.void(KEYS, _INT, _LANES_IN, _LANES))
def _take_minima(
    shingles: NDArray[np.uint64], count: int, multipliers: NDArray[np.uint32], least: NDArray[np.uint32]
) -> None:
    """Lower each lane to the least product of its multiplier with a shingle, modulo 2**32.

    Eight shingles a pass: the compiler makes the loop over lanes one over eight lanes at a time, and a lane is
    then loaded and stored once for eight products. The first shingle fills up the last pass; `shingles` has room.
    """
    half = np.uint64(32)
    for i in range(count, (count + 7) // 8 * 8):
        shingles[i] = shingles[0]
    for i in range(0, count, 8):
        a, b = np.uint32(shingles[i] >> half), np.uint32(shingles[i + 1] >> half)
        c, d = np.uint32(shingles[i + 2] >> half), np.uint32(shingles[i + 3] >> half)
        e, f = np.uint32(shingles[i + 4] >> half), np.uint32(shingles[i + 5] >> half)
        g, h = np.uint32(shingles[i + 6] >> half), np.uint32(shingles[i + 7] >> half)
        for k in range(len(multipliers)):
            m = multipliers[k]
            low = min(min(np.uint32(m * a), np.uint32(m * b)), min(np.uint32(m * c), np.uint32(m * d)))
            high = min(min(np.uint32(m * e), np.uint32(m * f)), min(np.uint32(m * g), np.uint32(m * h)))
            least[k] = min(least[k], min(low, high))


@kernel(types.void(I64, U8, RULE, U64, _LANES_IN, _TABLE, KEYS))
def _lower_lanes(  # noqa: PLR0913 - the last two are written to
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    rule: Rule,
    template: NDArray[np.uint64],
    multipliers: NDArray[np.uint32],
    least: NDArray[np.uint32],
    digests: NDArray[np.uint64],
) -> None:
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    scratch = scratch_for(longest)
    for i in range(len(offsets) - 1):
        found, _, whole = shingles_of(data, offsets[i], offsets[i + 1], rule, template, scratch)
        if found > 0:
            digests[i] = finish(digests[i] + whole)
            _take_minima(scratch[3], found, multipliers, least[i])


@kernel(_TABLE(_TABLE_IN, _INT))
def _fold_bands(least: NDArray[np.uint32], bands: int) -> NDArray[np.uint32]:
    """One key for each band of each row: uint32 of shape (bands, n)."""
    keys = np.empty((bands, len(least)), np.uint32)
    rows = least.shape[1] // bands
    for i in range(len(least)):
        for band in range(bands):
            key = np.uint64(band)
            for k in range(band * rows, band * rows + rows):
                key = (key ^ np.uint64(least[i, k])) * _GOLDEN
                key ^= key >> np.uint64(32)
            keys[band, i] = np.uint32((key * _GOLDEN) >> np.uint64(32))
    return keys


def band_keys(
    sides: Sequence[tuple[NDArray[np.int64], NDArray[np.uint8]]],
    rules: Sequence[Rule],
    template: NDArray[np.uint64],
    multipliers: NDArray[np.uint32],
    bands: int,
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Sketch each row: its keys, uint32 of shape (bands, n), and a hash of its words, uint64 of shape (n,).

    A row is the union of its sides' shingles (`rules` gives each side a salt), less those that `template` holds.
    Two rows share a key with probability J**r, J being the Jaccard similarity of their shingles and r the
    number of `multipliers` (odd) for a band. The hash is 0 for a row that is blank on all sides. O(bytes).

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> texts = Packed.of(["to be or not", "To be, or not!", "that is the question", " "])
    >>> nothing = np.zeros(1, np.uint64)
    >>> odd = np.array([3, 5, 7, 9], np.uint32)
    >>> keys, words = band_keys([(texts.offsets, texts.data)], [(3, 5, np.uint64(0))], nothing, odd, 2)
    >>> keys.shape, bool((keys[:, 0] == keys[:, 1]).all()), bool((keys[:, 0] == keys[:, 2]).any())
    ((2, 4), True, False)
    >>> bool(words[0] == words[1]), int(words[3])
    (True, 0)
    """
    n = len(sides[0][0]) - 1
    least, digests = np.full((n, len(multipliers)), 0xFFFFFFFF, np.uint32), np.zeros(n, np.uint64)
    with np.errstate(over="ignore"):  # products wrap on purpose, of which the interpreter warns
        for (offsets, data), rule in zip(sides, rules, strict=True):
            _lower_lanes(offsets, data, rule, template, multipliers, least, digests)
        return _fold_bands(least, bands), digests
