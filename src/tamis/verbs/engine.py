"""Where an audit is computed: in threads on this machine, or on Ray; the answer is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.corpus import Corpus, silent
from tamis.corpus import Progress as Stages
from tamis.engines import local
from tamis.errors import TamisError, unknown
from tamis.measure import Measured, measure
from tamis.recipe import Recipe
from tamis.records.reader import Batch, Reading, read_batches
from tamis.verbs.dataset import Gathered
from tamis.verbs.room import Room
from tamis.workspace import clear_parts

if TYPE_CHECKING:
    from tamis.engines.ray.rows import Texts
    from tamis.engines.ray.session import Session

ENGINES: Final = ("local", "ray")


@dataclass(frozen=True)
class Measuring:
    """What is computed of each row, and for whom."""

    recipe: Recipe
    show_sensitive: bool
    language_model: Any

    @property
    def task(self) -> Callable[[Batch], Measured]:
        """It, as a function of a batch."""
        return partial(
            measure, recipe=self.recipe, show_sensitive=self.show_sensitive, language_model=self.language_model
        )


@dataclass(frozen=True)
class Threads:
    """This machine."""

    threads: int | None

    def run(
        self, inputs: Any, reading: Reading, measuring: Measuring, cache: Any, progress: local.Progress | None
    ) -> Iterator[Measured]:
        """The batches of the input, measured, in order."""
        measured = measuring.task if cache is None else cache.measure
        return local.run(read_batches(inputs, reading), measured, threads=self.threads, progress=progress)

    def room(self, recipe: Recipe, files: list[dict[str, Any]]) -> Room | None:
        """What the audit will need of this machine's memory."""
        return Room.of(recipe, files, self.threads)

    def corpus(
        self, gathered: Gathered, order: NDArray[np.int64], stages: Stages | None, embedder: Any
    ) -> Corpus | None:
        """The texts for corpus signals."""
        return gathered.corpus(order, self.threads, stages, embedder)

    def keep(self, folder: Path | None, tables: dict[str, pl.DataFrame]) -> None:
        """Nothing: the tables of the audit are all there is, and parts of an earlier one must not pass for its own."""
        if folder is not None:
            clear_parts(folder, tables)

    @property
    def facts(self) -> dict[str, Any]:
        """What an audit says about it."""
        return {"name": "local"}


@dataclass
class Cluster:
    """A Ray, and the texts that the rows left there."""

    session: Session
    texts: Texts = field(repr=False)

    def run(
        self, inputs: Any, reading: Reading, measuring: Measuring, cache: Any, progress: local.Progress | None
    ) -> Iterator[Measured]:
        """The batches of the input, measured, in order; without their texts."""
        from tamis.engines.ray import rows

        assert cache is None
        task = rows.task_for(
            measuring.recipe, show_sensitive=measuring.show_sensitive, language_model=measuring.language_model
        )
        return rows.run(self.session, inputs, reading, task, self.texts, progress)

    def room(self, recipe: Recipe, files: list[dict[str, Any]]) -> Room | None:  # noqa: ARG002 - as of threads
        """Not reckoned: searches are on the cluster, whose tasks go to disk where memory will not do."""
        return None

    def corpus(
        self, gathered: Gathered, order: NDArray[np.int64], stages: Stages | None, embedder: Any
    ) -> Corpus | None:
        """The texts for corpus signals, which stay where they are."""
        from tamis.engines.ray.corpus import ClusterCorpus, with_reference

        reference = with_reference(self.texts, (gathered.prompts, gathered.responses))
        if not self.texts.sizes:  # no row could be read, or none is compared
            return gathered.corpus(order, None, stages, embedder)
        return ClusterCorpus(
            order,
            reference=reference,
            progress=stages or silent,
            own=embedder,
            texts=self.texts,
            session=self.session,
        )

    def keep(self, folder: Path | None, tables: dict[str, pl.DataFrame]) -> None:
        """Write the tables in parts that tasks can read side by side."""
        from tamis.engines.ray.parts import write_parts

        if folder is not None:
            write_parts(self.session, folder, tables)

    @property
    def facts(self) -> dict[str, Any]:
        """What an audit says about it."""
        return self.session.facts


@contextmanager
def opened(
    name: str, address: str | None, *, threads: int | None = None, cached: bool = False
) -> Iterator[Threads | Cluster]:
    """The engine of that name; a Ray that is started here ends with the block.

    Raises
    ------
    TamisError
        Where there is no such engine, it lacks something, or it cannot do what is asked.
    """
    if name not in ENGINES:
        raise unknown("engine", name, ENGINES)
    if name == "local":
        if address is not None:
            raise TamisError("--address names a Ray; it goes with --engine ray")
        yield Threads(threads)
        return
    if cached:
        raise TamisError("the engine ray keeps no cache; leave --cache out, or use --engine local")
    from tamis.engines.ray.session import session

    with session(address, threads=threads) as found:
        from tamis.engines.ray.rows import Texts

        yield Cluster(found, Texts())
