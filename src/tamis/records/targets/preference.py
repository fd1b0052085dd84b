"""`preference`: a prompt, a chosen and a rejected answer, each a list of messages, as TRL reads them."""

from __future__ import annotations

from collections.abc import Set

from tamis.records.table import ROLES
from tamis.records.targets._target import Example, Inexpressible, Row, Target, are_turns, beside
from tamis.records.targets.messages import messages

FIELDS = ("prompt", "chosen", "rejected", "tools")


def _write(example: Example, losses: set[str]) -> Row:
    """The chosen answer is the run of assistant turns that ends the conversation."""
    if not example.rejected:
        raise Inexpressible("it has no rejected answer")
    verdict = example.verdict
    if isinstance(verdict, dict) and verdict.get("better") is None:
        raise Inexpressible("its judge chose neither answer")
    end = len(example.turns)
    while end and example.turns[end - 1].role == "assistant":
        end -= 1
    sides = {"prompt": example.turns[:end], "chosen": example.turns[end:], "rejected": example.rejected}
    if not sides["chosen"]:
        raise Inexpressible("it has no chosen answer")
    row: Row = {name: messages(turns, losses) for name, turns in sides.items()}
    return row | beside(example, losses)


def _has(schema: str, row: Row, used: Set[str]) -> bool:
    known = schema == "preference" and used <= set(FIELDS)
    return known and all(are_turns(row.get(name), "role", "content", ROLES - {"text"}) for name in FIELDS[:3])


TARGET = Target("preference", FIELDS, _write, _has)
