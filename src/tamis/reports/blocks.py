"""What pages, notebooks and Markdown show of a result: parts of tiles, tables, strips and sentences, as plain text.

A text is what it says: whatever renders a block escapes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import ClassVar, Final

from tamis.reports.card import cell as markdown_cell
from tamis.reports.parts import Column, Summary

SHOWN: Final = 12
"""Rows of a table that stand open; the others are folded away."""
_MARGIN: Final = 0.04
"""Share of a strip left free at either end, so that no mark is cut."""


@dataclass(frozen=True)
class Mark:
    """Something drawn on a strip at `at` percent of its width, as wide as `width` percent where it is an interval."""

    kind: str
    at: float
    width: float = 0.0


@dataclass(frozen=True)
class Strip:
    """A small plot on one axis, and the sentence that says the same."""

    label: str
    marks: tuple[Mark, ...]
    odd: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a table: text, and perhaps a bar of a share (0 to 1), a strip, a badge, or lines of example texts."""

    text: str = ""
    style: str = ""
    bar: float | None = None
    strip: Strip | None = None
    lines: tuple[str, ...] = ()


Row = Sequence[Cell | str]


@dataclass(frozen=True)
class Tiles:
    """A few numbers to begin with, each with what it counts."""

    kind: ClassVar[str] = "tiles"
    tiles: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table; where it has many rows, the first `open` stand and the others are folded away."""

    kind: ClassVar[str] = "table"
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    lead: str = ""
    note: str = ""
    open: int = SHOWN
    half: bool = False
    """Whether it may stand beside another one."""


@dataclass(frozen=True)
class Alerts:
    """What deserves to be known first, each `high`, `medium` or `low`."""

    kind: ClassVar[str] = "alerts"
    alerts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Notes:
    """Sentences, under a heading where they have one; folded away where `folded`."""

    kind: ClassVar[str] = "notes"
    lines: Sequence[str]
    title: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Key:
    """What the marks of strips mean."""

    kind: ClassVar[str] = "key"
    marks: Sequence[tuple[str, str]]


Block = Tiles | Table | Alerts | Notes | Key


@dataclass(frozen=True)
class Part:
    """A section of a page: its anchor, its title, a sentence or two, and its blocks."""

    key: str
    title: str
    lead: str
    blocks: Sequence[Block] = field(default_factory=tuple)

    @property
    def grouped(self) -> list[tuple[bool, list[Block]]]:
        """Blocks in order, those side by side together."""
        groups: list[tuple[bool, list[Block]]] = []
        for block in self.blocks:
            half = isinstance(block, Table) and block.half
            if groups and groups[-1][0] == half:
                groups[-1][1].append(block)
            else:
                groups.append((half, [block]))
        return groups


Span = tuple[float | None, float | None]
Points = Mapping[str, float | Span | None]


def span_of(values: Iterable[float | None]) -> tuple[float, float] | None:
    """The ends of a strip on which all the values find room; None where there are none.

    >>> span_of([0.0, None, 10.0])
    (-0.4, 10.4)
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    margin = (_MARGIN * (high - low)) or max(abs(high), 1.0) * _MARGIN
    return low - margin, high + margin


def strip(
    label: str,
    span: tuple[float, float],
    points: Points,
    *,
    turned: bool = False,
    odd: bool = False,
) -> Strip:
    """Points and intervals by kind on an axis from one end of `span` to the other, or the other way round.

    >>> strip("2, from 1 to 4", (0, 4), {"interval": (1, 4), "value": 2}).marks
    (Mark(kind='interval', at=25.0, width=75.0), Mark(kind='value', at=50.0, width=0.0))
    """
    low, high = span

    def place(value: float) -> float:
        share = (value - low) / ((high - low) or 1.0)
        return round(100 * min(1.0, max(0.0, 1 - share if turned else share)), 2)

    marks = []
    for kind, value in points.items():
        if isinstance(value, tuple):
            if value[0] is not None and value[1] is not None:
                one, other = sorted((place(value[0]), place(value[1])))
                marks.append(Mark(kind, one, round(other - one, 2)))
        elif value is not None:
            marks.append(Mark(kind, place(value)))
    return Strip(label, tuple(marks), odd)


def right(*names: str) -> list[Column]:
    """Columns of numbers, which stand to the right."""
    return [(name, "right") for name in names]


def as_cell(value: Cell | str) -> Cell:
    """The cell that a text stands for."""
    return value if isinstance(value, Cell) else Cell(value)


def names_of(files: Sequence[Summary], most: int = 3) -> str:
    """The names of files as one text, without their folders.

    >>> names_of([{"name": "data/a.jsonl"}, {"name": "data/b.jsonl"}], most=1)
    'a.jsonl and 1 more'
    """
    more = f" and {len(files) - most} more" if len(files) > most else ""
    return ", ".join(PurePath(file["name"]).name for file in files[:most]) + more


def markdown(title: str, parts: Sequence[Part]) -> str:
    """The parts as Markdown, whole tables and the sentences that strips stand for."""
    lines = [f"# {markdown_cell(title)}", ""]
    for place, part in enumerate(parts):
        lines += [f"## {markdown_cell(part.title)}", ""] if place else []
        lines += [markdown_cell(part.lead), ""] if part.lead else []
        for block in part.blocks:
            lines += _markdown(block)
    return "\n".join(lines).rstrip() + "\n"


def _markdown(block: Block) -> list[str]:
    if isinstance(block, Tiles):
        return [*(f"- **{value}** {what}" for value, what in block.tiles), ""]
    if isinstance(block, Alerts):
        return [*(f"- **{level}** {markdown_cell(text)}" for level, text in block.alerts), ""]
    if isinstance(block, Notes):
        title = [f"### {markdown_cell(block.title)}", ""] if block.title else []
        return [*title, *(part for line in block.lines for part in (markdown_cell(line), ""))]
    if isinstance(block, Table):
        titles = [markdown_cell(column[0] if isinstance(column, tuple) else column) for column in block.columns]
        ends = ["---:" if isinstance(column, tuple) else "---" for column in block.columns]
        rows = ["| " + " | ".join(_markdown_text(as_cell(cell)) for cell in row) + " |" for row in block.rows]
        told = [markdown_cell(line) for line in (block.lead, block.note) if line]
        head = [f"### {markdown_cell(block.title)}", ""] if block.title else []
        table = [f"| {' | '.join(titles)} |", f"| {' | '.join(ends)} |", *rows, ""] if rows else []
        return [*head, *table, *(part for line in told for part in (line, ""))]
    return []


def _markdown_text(cell: Cell) -> str:
    said = [cell.text, *([cell.strip.label] if cell.strip else []), *cell.lines]
    return "<br>".join(markdown_cell(text) for text in said if text)
