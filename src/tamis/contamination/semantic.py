"""Rows that say what a test item says in other words: the weaker class, for a person or a model to verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.contamination.index import ItemIndex
from tamis.contamination.lexical import HITS, ROLES, SHOWN
from tamis.kernels.similarity import dots
from tamis.models.embedders import load
from tamis.models.search import nearest
from tamis.packed import Packed

Verify = Callable[[str, str], bool]
"""Told a test item and the text of a row; says whether the one is the other in other words."""


@dataclass(frozen=True)
class Meanings:
    """The questions of an index as vectors, and from which cosine a text is alike."""

    index: ItemIndex
    questions: NDArray[np.int64]
    vectors: NDArray[np.float32]
    embedder: Any
    at_least: float
    verify: Verify | None = None

    @classmethod
    def of(cls, index: ItemIndex, at_least: float, embedder: Any = None, verify: Verify | None = None) -> Meanings:
        """Embed the questions, by the static table unless another embedder is named or given."""
        model = load("static" if embedder is None else embedder)
        questions = (index.parts["part"] == "question").arg_true().to_numpy().astype(np.int64)
        vectors = model.encode(Packed.of(index.parts["text"].gather(questions)))
        return cls(index, questions, vectors, model, at_least, verify)

    def find(self, turns: pl.DataFrame, fields: str, taken: pl.Series) -> pl.DataFrame:
        """For each turn of rows that are not `taken`: the nearest question, where it is near enough; as `HITS`."""
        chosen = turns.filter(pl.col("role").is_in(ROLES[fields]), ~pl.col("row").is_in(taken.implode()))
        texts = chosen["text"].fill_null("")
        distinct = texts.unique(maintain_order=True)
        vectors = self.embedder.encode(Packed.of(distinct))
        if not len(vectors) or not len(self.questions):
            return pl.DataFrame(schema=HITS)
        best = nearest(self.vectors, vectors, 1, threads=1)[1][:, 0]
        both = np.vstack([self.vectors, vectors])
        cosines = dots(both, best, len(self.vectors) + np.arange(len(vectors)))
        near = pl.DataFrame({"text": distinct, "at": self.questions[best], "score": np.minimum(cosines, 1.0)})
        near = near.filter(pl.col("score") >= self.at_least)
        if self.verify is not None:
            items = self.index.parts["text"].gather(near["at"])
            said = [bool(self.verify(item, text)) for item, text in zip(items, near["text"], strict=True)]
            near = near.filter(pl.Series(said, dtype=pl.Boolean))
        told = chosen.with_columns(text=texts).join(near, on="text", how="inner", maintain_order="left")
        return self._told(told)

    def _told(self, near: pl.DataFrame) -> pl.DataFrame:
        item = self.index.parts[near["at"].to_numpy()]
        return pl.DataFrame(
            {
                "row": near["row"],
                "turn": near["turn"],
                "role": near["role"],
                "benchmark": item["benchmark"],
                "item": item["item"],
                "item_line": item["line"],
                "name": item["name"],
                "part": item["part"],
                "verdict": ["meaning" if self.verify is None else "meaning, verified"] * near.height,
                "action": ["flag"] * near.height,
                "score": near["score"],
                "threshold": [self.at_least] * near.height,
                "tokens": [0] * near.height,
                "start": [0] * near.height,
                "stop": near["text"].str.len_chars(),
                "item_start": [0] * near.height,
                "item_stop": item["text"].str.len_chars(),
                "text": near["text"].str.slice(0, SHOWN),
                "item_text": item["text"].str.slice(0, SHOWN),
            }
        ).cast(dict(HITS))  # type: ignore[arg-type]
