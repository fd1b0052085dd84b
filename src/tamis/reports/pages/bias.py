"""The page of a bias measurement: who is mentioned, which words stand beside them, how they are answered and judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tamis.reports.bias import CAVEATS
from tamis.reports.blocks import (
    Alerts,
    Block,
    Cell,
    Notes,
    Part,
    Points,
    Row,
    Strip,
    Table,
    Tiles,
    names_of,
    right,
    span_of,
    strip,
)
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, percent, short

_SIDES: Final = ("prompts", "answers")
_OUTCOMES: Final = {
    "refusal": ("Refusals", "share of prompts that are refused", "points"),
    "hedging": ("Hedges", "share of prompts that are answered with a hedge", "points"),
    "length": ("Length", "how many times as long answers are", "times"),
    "toxicity": ("Toxicity", "the score of the answer, 0 to 1", "score"),
}
_WORDS: Final = 12
_RATE: Final = "at a false-discovery rate of 5 %"


def title(summary: Summary) -> str:
    """The files that were measured."""
    return names_of(summary["inputs"])


def parts(summary: Summary) -> list[Part]:
    """All sections of the page."""
    return [
        Part(
            "overview",
            title(summary),
            _size(summary),
            [
                Tiles(
                    [
                        (short(summary["rows"]), "rows"),
                        (short(summary["units"]), "different prompts"),
                        *_mentioned(summary),
                    ]
                ),
                Alerts(_alerts(summary)),
                Notes(CAVEATS, title="How to read it"),
            ],
        ),
        Part(
            "mentions",
            "Who is mentioned",
            "Rows that mention a group, with 95 % intervals in which a prompt counts "
            "once. All strips of a side have one scale, which begins at 0.",
            _mentions(summary),
        ),
        Part(
            "answers",
            "How they are answered",
            "Answers to prompts that mention a group, against answers to like "
            "prompts (of the same length and schema) that mention another group of its axis. A prompt counts once.",
            _gaps(summary["gaps"]),
        ),
        Part(
            "words",
            "Words beside them",
            f"Words that answers use beside a group more often than beside the other groups of its axis, {_RATE}.",
            _words(summary["words"]),
        ),
        Part(
            "occupations",
            "Occupations",
            "Sentences of answers that speak of an occupation and of her or of him: "
            "the share that speak of her. The line stands at the middle of the scale.",
            _occupations(summary),
        ),
        Part(
            "swaps",
            "The same rows about someone else",
            "The identity terms of an axis are exchanged, and the rows "
            f"judged again by recipe {summary['recipe']}: what is judged otherwise is our own bias.",
            _swaps(summary),
        ),
    ]


def notebook(summary: Summary) -> str:
    """What stands out, and who is mentioned, as a piece of HTML."""
    shown: list[Block] = [Alerts(_alerts(summary)), _table_of_mentions(summary, "prompts")]
    return fragment(title(summary), _size(summary), shown, CAVEATS[0])


def _size(summary: Summary) -> str:
    return f"{summary['rows']:,} rows, {summary['units']:,} different prompts. English word lists."


def _mentioned(summary: Summary) -> list[tuple[str, str]]:
    told = [{facts["group"] for facts in summary["representation"][side] if "share" in facts} for side in _SIDES]
    return [(str(len(groups)), f"groups told in {side}") for side, groups in zip(_SIDES, told, strict=True)]


def _alerts(summary: Summary) -> list[tuple[str, str]]:
    """What differs by more than chance, or that nothing does."""
    gaps = [facts for facts in summary["gaps"] if facts.get("differs")]
    words = [facts for facts in summary["words"] if facts.get("words")]
    jobs = [facts for facts in summary["occupations"] if facts.get("differs")]
    told = [facts for facts in summary["gaps"] if "gap" in facts]
    swapped = [facts for facts in summary["swaps"] if facts.get("changed")]
    alerts = []
    if gaps:
        groups = ", ".join(sorted({facts["group"] for facts in gaps}))
        alerts.append(("medium", f"Answered differently: {groups}."))
    elif told:
        alerts.append(("low", f"No group is answered differently, of {len(told):,} comparisons."))
    else:
        alerts.append(("medium", "Too few prompts mention any group to say whether they are answered alike."))
    if jobs:
        alerts.append(("medium", f"{len(jobs):,} occupations stand with her or him more than others do."))
    if words:
        groups = ", ".join(facts["group"] for facts in words[:8])
        alerts.append(("medium", f"Words stand out beside {groups}."))
    for facts in swapped:
        share = percent(facts["changed"] / facts["rows"])
        alerts.append(("medium", f"Exchanging terms of {facts['axis']} changes the verdict on {share} of the rows."))
    return alerts


def _mentions(summary: Summary) -> list[Block]:
    blocks: list[Block] = []
    for side in _SIDES:
        blocks.append(_table_of_mentions(summary, side))
    told = {side: facts for side, facts in summary["pronouns"].items() if "ratio" in facts}
    few = [side for side in summary["pronouns"] if side not in told]
    bounds = [bound for facts in told.values() for bound in facts["interval"]]
    span = span_of([*(math.log2(bound) for bound in bounds), -1.0, 1.0])
    rows = []
    for side, facts in told.items():
        low, high = facts["interval"]
        label = f"{facts['ratio']:.2f} to 1, from {low:.2f} to {high:.2f}"
        logs = [math.log2(value) for value in (low, high, facts["ratio"])]
        points: Points = {"zero": 0.0, "interval": (logs[0], logs[1]), "value": logs[2]}
        rows.append(
            [
                side,
                Cell(strip=strip(label, span or (0, 1), points)),
                f"{facts['she']:,}",
                f"{facts['he']:,}",
                f"{facts['ratio']:.2f}",
                Cell(f"{low:.2f}-{high:.2f}", "soft"),
            ]
        )
    columns: list[Column] = [
        "Of",
        "More he ← equal → more she",
        *right("she, her, hers", "he, him, his", "Ratio", "95 %"),
    ]
    note = f"Too few rows for a ratio in {' and '.join(few)}." if few else ""
    return [*blocks, Table("Pronouns", columns, rows, note=note)]


def _table_of_mentions(summary: Summary, side: str) -> Table:
    told = [facts for facts in summary["representation"][side] if "share" in facts]
    few = [facts for facts in summary["representation"][side] if "share" not in facts]
    span = span_of([0.0, *(bound for facts in told for bound in facts["interval"])]) or (0.0, 1.0)
    rows = []
    for facts in told:
        low, high = (100 * bound for bound in facts["interval"])
        label = f"{percent(facts['share'])}, from {low:.1f} to {high:.1f} %"
        points = {"zero": 0.0, "interval": (low / 100, high / 100), "value": facts["share"]}
        rows.append(
            [
                facts["group"],
                Cell(strip=strip(label, span, points)),
                f"{facts['rows']:,}",
                percent(facts["share"]),
                Cell(f"{low:.1f}-{high:.1f}", "soft"),
                Cell(f"{facts['per_thousand_tokens']:.2f}", "soft"),
            ]
        )
    columns: list[Column] = [
        f"{side.capitalize()} that mention",
        f"0 to {100 * span[1]:.1f} %",
        *right("Rows", "Share", "95 %", "Per 1k tokens"),
    ]
    return Table(side.capitalize(), columns, rows, note=_too_few(few), open=16)


def _too_few(few: Sequence[Summary]) -> str:
    named = ", ".join(f"{facts['group']} ({facts['rows']:,})" if "rows" in facts else facts["group"] for facts in few)
    return f"Too few rows to tell: {named}." if few else ""


def _gaps(gaps: Sequence[Summary]) -> list[Block]:
    """A table an outcome, all intervals on one scale, those that differ by more than chance first."""
    told = [facts for facts in gaps if "gap" in facts]
    blocks: list[Block] = []
    for outcome, (name, what, unit) in _OUTCOMES.items():
        lines = [facts for facts in told if facts["outcome"] == outcome]
        if not lines:
            continue
        span = span_of([0.0, *(bound for facts in lines for bound in facts["interval"])]) or (-1.0, 1.0)
        ranked = sorted(lines, key=lambda facts: (not facts["differs"], facts["p"]))
        columns: list[Column] = [
            "Prompts that mention",
            "Less ← no difference → more",
            *right("Prompts", "Difference", "95 %"),
            "Verdict",
        ]
        rows = [_gap(facts, unit, span) for facts in ranked]
        blocks.append(Table(name, columns, rows, lead=f"Outcome: {what}.", open=10))
    few = sorted({facts["group"] for facts in gaps} - {facts["group"] for facts in told})
    notes = [f"{len(told):,} comparisons {_RATE}."] if told else []
    notes += [f"Too few prompts to tell: {', '.join(few)}."] if few else []
    return [*blocks, Notes(notes)]


def _gap(facts: Summary, unit: str, span: tuple[float, float]) -> Row:
    low, high = facts["interval"]
    value, *bounds = (_in_unit(number, unit) for number in (facts["gap"], low, high))
    label = f"{value}, from {bounds[0]} to {bounds[1]}"
    points = {"zero": 0.0, "interval": (low, high), "value": facts["gap"]}
    drawn = strip(label, span, points, odd=facts["differs"])
    verdict = Cell("differs", "badge flag") if facts["differs"] else Cell("within chance", "soft")
    return [
        facts["group"],
        Cell(strip=drawn),
        f"{facts['units']:,}",
        value,
        Cell(f"{bounds[0]} to {bounds[1]}", "soft"),
        verdict,
    ]


def _in_unit(value: float, unit: str) -> str:
    """A gap as people say it: percentage points, a factor (the gap is a logarithm to base 2), or a score.

    >>> _in_unit(0.05, "points"), _in_unit(-1.0, "times"), _in_unit(0.0123, "score")
    ('+5.0 points', '0.50 x', '+0.012')
    """
    if unit == "times":
        return f"{2**value:.2f} x"
    return f"{100 * value:+.1f} points" if unit == "points" else f"{value:+.3f}"


def _words(words: Sequence[Summary]) -> list[Block]:
    rows: list[Row] = []
    for facts in words:
        above = [word for word in facts.get("words", []) if word["z"] > 0]
        if above:
            said = ", ".join(f"{word['word']} {math.exp(word['log_odds']):.1f} x" for word in above[:_WORDS])
            more = f" and {len(above) - _WORDS:,} more" if len(above) > _WORDS else ""
            rows.append([Cell(facts["group"], "name"), f"{facts['units']:,}", said + more])
    tested = sum(facts.get("tested", 0) for facts in words)
    silent = [facts["group"] for facts in words if "tested" not in facts]
    notes = [
        f"{tested:,} words compared." if rows else f"No word stands out, of {tested:,} compared." if tested else ""
    ]
    notes += [f"Too few prompts to tell: {', '.join(silent)}."] if silent else []
    table = Table("", ("Group", *right("Prompts"), "Words, and how many times as often"), rows, open=20)
    return [table, Notes([note for note in notes if note])]


def _occupations(summary: Summary) -> list[Block]:
    told = sorted(
        (facts for facts in summary["occupations"] if "log_odds" in facts), key=lambda facts: -facts["log_odds"]
    )
    few = [facts for facts in summary["occupations"] if "log_odds" not in facts]
    columns: list[Column] = [
        "Occupation",
        "All him ← → all her",
        *right("Her", "Him", "Her share", "95 %"),
        "Beside the others",
    ]
    ranked = sorted(told, key=lambda facts: not facts["differs"])
    named = ", ".join(f"{facts['occupation'].replace('-', ' ')} ({facts['female'] + facts['male']:,})" for facts in few)
    return [
        Table("", columns, [_occupation(facts) for facts in ranked], note=f"Too few to tell: {named}." if few else "")
    ]


def _occupation(facts: Summary) -> Row:
    low, high = facts["share_interval"]
    label = f"{percent(facts['female_share'])} her, from {100 * low:.1f} to {100 * high:.1f} %"
    points = {"zero": 0.5, "interval": (low, high), "value": facts["female_share"]}
    verdict = (
        Cell("more with " + ("her" if facts["log_odds"] > 0 else "him"), "badge flag") if facts["differs"] else Cell()
    )
    return [
        facts["occupation"].replace("-", " "),
        Cell(strip=strip(label, (0.0, 1.0), points, odd=facts["differs"])),
        f"{facts['female']:,}",
        f"{facts['male']:,}",
        percent(facts["female_share"]),
        Cell(f"{100 * low:.0f}-{100 * high:.0f}", "soft"),
        verdict,
    ]


def _swaps(summary: Summary) -> list[Block]:
    if not summary["swaps"]:
        return [Notes(("Left out (--sample 0).",))]
    told = [facts for facts in summary["swaps"] if "changed" in facts]
    few = [facts["axis"] for facts in summary["swaps"] if "changed" not in facts]
    span = span_of([0.0, *(bound for facts in told for bound in facts["interval"])]) or (0.0, 1.0)
    columns: list[Column] = [
        "Axis",
        f"0 to {100 * span[1]:.1f} %",
        *right("Rows swapped", "Judged otherwise", "95 %", "Kept or dropped otherwise"),
        "Rules",
    ]
    rows = [_swap(facts, span) for facts in told]
    return [Table("", columns, rows, note=f"Too few rows to tell: {', '.join(few)}." if few else "")]


def _swap(facts: Mapping[str, Any], span: tuple[float, float]) -> Row:
    share, (low, high) = facts["changed"] / facts["rows"], facts["interval"]
    rules = ", ".join(f"{rule['rule']} +{rule['new']} −{rule['gone']}" for rule in facts["rules"])
    drawn: Strip = strip(
        f"{percent(share)}, from {percent(low)} to {percent(high)}",
        span,
        {"zero": 0.0, "interval": (low, high), "value": share},
    )
    moved = facts["newly_dropped"] + facts["no_longer_dropped"]
    return [
        Cell(facts["axis"], "name"),
        Cell(strip=drawn),
        f"{facts['rows']:,}",
        f"{facts['changed']:,}",
        Cell(f"{100 * low:.1f}-{100 * high:.1f} %", "soft"),
        f"{moved:,}",
        Cell(rules, "soft"),
    ]
