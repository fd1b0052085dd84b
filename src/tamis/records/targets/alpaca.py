"""`alpaca`: instruction, input and output; earlier pairs in `history`, as LLaMA-Factory reads them."""

from __future__ import annotations

from collections.abc import Set

from tamis.records.targets._exchange import exchange
from tamis.records.targets._target import Example, Row, Target, beside

FIELDS = ("instruction", "input", "output", "system", "history", "tools", "label")


def _write(example: Example, losses: set[str]) -> Row:
    """An input that the source kept apart stays apart; one that it merged into the prompt stays merged."""
    said = exchange(example, losses)
    instruction, given = said.prompt, example.context or ""
    if given and instruction.endswith(given):
        instruction = instruction.removesuffix(given).removesuffix("\n\n")
    else:
        given = ""
    row: Row = {"instruction": instruction, "input": given, "output": said.answer}
    if said.system is not None:
        row["system"] = said.system
    if said.history:
        row["history"] = [list(pair) for pair in said.history]
    return row | beside(example, losses)


def _has(schema: str, row: Row, used: Set[str]) -> bool:
    return schema in ("alpaca", "kto") and {"instruction", "output"} <= row.keys() and used <= set(FIELDS)


TARGET = Target("alpaca", FIELDS, _write, _has)
