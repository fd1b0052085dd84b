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
    """List the signals, or explain one: what it measures, its source, how often it is right, and an example.

    Example:
    tamis signals truncated
    """
    from tamis.cli.progress import announce_compilation

    announce_compilation(quiet=False)
    import tamis.signals  # noqa: F401 - fills the registry
    from tamis.registry import SIGNALS, get, load_signals
    from tamis.reports.catalogue import explanation, signal_list
    from tamis.verbs.explain import explain

    load_signals(own or [])
    ordered = sorted(SIGNALS.values(), key=lambda s: (s.scope, s.function.__module__, s.name))
    facts = [explain(signal) for signal in ([get(name)] if name else ordered)]
    report = (lambda listed: explanation(listed[0])) if name else signal_list
    o.show(report, facts, as_json=as_json, quiet=False)
