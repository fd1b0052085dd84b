"""Decontamination for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tamis.reports.parts import Summary, clean, percent, plain_table, section, shower, where

VERDICTS: Final = ("question", "question and answer", "answer", "passage", "meaning")
_TITLES: Final = (("what was found", "drop"), ("alike in meaning alone: look before you drop any", "flag"))
_SHOWN: Final = 160


def decontamination_report(summary: Summary) -> RenderableType:
    """How many rows hold test items, of which benchmarks, and the surest hits with both sides."""
    hit = [one for one in summary["benchmarks"] if one["rows_hit"] or one["meaning"]]
    parts: list[RenderableType] = [_head(summary)]
    if hit:
        parts += [Text(), _benchmarks(hit)]
    parts += _without(summary["benchmarks"])
    many = len(summary["inputs"]) > 1
    for title, action in _TITLES:
        shown = [example for example in summary["examples"] if example["action"] == action]
        parts += section(title, [line for example in shown for line in _example(example, many)])
    written = (
        ("clean rows", summary["output"]),
        ("rows with test items, and the evidence", summary["dropped_output"]),
        ("index of the test items", summary["index"]),
    )
    told = [Text.assemble((f"{what:<40}", "dim"), path) for what, path in written if path]
    return Group(*parts, *([Text(), *told] if told else []))


def _head(summary: Summary) -> RenderableType:
    names = ", ".join(file["name"] for file in summary["inputs"][:3])
    rows, found = max(1, summary["rows"]), summary["contaminated"]
    items = sum(one["items"] for one in summary["benchmarks"])
    sets = len(summary["benchmarks"])
    said = f"{found:,} of {summary['rows']:,} rows ({percent(found / rows)}) hold a test item" if found else (
        f"none of {summary['rows']:,} rows holds a test item"
    )  # fmt: skip
    searched = {"prompt": "prompts", "response": "responses", "conversation": "prompts and responses"}
    lines = [
        Text.assemble((names, "bold"), "   ", said, f"; {summary['kept']:,} would stay" if found else ""),
        Text(
            f"{searched[summary['fields']]} held against {items:,} items of {sets:,} "
            f"{'benchmark' if sets == 1 else 'benchmarks'} ({summary['seconds']:.1f} s, offline)",
            style="dim",
        ),
    ]
    if summary["unreadable"]:
        lines.append(Text(f"{summary['unreadable']:,} rows could not be read and were not searched", style="red"))
    if summary["semantic"] is not None:
        alike = f"{summary['alike']:,} more are alike in meaning, cosine {summary['semantic']:g} or more"
        lines.append(Text(f"{alike} ({summary['embedder']}); they stay", style="dim"))
    for one in summary["unread_benchmarks"]:
        what = f"{one['benchmark']}: {one['records']:,} records are no test items: {clean(one['reason'])}"
        lines.append(Text(what, style="yellow"))
    return Group(*lines)


def _benchmarks(hit: Sequence[Summary]) -> RenderableType:
    shown = [kind for kind in VERDICTS if any(one[kind] for one in hit)]
    numbers = ("items", "hit", "share", "rows", *shown)
    table = plain_table("benchmark", *((name, "right") for name in numbers))
    for one in sorted(hit, key=lambda one: (-one["rows_hit"], -one["meaning"], one["benchmark"])):
        counts = (f"{one[kind]:,}" if one[kind] else "" for kind in shown)
        share = percent(one["items_hit"] / max(1, one["items"]))
        hits = (f"{one['items']:,}", f"{one['items_hit']:,}", share, f"{one['rows_hit']:,}")
        table.add_row(clean(one["benchmark"]), *hits, *counts)
    return table


def _without(benchmarks: Sequence[Summary]) -> list[RenderableType]:
    free = [clean(one["benchmark"]) for one in benchmarks if not (one["rows_hit"] or one["meaning"])]
    if not free:
        return []
    more = f" and {len(free) - 8} more" if len(free) > 8 else ""
    return [Text(f"nothing of {', '.join(free[:8])}{more}", style="dim")]


def _example(example: Summary, many: bool) -> list[RenderableType]:
    """Where it stands on both sides, and what: once where the two say the same."""
    line = f"line {example['item_line']:,}" if example["item_line"] else f"row {example['item']:,}"
    name = f" ({clean(example['name'])})" if example["name"] else ""
    turn = f" turn {example['turn']}" if example["turn"] else ""
    more = example["rows"] - 1
    also = f", and {more:,} more row{'s' if more > 1 else ''}" if more else ""
    head = Text.assemble(
        "  ",
        (f"{where(example['place'], many)}{turn}", "bold"),
        f" = {clean(example['benchmark'])} {line}{name}   {example['verdict']}, {example['score']:.2f}{also}",
    )
    own, item = _line(example["text"]), _line(example["item_text"])
    sides = [("both", own)] if own == item else [("row", own), ("item", item)]
    return [head, *(Padding(Text.assemble((f"{side:<5}", "dim"), text), (0, 0, 0, 6)) for side, text in sides)]


def _line(text: str) -> str:
    """The beginning of a span on one line."""
    one = " ".join(text.split())
    return clean(one if len(one) <= _SHOWN else f"{one[:_SHOWN]}...")


text = shower(decontamination_report)
