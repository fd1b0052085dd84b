"""Vectors on disk, by what a text says to the byte and by the embedder's name; none is computed twice.

A cache is a folder of segments that are written beside each other and never changed: `vectors-ID.npy` (n, d),
read by memory map, then `keys-ID.npy` (n, 2), whose arrival makes the segment count. Each is written under
another name and renamed, so processes that write at once, or are killed, leave nothing broken behind.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown
from tamis.models.embedders._protocol import Embedder, Progress, unit_rows
from tamis.packed import Packed, text_keys

_SCHEMA: Final = 1
_NUMBERS: Final = ("float16", "float32")
_AT_ONCE: Final = 4096  # texts given to the model before what it gave is written: what a killed run may lose


@dataclass(frozen=True)
class CachedEmbedder:
    """Another embedder whose vectors are kept in `folder`, as float32 or, at half the size, float16.

    `notices` says what was wrong with the cache and is computed anew.
    """

    inner: Embedder
    folder: Path
    numbers: str = "float32"
    progress: Progress | None = None
    notices: list[str] = field(default_factory=list, compare=False)

    def __post_init__(self) -> None:
        if self.numbers not in _NUMBERS:
            raise unknown("number format", self.numbers, _NUMBERS)

    @property
    def name(self) -> str:
        """Which vectors these are."""
        return self.inner.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.inner.dimension

    @property
    def place(self) -> Path:
        """The folder of this embedder's vectors, inside that of all."""
        words = "".join(c if c.isalnum() or c in "-_." else "-" for c in self.name)[:80]
        return self.folder / f"{words}-{xxhash.xxh3_64_hexdigest(f'{self.name} {self.numbers}'.encode())[:8]}"

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        """Embed each text: what the cache has is read, and each different text that it lacks computed once."""
        self._open()
        keys, rows, inverse = _different(text_keys(texts))
        vectors = np.zeros((len(keys), self.dimension), np.float32)
        missing = np.flatnonzero(~self._read(keys, vectors))
        missing = missing[np.argsort(rows[missing], kind="stable")]  # in the order of the texts, whatever their keys
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            found = unit_rows(
                self.inner.encode(_chosen(texts, rows[part])), len(part), dimension=self.dimension, who=self.name
            ).astype(self.numbers)
            self._write(keys[part], found)
            vectors[part] = self._widened(found)
            if self.progress is not None:
                self.progress(start + len(part), len(missing))
        return vectors[inverse]

    def _open(self) -> None:
        """Make the folder, or check that what stands there is a cache of the same dimension."""
        about = {"schema": _SCHEMA, "name": self.name, "dimension": self.dimension, "numbers": self.numbers}
        file = self.place / "cache.json"
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                _rename_into(file, json.dumps(about).encode())
            told = json.loads(file.read_bytes())
            found = told["dimension"] if isinstance(told, dict) and told.get("schema") == _SCHEMA else None
        except OSError as error:
            raise TamisError(f"the embedding cache {self.place} cannot be used: {error.strerror}") from None
        except (ValueError, KeyError):
            found = None
        if found is None:
            raise TamisError(f"{file} is damaged or of another version of tamis: delete the folder {self.place}")
        if found != self.dimension:
            told_ = f"vectors of dimension {found}, and embedder '{self.name}' gives {self.dimension}"
            raise TamisError(
                f"the embedding cache {self.place} has {told_}: delete it, or give the embedder another name"
            )

    def _read(self, keys: NDArray[np.uint64], vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Fill in the vectors that the cache has; which these are. `keys` are sorted and different."""
        known = np.zeros(len(keys), np.bool_)
        for file in sorted(self.place.glob("keys-*.npy")):
            partner = file.with_name(file.name.replace("keys-", "vectors-", 1))
            try:
                held = np.load(file, allow_pickle=False)
                stored = np.load(partner, mmap_mode="r", allow_pickle=False)
                whole = held.dtype == np.uint64 and held.shape == (len(stored), 2)
                whole &= stored.dtype == self.numbers and stored.shape[1:] == (self.dimension,)
            except (OSError, ValueError, EOFError):
                whole = False
            if not whole:
                self.notices.append(f"{file} or its vectors are damaged: their texts are embedded anew")
                continue
            places, sources = _matches(keys, held)
            read = self._widened(np.asarray(stored[sources]))
            lengths = np.linalg.norm(read, axis=1)
            sound = (np.abs(lengths - 1) < 1e-3) | (lengths == 0)
            if not sound.all():
                self.notices.append(f"{partner} has {int((~sound).sum())} damaged vectors: they are computed anew")
            vectors[places[sound]] = read[sound]
            known[places[sound]] = True
        return known

    def _write(self, keys: NDArray[np.uint64], vectors: NDArray[np.floating]) -> None:
        segment = uuid.uuid4().hex
        try:
            _rename_into(self.place / f"vectors-{segment}.npy", vectors)
            _rename_into(self.place / f"keys-{segment}.npy", keys)
        except OSError as error:
            raise TamisError(f"cannot write the embedding cache {self.place}: {error.strerror}") from None

    def _widened(self, stored: NDArray[np.floating]) -> NDArray[np.float32]:
        """Stored vectors as float32; those that were rounded to 16 bits are brought back to unit length."""
        if self.numbers == "float32":
            return np.asarray(stored, np.float32)
        wide = stored.astype(np.float32)
        lengths = np.linalg.norm(wide, axis=1, keepdims=True)
        near = np.isfinite(lengths) & (np.abs(lengths - 1) < 1e-2)  # others are damaged, and left for `_read` to see
        np.divide(wide, lengths, out=wide, where=near)
        return wide


def _rename_into(file: Path, content: bytes | NDArray[np.generic]) -> None:
    """Write a file under another name first, so that it is never seen half done."""
    draft = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with draft.open("wb") as out:
            if isinstance(content, bytes):
                out.write(content)
            else:
                np.save(out, content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _different(
    keys: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """The different keys in order, the first row of each, and for each row which of them it has."""
    order = np.lexsort((keys[:, 1], keys[:, 0]))  # stable, so that the first of equals is the first row
    ordered = keys[order]
    new = np.ones(len(keys), np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    inverse = np.empty(len(keys), np.int64)
    inverse[order] = np.cumsum(new) - 1
    return ordered[new], order[new], inverse


def _matches(keys: NDArray[np.uint64], held: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where keys and the keys of a segment are equal: places in the one and in the other.

    `keys` are sorted and different. Two of them that begin with the same 64 bits (one pair in five billion
    texts, say) may not be found, and are then computed again.
    """
    places = np.searchsorted(keys[:, 0], held[:, 0])
    inside = np.flatnonzero(places < len(keys))
    equal = inside[(keys[places[inside]] == held[inside]).all(axis=1)]
    return places[equal], equal


def _chosen(texts: Packed, rows: NDArray[np.int64]) -> Packed:
    """Some of the texts, as a column of their own."""
    ends = texts.offsets.tolist()
    data = texts.data.data
    parts = [data[ends[i] : ends[i + 1]] for i in rows.tolist()]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(part) for part in parts], dtype=np.int64)])
    return Packed(offsets, np.frombuffer(b"".join(parts), np.uint8))
