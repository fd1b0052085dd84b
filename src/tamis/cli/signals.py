"""`tamis signals`."""

from __future__ import annotations

from typing import Annotated

import typer

from tamis.cli import options as o


def signals(
    name: Annotated[str | None, typer.Argument(help="A signal to explain.", show_default=False)] = None,
    own: o.OwnSignals = None,
    as_json: o.AsJson = False,
) -> None:
    """List the signals, or explain one: what it measures, its source, and when it is wrong.

    Example:
    tamis signals truncated
    """
    from tamis.cli.progress import announce_compilation

    announce_compilation(quiet=False)
    import tamis.signals  # noqa: F401 - fills the registry
    from tamis.recipe import load
    from tamis.registry import SIGNALS, get, load_signals
    from tamis.reports.catalogue import explanation, signal_list

    load_signals(own or [])
    rules = load("default").rules.values()
    facts = [
        {
            "name": s.name,
            "unit": s.unit,
            "scope": s.scope,
            "reads": list(s.inputs),
            "per": s.over,
            "reduce": s.reduce,
            "severity": s.severity,
            "language": s.language,
            "source": s.source,
            "options": dict(s.options),
            "summary": s.summary,
            "explanation": s.explanation,
            "rules": [f"{rule.action}: {rule.condition}" for rule in rules if rule.signal == s.name],
        }
        for s in (
            [get(name)] if name else sorted(SIGNALS.values(), key=lambda s: (s.scope, s.function.__module__, s.name))
        )
    ]
    report = (lambda listed: explanation(listed[0])) if name else signal_list
    o.show(report, facts, as_json=as_json, quiet=False)
