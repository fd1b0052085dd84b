"""A chunk of raw records as rows of a target, with what was lost and what could not be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from tamis.records.builder import Builder
from tamis.records.raw import Chunk, Unreadable
from tamis.records.schemas import Detector, renamed
from tamis.records.table import UNREADABLE
from tamis.records.targets._target import Example, Inexpressible, Row, Target, examples
from tamis.records.targets.fields import UsedFields, turns_hold_more

Place = tuple[int, int, int | None, int | None, int | None]
"""Row, file, line, start and stop, as in `table.ROWS`."""
PLACE: Final = pl.Schema({name: UNREADABLE[name] for name in ("row", "file", "line", "start", "stop")})
EXAMPLES: Final = 5


@dataclass
class Converted:
    """The rows of a chunk that can be written, where each came from, and the kinds of its losses."""

    rows: list[Row] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    losses: list[set[str]] = field(default_factory=list)


@dataclass
class Tally:
    """What became of all rows."""

    rows: int = 0
    written: int = 0
    lossy: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[Place]] = field(default_factory=dict)
    schemas: Counter[str] = field(default_factory=Counter)
    left_out: list[tuple[Any, ...]] = field(default_factory=list)
    unreadable: list[tuple[Any, ...]] = field(default_factory=list)

    def wrote(self, converted: Converted, of_format: Iterable[set[str]]) -> None:
        """Count rows as written, with the losses of the target and those of the format."""
        for place, losses, more in zip(converted.places, converted.losses, of_format, strict=True):
            self.written += 1
            self.lossy += bool(losses or more)
            for kind in losses | more:
                self.losses[kind] += 1
                first = self.first.setdefault(kind, [])
                if len(first) < EXAMPLES:
                    first.append(place)


class Conversion:
    """Converts chunk after chunk; `target` None leaves rows as they are."""

    def __init__(
        self,
        target: Target | None,
        schema: str | None = None,
        mapping: Mapping[str, str] | None = None,
        *,
        drop_fields: bool = False,
    ) -> None:
        Detector(schema, mapping)  # a field that does not exist is told before a row is read
        self.target = target
        self.detector = Detector(schema)
        self.mapping = dict(mapping or {})
        self.drop_fields = drop_fields
        self.fields = UsedFields()
        self.tally = Tally()

    def convert(self, chunk: Chunk, file: int) -> Converted:
        """The rows of a chunk; those that are left out or cannot be read are tallied."""
        if self.target is None:
            return self._kept(chunk, file)
        builder, out = Builder(), Converted()
        raw: list[Row] = []
        for value, place in self._placed(chunk, file):
            row = renamed(value, self.mapping) if self.mapping and type(value) is dict else value
            schema = self.detector.read(row, builder)
            if isinstance(schema, Unreadable):
                self.tally.unreadable.append((*place, schema.reason))
                continue
            builder.finish(schema)
            raw.append(row)
            out.places.append(place)
        understood = list(examples(builder.build()))
        places, out.places = out.places, []
        for row, example, place in zip(raw, understood, places, strict=True):
            self.tally.schemas[example.schema] += 1
            losses: set[str] = set()
            try:
                out.rows.append(self._row(self.target, row, example, losses))
            except Inexpressible as reason:
                self.tally.left_out.append((*place, str(reason)))
            else:
                out.places.append(place)
                out.losses.append(losses)
        return out

    def _kept(self, chunk: Chunk, file: int) -> Converted:
        out = Converted()
        for value, place in self._placed(chunk, file):
            if type(value) is dict:
                out.rows.append(value)
                out.places.append(place)
                out.losses.append(set())
            else:
                reason = value.reason if isinstance(value, Unreadable) else "a row must be a JSON object"
                self.tally.unreadable.append((*place, reason))
        return out

    def _placed(self, chunk: Chunk, file: int) -> Iterator[tuple[Any, Place]]:
        nothing = [None] * len(chunk.values)
        places = (chunk.lines or nothing, chunk.starts or nothing, chunk.stops or nothing)
        for value, line, start, stop in zip(chunk.values, *places, strict=True):
            yield value, (self.tally.rows, file, line, start, stop)
            self.tally.rows += 1

    def _row(self, target: Target, row: Row, example: Example, losses: set[str]) -> Row:
        taken = self.fields.of(row, example)
        if target.has(example.schema, row, taken):
            own = taken | set(target.fields)
            return {name: row[name] for name in row if name in own} if self.drop_fields else row
        if turns_hold_more(row, taken):
            losses.add("turn_fields")
        written = target.write(example, losses)
        for name, value in row.items():
            if name in taken or self.drop_fields:
                continue
            if name not in target.fields:
                written[name] = value
            elif value is not None and written.get(name) != value:
                losses.add("same_name")
        return written


def _no_column(length: int) -> pl.Series:
    return pl.Series("by", [None] * length, dtype=pl.String)
