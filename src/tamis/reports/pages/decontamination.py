"""The page of a decontamination: which test sets leaked, how much of each, and the surest hits with both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tamis.reports.blocks import Alerts, Block, Cell, Notes, Part, Row, Table, Tiles, names_of, right
from tamis.reports.decontamination import VERDICTS
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, percent, short, where

_SEARCHED: Final = {"prompt": "Prompts", "response": "Responses", "conversation": "Prompts and responses"}
_SHOWN: Final = 300


def title(summary: Summary) -> str:
    """The files that were searched."""
    return names_of(summary["inputs"])


def parts(summary: Summary) -> list[Part]:
    """The overview; the hits themselves are a section of another kind."""
    blocks: list[Block] = [
        Tiles(_tiles(summary)),
        Alerts(_alerts(summary)),
        _benchmarks(summary["benchmarks"]),
        Notes(_notes(summary), title="What was run"),
    ]
    return [Part("overview", title(summary), _size(summary), blocks)]


def evidence(summary: Summary) -> Part:
    """The surest hits as a table with what stands on both sides."""
    many = len(summary["inputs"]) > 1
    rows = [_example(example, many) for example in summary["examples"]]
    lead = "The surest hits of each benchmark: what stands in the row, and what in the item."
    columns: list[Column] = [
        "Row",
        "Item",
        "Verdict",
        *right("Score", "Rows"),
        "In the row",
        "In the item",
    ]
    return Part("evidence", "Surest hits", lead, [Table("", columns, rows)] if rows else [Notes(("There are none.",))])


def notebook(summary: Summary) -> str:
    """What leaked as a piece of HTML."""
    hit = [one for one in summary["benchmarks"] if one["rows_hit"] or one["meaning"]]
    shown: list[Block] = [Alerts(_alerts(summary)), _benchmarks(hit), *evidence(summary).blocks]
    return fragment(title(summary), _size(summary), shown)


def benchmarks_as_rules(summary: Summary) -> list[dict[str, Any]]:
    """The test sets as the page's script names what it filters by."""
    return [
        {
            "rule": one["benchmark"],
            "what": one["benchmark"],
            "action": "drop" if one["rows_hit"] else "flag",
            "severity": "high" if one["rows_hit"] else "low",
            "signal": "score",
            "unit": "ratio",
            "condition": "",
            "rows": one["rows_hit"] + one["meaning"],
            "share": one["rows_hit"] / max(1, summary["rows"]),
        }
        for one in summary["benchmarks"]
    ]


def _size(summary: Summary) -> str:
    items, sets = sum(one["items"] for one in summary["benchmarks"]), len(summary["benchmarks"])
    named = "benchmark" if sets == 1 else "benchmarks"
    return (
        f"{_SEARCHED[summary['fields']]} of {summary['rows']:,} rows held against {items:,} items of {sets:,} {named}."
    )


def _tiles(summary: Summary) -> list[tuple[str, str]]:
    hit = sum(one["items_hit"] for one in summary["benchmarks"])
    tiles = [
        (short(summary["contaminated"]), "rows hold a test item"),
        (short(hit), "items are in the data"),
        (short(summary["kept"]), "rows would stay"),
    ]
    if summary["semantic"] is not None:
        tiles.append((short(summary["alike"]), "more rows alike in meaning"))
    if summary["unreadable"]:
        tiles.append((short(summary["unreadable"]), "rows could not be read"))
    return tiles


def _alerts(summary: Summary) -> list[tuple[str, str]]:
    share = percent(summary["contaminated"] / max(1, summary["rows"]))
    hit = [one for one in summary["benchmarks"] if one["rows_hit"]]
    alerts = [("low", "No row holds a test item.")]
    if hit:
        ranked = sorted(hit, key=lambda one: -one["items_hit"] / max(1, one["items"]))
        told = ", ".join(f"{one['benchmark']} {percent(one['items_hit'] / max(1, one['items']))}" for one in ranked[:4])
        found = f"{summary['contaminated']:,} of {summary['rows']:,} rows ({share}) hold a test item."
        alerts = [("high", f"{found} Of the items: {told}.")]
    if summary["alike"]:
        alerts.append(
            ("medium", f"{summary['alike']:,} more rows are alike in meaning alone; they stay: look at them.")
        )
    for one in summary["unread_benchmarks"]:
        alerts.append(("medium", f"{one['benchmark']}: {one['records']:,} records are no test items: {one['reason']}"))
    return alerts


def _benchmarks(benchmarks: Sequence[Summary]) -> Table:
    shown = [kind for kind in VERDICTS if any(one[kind] for one in benchmarks)]
    columns: list[Column] = [
        "Benchmark",
        *right("Items", "Items hit", "Share of items", "Rows hit"),
        *((kind.capitalize(), "right") for kind in shown),
    ]
    ranked = sorted(benchmarks, key=lambda one: (-one["rows_hit"], -one["meaning"], one["benchmark"]))
    rows: list[Row] = []
    for one in ranked:
        share = one["items_hit"] / max(1, one["items"])
        rows.append(
            [
                Cell(one["benchmark"], "name"),
                f"{one['items']:,}",
                f"{one['items_hit']:,}",
                Cell(percent(share), bar=share),
                f"{one['rows_hit']:,}",
                *(f"{one[kind]:,}" for kind in shown),
            ]
        )
    found = sum(bool(one["rows_hit"] or one["meaning"]) for one in benchmarks)
    return Table("Benchmarks", columns, rows, open=found or 12)


def _example(example: Summary, many: bool) -> Row:
    line = f"line {example['item_line']:,}" if example["item_line"] else f"row {example['item']:,}"
    name = f" ({example['name']})" if example["name"] else ""
    style = "badge drop" if example["action"] == "drop" else "badge flag"
    sides = (Cell(lines=(_line(example[side]),)) for side in ("text", "item_text"))
    return [
        where(example["place"], many),
        f"{example['benchmark']} {line}{name}",
        Cell(example["verdict"], style),
        f"{example['score']:.2f}",
        f"{example['rows']:,}",
        *sides,
    ]


def _line(text: str) -> str:
    """The beginning of a span on one line."""
    one = " ".join(text.split())
    return one if len(one) <= _SHOWN else f"{one[:_SHOWN]}…"


def _notes(summary: Summary) -> list[str]:
    notes = [
        f"Searched in {summary['seconds']:.1f} s, offline. The score is the weight of an item's words that stand in "
        "the row in order, over the weight of all; a question counts from the score that its length asks for."
    ]
    if summary["semantic"] is not None:
        notes.append(f"Alike in meaning: cosine {summary['semantic']:g} or more by {summary['embedder']}.")
    written = (
        (summary["output"], "Clean rows"),
        (summary["dropped_output"], "The others, with the evidence"),
        (summary["index"], "Index of the test items"),
    )
    return notes + [f"{what}: {path}" for path, what in written if path]
