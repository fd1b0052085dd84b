"""The page of a comparison: two sets side by side, what moved by more than chance, and what was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tamis.reports.blocks import (
    Alerts,
    Block,
    Cell,
    Key,
    Notes,
    Part,
    Row,
    Table,
    Tiles,
    names_of,
    right,
    span_of,
    strip,
)
from tamis.reports.compare import CAVEAT
from tamis.reports.diversity import HEADLINES, SIDES, interval, number
from tamis.reports.html import fragment
from tamis.reports.pages.diversity import gap_table, verdict_cell
from tamis.reports.parts import Column, Summary, percent, short

_KEY: Final = (("other", "before, with its interval"), ("value", "after"), ("interval", "95 % interval of one sample"))
_MOST: Final = 15


def title(summary: Summary) -> str:
    """The two sets by name, with their folders where the names alone do not tell them apart."""
    one, two = (names_of(summary[side]) for side in ("before", "after"))
    if one == two:
        one, two = (", ".join(file["name"] for file in summary[side][:3]) for side in ("before", "after"))
    return f"{one} → {two}"


def parts(summary: Summary) -> list[Part]:
    """All sections of the page."""
    found = [
        Part(
            "overview",
            title(summary),
            _sizes(summary),
            [
                Tiles(
                    [
                        (short(summary["rows_before"]), "rows before"),
                        (short(summary["rows"]), "rows after"),
                        *((short(summary[name]), name) for name in ("removed", "added", "changed")),
                    ]
                ),
                Alerts(_alerts(summary)),
                _totals(summary),
                Notes(
                    (
                        f"A difference counts as {CAVEAT}. Of a set and a part of it, that is on the safe side.",
                        "A changed row has a prompt of both sets, with another answer.",
                    ),
                    title="How to read it",
                ),
            ],
        ),
        Part(
            "found",
            "What the rules find",
            "Shares of rows that a rule hits, and their difference in percentage points "
            "with its 95 % interval, all on one scale. What moved by more than chance comes first.",
            [_rules(summary["rules"])],
        ),
        Part(
            "kinds",
            "Which rows there are",
            "Shares of kinds of rows in both sets, the same way; each table has a scale of its own.",
            _kinds(summary["kinds"]),
        ),
    ]
    if summary["diversity"]:
        found.append(
            Part(
                "diversity",
                "Diversity",
                "At an equal number of rows. Right is more varied.",
                _scores(summary["diversity"]),
            )
        )
        gaps = gap_table("", summary["diversity"]["gaps"], ("After", "Before"))
        lead = "Clusters of the earlier set that the later one hardly reaches any more, with rows from their middle."
        found.append(Part("lost", "What was lost", lead, [gaps]))
    return found


def notebook(summary: Summary) -> str:
    """What changed as a piece of HTML."""
    moved = [rule for rule in summary["rules"] if rule["rows_before"] or rule["rows_after"]]
    shown: list[Block] = [Alerts(_alerts(summary)), _shifts("Rule", "what", _ranked(moved)[:_MOST])]
    return fragment(title(summary), _sizes(summary), shown, CAVEAT)


def _sizes(summary: Summary) -> str:
    counts = ", ".join(f"{summary[name]:,} {name}" for name in ("removed", "added", "changed"))
    return f"{summary['rows_before']:,} rows before, {summary['rows']:,} after: {counts}."


def _alerts(summary: Summary) -> list[tuple[str, str]]:
    worse, better = (
        [rule["what"] for rule in _ranked(summary["rules"]) if rule["differs"] and (rule["difference"] > 0) == up]
        for up in (True, False)
    )
    shrunk = [
        f"{kind['of']} {kind['kind']}"
        for kind in _ranked(summary["kinds"])
        if kind["differs"] and kind["difference"] < 0
    ]
    alerts = []
    for level, names, said in (
        ("high", worse, "found more often than before"),
        ("medium", shrunk, "a smaller share of the rows than before"),
        ("low", better, "found less often than before"),
    ):
        if names:
            more = f" and {len(names) - 4:,} more" if len(names) > 4 else ""
            alerts.append((level, f"{said.capitalize()}: {'; '.join(names[:4])}{more}."))
    if summary["lost"]:
        alerts.append(("medium", f"{summary['lost']:,} clusters of the earlier set are hardly reached any more."))
    return alerts or [("low", "Nothing moved by more than chance.")]


def _totals(summary: Summary) -> Table:
    """The two audits side by side."""
    rows: list[Row] = []
    for name, what in (
        ("rows", "there are"),
        ("unreadable", "could not be read"),
        ("flagged", "have a finding"),
        ("dropped", "pruning would drop"),
    ):
        sides = [(summary[key], summary[total]) for key, total in ((f"{name}_before", "rows_before"), (name, "rows"))]
        cells = [[f"{count:,}", "" if name == "rows" else percent(count / max(1, rows_of))] for count, rows_of in sides]
        rows.append([what, *cells[0], *cells[1]])
    columns: list[Column] = [
        "Rows that",
        *right("Before", "Share", "After", "Share"),
    ]
    return Table("The two audits", columns, rows)


def _ranked(lines: Sequence[Summary]) -> list[Summary]:
    return sorted(lines, key=lambda line: (not line["differs"], -abs(line["difference"])))


def _rules(rules: Sequence[Summary]) -> Table:
    moved = [rule for rule in rules if rule["rows_before"] or rule["rows_after"]]
    return _shifts("Rule", "what", _ranked(moved), judged=True)


def _kinds(kinds: Sequence[Summary]) -> list[Block]:
    blocks: list[Block] = []
    for of in dict.fromkeys(kind["of"] for kind in kinds):
        own = [kind for kind in kinds if kind["of"] == of and (kind["rows_before"] or kind["rows_after"])]
        if of and own:
            blocks.append(_shifts(of[0].upper() + of[1:], "kind", _ranked(own), title=of[0].upper() + of[1:]))
    return blocks or [Notes(("No kind of row is known of both sets.",))]


def _shifts(name: str, key: str, lines: Sequence[Summary], *, judged: bool = False, title: str = "") -> Table:
    """A line a kind with its shares in both sets, and the difference on a scale that all lines share."""
    span = span_of([0.0, *(bound for line in lines for bound in (line["low"], line["high"]))]) or (-1.0, 1.0)
    columns: list[Column] = [
        name,
        "Fewer ← same → more",
        *right("Before", "Share", "After", "Share", "Points", "95 %"),
        "Verdict",
    ]
    rows = [_shift(line, key, span, judged) for line in lines]
    still = sum(not line["differs"] for line in lines)
    return Table(title, columns, rows, open=min(_MOST, max(5, len(lines) - still)))


def _shift(line: Mapping[str, Any], key: str, span: tuple[float, float], judged: bool) -> Row:
    value, low, high = (f"{100 * line[name]:+.1f}" for name in ("difference", "low", "high"))
    points = {"zero": 0.0, "interval": (line["low"], line["high"]), "value": line["difference"]}
    drawn = strip(
        f"{value} points, from {low} to {high}", span, points, odd=judged and line["differs"] and line["difference"] > 0
    )
    grew = line["difference"] > 0
    verdict = Cell("within chance", "soft")
    if line["differs"] and judged:
        verdict = Cell("more", "badge drop") if grew else Cell("fewer", "badge keep")
    elif line["differs"]:
        verdict = Cell("grew" if grew else "shrank", "badge flag")
    counts = [
        part for side in ("before", "after") for part in (f"{line[f'rows_{side}']:,}", percent(line[f"share_{side}"]))
    ]
    return [line[key], Cell(strip=drawn), *counts, value, Cell(f"{low} to {high}", "soft"), verdict]


def _scores(diversity: Summary) -> list[Block]:
    every = [line for line in diversity["scores"] if line["reference"] is not None]
    blocks: list[Block] = [Key(_KEY)]
    for side, named in SIDES.items():
        own = [line for line in every if line["side"] == side]
        ranked = sorted(own, key=lambda line: (not line["differs"], line["score"] not in HEADLINES))
        rows = [_score(line, diversity["about"][line["score"]]) for line in ranked]
        columns: list[Column] = [
            "Score",
            "Less varied ← → more varied",
            *right("Before", "95 %", "After", "95 %"),
            "Verdict",
        ]
        if rows:
            blocks.append(Table(named.capitalize(), columns, rows, open=14))
    return blocks


def _score(line: Summary, known: Summary) -> Row:
    was, now = number(line["reference"]), number(line["value"])
    names = ("reference", "reference_low", "reference_high", "value", "low", "high")
    points = {
        "other-interval": (line["reference_low"], line["reference_high"]),
        "other": line["reference"],
        "interval": (line["low"], line["high"]),
        "value": line["value"],
    }
    more = (line["value"] > line["reference"]) == (known["varied"] == "higher")
    span = span_of(line[name] for name in names) or (0.0, 1.0)
    drawn = strip(
        f"{was} before, {now} after", span, points, turned=known["varied"] == "lower", odd=line["differs"] and not more
    )
    befores = Cell(interval(line["reference_low"], line["reference_high"]), "soft")
    return [
        known["title"],
        Cell(strip=drawn),
        was,
        befores,
        now,
        Cell(interval(line["low"], line["high"]), "soft"),
        verdict_cell(line, known) if line["differs"] else Cell("within chance", "soft"),
    ]
