"""What all reports for a terminal share: tables, sections, numbers and places as people write them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

Summary = Mapping[str, Any]
Column = str | tuple[str, Literal["right"]]
UNKNOWN_WARNING: Final = 0.1
"""Share of unknown text above which another embedder is advised."""


def plain_table(*columns: Column, show_header: bool = True, expand: bool = False) -> Table:
    """A table without lines, its header dim; a column is left-aligned, or right-aligned where it says so."""
    plain = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=show_header, expand=expand
    )
    for column in columns:
        if isinstance(column, tuple):
            plain.add_column(column[0], justify=column[1], overflow="fold")
        else:
            plain.add_column(column, overflow="fold")
    return plain


def section(title: str, lines: Sequence[RenderableType]) -> list[RenderableType]:
    """A blank line, the title and what stands below it; nothing where nothing does."""
    return [Text(), Text(title, style="bold"), *lines] if lines else []


def where(place: Mapping[str, Any], many: bool) -> str:
    """`line 12`, as editors count, where the format has lines; otherwise `row 11`, counted from 0."""
    if many or place.get("reference"):
        return f"{place['file']}:{place['line']}" if place["line"] else f"{place['file']} row {place['row']:,}"
    return f"line {place['line']:,}" if place["line"] else f"row {place['row']:,}"


def percent(share: float) -> str:
    """A share as a percentage that never rounds something to nothing, nor almost all to all."""
    return (
        f"{100 * share:.1f} %"
        if 0.0005 <= share < 0.9995 or share in (0, 1)
        else ("< 0.1 %" if share < 0.5 else "> 99.9 %")
    )


def short(count: int) -> str:
    """A count in three digits or so.

    >>> short(1_234_567)
    '1.2 M'
    """
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return str(count)


def byte_size(count: int) -> str:
    """A number of bytes in three digits or so."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"


def facts_lines(facts: Mapping[str, Any]) -> list[str]:
    """What must be known about how neighbours were found: by which model, what it could not read, what was not seen."""
    lines = []
    embedding, semantic, lexical = facts.get("embedding"), facts.get("semantic"), facts.get("near_duplicates")
    if lexical and lexical["pairs_not_compared"]:
        lines.append(
            f"near-duplicates: {lexical['pairs_not_compared']:,} pairs of large families compared with their heads only"
        )
    if embedding:
        unknown = {name: embedding.get(f"{name}_unknown_ratio", 0.0) for name in ("prompt", "response")}
        said = ", ".join(f"{percent(share)} of {name}s" for name, share in unknown.items() if share >= 0.0005)
        lines.append(f"embedder {embedding['embedder']}" + (f"; does not know {said}" if said else ""))
        cut = {name: embedding[f"{name}_truncation"] for name in unknown if f"{name}_truncation" in embedding}
        lines += [f"{name}s: {sentence}" for name, sentence in cut.items()]
        if max(unknown.values()) > UNKNOWN_WARNING:
            lines.append("the static embedder reads English: name a multilingual model with --embedder")
    if semantic:
        recall = "" if semantic["recall"] is None else f", recall {percent(semantic['recall'])}"
        left = (
            f", {semantic['pairs_left_out']:,} pairs of large families left out" if semantic["pairs_left_out"] else ""
        )
        lines.append(f"search by meaning: {semantic['method']}{recall}{left}")
    return lines


def cache_line(cache: Mapping[str, Any] | None) -> str | None:
    """What was known from runs before, and what of it was damaged; None where there is nothing to say."""
    if not cache or not (cache["rows_known"] or cache["damaged"] or cache["neighbours"] == "known"):
        return None
    damaged = f"; {cache['damaged']:,} damaged files of it computed again" if cache["damaged"] else ""
    return (
        f"cache: {cache['rows_known']:,} rows known, {cache['rows_measured'] or 0:,} measured, "
        f"neighbours {cache['neighbours']}{damaged}"
    )


def clean(text: str) -> str:
    """At most 300 characters, those that a terminal would obey replaced."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)[:300]


def as_text(report: RenderableType) -> str:
    """A report as plain text of 120 columns."""
    console = Console(file=io.StringIO(), width=120, force_terminal=False, color_system=None)
    console.print(report)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def shower(report: Callable[[Summary], RenderableType]) -> Callable[[Summary], str]:
    """What gives a report as text."""
    return lambda summary: as_text(report(summary))
