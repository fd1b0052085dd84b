"""What is known of a signal: its definition, the rules on it by recipe, how often they are right, and examples."""

from __future__ import annotations

from typing import Any

from tamis.catalogue import known
from tamis.recipe import Rule, built_in, load
from tamis.registry import Signal


def explain(signal: Signal) -> dict[str, Any]:
    """The facts of one signal, as `tamis signals NAME` and the documents show them.

    >>> from tamis.registry import get
    >>> explain(get("truncated"))["actions"]["truncated"]["strict"]
    'drop'
    """
    rules = [rule for rule in load("default").rules.values() if rule.signal == signal.name]
    return {
        "name": signal.name,
        "unit": signal.unit,
        "scope": signal.scope,
        "reads": list(signal.inputs),
        "per": signal.over,
        "reduce": signal.reduce,
        "severity": signal.severity,
        "language": signal.language,
        "source": signal.source,
        "options": dict(signal.options),
        "on_request": signal.on_request,
        "summary": signal.summary,
        "explanation": signal.explanation.partition(">>>")[0].rstrip(),
        "rules": {rule.name: f"{rule.action}s where {rule.condition}" for rule in rules},
        "actions": _actions(signal),
        "known": {rule.name: _known(rule) for rule in rules},
    }


def _actions(signal: Signal) -> dict[str, dict[str, str]]:
    """By rule on the signal: what each built-in recipe does where it fires."""
    actions: dict[str, dict[str, str]] = {}
    for recipe in built_in():
        for rule in load(recipe).rules.values():
            if rule.signal == signal.name:
                actions.setdefault(rule.name, {})[recipe] = rule.action
    return actions


def _known(rule: Rule) -> dict[str, str]:
    facts = known()[rule.name]
    return {
        "precision": facts.precision,
        "places": facts.places,
        "wrong": facts.wrong,
        "fires": facts.fires.strip(),
        "spares": facts.spares.strip(),
    }
