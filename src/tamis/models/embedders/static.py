"""The default embedder: the mean of the vectors of a text's word pieces, from a table inside the package."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import xxhash
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.kernels._text import is_ascii
from tamis.kernels.embedding import sum_rows
from tamis.kernels.wordpiece import MOST_PIECES, Scratch, Vocabulary, scratch, vocabulary, word_pieces
from tamis.kernels.wordpiece_characters import characters, no_characters
from tamis.packed import Packed

TABLE: Final = Path(__file__).parents[1] / "static_table" / "static.npz"
_CHUNK_BYTES: Final = 1 << 20
_CHUNK_ROWS: Final = 4096
_UNKNOWN: Final = "[UNK]"


@dataclass(frozen=True)
class Known:
    """How much of the texts the table knows: int64 of shape (n,) each, in characters of words."""

    characters: NDArray[np.int64]
    unknown: NDArray[np.int64]

    @property
    def unknown_ratio(self) -> float:
        """Share of all characters of words that stand in words the table does not know.

        >>> Known(np.array([3, 1]), np.array([0, 1])).unknown_ratio
        0.25
        """
        return float(self.unknown.sum() / max(1, self.characters.sum()))


@dataclass(frozen=True)
class StaticEmbedder:
    """Averages rows of a table of word pieces, in threads and without Python strings.

    Row i of the table is `vectors[i] * scales[i]`; weights of pieces are in them. Words that have no pieces say
    nothing: the row of [UNK] counts as 0.
    """

    name: str
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]
    pieces: Vocabulary
    threads: int | None = None
    _idle: list[tuple[Scratch, NDArray[np.int32]]] = field(default_factory=list, repr=False, compare=False)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        """Embed each text: float32 of shape (n, dimension), unit rows, 0 where nothing is known.

        >>> vectors = load_static().encode(Packed.of(["The cat sat.", "The cat sat.", ""]))
        >>> bool((vectors[0] == vectors[1]).all()), float(abs(vectors[2]).max())
        (True, 0.0)
        """
        return self.encode_and_tell(texts)[0]

    def encode_and_tell(self, texts: Packed) -> tuple[NDArray[np.float32], Known]:
        """Embed each text, and tell how much of it the table knows.

        >>> vectors, known = load_static().encode_and_tell(Packed.of(["cat", "\\u13a0\\u13a1"]))
        >>> known.unknown.tolist()
        [0, 2]
        """
        rows, seen = np.empty((len(texts), self.dimension), np.float32), np.empty((len(texts), 2), np.int64)

        def fill(start: int, stop: int) -> None:
            work, counts = self._worker()
            part = texts.offsets[start : stop + 1]
            plain = is_ascii(texts.data, part[0], part[-1])
            tables = no_characters() if plain else characters()
            ends, ids, told = word_pieces(part, texts.data, self.pieces, tables, work)
            seen[start:stop] = told
            sum_rows(ends, ids, self.vectors, self.scales, counts, rows[start:stop])
            self._idle.append((work, counts))

        chunks = _chunks(texts.offsets)
        threads = min(self.threads or os.cpu_count() or 1, len(chunks))
        if threads <= 1:
            for start, stop in chunks:
                fill(start, stop)
        else:
            with ThreadPoolExecutor(threads, thread_name_prefix="tamis-static") as pool:
                for done in [pool.submit(fill, start, stop) for start, stop in chunks]:
                    done.result()
        return rows, Known(seen[:, 0].copy(), seen[:, 1].copy())

    def _worker(self) -> tuple[Scratch, NDArray[np.int32]]:
        """Working memory that no thread uses now; taking from a list is atomic."""
        try:
            return self._idle.pop()
        except IndexError:
            return scratch(), np.zeros(len(self.vectors), np.int32)


def _chunks(offsets: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of rows with about a million bytes, or 4,096 rows."""
    chunks, start, n = [], 0, len(offsets) - 1
    while start < n:
        stop = int(np.searchsorted(offsets, offsets[start] + _CHUNK_BYTES, "right")) - 1
        stop = min(max(stop, start + 1), start + _CHUNK_ROWS, n)
        chunks.append((start, stop))
        start = stop
    return chunks


@lru_cache(maxsize=4)
def load_static(path: Path | None = None, threads: int | None = None) -> StaticEmbedder:
    """Load the table of the package, or another of the same format (`vectors`, `scales`, `vocabulary` in an npz).

    Raises
    ------
    TamisError
        If there is no such table, or it cannot be one.

    Examples
    --------
    >>> load_static().name.startswith("static-")
    True
    """
    file = TABLE if path is None else path
    try:
        with np.load(file, allow_pickle=False) as archive:
            vectors, scales, text = (archive[key] for key in ("vectors", "scales", "vocabulary"))
    except FileNotFoundError:
        raise TamisError(f"no static table at {file}; reinstall tamis, or name another embedder") from None
    except (OSError, KeyError, ValueError, BadZipFile, EOFError) as error:
        raise TamisError(f"{file} is no static table (vectors, scales, vocabulary in an npz): {error}") from None
    return static_embedder(vectors, scales, text.tobytes().split(b"\n"), threads=threads, where=str(file))


def static_embedder(
    vectors: NDArray[np.int8],
    scales: NDArray[np.floating],
    pieces: list[bytes],
    *,
    threads: int | None = None,
    where: str = "the static table",
) -> StaticEmbedder:
    """Make an embedder of int8 rows (v, d), their scales (v,) and the v pieces they stand for, checked.

    >>> table = np.array([[0, 0], [1, 1], [1, -1]], np.int8)
    >>> embedder = static_embedder(table, np.ones(3, np.float32), [b"[UNK]", b"a", b"b"])
    >>> embedder.encode(Packed.of(["A b?"])).round(3).tolist()
    [[1.0, 0.0]]
    """
    if vectors.ndim != 2 or vectors.dtype != np.int8 or vectors.shape[1] == 0:
        raise TamisError(f"{where}: vectors are {vectors.dtype} of shape {vectors.shape}, wanted int8 of shape (v, d)")
    if scales.shape != (len(vectors),) or len(pieces) != len(vectors):
        told = f"{len(vectors)} vectors, {scales.shape} scales and {len(pieces)} pieces"
        raise TamisError(f"{where}: {told} do not belong together")
    if len(set(pieces)) != len(pieces) or _UNKNOWN.encode() not in pieces or len(pieces) > MOST_PIECES:
        raise TamisError(f"{where}: wants at most {MOST_PIECES:,} different pieces and {_UNKNOWN} among them")
    if not np.isfinite(scales).all():
        raise TamisError(f"{where}: {int((~np.isfinite(scales)).sum())} scales are NaN or infinite")
    unknown = pieces.index(_UNKNOWN.encode())
    weights = np.array(scales, np.float32)
    weights[unknown] = 0
    rows = np.ascontiguousarray(vectors)
    digest = xxhash.xxh3_128(rows.data)
    digest.update(weights.data)
    digest.update(b"\n".join(pieces))
    for array in (rows, weights):
        array.setflags(write=False)
    name = f"static-{digest.hexdigest()[:12]}"
    return StaticEmbedder(name, rows, weights, vocabulary(pieces, unknown), threads)
