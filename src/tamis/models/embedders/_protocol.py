"""What every embedder is, and what is asked of the vectors it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.packed import Packed

_UNIT: Final = 1e-6
Progress = Callable[[int, int], None]
"""Called now and then with the number of texts that are done, and of all."""


@runtime_checkable
class Embedder(Protocol):
    """Texts to vectors. `name` says which model, version and options: the same name gives the same vectors.

    `encode` returns float32 of shape (n, dimension), every row of unit length or, where nothing of the text is
    known (an empty text, say), all 0.
    """

    @property
    def name(self) -> str:
        """Which vectors these are, for a cache and a report."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        """One vector a text."""
        ...


def unit_rows(vectors: object, texts: int, *, dimension: int | None, who: str) -> NDArray[np.float32]:
    """What a model gave, checked and with rows of unit length (a row of zeros stays one).

    Raises
    ------
    TamisError
        If it is not one row of `dimension` finite numbers for each of so many texts.

    Examples
    --------
    >>> unit_rows([[3, 4], [0, 0]], 2, dimension=2, who="mine").tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    >>> unit_rows([[3, float("nan")]], 1, dimension=2, who="mine")
    Traceback (most recent call last):
    tamis.errors.TamisError: embedder 'mine' gave NaN or infinite numbers for 1 of 1 texts, first for text 0
    """
    try:
        rows = np.asarray(vectors, np.float64)
    except (TypeError, ValueError) as error:
        raise TamisError(f"embedder '{who}' gave {type(vectors).__name__}, not an array of numbers: {error}") from None
    if rows.ndim != 2 or len(rows) != texts or (texts and rows.shape[1] == 0):
        wanted = f"({texts}, {dimension or 'dimension'})"
        raise TamisError(f"embedder '{who}' gave an array of shape {rows.shape}, wanted {wanted}: one vector a text")
    if dimension is not None and texts and rows.shape[1] != dimension:
        raise TamisError(f"embedder '{who}' gave vectors of dimension {rows.shape[1]}, wanted {dimension}")
    broken = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(broken):
        told = f"{len(broken)} of {texts} texts, first for text {broken[0]}"
        raise TamisError(f"embedder '{who}' gave NaN or infinite numbers for {told}")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[np.abs(lengths - 1) < _UNIT] = 1  # so that what is of unit length already stays the same to the bit
    unit = np.zeros(rows.shape, np.float32)
    np.divide(rows, lengths, out=unit, where=lengths > 0, casting="same_kind")
    return unit
