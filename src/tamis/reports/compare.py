"""A comparison for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tamis.reports.diversity import HEADLINES, SIDES, gap_lines, interval, number, verdict
from tamis.reports.parts import Summary, percent, plain_table, section, shower
from tamis.scores.diversity.catalogue import REFERENCE

_MOST: Final = 12
CAVEAT: Final = "more than chance: as if both were independent samples, at a false-discovery rate of 5 %"


def compare_report(summary: Summary) -> RenderableType:
    """Rows that came and went, what the rules find in each set, figures that moved, and what shrank."""
    one, two = (", ".join(file["name"] for file in summary[side][:3]) for side in ("before", "after"))
    counts = " · ".join(f"{summary[name]:,} {name}" for name in ("removed", "added", "changed"))
    rules = [rule for rule in summary["rules"] if rule["rows_before"] or rule["rows_after"]]
    parts: list[RenderableType] = [
        Text.assemble((one, "bold"), " -> ", (two, "bold")),
        Text(f"{summary['rows_before']:,} -> {summary['rows']:,} rows   {counts}"),
        *section("what the rules find", _rules(rules)),
    ]
    if summary["diversity"]:
        parts += section("diversity, at an equal number of rows", _scores(summary["diversity"]))
        parts += section(
            "what the later set hardly reaches any more", gap_lines(summary["diversity"]["gaps"], ("after", "before"))
        )
    shrunk = [kind for kind in summary["kinds"] if kind["differs"] and kind["difference"] < 0]
    parts += section("rows whose share shrank", _kinds(shrunk))
    return Group(*parts, Text(), Text(CAVEAT, style="dim"))


def _rules(rules: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Those that moved by more than chance first, and in colour."""
    table = plain_table("", ("before", "right"), ("", "right"), ("after", "right"), ("", "right"), "change in points")
    for rule in sorted(rules, key=lambda rule: (not rule["differs"], -abs(rule["difference"])))[:_MOST]:
        style = "dim" if not rule["differs"] else "red" if rule["difference"] > 0 else "green"
        table.add_row(f"  {rule['what']}", *_shares(rule), Text(_points(rule), style=style))
    return _with_rest(table, len(rules))


def _kinds(kinds: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    if not kinds:
        return []
    table = plain_table(
        "", "", ("before", "right"), ("", "right"), ("after", "right"), ("", "right"), "change in points"
    )
    for kind in kinds[:_MOST]:
        table.add_row(f"  {kind['of']}", kind["kind"], *_shares(kind), _points(kind))
    return _with_rest(table, len(kinds))


def _with_rest(table: Table, every: int) -> list[RenderableType]:
    rest = every - table.row_count
    lines: list[RenderableType] = [table] if table.row_count else [Text("  nothing", style="dim")]
    return [*lines, Text(f"  and {rest:,} more: --json lists all", style="dim")] if rest else lines


def _shares(line: Mapping[str, Any]) -> tuple[str, str, str, str]:
    told = ((line[f"rows_{side}"], line[f"share_{side}"]) for side in ("before", "after"))
    (was, share_was), (now, share_now) = told
    return f"{was:,}", percent(share_was), f"{now:,}", percent(share_now)


def _points(line: Mapping[str, Any]) -> str:
    """The difference of two shares in percentage points, with its interval.

    >>> _points({"difference": 0.02, "low": 0.01, "high": 0.031})
    '+2.0 (+1.0 to +3.1)'
    """
    value, low, high = (f"{100 * line[name]:+.1f}" for name in ("difference", "low", "high"))
    return f"{value} ({low} to {high})"


def _scores(summary: Summary) -> list[RenderableType]:
    """The headline scores of both sets; those of how the later set reaches the earlier say nothing of its variety."""
    every = [line for line in summary["scores"] if line["reference"] is not None and line["score"] not in REFERENCE]
    table = plain_table("", "", ("before", "right"), ("95 %", "right"), ("after", "right"), ("95 %", "right"), "")
    for line in (line for line in every if line["score"] in HEADLINES):
        was = number(line["reference"]), interval(line["reference_low"], line["reference_high"])
        now = number(line["value"]), interval(line["low"], line["high"])
        known = summary["about"][line["score"]]
        told = verdict(line, known)
        style = "green" if told == "more varied" else "red"
        table.add_row(f"  {SIDES[line['side']]}", known["title"], *was, *now, Text(told, style=style))
    rest = [line for line in every if line["score"] not in HEADLINES]
    moved = sum(bool(line["differs"]) for line in rest)  # nobody can tell of samples that are whole sets
    return [table, Text(f"  {moved} of {len(rest)} other scores moved: --json lists all", style="dim")]


text = shower(compare_report)
