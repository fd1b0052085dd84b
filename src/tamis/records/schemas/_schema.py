"""What a schema is, and the few readings that schemas share."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

import orjson

from tamis.records.builder import Builder, Misfit, as_json

Row = dict[str, Any]


Read = Callable[[Row, Builder], None]
ReadAll = Callable[[list[Row], Builder], bool]
"""Reads rows that all have the same fields, or adds nothing and says False where some are out of the common."""


@dataclass(frozen=True)
class Schema:
    """A shape of rows: `keys` says from the field names whether it may fit, `read` raises `Misfit` if not.

    `bind` makes the `read` for rows of given field names, where knowing them beforehand saves time;
    `bind_all` what reads a whole batch of such rows column by column, where that can be done.
    """

    name: str
    fields: tuple[str, ...]
    keys: Callable[[Set[str]], bool]
    read: Read
    bind: Callable[[Set[str]], Read] | None = None
    bind_all: Callable[[Set[str]], ReadAll | None] | None = None

    def bound(self, names: Set[str]) -> Read:
        """What reads rows that have these fields."""
        return self.read if self.bind is None else self.bind(names)


def plain(value: Any, field: str) -> str:
    """A field's text: a string, a number as written, or nothing for a null."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, int | float):
        return as_json(value)
    raise Misfit(f"{field} is not text")


def as_float(value: float) -> float | None:
    """A number as a float; None for one that no float can hold."""
    try:
        return float(value)
    except OverflowError:
        return None


def from_json(value: Any) -> Any:
    """A list or an object that stands as JSON text in a field, as in CSV; anything else as it is.

    >>> from_json('[["q", "a"]]'), from_json("[sic]")
    ([['q', 'a']], '[sic]')
    """
    if type(value) is str and value[:1] in ("[", "{"):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def first(row: Row, names: tuple[str, ...]) -> str | None:
    """The first of the names that the row has."""
    return next((name for name in names if name in row), None)


def kto_label(row: Row) -> str:
    """A row's KTO label as JSON: true or false, or what a row that must have one says instead.

    A number or a null counts where the field is `kto_tag`, 1 and 0 beside a `completion`: there TRL takes neither for
    true or false. Words do not: CSV has no other way, and they may name a class.
    """
    label = row.get("label", row.get("kto_tag"))
    tagged = "kto_tag" in row and "label" not in row and type(label) is not str
    counted = type(label) is int and label in (0, 1) and "completion" in row
    if type(label) is not bool and not tagged and not counted:
        raise Misfit("label is not true or false")
    return as_json(label)


SYSTEM_FIELDS = frozenset({"system", "system_prompt", "tools", "functions", "function"})


def read_system(row: Row, out: Builder) -> None:
    """A system prompt and tool definitions that stand beside the conversation."""
    system = row.get("system") or row.get("system_prompt")
    if type(system) is str:
        out.turn("system", system)
    tools = row.get("tools") or row.get("functions") or row.get("function")
    if tools:
        out.tools = as_json(tools)
