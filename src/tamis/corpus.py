"""The texts of a whole dataset, and what is computed from all of them: embeddings, neighbours.

The row pass spools each row's prompt and response to a temporary file that is mapped into memory, so text costs
disk, not memory; corpus signals that compare texts read them from there.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
import platformdirs
import polars as pl
from numpy.typing import NDArray

from tamis.errors import unknown
from tamis.frames import room
from tamis.packed import Packed

if TYPE_CHECKING:
    from tamis.models.causal_lm import Losses
    from tamis.models.embedders import Embedder
    from tamis.neighbours.codes import Codes
    from tamis.neighbours.graph import Graph
    from tamis.neighbours.lexical import LexicalPairs
    from tamis.neighbours.semantic import SemanticPairs

FIELDS: Final = ("conversation", "prompt", "response")
OWN: Final = "own"
COMPARED: Final = "the texts that are compared"
EMBEDDED: Final = 1 << 15
"""Texts whose embeddings are held as float32 at a time, where they are kept as codes."""
READ: Final = 1 << 10
"""Single texts that are read before the pages around them are given back."""
Progress = Callable[[str, float], None]
"""Told what is being done, and which share of it is."""


def silent(what: str, share: float) -> None:
    """Tell nobody."""


class Spool:
    """Texts written one batch after the other, to be read all together."""

    def __init__(self) -> None:
        with room(COMPARED):
            self._file: IO[bytes] = tempfile.TemporaryFile(prefix="tamis-")  # noqa: SIM115 - open while it is written
        weakref.finalize(self, self._file.close)
        self._ends: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._size = 0

    def add(self, texts: Packed) -> None:
        """Append the texts of a batch."""
        first, last = int(texts.offsets[0]), int(texts.offsets[-1])
        with room(COMPARED):
            self._file.write(texts.data[first:last].data)
        self._ends.append(texts.offsets[1:] - first + self._size)
        self._size += last - first

    def texts(self) -> Packed:
        """All texts, their bytes mapped from the file.

        >>> spool = Spool()
        >>> spool.add(Packed.of(["a", "bc"]))
        >>> spool.add(Packed.of(["d"]))
        >>> spool.texts().offsets.tolist(), spool.texts().data.tobytes()
        ([0, 1, 3, 4], b'abcd')
        """
        with room(COMPARED):
            self._file.flush()
        data = np.memmap(self._file, np.uint8, "r") if self._size else np.zeros(0, np.uint8)
        return Packed(np.concatenate(self._ends), np.asarray(data))


@dataclass(frozen=True)
class Alike:
    """What a pair signal returns: groups of rows that are the same to it, and verified pairs of groups.

    Row i of the corpus is in group `group[i]`, named by its first row, or in none (-1). `pairs` has the columns
    `left`, `right` (first rows of groups), `similarity`, and `effective`, which thresholds are compared with:
    no pair with less than `floor` is known.
    """

    group: NDArray[np.int64]
    pairs: pl.DataFrame
    floor: float


@dataclass
class Corpus:
    """The prompts and responses of n rows in order; the last `reference` of them belong to a set to compare with.

    `order` lists the rows by the keep policy, `own` is an embedder of the user's that goes by the name of `OWN`.
    `facts` collects what must be said about how things were found.
    """

    prompts: Packed
    responses: Packed
    order: NDArray[np.int64]
    reference: int = 0
    threads: int | None = None
    progress: Progress = silent
    own: Any = None
    facts: dict[str, Any] = field(default_factory=dict)
    _vectors: dict[tuple[str, str], NDArray[np.float32]] = field(default_factory=dict, repr=False)
    _codes: dict[tuple[str, str], Codes] = field(default_factory=dict, repr=False)
    _graphs: dict[tuple[str, str, int], Graph] = field(default_factory=dict, repr=False)
    _losses: dict[str, Losses] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.prompts)

    @property
    def best_first(self) -> NDArray[np.int64]:
        """All rows, those of the reference set first, then by the keep policy."""
        return np.concatenate([np.arange(len(self) - self.reference, len(self)), self.order])

    def sides(self, field: str) -> list[Packed]:
        """The texts that a field compares: a conversation is alike where prompt and response both are."""
        return [{"prompt": self.prompts, "response": self.responses}[side] for side in sides_of(field)]

    def vectors(self, field: str, embedder: str) -> list[NDArray[np.float32]]:
        """The embeddings of the field's texts, a table a side of shape (n, d); each computed once."""
        return [self._embedded(side, embedder) for side in sides_of(field)]

    def codes(self, field: str, embedder: str) -> list[Codes]:
        """The same as numbers of one byte, a quarter of the memory; the others are never held all together."""
        return [self._coded(side, embedder) for side in sides_of(field)]

    def forget(self) -> None:
        """Let go of embeddings and neighbours: what asks for them again computes them again."""
        for known in (self._vectors, self._codes, self._graphs):
            known.clear()

    def whole(self, field: str, embedder: str) -> NDArray[np.float32]:
        """One unit vector a row: of a conversation, its prompt and its response side by side."""
        sides = self.vectors(field, embedder)
        whole = sides[0] if len(sides) == 1 else np.hstack(sides)
        length = np.linalg.norm(whole, axis=1, keepdims=True)
        return np.asarray(whole / np.maximum(length, np.float32(1e-12)), np.float32)

    def near_pairs(self, field: str, *, floor: float, words: int, guard: bool, share: float | None) -> LexicalPairs:
        """Rows that share their words: see `tamis.neighbours.lexical`."""
        from tamis.neighbours.lexical import near_pairs

        return near_pairs(
            self.sides(field),
            floor=floor,
            words=words,
            guard=guard,
            template_share=share,
            order=self.best_first,
            threads=self.threads,
        )

    def meaning_pairs(self, field: str, embedder: str, *, floor: float, cells: int = 0) -> SemanticPairs:
        """Rows that are near in meaning: of all, or, where a number of cells is given, of those in one cell."""
        from tamis.neighbours.semantic import pairs_above
        from tamis.neighbours.semantic_partition import pairs_in_cells

        if cells:
            vectors = self.vectors(field, embedder)
            self.progress("comparing meanings", 0.0)
            return pairs_in_cells(vectors, cells=cells, floor=floor, order=self.best_first)
        return pairs_above(
            self.codes(field, embedder),
            floor=floor,
            order=self.best_first,
            threads=self.threads,
            on_progress=lambda done, total: self.progress("comparing meanings", done / max(1, total)),
        )

    def graph(self, field: str, embedder: str, neighbours: int) -> Graph:
        """The nearest neighbours of each row; one graph for all that ask for the same."""
        if (field, embedder, neighbours) not in self._graphs:
            from tamis.neighbours.graph import neighbour_graph

            found = neighbour_graph(
                self.whole(field, embedder),
                k=neighbours,
                threads=self.threads,
                on_progress=lambda done, total: self.progress("finding neighbours", done / max(1, total)),
            )
            self._graphs[field, embedder, neighbours] = found
            self.facts["graph"] = {"neighbours": neighbours, "method": found.method, "recall": found.recall}
        return self._graphs[field, embedder, neighbours]

    def embedder(self, name: str, told: Callable[[int, int], None] | None = None) -> Embedder:
        """The embedder of that name, which tells how many texts are done."""
        from tamis.models.embedders import load

        def embedding(done: int, total: int) -> None:
            self.progress("embedding", done / max(1, total))

        model, cache = (self.own, None) if name == OWN else (name, cache_folder())
        return load(model, cache=cache, progress=told or embedding, threads=self.threads)

    def losses(self, model: str) -> Losses:
        """How surprising the responses are to a causal language model; computed once."""
        if model not in self._losses:
            from tamis.models.causal_lm import load_causal

            def told(done: int, total: int) -> None:
                self.progress("asking the language model", done / max(1, total))

            self._losses[model] = load_causal(model).losses(self.prompts, self.responses, told)
            self.facts["causal_model"] = model
        return self._losses[model]

    def _embedded(self, side: str, name: str) -> NDArray[np.float32]:
        if (side, name) not in self._vectors:
            [(_, vectors)] = self._encoded(side, name, len(self))
            self._vectors[side, name] = vectors
        return self._vectors[side, name]

    def _coded(self, side: str, name: str) -> Codes:
        if (side, name) not in self._codes:
            from tamis.neighbours.codes import Codes

            known = self._vectors.get((side, name))
            blocks = self._encoded(side, name, EMBEDDED) if known is None else iter([(0, known)])
            first = next(blocks)
            codes = Codes.room(len(self), first[1].shape[1])
            for start, vectors in chain([first], blocks):
                codes.put(start, vectors)
            self._codes[side, name] = codes
        return self._codes[side, name]

    def _encoded(self, side: str, name: str, size: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """The embeddings of a side's texts, so many at a time, each with the number of its first text."""
        from tamis.models.embedders import CachedEmbedder, SentenceEmbedder, StaticEmbedder

        texts, done = self.sides(side)[0], [0]
        embedder = self.embedder(
            name, lambda n, _: self.progress(f"embedding {side}s", (done[0] + n) / max(1, len(self)))
        )
        self.progress(f"embedding {side}s", 0.0)
        facts = self.facts.setdefault("embedding", {"embedder": embedder.name})
        characters = unknown = 0
        for start, part in texts.parts(max(1, size)) if len(texts) else [(0, texts)]:
            done[0] = start
            if isinstance(embedder, StaticEmbedder):
                vectors, known = embedder.encode_and_tell(part)
                characters, unknown = characters + int(known.characters.sum()), unknown + int(known.unknown.sum())
            else:
                vectors = embedder.encode(part)
            texts.let_go()
            yield start, vectors
        if isinstance(embedder, StaticEmbedder):
            facts[f"{side}_unknown_ratio"] = unknown / max(1, characters)
        model = embedder.inner if isinstance(embedder, CachedEmbedder) else embedder
        if isinstance(model, SentenceEmbedder) and (cut := model.truncation(texts).sentence()):
            facts[f"{side}_truncation"] = cut

    def texts_by(self, numbers: NDArray[np.int64]) -> Callable[[list[int]], dict[int, tuple[str, str]]]:
        """What gives the prompt and the response of rows by number; `numbers` are those of the data's own rows."""

        def texts(rows: list[int]) -> dict[int, tuple[str, str]]:
            places = [int(np.searchsorted(numbers, row)) if row >= 0 else len(numbers) - 1 - row for row in rows]
            said: list[tuple[str, str]] = []
            for start in range(0, len(places), READ):
                some = places[start : start + READ]
                said += zip(self.prompts.strings(some), self.responses.strings(some), strict=True)
                for side in (self.prompts, self.responses):
                    side.let_go()  # a text that is read brings sixteen pages
            return dict(zip(rows, said, strict=True))

        return texts


def cache_folder() -> Path:
    """Where the vectors of models are kept: $TAMIS_EMBEDDINGS, or the user's cache."""
    return Path(os.environ.get("TAMIS_EMBEDDINGS") or platformdirs.user_cache_path("tamis") / "embeddings")


def sides_of(field: str) -> tuple[str, ...]:
    """The sides of a row that a field is made of.

    >>> sides_of("conversation")
    ('prompt', 'response')
    """
    if field not in FIELDS:
        raise unknown("field to compare", field, FIELDS)
    return ("prompt", "response") if field == "conversation" else (field,)
