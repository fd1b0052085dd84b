"""Signals and recipes as lists and explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tamis.reports.parts import plain_table


def signal_list(signals: Sequence[Mapping[str, Any]]) -> RenderableType:
    """One line a signal."""
    table = plain_table("signal", "unit", "default rule", "what it measures")
    table.columns[0].no_wrap = True
    for signal in signals:
        actions = ", ".join(
            sorted({actions["default"] for actions in signal["actions"].values() if "default" in actions})
        )
        table.add_row(signal["name"], signal["unit"], actions, signal["summary"])
    return table


def explanation(signal: Mapping[str, Any]) -> RenderableType:
    """All that is known of one signal."""
    facts = plain_table("", "")
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
        "computed": "on request" if signal["on_request"] else None,
    }
    rules = [_rule_known(signal, rule) for rule in signal["rules"]]
    for key, value in rows.items():
        if value:
            facts.add_row(Text(key, style="dim"), Text(value))
    if not rules:
        facts.add_row(Text("rule", style="dim"), Text("none in the recipe default: a number to look at"))
    return Group(Text(signal["name"], style="bold"), Text(), Text(signal["explanation"]), Text(), facts, *rules)


def _rule_known(signal: Mapping[str, Any], rule: str) -> RenderableType:
    """A rule on the signal: what each recipe does, how often it was right, a row it fires on and one it spares."""
    known = signal["known"][rule]
    rows = {
        f"rule {rule}": signal["rules"][rule],
        "by recipe": by_action(signal["actions"][rule]),
        "precision": known["precision"],
        "hits were in": known["places"],
        "false ones": known["wrong"],
        "fires on": known["fires"],
        "spares": known["spares"],
    }
    table = plain_table("", "")
    table.show_header = False
    for key, value in rows.items():
        if value:
            table.add_row(Text(key, style="dim"), Text(value))
    return Group(Text(), table)


def by_action(actions: Mapping[str, str]) -> str:
    """Which recipes drop and which flag.

    >>> by_action({"default": "flag", "strict": "drop", "code": "flag"})
    'strict drops; default, code flag'
    """
    named = {action: [recipe for recipe, does in actions.items() if does == action] for action in ("drop", "flag")}
    return "; ".join(f"{', '.join(n)} {action}{'s' * (len(n) == 1)}" for action, n in named.items() if n)


def recipe_list(recipes: Mapping[str, str]) -> RenderableType:
    """One line a recipe."""
    table = plain_table("recipe", "what for")
    for name, description in recipes.items():
        table.add_row(name, description)
    return table


def rule_list(recipe: Mapping[str, Any]) -> RenderableType:
    """A recipe's rules, those that drop first."""
    table = plain_table("action", "rule", "fires where", "what it finds")
    for rule in sorted(recipe["rules"], key=lambda rule: rule["action"] != "drop"):
        table.add_row(rule["action"], rule["rule"], Text(rule["condition"]), rule["what"])
    head = Text.assemble((recipe["name"], "bold"), "   ", recipe["description"])
    keep = Text(f"of several duplicates it keeps: {recipe['keep']}", style="dim")
    return Group(head, keep, Text(), table)
