"""A preflight for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from tamis.reports.parts import Summary, clean, percent, plain_table, shower, where

_COLOURS: Final = {"rejected": "red", "blanked": "red", "masked": "red", "truncated": "yellow", "warning": "cyan"}
_QUANTILES: Final = {"p50": "half up to", "p90": "90 %", "p95": "95 %", "p99": "99 %", "p100": "longest"}


def preflight_report(summary: Summary) -> RenderableType:
    """What the trainer would do to the rows, how long they are, and how many it would learn from."""
    parts: list[RenderableType] = [*_head(summary), Text()]
    if summary["rules"]:
        parts += [_problems(summary), Text()]
    if summary["lengths"]:
        parts += [_lengths(summary), Text()]
    return Group(*parts, *_outcome(summary))


def _head(summary: Summary) -> list[Text]:
    names = [Path(name).name if len(summary["inputs"]) > 1 else name for name in summary["inputs"][:3]]
    shape = summary["format"]
    seen = f"read as {shape}" if shape else "no column of any known format"
    title, release = summary["title"], summary["release"]
    rules = f"{title}'s published guide, from memory" if release is None else f"the rules of {title}, {release}"
    setting = f" ({summary['setting']})" if summary["setting"] else ""
    lines = [
        Text.assemble((clean(", ".join(names)), "bold"), f"   {summary['rows']:,} rows · {seen}{setting}"),
        Text(f"checked by {rules}", style="dim"),
    ]
    if summary["max_length"] is not None:
        source = f"{title}'s own limit; --max-length sets another" if summary["is_default_length"] else ""
        named = f"{summary['length_option']} {summary['max_length']:,} tokens" + (f" ({source})" if source else "")
        lines.append(Text(named, style="dim"))
    return lines


def _problems(summary: Summary) -> RenderableType:
    table = plain_table("", ("rows", "right"), ("share", "right"), "what happens", "where, and why", expand=True)
    table.columns[3].ratio, table.columns[4].ratio = 5, 6
    before = ""
    for rule in summary["rules"]:
        name = rule["severity"] if rule["severity"] != before else ""
        before = rule["severity"]
        whole = not rule["rows"]
        table.add_row(
            Text(name, style=_COLOURS[rule["severity"]]),
            "file" if whole else f"{rule['rows']:,}",
            "" if whole else percent(rule["share"]),
            Text.assemble(clean(rule["what"]), (f"  [{rule['rule']}]", "dim")),
            _examples(rule, many=len(summary["inputs"]) > 1),
        )
    return table


def _examples(rule: Mapping[str, Any], *, many: bool) -> Text:
    """The first row with its reason, and where the next ones stand."""
    first, *others = rule["examples"]
    shown = Text()
    if first["row"] is not None:
        shown.append(f"{clean(where(first, many))}: ")
    shown.append(clean(first["message"]), style="dim")
    if others:
        more = ", ..." if rule["rows"] > len(rule["examples"]) else ""
        places = dict.fromkeys(where(other, many) for other in others)
        shown.append(f"  also {clean(', '.join(places))}{more}")
    return shown


def _lengths(summary: Summary) -> RenderableType:
    table = plain_table("tokens", ("mean", "right"), *((name, "right") for name in _QUANTILES.values()))
    if summary["max_length"] is not None:
        table.add_column("over the limit", justify="right")
    for line in summary["lengths"]:
        cells = [f"{line['mean']:,.0f}", *(f"{line[name]:,}" for name in _QUANTILES)]
        over = [] if line["over"] is None else [f"{line['over']:,}"]
        table.add_row(line["of"], *cells, *over)
    how = f"counted with {summary['tokenizer']}" if summary["tokenizer"] else _ESTIMATED
    added = summary["added_per_message"]
    note = f"{how}; a message counts {added} more for the chat template" if added else how
    return Group(table, Text(note, style="dim"))


_ESTIMATED: Final = "estimated, often within 5 % in English; --tokenizer counts them"


def _outcome(summary: Summary) -> list[Text]:
    learnt, rows, title = summary["learnt"], summary["rows"], summary["title"]
    stopping = [rule for rule in summary["rules"] if rule["stops"]]
    said = f"{title} would learn from {learnt:,} of {rows:,} rows ({percent(learnt / max(1, rows))})"
    lines = [Text(said + (" as they are" if learnt == rows else ""), style="bold")]
    if stopping:
        places = [rule["examples"][0] for rule in stopping if rule["rows"]]
        first = min(places, key=lambda place: place["row"], default=None)
        at = "" if first is None else f": it stops at {clean(where(first, len(summary['inputs']) > 1))}"
        others = summary["stopping"] - 1
        more = f", and at {others:,} other{'s' * (others > 1)}" if others else ""
        lines = [Text(f"{title} would not get through this file{at}{more}", style="bold red"), Text(_mend(summary))]
    elif not summary["rules"]:
        lines.append(Text("nothing was found that it would reject, blank, mask or cut"))
    return lines


def _mend(summary: Summary) -> str:
    learnt, rows = summary["learnt"], summary["rows"]
    share = percent(learnt / max(1, rows))
    return f"without the rows that are rejected, blanked or masked, {learnt:,} of {rows:,} are left ({share})"


text = shower(preflight_report)
