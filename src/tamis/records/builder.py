"""Turns and rows as they are read, one value at a time, and the frames they become."""

from __future__ import annotations

import json
from typing import Any

import orjson
import polars as pl
import pyarrow as pa

from tamis.records.raw import Unreadable
from tamis.records.table import ROWS, TURNS, Records

ROLE_NAMES = {
    "human": "user", "prompter": "user", "customer": "user", "gpt": "assistant", "bot": "assistant",
    "chatgpt": "assistant", "model": "assistant", "ai": "assistant", "agent": "assistant",
    "function_call": "assistant", "tool_call": "assistant", "observation": "tool", "function": "tool",
    "tool_response": "tool", "ipython": "tool", "environment": "tool", "bing": "assistant", "bard": "assistant",
}  # fmt: skip
"""Other words for the roles, as ShareGPT, OpenAssistant, LLaMA-Factory and Llama write them."""

UNREADABLE = pl.Schema(
    {
        "row": pl.Int64,
        "file": pl.Int32,
        "line": pl.Int64,
        "start": pl.Int64,
        "stop": pl.Int64,
        "reason": pl.String,
    }
)


class Misfit(Exception):  # noqa: N818 - the row's fault, and no error of ours
    """A row does not have the shape that a schema expects."""


class Builder:
    """Collects a batch of records.

    A schema calls `turn` once a turn and sets `context`, `tools` and `label` for the row at hand; `finish`
    closes the row, `abandon` takes back what a schema that did not fit has added.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.unreadable: list[tuple[Any, ...]] = []
        self._row: list[int] = []
        self._turn: list[int] = []
        self._role: list[str] = []
        self._text: list[str] = []
        self._extra: dict[int, dict[str, Any]] = {}
        self._first = 0
        self._side: str | None = None
        self.context: str | None = None
        self.tools: str | None = None
        self.label: str | None = None

    def turn(self, role: str, text: str, extra: dict[str, Any] | None = None) -> None:
        """Add a turn; `extra` holds what few turns have, by the names of `table.TURNS`."""
        count = len(self._text)
        self._row.append(len(self.rows))
        self._turn.append(count - self._first)
        self._role.append(ROLE_NAMES.get(role, role))
        self._text.append(text)
        if self._side is not None:
            extra = {**(extra or {}), "side": self._side}
        if extra:
            self._extra[count] = extra

    def answer(self, text: str, extra: dict[str, Any] | None = None) -> None:
        """Add an assistant turn, its reasoning kept apart from the answer."""
        if text.startswith("<think>") and (end := text.find("</think>")) >= 0:
            thought, text = text[7:end].strip(), text[end + 8 :].lstrip()
            extra = {"reasoning": thought, **(extra or {})}
        self.turn("assistant", text, extra)

    def pair(self, prompt: str, answer: str) -> None:
        """Add a user turn and the answer to it: what most rows are made of."""
        if answer.startswith("<think>") or self._side is not None:
            self.turn("user", prompt)
            self.answer(answer)
            return
        row, turn = len(self.rows), len(self._text) - self._first
        self._row += (row, row)
        self._turn += (turn, turn + 1)
        self._role += ("user", "assistant")
        self._text += (prompt, answer)

    def reject(self, rejected: bool = True) -> None:
        """The turns that follow belong to the rejected answer; they are numbered from where it starts."""
        self._side = "rejected" if rejected else None

    def finish(self, place: tuple[int, int, int | None, int | None, int | None], schema: str, by: str | None) -> None:
        """Close the row at `place`: row, file, line, start, stop."""
        self.rows.append((*place, schema, self.context, self.tools, self.label, by))
        self._next()

    def abandon(self) -> None:
        """Forget the turns of the row at hand."""
        for kept in (self._row, self._turn, self._role, self._text):
            del kept[self._first :]
        for i in [i for i in self._extra if i >= self._first]:
            del self._extra[i]
        self._next()

    def _next(self) -> None:
        self._first, self._side = len(self._text), None
        self.context = self.tools = self.label = None

    def refuse(self, place: tuple[int, int, int | None, int | None, int | None], why: Unreadable) -> None:
        """Report a record that could not be read."""
        self.unreadable.append((*place, why.reason))

    def build(self) -> tuple[Records, pl.DataFrame]:
        """The frames of records and of unreadable records."""
        turns = pl.DataFrame(
            {
                "row": pl.Series(self._row, dtype=pl.Int64),
                "turn": pl.Series(self._turn, dtype=pl.Int32),
                "side": self._sparse("side", pl.String),
                "role": pl.Series(self._role, dtype=pl.String),
                "text": pl.Series(pl.from_arrow(pa.array(self._text, pa.large_string()))),
                **{name: self._sparse(name, TURNS[name]) for name in TURNS if name not in _ALWAYS},
            }
        )
        rows = pl.DataFrame(self.rows, schema=ROWS, orient="row", infer_schema_length=0)
        return Records(rows, turns), pl.DataFrame(self.unreadable, schema=UNREADABLE, orient="row")

    def _sparse(self, name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
        held = {i: extra[name] for i, extra in self._extra.items() if extra.get(name) is not None}
        column = pl.Series(name, [None], dtype=dtype).new_from_index(0, len(self._text))
        return column.scatter(list(held), pl.Series(list(held.values()), dtype=dtype)) if held else column


_ALWAYS = frozenset({"row", "turn", "side", "role", "text"})


def as_json(value: Any) -> str:
    """A value as compact JSON text; a string is taken to be JSON already.

    >>> as_json({"a": [1, None]})
    '{"a":[1,null]}'
    """
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a number beyond 64 bits, or 255 brackets deep
        return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
