"""`prompt-completion`: two texts, as TRL reads them."""

from __future__ import annotations

from collections.abc import Set

from tamis.records.targets._exchange import exchange
from tamis.records.targets._target import Example, Row, Target, beside

FIELDS = ("prompt", "completion", "tools", "label")


def _write(example: Example, losses: set[str]) -> Row:
    """The system prompt heads the prompt; earlier turns follow it as a transcript."""
    said = exchange(example, losses)
    prompt = said.prompt
    if said.history:
        losses.add("transcript")
        earlier = "\n\n".join(f"User: {asked}\n\nAssistant: {answer}" for asked, answer in said.history)
        prompt = f"{earlier}\n\nUser: {prompt}\n\nAssistant:"
    if said.system:
        losses.add("system_in_prompt")
        prompt = f"{said.system}\n\n{prompt}"
    return {"prompt": prompt, "completion": said.answer, **beside(example, losses)}


def _has(schema: str, row: Row, used: Set[str]) -> bool:
    own = {"prompt", "completion"} <= row.keys() and used <= set(FIELDS)
    return own and schema in ("prompt-completion", "kto")


TARGET = Target("prompt-completion", FIELDS, _write, _has)
