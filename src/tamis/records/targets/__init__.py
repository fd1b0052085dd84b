"""Rows as another schema: one file a target, the reverse of `schemas`."""

from __future__ import annotations

from tamis.errors import unknown
from tamis.records.targets import alpaca, messages, preference, prompt_completion, sharegpt
from tamis.records.targets._target import LOSSES, Example, Inexpressible, Target, Turn, examples

__all__ = ["LOSSES", "TARGETS", "Example", "Inexpressible", "Target", "Turn", "examples", "find"]

TARGETS: tuple[Target, ...] = (
    messages.TARGET,
    sharegpt.TARGET,
    alpaca.TARGET,
    prompt_completion.TARGET,
    preference.TARGET,
)


def find(name: str) -> Target:
    """The target of that name.

    >>> find("alpaca").fields[:3]
    ('instruction', 'input', 'output')
    """
    for target in TARGETS:
        if target.name == name:
            return target
    raise unknown("target in --to", name, (target.name for target in TARGETS))
