"""What verbs read: the rows of a dataset through the row signals, and the texts of all rows where they are compared."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import tamis.signals  # noqa: F401 - fills the registry
from tamis import memory, workspace
from tamis.corpus import Corpus, Spool, silent
from tamis.corpus import Progress as Stages
from tamis.engines import local
from tamis.errors import TamisError
from tamis.frames import Frames
from tamis.inputs import Inputs
from tamis.measure import FINDINGS, Measured, measure
from tamis.packed import Packed
from tamis.recipe import Recipe, parse
from tamis.records import sources
from tamis.records.reader import Reading, as_frame, read_batches
from tamis.records.table import UNREADABLE
from tamis.registry import SIGNALS
from tamis.results import REFERENCE
from tamis.verbs.room import Room

Data = Any
"""A path, a glob, `-`, several of them, or a polars, pandas, pyarrow or `datasets` table."""


@dataclass(frozen=True)
class Dataset:
    """A dataset as scores see it: a line a readable row with its signals, and the texts of all rows.

    `corpus` has the prompts and responses in the order of `rows`; `files` are the facts about each input, and `table`
    is what was given where it was no file.
    """

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    corpus: Corpus
    files: list[dict[str, Any]]
    table: Any

    def __len__(self) -> int:
        return self.rows.height


def read_dataset(  # noqa: PLR0913 - what a verb passes on
    data: Data,
    signals: Iterable[str] = (),
    *,
    reading: Reading | None = None,
    format: str | None = None,
    embedder: Any = None,
    threads: int | None = None,
    progress: local.Progress | None = None,
    stages: Stages | None = None,
) -> Dataset:
    """Read all rows with those row signals that the registry has; texts wait in a temporary file.

    >>> found = read_dataset(pl.DataFrame({"prompt": ["Add 2 and 3."], "completion": ["5"]}), ["response_tokens"])
    >>> found.corpus.prompts.strings(), found.rows["response_tokens"].to_list()
    (['Add 2 and 3.'], [1])
    """
    table, inputs, files = open_data(data, format)
    recipe = parse({"name": "dataset", "compute": [name for name in signals if name in SIGNALS]})
    batches, task = read_batches(inputs, reading or Reading()), partial(measure, recipe=recipe, keep_texts=True)
    gathered = gather(local.run(batches, task, threads=threads, progress=progress))
    workspace.check_steady(files)
    if not gathered.rows.height:
        raise TamisError("no row could be read; say what the fields are with --map or --schema")
    corpus = gathered.corpus(np.arange(gathered.rows.height), threads, stages, embedder)
    assert corpus is not None
    return Dataset(gathered.rows, gathered.unreadable, corpus, files, table)


def open_data(data: Data, format: str | None) -> tuple[Any, Any, list[dict[str, Any]]]:
    """The table (or None), what to read, and the facts about each input."""
    frame = as_frame(data)
    if frame is not None:
        return data, frame, [{"name": f"{type(data).__module__.partition('.')[0]} table", "format": "table"}]
    paths = [data] if isinstance(data, str | os.PathLike) else data
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | os.PathLike) for path in paths):
        raise TamisError(
            f"cannot read a {type(data).__name__}; give a path, or a polars, pandas, pyarrow or datasets table"
        )
    found = sources.find(paths, format)
    return None, found, [workspace.fingerprint(source) for source in found]


@dataclass(frozen=True)
class Gathered:
    """The rows, unreadable records and findings of all batches in order, and their texts if they are compared."""

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    findings: pl.DataFrame
    prompts: Spool
    responses: Spool
    room: Room | None = None

    def add_reference(self, data: Data, recipe: Recipe) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
        """Read a set to compare with after the data: where its rows stand, numbered -1, -2 and so on, and its files."""
        places = [pl.DataFrame(schema=REFERENCE)]
        if data is None:
            return places[0], []
        if not recipe.compares_texts:
            raise TamisError(f"recipe {recipe.name} compares no texts, so there is nothing to hold against a set")
        _, inputs, files = open_data(data, None)
        for batch in read_batches(inputs):
            _spool((self.prompts, self.responses), Inputs(batch.records).sides)
            places.append(batch.records.rows.select("row", number="row", file="file", line="line"))
        placed = pl.concat(places)
        return placed.with_columns(row=-1 - pl.int_range(pl.len())), files

    def corpus(
        self, order: NDArray[np.int64], threads: int | None, stages: Stages | None, embedder: Any
    ) -> Corpus | None:
        """The texts for the corpus signals; None where no signal compares texts."""
        prompts, n = self.prompts.texts(), self.rows.height
        if len(prompts) < n:
            return None
        if self.room is not None:
            self.room.check(len(prompts))
        return Corpus(
            prompts,
            self.responses.texts(),
            order,
            reference=len(prompts) - n,
            threads=threads,
            progress=stages or silent,
            own=embedder,
        )


def _spool(spools: tuple[Spool, Spool], sides: tuple[Packed, Packed]) -> None:
    for spool, texts in zip(spools, sides, strict=True):
        spool.add(texts)


def gather(measured: Iterable[Measured], room: Room | None = None) -> Gathered:
    """All batches together; an error as soon as it shows that memory will not do."""
    rows, unreadable, findings = Frames(), [pl.DataFrame(schema=UNREADABLE)], Frames()
    prompts, responses = Spool(), Spool()
    findings.add(pl.DataFrame(schema=FINDINGS))
    n = consumed = 0
    for batch in measured:
        n, consumed = n + batch.rows.height + batch.unreadable.height, consumed + batch.consumed
        if room is not None:
            room.check_share(n, consumed)
        if batch.sides is not None:
            _spool((prompts, responses), batch.sides)
        rows.add(batch.rows)
        unreadable.append(batch.unreadable)
        findings.add(batch.findings)
    if not n:
        raise TamisError("the input holds no rows")
    memory.give_back()
    return Gathered(rows.frame(), pl.concat(unreadable), findings.frame(), prompts, responses, room)
