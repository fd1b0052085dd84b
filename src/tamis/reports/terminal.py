"""Summaries for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

DOTS = {"high": "●●●", "medium": "●●", "low": "●"}
COLOURS = {"high": "red", "medium": "yellow", "low": "cyan"}
Summary = Mapping[str, Any]


def audit_report(summary: Summary) -> RenderableType:
    """What was read, what the rules found, and what pruning would do."""
    parts: list[RenderableType] = [_head(summary), Text()]
    rules = [rule for rule in summary["rules"] if rule["rows"]]
    if rules:
        parts += [_rules(rules, summary), Text()]
    if not summary["read"]:
        return parts[0]
    clean = [rule for rule in summary["rules"] if not rule["rows"]]
    parts.append(_outcome(summary, found=bool(rules), quiet=len(clean)))
    if summary["not_applicable"]:
        parts.append(_not_applicable(summary["not_applicable"]))
    parts += [_line((line, "")) for line in preference_lines(summary["preferences"])]
    parts += [_line(line) for line in disparity_lines(summary["disparity"])]
    parts += [_line((line, "dim")) for line in facts_lines(summary["corpus"])]
    if summary["by"]:
        parts += [Text(), _by(summary["by"])]
    return Group(*parts)


def prune_report(summary: Summary) -> RenderableType:
    """What was kept, what went and why."""
    rows = max(1, summary["rows"])
    parts: list[RenderableType] = [
        _line(
            (f"{summary['kept']:,}", "bold"),
            (f" of {summary['rows']:,} rows kept ({percent(summary['kept'] / rows)}) · ", ""),
            (f"{summary['dropped']:,}", "bold"),
            (f" dropped · {summary['unreadable']:,} unreadable", ""),
            (f" · {summary['accepted']:,} findings accepted" if summary["accepted"] else "", ""),
        )
    ]
    if summary["reasons"]:
        table = _table("dropped for", ("rows", "right"))
        for rule in summary["reasons"]:
            table.add_row(rule["what"], f"{rule['rows']:,}")
        parts += [Text(), Padding(table, (0, 0, 0, 2))]
        if sum(rule["rows"] for rule in summary["reasons"]) > summary["dropped"]:
            parts.append(_line(("  a row may be dropped for several reasons", "dim")))
    if summary["redacted"] is not None:
        parts += [Text(), Padding(_redacted(summary["redacted"]), (0, 0, 0, 2))]
    parts += [_line(line) for line in disparity_lines(summary["disparity"])]
    if summary["by"]:
        parts += [Text(), _by(summary["by"])]
    written = [
        ("kept rows", summary["output"]),
        ("dropped rows, with every reason", summary["dropped_output"]),
        ("what was redacted", summary["redactions_output"]),
    ]
    parts += [Text(), *(_line((f"{what:<32}", "dim"), (path, "")) for what, path in written if path)]
    return Group(*parts)


def _redacted(kinds: Sequence[Mapping[str, Any]]) -> RenderableType:
    """How much was redacted of each kind."""
    if not kinds:
        return _line(("nothing to redact", ""))
    table = _table("redacted", ("spans", "right"), ("rows", "right"))
    for kind in kinds:
        table.add_row(kind["kind"], f"{kind['spans']:,}", f"{kind['rows']:,}")
    return table


def _head(summary: Summary) -> RenderableType:
    inputs = summary["inputs"]
    name = inputs[0]["name"] if len(inputs) == 1 else f"{len(inputs)} files"
    size = sum(file.get("bytes", 0) for file in inputs)
    schemas = ", ".join(
        entry["name"] if entry["share"] == 1 else f"{entry['name']} {percent(entry['share'])}"
        for entry in summary["schemas"][:4]
    )
    languages = ", ".join(f"{percent(entry['share'])} {entry['name']}" for entry in summary["languages"][:3])
    facts = [f"{summary['rows']:,} rows", schemas or "no schema fits", _bytes(size) if size else "", languages]
    if summary["tokens"]:
        tokens = summary["tokens"].get("prompt_tokens", 0) + summary["tokens"].get("response_tokens", 0)
        facts.append(f"{_short(tokens)} tokens (estimated)")
    lines: list[RenderableType] = [_line((name, "bold"), ("   " + " · ".join(fact for fact in facts if fact), ""))]
    if summary["unreadable"]:
        lines.append(_unreadable(summary))
    return Group(*lines)


def _unreadable(summary: Summary, most: int = 4) -> RenderableType:
    reasons = summary["unreadable_reasons"]
    many = len(summary["inputs"]) > 1
    lines = [_line((f"{summary['read']:,} read, ", ""), (f"{summary['unreadable']:,} unreadable", "bold red"))]
    for reason in reasons[:most]:
        places = ", ".join(where(place, many) for place in reason["places"])
        more = ", ..." if reason["rows"] > len(reason["places"]) else ""
        count = f"{reason['rows']:,} x " if reason["rows"] > 1 else ""
        lines.append(_line((f"  {count}", ""), (clean(reason["reason"]), ""), (f"  {places}{more}", "dim")))
    if len(reasons) > most:
        rest = sum(reason["rows"] for reason in reasons[most:])
        lines.append(_line((f"  and {rest:,} for {len(reasons) - most} other reasons", "dim")))
    return Group(*lines)


def _rules(rules: Sequence[Mapping[str, Any]], summary: Summary) -> RenderableType:
    table = _table("", ("rows", "right"), ("share", "right"), "what", "example")
    table.columns[3].ratio, table.columns[4].ratio = 4, 5
    many = len(summary["inputs"]) > 1
    for action in ("drop", "flag"):
        chosen = sorted((r for r in rules if r["action"] == action), key=lambda r: (_rank(r), -r["rows"]))
        if chosen:
            table.add_row(Text(action, style="bold"))
        for rule in chosen:
            table.add_row(
                Text("  " + DOTS[rule["severity"]], style=COLOURS[rule["severity"]]),
                f"{rule['rows']:,}",
                percent(rule["share"]),
                rule["what"],
                _example(rule, many),
            )
    return table


def _rank(rule: Mapping[str, Any]) -> int:
    return ("high", "medium", "low").index(rule["severity"])


def _example(rule: Mapping[str, Any], many: bool) -> Text:
    example = rule["example"]
    if example is None:
        return Text()
    relation = "=" if rule["action"] == "drop" and rule["unit"] != "ratio" else "and"
    shown = Text(where(example, many))
    if "other" in example:
        alike = f" ({example['value']:.2f})" if rule["unit"] == "ratio" else ""
        shown.append(f" {relation} {where(example['other'], many)}{alike}")
    if example["excerpt"]:
        shown.append(f"  {example['excerpt']}", style="dim")
    return shown


def where(place: Mapping[str, Any], many: bool) -> str:
    """`line 12`, as editors count, where the format has lines; otherwise `row 11`, counted from 0."""
    if many or place.get("reference"):
        return f"{place['file']}:{place['line']}" if place["line"] else f"{place['file']} row {place['row']:,}"
    return f"line {place['line']:,}" if place["line"] else f"row {place['row']:,}"


def _outcome(summary: Summary, *, found: bool, quiet: int) -> RenderableType:
    rows = max(1, summary["rows"])
    kept = summary["kept"]
    share, dropped = percent(kept / rows), summary["dropped"]
    text = f"pruning would keep {kept:,} of {summary['rows']:,} rows ({share}), drop {dropped:,}"
    facts = [
        text,
        f"{quiet} rules found nothing" if quiet and found else "",
        "no rule found anything" if not found else "",
    ]
    if summary["accepted"]:
        facts.append(f"{summary['accepted']:,} findings set aside as accepted")
    seconds = f" ({summary['seconds']:.1f} s, offline)" if summary["seconds"] is not None else ""
    return _line((" · ".join(fact for fact in facts if fact) + seconds, ""))


def _not_applicable(entries: Sequence[Mapping[str, Any]]) -> RenderableType:
    by_language: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_language.setdefault(entry["language"], []).append(entry)
    lines = []
    for language, told in by_language.items():
        shares = list(dict.fromkeys(percent(share) for share in sorted(entry["share"] for entry in told)))
        span = shares[0] if len(shares) == 1 else f"{shares[0]} to {shares[-1]}"
        rules = ", ".join(entry["rule"] for entry in told)
        lines.append(_line((f"not judged on {span} of rows (rules for {language}): {rules}", "dim")))
    return Group(*lines)


def preference_lines(facts: Mapping[str, Any]) -> list[str]:
    """What the make-up of preference data teaches: the share of longer chosen answers, and the balance of labels."""
    lines = []
    if bias := facts.get("length_bias"):
        ties = f", {bias['ties']:,} more of equal length" if bias["ties"] else ""
        lines.append(
            f"chosen answer is the longer one in {percent(bias['share'])} of {bias['pairs']:,} pairs "
            f"(95 % interval {percent(bias['low'])} to {percent(bias['high'])}{ties})"
        )
    if balance := facts.get("label_balance"):
        weight = balance["weight"]
        advice = f"; KTO: {weight} {balance['weight_low']:.2f} to {balance['weight_high']:.2f}" if weight else ""
        without = f", {balance['unlabelled']:,} rows without a label" if balance["unlabelled"] else ""
        lines.append(
            f"labels: {balance['desirable']:,} desirable, {balance['undesirable']:,} undesirable "
            f"({percent(balance['share'])} desirable{without}){advice}"
        )
    return lines


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


def disparity_lines(groups: Sequence[Mapping[str, Any]], most: int = 4) -> list[tuple[str, str]]:
    """Whether rows that mention an identity group are dropped more often than others, and which groups those are."""
    told = [group for group in groups if "ratio" in group]
    if not groups:
        return []
    few = f"too few rows to tell of {len(groups) - len(told)} groups"
    if not told:
        return [(f"drop rate by identity group: {few}", "dim")]
    ratios = [group["ratio"] for group in told]
    low, high = f"{min(ratios):.1f}", f"{max(ratios):.1f}"
    span = f"{low if low == high else f'{low}-{high}'} x that of other rows ({len(told)} told)"
    lines = [(f"drop rate by identity group: {span}; {few}", "dim")]
    odd = sorted(
        (group for group in told if group["differs"] or group["four_fifths"]), key=lambda group: -group["ratio"]
    )
    for group in odd[:most]:
        interval = "{:.1f}-{:.1f}".format(*group["ratio_interval"])
        rule = "; kept less than four fifths as often" if group["four_fifths"] else ""
        lines.append(
            (
                f"  rows that mention {group['group']}: {percent(group['rate'])} dropped, "
                f"{group['ratio']:.1f} x the others ({interval}){rule}",
                "yellow",
            )
        )
    return lines + ([(f"  and {len(odd) - most} more groups: --json lists all", "dim")] if len(odd) > most else [])


UNKNOWN_WARNING = 0.1
"""Share of unknown text above which another embedder is advised."""


def _by(by: Mapping[str, Any], most: int = 12, rules_most: int = 6) -> RenderableType:
    """Rows, drop rate and the commonest findings of each group."""
    totals: dict[str, int] = {}
    for group in by["groups"]:
        for rule, rows in group["rules"].items():
            totals[rule] = totals.get(rule, 0) + rows
    rules = sorted(totals, key=lambda rule: (-totals[rule], rule))[:rules_most]
    table = _table(
        f"by {by['column']}",
        ("rows", "right"),
        ("dropped", "right"),
        *((rule.replace("_", " "), "right") for rule in rules),
    )
    for group in by["groups"][:most]:
        counts = (group["rules"].get(rule, 0) for rule in rules)
        shares = (percent(count / group["rows"]) if count else "" for count in counts)
        table.add_row(clean(group["value"]), f"{group['rows']:,}", percent(group["dropped"] / group["rows"]), *shares)
    rest = len(by["groups"]) - most
    return Group(table, _line((f"and {rest:,} more values", "dim"))) if rest > 0 else table


def _table(*columns: str | tuple[str, Literal["right"]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    for column in columns:
        if isinstance(column, tuple):
            table.add_column(column[0], justify=column[1], overflow="fold")
        else:
            table.add_column(column, overflow="fold")
    return table


def _line(*pieces: tuple[str, str]) -> Text:
    return Text.assemble(*pieces)


def percent(share: float) -> str:
    """A share as a percentage that never rounds something to nothing, nor almost all to all."""
    return (
        f"{100 * share:.1f} %"
        if 0.0005 <= share < 0.9995 or share in (0, 1)
        else ("< 0.1 %" if share < 0.5 else "> 99.9 %")
    )


def _short(count: int) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return str(count)


def _bytes(count: int) -> str:
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"


def clean(text: str) -> str:
    """At most 300 characters, those that a terminal would obey replaced."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)[:300]


def as_text(report: RenderableType) -> str:
    """A report as plain text of 120 columns."""
    console = Console(file=io.StringIO(), width=120, force_terminal=False, color_system=None)
    console.print(report)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def as_html(report: RenderableType) -> str:
    """A report for a notebook."""
    return f'<pre style="font-family: monospace; line-height: 1.3">{html.escape(as_text(report))}</pre>'


def _shower(
    report: Callable[[Summary], RenderableType],
) -> tuple[Callable[[Summary], str], Callable[[Summary], str]]:
    return (lambda summary: as_text(report(summary))), (lambda summary: as_html(report(summary)))


audit_text, audit_html = _shower(audit_report)
prune_text, prune_html = _shower(prune_report)
