"""A selection as a piece of HTML for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tamis.reports.blocks import Block, Cell, Notes, Row, Table, Tiles, names_of, right, span_of, strip
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, percent, short
from tamis.reports.select import FIGURES, figure_text, notes


def notebook(summary: Summary) -> str:
    """How much was picked and how, and the subset beside random ones."""
    tiles = [(short(summary["selected"]), "rows picked"), (short(summary["tokens"]), "tokens (estimated)")]
    told = [line for line in summary["figures"] if line["subset"] is not None and line["random"]["mean"] is not None]
    columns: list[Column] = [
        "Figure",
        "Beside random subsets",
        *right("Picked", "Random subsets", "Their range"),
    ]
    blocks: list[Block] = [Tiles(tiles), Table("", columns, [_figure(line) for line in told])]
    if summary["strata"]:
        rows: list[Row] = [
            [
                part["stratum"],
                f"{part['rows']:,}",
                percent(part["share"]),
                f"{part['selected']:,}",
                percent(part["selected_share"]),
            ]
            for part in summary["strata"]
        ]
        heads: list[Column] = ["Part", *right("Rows", "Share", "Picked", "Share")]
        blocks.append(Table("", heads, rows))
    share = percent(summary["selected"] / max(1, summary["rows"]))
    lead = f"{summary['selected']:,} of {summary['rows']:,} rows picked ({share}) by {summary['strategy']}"
    return fragment(names_of(summary["inputs"]), lead, [*blocks, Notes(notes(summary), "Notes", folded=True)])


def _figure(line: Mapping[str, Any]) -> Row:
    name, value, random = line["figure"], line["subset"], line["random"]
    picked, drawn, low, high = (
        figure_text(name, number) for number in (value, random["mean"], random["low"], random["high"])
    )
    span = span_of([value, random["low"], random["high"]]) or (0.0, 1.0)
    points = {"other-interval": (random["low"], random["high"]), "value": value}
    plot = strip(f"{picked}, random {low} to {high}", span, points)
    return [
        FIGURES[name].strip(),
        Cell(strip=plot if random["low"] < random["high"] else None),
        picked,
        drawn,
        Cell(f"{low} to {high}", "soft"),
    ]
