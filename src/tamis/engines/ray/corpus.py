"""What corpus signals see of rows whose texts stay in the cluster: the searches run where the texts are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tamis.corpus import OWN, Corpus, Spool, sides_of
from tamis.engines.ray.embedding import embedded
from tamis.engines.ray.lexical import near_pairs
from tamis.engines.ray.rows import Texts, arrow_texts, check_sendable
from tamis.engines.ray.semantic import pairs_in_cells
from tamis.engines.ray.session import Session
from tamis.engines.ray.taking import place, taken
from tamis.models.embedders import load
from tamis.neighbours.codes import Codes
from tamis.neighbours.lexical import LexicalPairs
from tamis.neighbours.semantic import SemanticPairs
from tamis.packed import Packed

REFERENCE_ROWS = 8_192
"""Rows of a set to compare with that are one block."""


@dataclass
class ClusterCorpus(Corpus):
    """A `Corpus` whose prompts and responses are blocks in Ray's store.

    `prompts` and `responses` are gathered only for who asks for them: no signal of the package does.
    """

    prompts: Packed = field(init=False, repr=False)
    responses: Packed = field(init=False, repr=False)
    texts: Texts = field(default_factory=Texts, repr=False)
    session: Session = field(kw_only=True, repr=False)
    _blocks: dict[tuple[str, str], list[Any]] = field(default_factory=dict, repr=False)

    def __getattr__(self, name: str) -> Any:
        if name not in ("prompts", "responses"):
            raise AttributeError(name)
        side = name.removesuffix("s")
        every = np.arange(len(self))
        setattr(self, name, taken(self.session, self.texts, [every], (side,))[0][0])
        return getattr(self, name)

    def __len__(self) -> int:
        return sum(self.texts.sizes)

    def near_pairs(self, field: str, *, floor: float, words: int, guard: bool, share: float | None) -> LexicalPairs:
        """As of all texts in one place."""
        return near_pairs(
            self.session, self.texts, sides_of(field), self.best_first, self.progress,
            floor=floor, words=words, guard=guard, share=share,
        )  # fmt: skip

    def texts_by(self, numbers: NDArray[np.int64]) -> Callable[[list[int]], dict[int, tuple[str, str]]]:
        """What gives the prompt and the response of rows by number."""

        def texts(rows: list[int]) -> dict[int, tuple[str, str]]:
            places = np.array([place(numbers, row) for row in rows], np.int64)
            wanted, where = np.unique(places, return_inverse=True)
            prompts, responses = taken(self.session, self.texts, [wanted], ("prompt", "response"))[0]
            sides = zip(prompts.strings(where.tolist()), responses.strings(where.tolist()), strict=True)
            return dict(zip(rows, sides, strict=True))

        return texts

    def vectors(self, field: str, embedder: str) -> list[NDArray[np.float32]]:
        """The embeddings of the field's texts, gathered here: for the searches that look at all of them."""
        self._embed(sides_of(field), embedder)
        return super().vectors(field, embedder)

    def meaning_pairs(self, field: str, embedder: str, *, floor: float, cells: int = 0) -> SemanticPairs:
        """As of all vectors in one place, where they are gathered; in cells they stay in the cluster."""
        if not cells:
            return super().meaning_pairs(field, embedder, floor=floor)
        self._embed(sides_of(field), embedder)
        blocks = [self._blocks[side, embedder] for side in sides_of(field)]
        self.progress("comparing meanings", 0.0)
        return pairs_in_cells(self.session, blocks, self.texts.sizes, self.best_first, cells=cells, floor=floor)

    def forget(self) -> None:
        """Let go of embeddings and neighbours, in the cluster too."""
        super().forget()
        self._blocks.clear()

    def codes(self, field: str, embedder: str) -> list[Codes]:
        """The embeddings as numbers of one byte, gathered here, a block at a time."""
        self._embed(sides_of(field), embedder)
        return super().codes(field, embedder)

    def _encoded(self, side: str, name: str, size: int) -> Iterator[tuple[int, NDArray[np.float32]]]:  # noqa: ARG002
        """The embeddings of a block of rows after the other, each with the number of its first row."""
        starts = np.cumsum([0, *self.texts.sizes])
        for start, block in zip(starts[:-1].tolist(), self._blocks[side, name], strict=True):
            yield start, self.session.results([block])[0]

    def _embedded(self, side: str, name: str) -> NDArray[np.float32]:
        if (side, name) not in self._vectors:
            self._vectors[side, name] = np.concatenate(self.session.results(self._blocks[side, name]))
        return self._vectors[side, name]

    def _embed(self, sides: tuple[str, ...], name: str) -> None:
        """Have the vectors of sides computed where the texts are, once each."""
        lacking = tuple(side for side in sides if (side, name) not in self._blocks)
        if lacking:
            model = self.own if name == OWN else name
            check_sendable("embedder", model)
            told = self.facts.setdefault("embedding", {"embedder": load(model).name})  # an error here is one line
            blocks, facts = embedded(self.session, self.texts, lacking, model, self.progress)
            self._blocks |= {(side, name): found for side, found in zip(lacking, blocks, strict=True)}
            told |= facts


def with_reference(texts: Texts, spools: Iterable[Spool]) -> int:
    """Append the texts of a set to compare with to those of the data; how many rows it has."""
    import ray

    prompts, responses = (spool.texts() for spool in spools)
    for (_, one), (_, other) in zip(prompts.parts(REFERENCE_ROWS), responses.parts(REFERENCE_ROWS), strict=True):
        columns = {"prompt": arrow_texts(one), "response": arrow_texts(other)}
        lists = {
            name: pa.LargeListArray.from_arrays(pa.array([0, len(held)], pa.int64()), held)
            for name, held in columns.items()
        }
        texts.add(ray.put(pa.table(lists)), len(one))
    return len(prompts)
