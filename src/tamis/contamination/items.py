"""Benchmarks in any format and shape as one frame: a line for each text of an item that is looked for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from tamis.contamination.shapes import PASSAGES, Item, final_answer, name_of, shaped
from tamis.errors import TamisError
from tamis.records import formats
from tamis.records.builder import Builder
from tamis.records.formats.frames import of_frame, slices
from tamis.records.raw import Unreadable
from tamis.records.schemas import Detector
from tamis.records.sources import Source

PARTS: Final = pl.Schema(
    {
        "benchmark": pl.String,
        "item": pl.Int64,  # 0-based record of its file
        "line": pl.Int64,  # 1-based, where the format has lines
        "name": pl.String,  # what the benchmark itself calls the item
        "part": pl.String,  # question, answer, passage, final (the short answer behind a worked one) or choices
        "text": pl.String,
    }
)
Part = tuple[str, str]


@dataclass(frozen=True)
class Benchmark:
    """One file of test items: its name, how many there are, and records that no shape fits."""

    name: str
    items: int
    unreadable: int
    first_reason: str | None = None


def read_benchmarks(inputs: Sequence[Source] | pl.DataFrame) -> tuple[pl.DataFrame, list[Benchmark]]:
    """The parts of all items, as in `PARTS`, and what was read of each file.

    >>> parts, read = read_benchmarks(pl.DataFrame({"question": ["Why?"], "choices": [["a", "b"]], "answer": [0]}))
    >>> parts.select("part", "text").rows(), read[0].items
    ([('question', 'Why?'), ('answer', 'a'), ('choices', 'a\\nb')], 1)
    """
    if isinstance(inputs, pl.DataFrame):
        values = [(value, None) for part in slices(inputs) for value in of_frame(part).values]
        parts, read = _benchmark("table", values)
        return parts, [read]
    names = _names(inputs)
    found = [_benchmark(name, _values(source)) for name, source in zip(names, inputs, strict=True)]
    return pl.concat([parts for parts, _ in found]), [read for _, read in found]


def _names(sources: Iterable[Source]) -> list[str]:
    """The file names without their endings, with the folder where two are the same."""
    paths = [Path(source.name) for source in sources]
    short = [path.name.removesuffix(".gz").removesuffix(".zst").rpartition(".")[0] or path.name for path in paths]
    named = [
        f"{path.parent.name}/{name}" if short.count(name) > 1 else name for path, name in zip(paths, short, strict=True)
    ]
    seen = dict.fromkeys(named, 0)
    for place, name in enumerate(named):
        seen[name] += 1
        named[place] = f"{name} ({seen[name]})" if seen[name] > 1 else name
    return named


def _values(source: Source) -> list[tuple[Any, int | None]]:
    """The records of a file with their lines; the first line too where it is no header."""
    chunks = list(formats.read(source))
    lines = [line for chunk in chunks for line in chunk.lines]
    values = [value for chunk in chunks for value in chunk.values]
    if source.format in ("csv", "tsv") and (header := _header(values)) is not None and _is_data(header):
        columns = ("question", *(_LETTERS[: len(header) - 2] if len(header) > 2 else ()), "answer")
        rows = [header, *(tuple(value.values()) if isinstance(value, dict) else value for value in values)]
        values = [dict(zip(columns, row, strict=True)) if isinstance(row, tuple) else row for row in rows]
        lines = [1, *lines]
    return list(itertools.zip_longest(values, lines))


def _header(values: list[Any]) -> tuple[str, ...] | None:
    return next((tuple(value) for value in values if isinstance(value, dict)), None)


def _is_data(header: tuple[str, ...]) -> bool:
    """Whether a first line is an item, as in MGSM and MMLU's own files: names of columns are short and no numbers.

    >>> _is_data(("Wie viele sind es, wenn drei Kinder je vier haben?", "12")), _is_data(("question", "answer"))
    (True, False)
    """
    if not 2 <= len(header) <= 2 + len(_LETTERS):
        return False
    last = header[-1].strip()
    lettered = len(header) > 3 and len(last) == 1 and last in _LETTERS
    return lettered or len(header[0]) > 40 or last.replace(",", "").lstrip("-").isdigit()


_LETTERS: Final = "ABCDEFGH"


def _benchmark(name: str, values: Iterable[tuple[Any, int | None]]) -> tuple[pl.DataFrame, Benchmark]:
    collected = _Collected()
    for number, (value, line) in enumerate(values):
        collected.add(number, value, line)
    parts = pl.DataFrame(list(collected.lines()), schema=dict(list(PARTS.items())[1:]), orient="row")
    parts = parts.select(pl.lit(name).alias("benchmark"), *parts.columns)
    return parts, Benchmark(name, len(collected.items), len(collected.reasons), next(iter(collected.reasons), None))


class _Collected:
    """The items of a file; those in a shape of training data are read together at the end."""

    def __init__(self) -> None:
        self.items: dict[int, tuple[int | None, str | None, list[Part]]] = {}
        self.reasons: list[str] = []
        self._same: dict[Any, int] = {}
        self._read, self._detector = Builder(), Detector()
        self._numbers: list[int] = []

    def add(self, number: int, value: Any, line: int | None) -> None:
        item = shaped(value) if isinstance(value, dict) else None
        if item is None:
            schema = self._detector.read(value, self._read)
            if isinstance(schema, Unreadable):
                self.reasons.append(schema.reason)
                return
            self._read.finish(schema)
            self._numbers.append(number)
            passages = any(isinstance(value.get(name), str) for name in PASSAGES)
            self.items[number] = (line, name_of(value), [("passage", "")] if passages else [])
            return
        first = self._same.setdefault(item.same, number) if item.same is not None else number
        _, _, parts = self.items.setdefault(first, (line, name_of(value), []))
        parts += [part for part in _parts(item) if part not in parts]

    def lines(self) -> Iterator[tuple[int, int | None, str | None, str, str]]:
        records = self._read.build()
        turns = records.turns.filter(pl.col("side").is_null()).group_by("row", maintain_order=True).agg("role", "text")
        contexts = records.rows["context"].to_list()
        for row, roles, texts in turns.iter_rows():
            parts = self.items[self._numbers[row]][2]
            context = contexts[row] if parts else None
            parts.clear()
            said = list(zip(roles, texts, strict=True))
            asked = tuple(_without(text, context) for role, text in said if role in ("user", "text"))
            answers = tuple(text for role, text in said if role == "assistant")
            parts += _parts(Item(asked, answers, context))
        for number, (line, name, parts) in self.items.items():
            choices = "\n".join(text for part, text in parts if part == "choices")
            kept = [one for one in parts if one[0] != "choices"] + ([("choices", choices)] if choices else [])
            yield from ((number, line, name, part, text) for part, text in kept)


def _without(text: str, context: str | None) -> str:
    return text.removesuffix(context).rstrip() if context else text


def _parts(item: Item) -> list[Part]:
    """What is looked for of an item, empty texts left out."""
    finals = (final for answer in item.answers if (final := final_answer(answer)) is not None)
    named: list[tuple[str, Iterable[str | None]]] = [
        ("question", item.questions),
        ("answer", item.answers),
        ("passage", [item.passage]),
        ("final", finals),
        ("choices", item.choices),
    ]
    return [(part, text) for part, texts in named for text in texts if text and text.strip()]


def check_items(parts: pl.DataFrame, benchmarks: Sequence[Benchmark]) -> None:
    """An error where nothing at all can be looked for."""
    if parts.is_empty():
        reason = next((one.first_reason for one in benchmarks if one.first_reason), "they are empty")
        raise TamisError(f"--against: no test item could be read ({reason})")
