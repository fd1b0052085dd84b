"""Data read once for a verb that looks at all rows together: their signals, columns of their own, texts and vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.corpus import OWN, Corpus
from tamis.errors import TamisError
from tamis.models.causal_lm import load_causal
from tamis.neighbours.graph import Graph
from tamis.recipe import parse
from tamis.records.reader import BESIDE, Reading
from tamis.records.sources import Source
from tamis.registry import SIGNALS, get
from tamis.verbs.audit import with_model
from tamis.verbs.dataset import Data, read_dataset
from tamis.verdicts import corpus_signals, with_signals
from tamis.workspace import source_of

STAND_INS: Final = {"language": "response_language"}
"""Columns that data may lack, and the signal that is read in their place."""


@dataclass(frozen=True)
class Column:
    """A signal, or a column of the data's own; of a quality, whether less of it is better."""

    name: str
    signal: bool
    lowest: bool = False

    @property
    def key(self) -> str:
        """What it is called among the rows of a table."""
        return self.name if self.signal else f"{BESIDE}{self.name}"


def column_of(name: str) -> Column:
    """The signal of that name, else the column of the data.

    >>> column_of("response_tokens").signal, column_of("meta.rating").key
    (True, 'data.meta.rating')
    """
    return Column(name, name in SIGNALS)


@dataclass(frozen=True)
class Table:
    """All rows that could be read, with the signals and columns that were asked for; `frame` is what was given."""

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    corpus: Corpus
    frame: Any
    inputs: Sequence[Mapping[str, Any]]
    embedder: str

    @property
    def total(self) -> int:
        """Rows of the input, readable or not."""
        return self.rows.height + self.unreadable.height

    @property
    def sources(self) -> list[Source]:
        """The files that were read."""
        return [source_of(file) for file in self.inputs if "path" in file]

    def vectors(self, field: str) -> NDArray[np.float32]:
        """One unit vector a row; zero where the embedder knows nothing of it."""
        return self.corpus.whole(field, self.embedder)

    def graph(self, field: str, neighbours: int) -> Graph:
        """Each row's nearest neighbours."""
        return self.corpus.graph(field, self.embedder, neighbours)

    def numbers(self, column: Column) -> NDArray[np.float64]:
        """A column as numbers, greatest best, NaN where a row has none.

        Raises
        ------
        TamisError
            Where no row has a number.
        """
        values = self.rows[column.key].cast(pl.Float64, strict=False).fill_nan(None)
        if values.null_count() == len(values):
            example = self.rows[column.key].drop_nulls().head(1).to_list()
            found = f"'{str(example[0])[:40]}'" if example else "nothing"
            raise TamisError(f"{column.name}: holds no number to tell quality by, but {found}")
        return values.fill_null(np.nan).to_numpy() * (-1.0 if column.lowest else 1.0)


def read_table(
    data: Data,
    columns: Sequence[Column],
    *,
    models: Mapping[str, Any],
    reading: Mapping[str, Any],
    run: Mapping[str, Any],
) -> Table:
    """Read the data once; `models` are given to the signals that have such an option, as `audit` does."""
    own = tuple(dict.fromkeys(column.name for column in columns if not column.signal))
    spare = {name: STAND_INS[name] for name in own if name in STAND_INS}
    computed = [*(column.name for column in columns if column.signal), *spare.values()]
    recipe = parse({"name": "select", "compute": list(dict.fromkeys(computed))})
    for option, model in models.items():
        recipe = with_model(recipe, option, model)
    for name, options in recipe.signals.items():  # a model that is missing stops the run before a row is read
        if "causal_model" in get(name).options:
            load_causal(options.get("causal_model", ""))
    found = read_dataset(
        data,
        recipe.signals,
        reading=Reading(reading["schema"], reading["mapping"], columns=own, may_lack=tuple(spare)),
        format=reading["format"],
        embedder=models["embedder"],
        **run,
    )
    rows = with_signals(found.rows, corpus_signals(found.rows, recipe, found.corpus)[0])
    lacking = {name: signal for name, signal in spare.items() if rows[BESIDE + name].null_count() == rows.height}
    rows = rows.with_columns(**{BESIDE + name: pl.col(signal) for name, signal in lacking.items()})
    given = models["embedder"]
    embedder = given if isinstance(given, str) else "static" if given is None else OWN
    return Table(rows, found.unreadable, found.corpus, found.table, found.files, embedder)


def is_measure(column: Column) -> bool:
    """Whether a signal is a number on a scale, which has too many values to divide rows by."""
    return column.signal and get(column.name).unit not in ("flag", "code")
