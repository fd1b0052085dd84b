"""Vectors as whole numbers of one byte: a quarter of the memory, and cosines that no order of adding changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.kernels.similarity import code_cosines

Vectors = NDArray[np.float32]
BLOCK: Final = 1 << 13
"""Rows whose vectors are held as float32 at a time."""


@dataclass(frozen=True)
class Codes:
    """n vectors of d numbers, each in steps of 1/127 of its own greatest one: d + 4 bytes a row.

    The cosine of two rows is that of their codes, exactly; equal vectors have one of 1. Of 10,441 pairs of answers
    alike by 0.85 or more (the static table) it is off by 6e-4, root mean square, and from 0.97 on by 2e-4.
    """

    codes: NDArray[np.int8]  # (n, d); a row of zeros where there is no text to know
    squares: NDArray[np.int32]  # (n,), the sum of squares of each row

    @classmethod
    def room(cls, n: int, width: int) -> Codes:
        """Codes of n rows that `put` fills."""
        return cls(np.zeros((n, width), np.int8), np.zeros(n, np.int32))

    @classmethod
    def of(cls, vectors: Vectors) -> Codes:
        """The codes of vectors of unit length, or zero.

        >>> codes = Codes.of(np.array([[0.6, 0.8], [0, 0]], np.float32))
        >>> codes.codes.tolist(), codes.squares.tolist(), codes[np.array([0])].round(2).tolist()
        ([[95, 127], [0, 0]], [25154, 0], [[0.6000000238418579, 0.800000011920929]])
        """
        out = cls.room(*vectors.shape)
        for start in range(0, len(vectors), BLOCK):
            out.put(start, vectors[start : start + BLOCK])
        return out

    def put(self, start: int, vectors: Vectors) -> None:
        """Write the codes of the rows from `start` on, which are checked."""
        rows = np.asarray(vectors, np.float32)
        empty_rows(rows, start)
        greatest = np.abs(rows).max(axis=1, initial=0, keepdims=True)
        steps = np.divide(np.float32(127), greatest, out=np.zeros_like(greatest), where=greatest > 0)
        codes = np.rint(rows * steps).astype(np.int8)
        self.codes[start : start + len(rows)] = codes
        self.squares[start : start + len(rows)] = np.einsum("ij,ij->i", codes, codes, dtype=np.int32)

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and numbers of each."""
        return self.codes.shape

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: NDArray[np.int64] | slice) -> Vectors:
        """Some rows as float32 of unit length, or zero."""
        lengths = np.sqrt(self.squares[rows].astype(np.float32))
        return np.asarray(self.codes[rows] / np.maximum(lengths, np.float32(1))[:, None], np.float32)

    def cosines(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosines of pairs of rows: shape of `left`."""
        return code_cosines(self.codes, self.squares, left, right)


def empty_rows(rows: Vectors, first: int = 0) -> NDArray[np.bool_]:
    """Which rows are zero; an error for those that are neither that nor of unit length, numbered from `first`."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    wrong = ~(np.abs(lengths - 1) <= 1e-3) & (lengths != 0)
    if wrong.any():
        at, length = first + int(wrong.argmax()), lengths[wrong.argmax()]
        what = f"has length {length:.4g}" if np.isfinite(length) else "holds NaN or infinity"
        raise TamisError(f"vector {at} {what}; vectors must be finite and of unit length (or zero for no text)")
    return np.asarray(lengths == 0)
