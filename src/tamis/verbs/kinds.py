"""What kinds of rows a dataset is made of, beside those of a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from tamis.scores.diversity.hill import Mix
from tamis.scores.diversity.mixes import deciles, mix_of, mixes
from tamis.scores.shifts import counted
from tamis.verbs.dataset import Dataset

LENGTHS: Final = {"prompt tokens": "prompt_tokens", "answer tokens": "response_tokens"}
SIGNALS: Final = (*LENGTHS.values(), "turn_count", "prompt_language", "response_language")


@dataclass(frozen=True)
class Kinds:
    """The mix of one side of the rows, the reference's counts, and the deciles where the side is a length."""

    mix: Mix
    reference: Mapping[str, int] | None
    deciles: list[float]
    reference_deciles: list[float]

    def plain(self) -> dict[str, Any]:
        """All of it as plain values; orders of Hill numbers are strings, as keys of JSON must be."""
        told = asdict(self)
        told["mix"]["hill"] = {str(order): facts for order, facts in told["mix"]["hill"].items()}
        return told

    def counts(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Rows by kind in the data and in the reference."""
        return self.mix.counts, self.reference or {}


def kinds_of(one: Dataset, other: Dataset | None, *, size: int, seed: int) -> dict[str, Kinds]:
    """The kinds of each side that the rows tell; a side of one kind alone is told too."""
    labels, beside = _labels(one), {} if other is None else _labels(other)
    return {
        name: Kinds(
            mix_of(found, beside.get(name), size=size, seed=seed),
            counted(beside[name]) if name in beside else None,
            _deciles(one, name),
            _deciles(other, name),
        )
        for name, found in labels.items()
    }


def _labels(dataset: Dataset) -> dict[str, pl.Series]:
    found = mixes(dataset.rows, dataset.corpus.prompts, dataset.corpus.responses)
    return {name: labels for name, labels in found.items() if labels.null_count() < len(labels)}


def _deciles(dataset: Dataset | None, name: str) -> list[float]:
    return [] if dataset is None or name not in LENGTHS else deciles(dataset.rows[LENGTHS[name]])
