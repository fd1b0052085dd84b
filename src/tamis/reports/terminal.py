"""Summaries for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tamis.reports.parts import (
    Summary,
    byte_size,
    cache_line,
    clean,
    facts_lines,
    percent,
    plain_table,
    short,
    shower,
    where,
)

DOTS = {"high": "●●●", "medium": "●●", "low": "●"}
COLOURS = {"high": "red", "medium": "yellow", "low": "cyan"}
MOSTLY = 0.9
"""From this share of rows on that tell a language, the shares of languages speak of all rows."""


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
    parts += [Text.assemble((line, "")) for line in preference_lines(summary["preferences"])]
    parts += [Text.assemble(line) for line in disparity_lines(summary["disparity"])]
    parts += [Text.assemble((line, "dim")) for line in facts_lines(summary["corpus"])]
    if (known := cache_line(summary["cache"])) is not None:
        parts.append(Text.assemble((known, "dim")))
    if summary["by"]:
        parts += [Text(), _by(summary["by"])]
    return Group(*parts)


def prune_report(summary: Summary) -> RenderableType:
    """What was kept, what went and why."""
    rows = max(1, summary["rows"])
    parts: list[RenderableType] = [
        Text.assemble(
            (f"{summary['kept']:,}", "bold"),
            (f" of {summary['rows']:,} rows kept ({percent(summary['kept'] / rows)}) · ", ""),
            (f"{summary['dropped']:,}", "bold"),
            (f" dropped · {summary['unreadable']:,} unreadable", ""),
            (f" · {summary['accepted']:,} findings accepted" if summary["accepted"] else "", ""),
        )
    ]
    if summary["reasons"]:
        table = plain_table("dropped for", ("rows", "right"))
        for rule in summary["reasons"]:
            table.add_row(rule["what"], f"{rule['rows']:,}")
        parts += [Text(), Padding(table, (0, 0, 0, 2))]
        if sum(rule["rows"] for rule in summary["reasons"]) > summary["dropped"]:
            parts.append(Text.assemble(("  a row may be dropped for several reasons", "dim")))
    if summary["redacted"] is not None:
        parts += [Text(), Padding(_redacted(summary["redacted"]), (0, 0, 0, 2))]
    parts += [Text.assemble(line) for line in disparity_lines(summary["disparity"])]
    if summary["by"]:
        parts += [Text(), _by(summary["by"])]
    written = [
        ("kept rows", summary["output"]),
        ("dropped rows, with every reason", summary["dropped_output"]),
        ("what was redacted", summary["redactions_output"]),
    ]
    parts += [Text(), *(Text.assemble((f"{what:<32}", "dim"), (path, "")) for what, path in written if path)]
    return Group(*parts)


def _redacted(kinds: Sequence[Mapping[str, Any]]) -> RenderableType:
    """How much was redacted of each kind."""
    if not kinds:
        return Text.assemble(("nothing to redact", ""))
    table = plain_table("redacted", ("spans", "right"), ("rows", "right"))
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
    facts = [f"{summary['rows']:,} rows", schemas or "no schema fits", byte_size(size) if size else ""]
    facts.append(_languages(summary))
    if summary["tokens"]:
        tokens = summary["tokens"].get("prompt_tokens", 0) + summary["tokens"].get("response_tokens", 0)
        facts.append(f"{short(tokens)} tokens (estimated)")
    lines: list[RenderableType] = [
        Text.assemble((name, "bold"), ("   " + " · ".join(fact for fact in facts if fact), ""))
    ]
    if summary["unreadable"]:
        lines.append(_unreadable(summary))
    return Group(*lines)


def _languages(summary: Summary) -> str:
    """The commonest languages, and of how many rows that speaks where code or labels tell none."""
    found = ", ".join(f"{percent(entry['share'])} {entry['name']}" for entry in summary["languages"][:3])
    told = sum(entry["rows"] for entry in summary["languages"]) / max(1, summary["read"])
    return f"{found} (of the {percent(told)} that tell)" if found and told < MOSTLY else found


def _unreadable(summary: Summary, most: int = 4) -> RenderableType:
    reasons = summary["unreadable_reasons"]
    many = len(summary["inputs"]) > 1
    lines = [Text.assemble((f"{summary['read']:,} read, ", ""), (f"{summary['unreadable']:,} unreadable", "bold red"))]
    for reason in reasons[:most]:
        places = ", ".join(where(place, many) for place in reason["places"])
        more = ", ..." if reason["rows"] > len(reason["places"]) else ""
        count = f"{reason['rows']:,} x " if reason["rows"] > 1 else ""
        lines.append(Text.assemble((f"  {count}", ""), (clean(reason["reason"]), ""), (f"  {places}{more}", "dim")))
    if len(reasons) > most:
        rest = sum(reason["rows"] for reason in reasons[most:])
        lines.append(Text.assemble((f"  and {rest:,} for {len(reasons) - most} other reasons", "dim")))
    return Group(*lines)


def _rules(rules: Sequence[Mapping[str, Any]], summary: Summary) -> RenderableType:
    table = plain_table("", ("rows", "right"), ("share", "right"), "what", "example")
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
    return Text.assemble((" · ".join(fact for fact in facts if fact) + seconds, ""))


def _not_applicable(entries: Sequence[Mapping[str, Any]]) -> RenderableType:
    by_language: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_language.setdefault(entry["language"], []).append(entry)
    lines = []
    for language, told in by_language.items():
        shares = list(dict.fromkeys(percent(share) for share in sorted(entry["share"] for entry in told)))
        span = shares[0] if len(shares) == 1 else f"{shares[0]} to {shares[-1]}"
        rules = ", ".join(entry["rule"] for entry in told)
        lines.append(Text.assemble((f"not judged on {span} of rows (rules for {language}): {rules}", "dim")))
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


def disparity_lines(groups: Sequence[Mapping[str, Any]], most: int = 4) -> list[tuple[str, str]]:
    """Whether rows that mention an identity group are dropped more often than others, and which groups those are."""
    told = [group for group in groups if "ratio" in group]
    if not told:
        return [("drop rate by identity group: too few rows to tell", "dim")] if groups else []
    few = f"too few rows to tell of {len(groups) - len(told)} groups"
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


def _by(by: Mapping[str, Any], most: int = 12, rules_most: int = 6) -> RenderableType:
    """Rows, drop rate and the commonest findings of each group."""
    totals: dict[str, int] = {}
    for group in by["groups"]:
        for rule, rows in group["rules"].items():
            totals[rule] = totals.get(rule, 0) + rows
    rules = sorted(totals, key=lambda rule: (-totals[rule], rule))[:rules_most]
    table = plain_table(
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
    return Group(table, Text.assemble((f"and {rest:,} more values", "dim"))) if rest > 0 else table


audit_text = shower(audit_report)
prune_text = shower(prune_report)
