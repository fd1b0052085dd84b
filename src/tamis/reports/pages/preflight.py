"""A preflight as a piece of HTML for a notebook."""

from __future__ import annotations

from typing import Final

from tamis.reports.blocks import Cell, Row, Table, Tiles, right
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, percent, short, where

_STYLES: Final = {"rejected": "badge drop", "blanked": "badge drop", "masked": "badge drop"}


def notebook(summary: Summary) -> str:
    """What the trainer would do to the rows, and how many it would learn from."""
    many = len(summary["inputs"]) > 1
    rows: list[Row] = []
    for rule in summary["rules"]:
        first = rule["examples"][0]
        at = f"{where(first, many)}: " if first["row"] is not None else ""
        rows.append(
            [
                Cell(rule["severity"], _STYLES.get(rule["severity"], "badge")),
                f"{rule['rows']:,}",
                percent(rule["share"]),
                rule["what"],
                Cell(lines=(at + first["message"],)),
            ]
        )
    columns: list[Column] = ["Verdict", *right("Rows", "Share"), "What happens", "Where, and why"]
    tiles = [(short(summary["rows"]), "rows"), (short(summary["learnt"]), "rows it would learn from")]
    note = "" if rows else "Nothing was found that it would reject, blank, mask or cut."
    lead = f"as {summary['title']} would train on it, read as {summary['format'] or 'no known format'}"
    return fragment(
        ", ".join(str(name) for name in summary["inputs"][:3]),
        lead,
        [Tiles(tiles), Table("", columns, rows, note=note)],
    )
