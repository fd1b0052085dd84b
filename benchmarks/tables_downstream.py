"""The table of docs/downstream.md: the loss of a small model by what it was trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def arms(results: Json, table: Table) -> str:
    """Loss of every arm on both held-out sets, and how much the pruned arm's is below it."""
    rows = [
        [
            name,
            arm,
            f"{size['rows']:,}",
            f"{size['tokens']:,}",
            *(_told(found["loss"][held][arm]) for held in results["held_out"]),
            *(_told(found["pruned_less"][held].get(arm)) for held in results["held_out"]),
        ]
        for name, found in results["sets"].items()
        for arm, size in found["arms"].items()
    ]
    head = ["set", "trained on", "rows", "tokens", *(f"loss, {held}" for held in results["held_out"])]
    head += [f"pruned less this, {held}" for held in results["held_out"]]
    return table("Loss in nats a token (95 % interval); below 0, pruned is better", head, rows)


def about(results: Json, table: Table) -> str:  # noqa: ARG001 - called as the others are
    """The model, and what the figures were taken on."""
    settings, machine = results["settings"], results["machine"]
    held = ", ".join(f"{count:,} {name}" for name, count in results["held_out"].items())
    return (
        f"{results['parameters']:,} parameters, {settings['steps']} steps, {len(settings['seeds'])} seeds; "
        f"held out: {held}. "
        f"{results['minutes']:.0f} minutes on {machine['processor']}, {machine['cores']} cores."
    )


def _told(found: dict[str, float] | None) -> str:
    return "" if found is None else f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


DOWNSTREAM: dict[str, Callable[[Json, Table], str]] = {"arms": arms, "about": about}
