"""Signals and recipes as lists and explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def signal_list(signals: Sequence[Mapping[str, Any]]) -> RenderableType:
    """One line a signal."""
    table = _table("signal", "unit", "default rule", "what it measures")
    table.columns[0].no_wrap = True
    for signal in signals:
        actions = ", ".join(sorted({rule.partition(":")[0] for rule in signal["rules"]}))
        table.add_row(signal["name"], signal["unit"], actions, signal["summary"])
    return table


def explanation(signal: Mapping[str, Any]) -> RenderableType:
    """All that is known of one signal."""
    facts = _table("", "")
    facts.show_header = False
    reads = ", ".join(signal["reads"]) + (f" (each; {signal['reduce']} by row)" if signal["reduce"] else "")
    options = ", ".join(f"{key} = {value}" for key, value in signal["options"].items())
    rows = {
        "unit": signal["unit"],
        "reads": reads,
        "severity": signal["severity"],
        "language": signal["language"],
        "source": signal["source"],
        "options": options,
        "default rules": "\n".join(signal["rules"]) or "none: a number to look at",
    }
    for key, value in rows.items():
        if value:
            facts.add_row(Text(key, style="dim"), Text(value))
    body = signal["explanation"].partition(">>>")[0].rstrip()
    return Group(Text(signal["name"], style="bold"), Text(), Text(body), Text(), facts)


def recipe_list(recipes: Mapping[str, str]) -> RenderableType:
    """One line a recipe."""
    table = _table("recipe", "what for")
    for name, description in recipes.items():
        table.add_row(name, description)
    return table


def rule_list(recipe: Mapping[str, Any]) -> RenderableType:
    """A recipe's rules, those that drop first."""
    table = _table("action", "rule", "fires where", "what it finds")
    for rule in sorted(recipe["rules"], key=lambda rule: rule["action"] != "drop"):
        table.add_row(rule["action"], rule["rule"], Text(rule["condition"]), rule["what"])
    head = Text.assemble((recipe["name"], "bold"), "   ", recipe["description"])
    keep = Text(f"of several duplicates it keeps: {recipe['keep']}", style="dim")
    return Group(head, keep, Text(), table)
