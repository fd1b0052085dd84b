"""Cosines of rows: exact ones of given pairs, and those of a block of products that reach a limit."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I64, kernel

_F32S = types.Array(types.float32, 2, "C", readonly=True)
_I32S, _I64S = types.Array(types.int32, 1, "C"), types.Array(types.int64, 1, "C")
_F64S, _FLAGS = types.Array(types.float64, 1, "C"), types.Array(types.boolean, 1, "C")
_U64S = types.Array(types.uint64, 1, "C")
_I8S, _I32_IN = types.Array(types.int8, 2, "C", readonly=True), types.Array(types.int32, 1, "C", readonly=True)
_LEVELS, _LEVELS_IN = types.Array(types.uint32, 1, "C"), types.Array(types.uint32, 1, "C", readonly=True)
_INT, _F32 = types.int64, types.float32


@kernel(_F64S(_F32S, I64, I64))
def dots(vectors: NDArray[np.float32], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """The inner product of rows `left[i]` and `right[i]`, summed in float64 in one fixed order: shape of `left`.

    So it does not depend on block sizes or threads, as products of a matrix library do.

    >>> dots(np.array([[3, 4], [4, 3]], np.float32), np.array([0, 0]), np.array([1, 0]))
    array([24., 25.])
    """
    out = np.empty(len(left), np.float64)
    width = vectors.shape[1]
    whole = width - width % 4
    for i in range(len(left)):
        one, other = vectors[left[i]], vectors[right[i]]
        a = b = c = d = 0.0  # four sums, since one would wait for itself at every step
        for k in range(0, whole, 4):
            a += np.float64(one[k]) * np.float64(other[k])
            b += np.float64(one[k + 1]) * np.float64(other[k + 1])
            c += np.float64(one[k + 2]) * np.float64(other[k + 2])
            d += np.float64(one[k + 3]) * np.float64(other[k + 3])
        for k in range(whole, width):
            a += np.float64(one[k]) * np.float64(other[k])
        out[i] = (a + b) + (c + d)
    return out


@kernel(_F64S(_I8S, _I32_IN, I64, I64))
def code_cosines(
    codes: NDArray[np.int8], squares: NDArray[np.int32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The cosine of rows `left[i]` and `right[i]`, 0 where one is all zeros; `squares` has each row's sum of squares.

    Sums are of whole numbers, so a cosine does not depend on their order, and that of equal rows is 1.

    >>> codes, squares = np.array([[3, 4], [4, 3]], np.int8), np.array([25, 25], np.int32)
    >>> code_cosines(codes, squares, np.array([0, 0]), np.array([1, 0]))
    array([0.96, 1.  ])
    """
    out = np.zeros(len(left), np.float64)
    for i in range(len(left)):
        one, other, total = codes[left[i]], codes[right[i]], np.int32(0)
        for k in range(codes.shape[1]):
            total = np.int32(total + np.int32(one[k]) * np.int32(other[k]))
        lengths = np.float64(squares[left[i]]) * np.float64(squares[right[i]])
        if lengths > 0:
            out[i] = np.float64(total) / np.sqrt(lengths)
    return out


@kernel(_I64S(_F32S, I64, _F32))
def count_reaching(block: NDArray[np.float32], stops: NDArray[np.int64], limit: np.float32) -> NDArray[np.int64]:
    """How many of the first `stops[i]` entries of row i are at least the limit: shape (rows,).

    >>> count_reaching(np.array([[1, 2, 3], [3, 2, 1]], np.float32), np.array([3, 1]), np.float32(2))
    array([2, 1])
    """
    counts = np.zeros(len(block), np.int64)
    for i in range(len(block)):
        row, hits = block[i], np.uint32(0)
        for j in range(stops[i]):  # 32 bits and no branch: eight at a time, 10 G/s (1.4 with chunks that stop early)
            hits = np.uint32(hits + np.uint32(row[j] >= limit))
        counts[i] = hits
    return counts


