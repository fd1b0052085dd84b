"""Which of a row's fields its schema has used, so that all others can be carried over."""

from __future__ import annotations

from collections.abc import Hashable, Set
from typing import Any, Final

from tamis.records.builder import Builder
from tamis.records.schemas import SCHEMAS
from tamis.records.schemas.chat import CONTENT, LISTS, ROLE
from tamis.records.targets._target import Example, Row

MOST_SHAPES: Final = 10_000
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


class UsedFields:
    """Which fields schemas use, remembered by the shape of the row: watching each row costs a second reading.

    >>> row = {"question": "2 + 2?", "answer": "4", "id": 7}
    >>> sorted(UsedFields().of(row, Example("question-answer", [], [])))
    ['answer', 'question']
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, frozenset[str]] = {}

    def of(self, row: Row, example: Example) -> frozenset[str]:
        """The names of the fields that went into the example."""
        if example.schema == "preference":  # the one schema that looks into a text to say what it reads next
            return _used(row, example)
        values = row.values()
        shape = (example.schema, tuple(row), tuple(map(type, values)), tuple(map(bool, values)))
        found = self._known.get(shape)
        if found is None:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            found = self._known[shape] = _used(row, example)
        return found


def _used(row: Row, example: Example) -> frozenset[str]:
    watched = _Watched(row)
    _READERS[example.schema](watched, Builder())
    if example.schema == "pairwise":  # the votes of single judges are no answers, and stay
        return frozenset(name for name in watched.read if not name.startswith("annotator"))
    return frozenset(n for n in watched.read if row[n] is None or isinstance(row[n], _OPTIONAL.get(n, object)))


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
