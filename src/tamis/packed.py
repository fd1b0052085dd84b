"""Flat UTF-8, the one form of text that kernels see."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
import xxhash
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Packed:
    """n texts as one run of bytes: text i is `data[offsets[i]:offsets[i + 1]]`.

    `offsets` is int64 of shape (n + 1,), `data` uint8; both are read-only views of Arrow buffers.
    """

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: pl.Series | Iterable[str | None]) -> Packed:
        """Pack strings; a null is an empty text.

        >>> Packed.of(["ab", None, "é"]).offsets.tolist()
        [0, 2, 2, 4]
        """
        series = texts if isinstance(texts, pl.Series) else pl.Series(list(texts), dtype=pl.String)
        array = series.fill_null("").to_arrow(compat_level=pl.CompatLevel.oldest())
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        array = array.cast(pa.large_string())
        _, offsets, data = array.buffers()
        if len(array) == 0 or offsets is None:
            return cls(np.zeros(1, np.int64), np.zeros(0, np.uint8))
        starts = np.frombuffer(offsets, np.int64, len(array) + 1, array.offset * 8)
        flat = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
        return cls(starts, flat)

    def strings(self, rows: Iterable[int] | None = None) -> list[str]:
        """The texts, or some of them, as Python strings.

        >>> Packed.of(["a", "é", "c"]).strings([2, 1])
        ['c', 'é']
        """
        offsets, data = self.offsets, self.data
        chosen = range(len(self)) if rows is None else rows
        return [data[offsets[i] : offsets[i + 1]].tobytes().decode("utf-8", "replace") for i in chosen]

    def series(self) -> pl.Series:
        """The texts as a polars column.

        >>> Packed.of(["a", "é", "c"]).series().to_list()
        ['a', 'é', 'c']
        """
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        buffers = pa.py_buffer(self.offsets - first), pa.py_buffer(self.data[first:last])
        array = pa.LargeStringArray.from_buffers(len(self), *buffers)
        return pl.Series(array, dtype=pl.String)

    def parts(self, size: int) -> Iterator[tuple[int, Packed]]:
        """The texts in runs of `size`, each with the number of its first text; nothing is copied.

        >>> [(first, part.strings()) for first, part in Packed.of(["a", "b", "c"]).parts(2)]
        [(0, ['a', 'b']), (2, ['c'])]
        """
        for first in range(0, len(self), size):
            yield first, Packed(self.offsets[first : min(first + size, len(self)) + 1], self.data)

    def let_go(self) -> None:
        """Give back the pages of a mapped file, which are read again where they are needed; other texts stay."""
        owner: object = self.data
        while owner is not None and not isinstance(owner, mmap.mmap):
            owner = getattr(owner, "base", None)
        if owner is not None and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            owner.madvise(mmap.MADV_DONTNEED)

    def __len__(self) -> int:
        return len(self.offsets) - 1


def text_keys(texts: Packed) -> NDArray[np.uint64]:
    """128-bit hashes (XXH3) of the exact bytes of each text: uint64 of shape (n, 2). O(bytes).

    >>> a, b, c = text_keys(Packed.of(["to be", "to be ", "to be"])).tolist()
    >>> a == b, a == c
    (False, True)
    """
    data, ends = texts.data.data, texts.offsets.tolist()
    digest = xxhash.xxh3_128_digest
    hashes = b"".join([digest(data[start:stop]) for start, stop in pairwise(ends)])
    return np.frombuffer(hashes, np.uint64).reshape(-1, 2)
