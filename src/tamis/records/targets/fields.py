"""Which of a row's fields its schema has used, so that all others can be carried over."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

from tamis.records.builder import Builder
from tamis.records.schemas import SCHEMAS
from tamis.records.schemas.chat import CONTENT, LISTS, ROLE
from tamis.records.targets._target import Example, Row

_READERS: Final = {schema.name: schema.read for schema in SCHEMAS}
_OPTIONAL: Final = {"system": str, "system_prompt": str, "label": bool, "kto_tag": bool}
"""Fields that schemas look at, and use only where the value is of this kind."""

_TURNS: Final = frozenset(
    {*LISTS, "prompt", "question", "chosen", "rejected", "preferred_output", "non_preferred_output"}
)
_IN_TURNS: Final = frozenset({
    *ROLE, *CONTENT, "reasoning_content", "reasoning", "thinking", "tool_calls", "function_call", "tool_call_id",
    "name", "weight", "loss_weight", "train",
})  # fmt: skip
"""What schemas read of a turn."""


class _Watched(Row):
    """A row that remembers which of its fields were read."""

    def __init__(self, row: Row) -> None:
        super().__init__(row)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        if name in self:
            self.read.add(name)
        return super().get(name, default)


def used(row: Row, example: Example) -> set[str]:
    """The names of the fields that went into the example.

    >>> sorted(used({"question": "2 + 2?", "answer": "4", "id": 7}, Example("question-answer", [], [])))
    ['answer', 'question']
    """
    watched = _Watched(row)
    _READERS[example.schema](watched, Builder())
    if example.schema == "pairwise":  # the votes of single judges are no answers, and stay
        return {name for name in watched.read if not name.startswith("annotator")}
    return {name for name in watched.read if row[name] is None or isinstance(row[name], _OPTIONAL.get(name, object))}


def turns_hold_more(row: Row, taken: Set[str]) -> bool:
    """Whether turns have fields that no schema reads.

    >>> turns_hold_more({"messages": [{"role": "user", "content": "Hi", "intent": "greet"}]}, {"messages"})
    True
    """
    return any(_holds_more(row[name]) for name in _TURNS & taken)


def _holds_more(value: Any) -> bool:
    if isinstance(value, list):
        return any(_holds_more(item) for item in value)
    return isinstance(value, dict) and any(
        value[name] is not None for name in value.keys() - _IN_TURNS if name != "messages"
    )