@kernel(types.void(_F32S, I64, _F32, I64, _I64S, _I64S))
def list_reaching(
    block: NDArray[np.float32],
    stops: NDArray[np.int64],
    limit: np.float32,
    counts: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> None:
    """Write row and column of what `count_reaching` counted, row by row, columns ascending."""
    at = 0
    for i in range(len(block)):
        left, row = counts[i], block[i]
        for j in range(stops[i]):
            if left == 0:
                break
            if row[j] >= limit:
                rows[at], columns[at] = i, j
                at += 1
                left -= 1


@kernel(_FLAGS(I64, I64, _LEVELS_IN, _I32S, _LEVELS, _INT, _INT))
def thin(  # noqa: PLR0913 - pairs, and what is known of rows so far
    earlier: NDArray[np.int64],
    later: NDArray[np.int64],
    reached: NDArray[np.uint32],
    taken: NDArray[np.int32],
    covered: NDArray[np.uint32],
    settled: int,
    most: int,
) -> NDArray[np.bool_]:
    """Choose the pairs to keep: the first `most` of each later row, and each with a row that no earlier row covers.

    A row is covered when it has a pair with an earlier row that is not: those that stay are the centres of star
    clusters in row order, so a family of any size keeps a pair with its centre. That is so at each of up to 32
    thresholds, one a bit, of which `reached` has those that a pair reaches (bit 0 is the lowest): at the lowest all
    pairs with centres are kept, at the others the first. Pairs come sorted by the later row; of rows from `settled`
    on it is not known yet who covers them, so pairs with them are all kept.
    `taken` counts the pairs of each later row and goes on from call to call, as does `covered`.
    """
    kept = np.zeros(len(earlier), np.bool_)
    for i in range(len(earlier)):
        one, other = earlier[i], later[i]
        if one >= settled:
            kept[i] = True
            continue
        centre = np.uint32(reached[i] & ~covered[one])
        fresh = np.uint32(centre & ~covered[other])
        covered[other] |= fresh
        kept[i] = (centre & np.uint32(1)) != 0 or fresh != 0 or taken[other] < most
        taken[other] += kept[i]
    return kept


def row_keys(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """A hash of each row's numbers, equal for equal rows (0 and -0 too); what it finds must be verified: shape (n,).

    >>> one, other, third = row_keys(np.array([[1, 2], [1, 2], [2, 1]], np.float32))
    >>> bool(one == other), bool(one == third)
    (True, False)
    """
    with np.errstate(over="ignore"):  # products wrap on purpose, of which the interpreter warns
        return _row_keys(vectors)


@kernel(_U64S(_F32S))
def _row_keys(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    keys = np.empty(len(vectors), np.uint64)
    buffer = np.empty(vectors.shape[1], np.float32)
    bits = buffer.view(np.uint32)
    for i in range(len(vectors)):
        for k in range(len(buffer)):
            buffer[k] = vectors[i, k] + np.float32(0)  # -0 + 0 is 0
        key = np.uint64(0)
        for k in range(len(bits)):
            key = (key ^ np.uint64(bits[k])) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(32)
        keys[i] = key
    return keys


@kernel(_I64S(I64, I64, I64, I64, _INT))
def count_expanded(
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    partners: NDArray[np.int64],
    bounds: NDArray[np.int64],
    most: int,
) -> NDArray[np.int64]:
    """How many pairs with earlier rows each row gets from its group of equal rows: shape (rows,).

    Group g has the rows `members[starts[g]:starts[g + 1]]`, ascending, and the groups that are like it are
    `partners[bounds[g]:bounds[g + 1]]`. A row gets the first row of each such group and of its own, and others
    while it has fewer than `most`.
    """
    counts = np.zeros(len(members), np.int64)
    for g in range(len(starts) - 1):
        for at in range(starts[g], starts[g + 1]):
            row, count = members[at], 0
            for p in range(bounds[g], bounds[g + 1] + 1):
                other = partners[p] if p < bounds[g + 1] else g
                for k in range(starts[other], starts[other + 1]):
                    if members[k] >= row or (k > starts[other] and count >= most):
                        break
                    count += 1
            counts[row] = count
    return counts


@kernel(types.void(I64, I64, I64, I64, _INT, I64, _I64S, _I64S))
def expand(  # noqa: PLR0913 - the groups, their partners, and where to write
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    partners: NDArray[np.int64],
    bounds: NDArray[np.int64],
    most: int,
    places: NDArray[np.int64],
    earlier: NDArray[np.int64],
    via: NDArray[np.int64],
) -> None:
    """Write what `count_expanded` counted: of row r from `places[r]` on, the earlier row, and the place in
    `partners` it comes from (-1: of its own group)."""
    for g in range(len(starts) - 1):
        for at in range(starts[g], starts[g + 1]):
            row, count = members[at], 0
            for p in range(bounds[g], bounds[g + 1] + 1):
                other = partners[p] if p < bounds[g + 1] else g
                for k in range(starts[other], starts[other + 1]):
                    if members[k] >= row or (k > starts[other] and count >= most):
                        break
                    earlier[places[row] + count] = members[k]
                    via[places[row] + count] = p if p < bounds[g + 1] else -1
                    count += 1
