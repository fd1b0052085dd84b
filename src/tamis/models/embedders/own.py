"""An embedder made of any function from strings to vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tamis.errors import TamisError
from tamis.models.embedders._protocol import Embedder, unit_rows
from tamis.packed import Packed

Function = Callable[[list[str]], ArrayLike]


@dataclass(frozen=True)
class OwnEmbedder:
    """Calls a function with a list of strings; its vectors are checked and brought to unit length."""

    function: Function
    name: str

    @cached_property
    def dimension(self) -> int:
        """Length of a vector, found by calling the function with one short text."""
        return int(unit_rows(self.function(["a"]), 1, dimension=None, who=self.name).shape[1])

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        """Embed each text; an empty one is 0 whatever the function makes of it, and it is not asked.

        >>> lengths = OwnEmbedder(lambda texts: [[len(text), 0] for text in texts], "lengths")
        >>> lengths.encode(Packed.of(["ab", ""])).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
        """
        rows = np.flatnonzero(np.diff(texts.offsets))
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        if len(rows):
            given = self.function(texts.strings(rows))
            vectors[rows] = unit_rows(given, len(rows), dimension=self.dimension, who=self.name)
        return vectors


@dataclass(frozen=True)
class CheckedEmbedder:
    """An embedder from elsewhere, whose vectors are checked and brought to unit length."""

    inner: Embedder

    @property
    def name(self) -> str:
        """Which vectors these are."""
        return self.inner.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.inner.dimension

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        """Embed each text."""
        return unit_rows(self.inner.encode(texts), len(texts), dimension=self.dimension, who=self.name)


def own_embedder(model: object, name: str | None) -> Embedder:
    """Make an embedder of a function, or check one that is an embedder already.

    >>> own_embedder(3, None)
    Traceback (most recent call last):
    tamis.errors.TamisError: int is no embedder: wanted a name, a folder, or a function from list[str] to vectors
    """
    if isinstance(model, Embedder):
        return CheckedEmbedder(model)
    if not callable(model):
        wanted = "a name, a folder, or a function from list[str] to vectors"
        raise TamisError(f"{type(model).__name__} is no embedder: wanted {wanted}")
    return OwnEmbedder(model, name or str(getattr(model, "__qualname__", type(model).__name__)))
