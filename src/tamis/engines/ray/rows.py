"""Row signals as `map_batches` of Ray Data: what `tamis.engines.local.run` yields, with the texts left there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
import pyarrow as pa

import tamis.signals  # noqa: F401 - fills the registry, in a worker too
from tamis.engines.local import Progress
from tamis.engines.ray.portions import BATCHES, PORTIONS, Reader, portions, read_ipc, written_ipc
from tamis.engines.ray.session import Session, failures
from tamis.errors import TamisError
from tamis.measure import Measured, measure
from tamis.packed import Packed
from tamis.recipe import Recipe
from tamis.records.reader import Batch, Reading, check_columns
from tamis.records.sources import Source
from tamis.records.table import Records
from tamis.registry import SIGNALS, Signal

_TEXTS: Final = pa.large_list(pa.large_string())
MEASURED: Final = pa.schema(
    [
        ("portion", pa.int64()),
        ("file", pa.int32()),
        ("lines", pa.int64()),
        ("consumed", pa.int64()),
        ("count", pa.int64()),  # records, readable or not
        ("readable", pa.int64()),
        ("error", pa.string()),
        ("rows", pa.large_binary()),
        ("unreadable", pa.large_binary()),
        ("findings", pa.large_binary()),
        ("prompt", _TEXTS),
        ("response", _TEXTS),
    ]
)
TOLD: Final = [name for name in MEASURED.names if name not in ("prompt", "response")]


@dataclass(frozen=True)
class Task:
    """What a worker must know to measure a batch; `own` are the signals that the package does not have."""

    recipe: Recipe
    own: tuple[Signal, ...]
    show_sensitive: bool
    language_model: Any
    keep_texts: bool

    def measured(self, table: pa.Table) -> pa.Table:
        """Lines of `BATCHES` to lines of `MEASURED`."""
        SIGNALS.update({signal.name: signal for signal in self.own})
        return pa.concat_tables([self._measured(table.slice(i, 1)) for i in range(table.num_rows)])

    def _measured(self, line: pa.Table) -> pa.Table:
        place = {name: line[name][0].as_py() for name in ("portion", "file", "lines", "consumed", "error")}
        if place["error"] is not None:
            return _line(place)
        rows, turns, unreadable = (read_ipc(line[name][0].as_py()) for name in ("rows", "turns", "unreadable"))
        batch = Batch(Records(rows, turns), unreadable, place["consumed"])
        try:
            done = measure(batch, self.recipe, show_sensitive=self.show_sensitive, language_model=self.language_model)
        except TamisError as error:
            return _line(place | {"error": str(error)})
        place |= {"count": rows.height + unreadable.height, "readable": rows.height}
        frames = {"rows": done.rows, "unreadable": done.unreadable, "findings": done.findings}
        texts = zip(("prompt", "response"), done.sides or (), strict=False)
        return _line(place | {name: written_ipc(frame) for name, frame in frames.items()}, dict(texts))


class Measurer:
    """An actor that measures; models, which are loaded once a process, stay with it."""

    def __call__(self, table: pa.Table, task: Task) -> pa.Table:
        """Measure batches."""
        return task.measured(table)


def measure_table(table: pa.Table, task: Task) -> pa.Table:
    """Measure batches, as a task."""
    return task.measured(table)


def _line(cells: dict[str, Any], texts: dict[str, Packed] | None = None) -> pa.Table:
    """A table of one row."""
    columns = []
    for name, kind in zip(MEASURED.names, MEASURED.types, strict=True):
        if kind == _TEXTS:
            held = arrow_texts((texts or {}).get(name, Packed.of([])))
            columns.append(pa.LargeListArray.from_arrays(pa.array([0, len(held)], pa.int64()), held))
        else:
            columns.append(pa.array([cells.get(name)], kind))
    return pa.Table.from_arrays(columns, schema=MEASURED)


def arrow_texts(texts: Packed) -> pa.LargeStringArray:
    """Packed texts as an Arrow array; nothing is copied but offsets."""
    first, last = int(texts.offsets[0]), int(texts.offsets[-1])
    buffers = pa.py_buffer(texts.offsets - first), pa.py_buffer(texts.data[first:last])
    return pa.LargeStringArray.from_buffers(len(texts), *buffers)


def read_portions(table: pa.Table, reader: Reader) -> Iterator[pa.Table]:
    """Lines of `PORTIONS` to lines of `BATCHES`, one at a time."""
    for portion in table.to_pylist():
        for line in reader.batches(portion):
            yield pa.Table.from_pylist([dict.fromkeys(BATCHES.names) | line], schema=BATCHES)


@dataclass
class Texts:
    """The texts of measured rows, in the cluster: references to blocks in order, and how many rows each has."""

    blocks: list[Any] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def add(self, block: Any, size: int) -> None:
        """Append a block."""
        if size:
            self.blocks.append(block)
            self.sizes.append(size)


def run(
    session: Session,
    inputs: Sequence[Source] | pl.DataFrame,
    reading: Reading,
    task: Task,
    texts: Texts,
    progress: Progress | None = None,
) -> Iterator[Measured]:
    """Measure the input, in order. Where the recipe compares texts, they are added to `texts` and not yielded."""
    check_columns(inputs, reading)
    sendable(task)
    last, row, line, done = (-1, -1, 0), 0, 0, 0  # portion, file and lines of the portion before
    for block in _blocks(session, inputs, reading, task):
        readable = 0
        for told in session.results([session.call(_told, block)])[0]:
            if told["error"] is not None:
                raise TamisError(told["error"])
            if told["portion"] != last[0]:
                line = line + last[2] if told["file"] == last[1] else 0
                row, last = done, (told["portion"], told["file"], told["lines"])
            done += told["count"]
            readable += told["readable"]
            frames = [_moved(read_ipc(told[name]), row, line) for name in ("rows", "unreadable", "findings")]
            if progress is not None:
                progress(told["consumed"], told["readable"])
            yield Measured(frames[0], frames[1], frames[2], told["consumed"])
        texts.add(block, readable if task.keep_texts else 0)


def _blocks(session: Session, inputs: Sequence[Source] | pl.DataFrame, reading: Reading, task: Task) -> Iterator[Any]:
    """References to the measured blocks, in order, each as soon as it is there."""
    import ray.data

    planned = portions(inputs)
    reader = Reader(() if isinstance(inputs, pl.DataFrame) else tuple(inputs), reading)
    few = len(planned) < session.workers  # whole files, fewer than workers: others must measure what one reads
    pooled = _needs_model(task.recipe)
    tasks = ray.data.TaskPoolStrategy(size=session.threads)
    tables = [pa.Table.from_pylist([portion], schema=PORTIONS) for portion in planned]
    if not tables:
        return
    read = ray.data.from_arrow(tables).map_batches(
        read_portions,
        fn_kwargs={"reader": reader},
        batch_format="pyarrow",
        batch_size=None,
        num_cpus=0 if pooled else 0.5 if few else 1,
    )
    if pooled:
        measured = read.map_batches(
            Measurer,
            fn_kwargs={"task": task},
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=session.gpus or session.workers),
            num_gpus=1 if session.gpus else 0,
            num_cpus=1,
            batch_format="pyarrow",
            batch_size=1,
        )
    else:
        measured = read.map_batches(
            measure_table, fn_kwargs={"task": task}, compute=tasks, batch_format="pyarrow", batch_size=1, num_cpus=1
        )
    with failures():
        for bundle in measured.iter_internal_ref_bundles():
            yield from bundle.block_refs


def _needs_model(recipe: Recipe) -> bool:
    """Whether a row signal asks a model that is loaded for seconds, so that workers should stay."""
    return any(options.get("toxicity_model", "screen") != "screen" for options in recipe.signals.values())


def _told(block: pa.Table) -> list[dict[str, Any]]:
    """All of a measured block but its texts."""
    lines: list[dict[str, Any]] = block.select(TOLD).to_pylist()
    return lines


def _moved(frame: pl.DataFrame, row: int, line: int) -> pl.DataFrame:
    """A frame of a portion with the numbers that its rows and lines have in the whole input."""
    moved = frame.with_columns(pl.col("row") + row)
    return moved.with_columns(pl.col("line") + line) if "line" in frame.columns else moved


def task_for(recipe: Recipe, *, show_sensitive: bool, language_model: Any) -> Task:
    """What workers are told: the recipe, with the code of signals that the package does not have."""
    own = tuple(s for name in recipe.signals if not _is_ours(s := SIGNALS[name]))
    return Task(recipe, own, show_sensitive, language_model, recipe.compares_texts)


def _is_ours(signal: Signal) -> bool:
    return signal.function.__module__.startswith("tamis.")


def sendable(task: Task) -> None:
    """Stop here where something that workers need cannot be sent to them."""
    named: dict[str, Any] = {f"signal {signal.name}": signal for signal in task.own}
    named["language_model"] = task.language_model
    for name, thing in named.items():
        check_sendable(name, thing)


def check_sendable(name: str, thing: Any) -> None:
    """An error that names what cannot be copied to another process."""
    from ray import cloudpickle

    try:
        cloudpickle.dumps(thing)
    except (TypeError, AttributeError, ValueError, RuntimeError, cloudpickle.PicklingError) as error:
        raise TamisError(
            f"{name} cannot be sent to Ray's workers ({type(error).__name__}: {error}); make it a function of a module "
            "that loads what it needs when it is called"
        ) from None
