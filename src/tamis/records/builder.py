"""Turns and rows as they are read, one value at a time, and the frames they become."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import orjson
import polars as pl

from tamis.records.table import ROWS, TURNS, Records

ROLE_NAMES = {
    "human": "user", "prompter": "user", "customer": "user", "gpt": "assistant", "bot": "assistant",
    "chatgpt": "assistant", "model": "assistant", "ai": "assistant", "agent": "assistant",
    "function_call": "assistant", "tool_call": "assistant", "observation": "tool", "function": "tool",
    "tool_response": "tool", "ipython": "tool", "environment": "tool", "bing": "assistant", "bard": "assistant",
}  # fmt: skip
"""Other words for the roles, as ShareGPT, OpenAssistant, LLaMA-Factory and Llama write them."""


class Misfit(Exception):  # noqa: N818 - the row's fault, and no error of ours
    """A row does not have the shape that a schema expects."""


def opens_with_thought(text: str) -> bool:
    r"""Whether a `<think>` is the first thing in an answer, white space aside.

    >>> opens_with_thought("\n<think>Hm.</think>Yes."), opens_with_thought("Yes. <think>")
    (True, False)
    """
    return text.startswith(_MAY_THINK) and text.lstrip().startswith("<think>")


_MAY_THINK = ("<think>", "\n", " ", "\r", "\t")


class Builder:
    """Collects the turns and fields of a batch of rows.

    A schema calls `turn` (or `pair`) and sets `context`, `tools` and `label` for the row at hand; `finish`
    closes the row, `abandon` takes back what a schema that did not fit has added.
    """

    def __init__(self) -> None:
        self._count = 0
        self._schemas: list[str] = []
        self._contexts: list[str | None] = []
        self._tools: dict[int, str] = {}
        self._labels: dict[int, str] = {}
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
        self._row.append(self._count)
        self._turn.append(count - self._first)
        self._role.append(ROLE_NAMES.get(role, role))
        self._text.append(text)
        if self._side is not None:
            extra = {**(extra or {}), "side": self._side}
        if extra:
            self._extra[count] = extra

    def answer(self, text: str, extra: dict[str, Any] | None = None) -> None:
        """Add an assistant turn, its reasoning kept apart from the answer."""
        if opens_with_thought(text) and (end := text.find("</think>")) >= 0:
            thought, text = text[text.find("<think>") + 7 : end].strip(), text[end + 8 :].lstrip()
            beside = (extra or {}).get("reasoning")
            extra = {**(extra or {}), "reasoning": f"{beside}\n\n{thought}" if beside else thought}
        self.turn("assistant", text, extra)

    def pair(self, prompt: str, answer: str) -> None:
        """Add a user turn and the answer to it: what most rows are made of."""
        if opens_with_thought(answer) or self._side is not None:
            self.turn("user", prompt)
            self.answer(answer)
            return
        row, turn = self._count, len(self._text) - self._first
        self._row += (row, row)
        self._turn += (turn, turn + 1)
        self._role += ("user", "assistant")
        self._text += (prompt, answer)

    def pairs(self, prompts: list[str], answers: list[str], contexts: list[str | None] | None) -> None:
        """Add the turns of many rows as `pair` does; their contexts with them, if they have any."""
        count = len(prompts)
        numbers = range(self._count, self._count + count)
        self._row += chain.from_iterable(zip(numbers, numbers, strict=True))
        self._turn += (0, 1) * count
        self._role += ("user", "assistant") * count
        self._text += chain.from_iterable(zip(prompts, answers, strict=True))
        self._contexts += [None] * count if contexts is None else contexts

    def reject(self, rejected: bool = True) -> None:
        """The turns that follow belong to the rejected answer; they are numbered from where it starts."""
        self._side = "rejected" if rejected else None

    def finish(self, schema: str) -> None:
        """Close the row at hand: it was read by this schema."""
        self._schemas.append(schema)
        self._contexts.append(self.context)
        if self.tools is not None:
            self._tools[self._count] = self.tools
        if self.label is not None:
            self._labels[self._count] = self.label
        self._count += 1
        self._first = len(self._text)
        self.context = self.tools = self.label = self._side = None

    def finish_all(self, schema: str, count: int) -> None:
        """Close the rows that `pairs` has added."""
        self._schemas += [schema] * count
        self._count += count
        self._first = len(self._text)

    def abandon(self) -> None:
        """Forget the turns of the row at hand."""
        added = len(self._text)
        for kept in (self._row, self._turn, self._role, self._text):
            del kept[self._first :]
        for i in range(self._first, added):
            self._extra.pop(i, None)
        self.context = self.tools = self.label = self._side = None

    def build(self, places: pl.DataFrame | None = None) -> Records:
        """The finished rows, with a line each of `places` where they are given, and their turns."""
        turns = pl.DataFrame(
            {
                "row": pl.Series(self._row, dtype=pl.Int64),
                "turn": pl.Series(self._turn, dtype=pl.Int32),
                "side": self._sparse("side", pl.String),
                "role": pl.Series(self._role, dtype=pl.String),
                "text": pl.Series(self._text, dtype=pl.String),
                **{name: self._sparse(name, TURNS[name]) for name in TURNS if name not in _ALWAYS},
            }
        )
        count = self._count
        absent = [_spread(name, {}, count, ROWS[name]) for name in ("row", "file", "line", "start", "stop")]
        rows = (pl.DataFrame(absent) if places is None else places).with_columns(
            source_schema=pl.Series(self._schemas, dtype=pl.String),
            context=pl.Series(self._contexts, dtype=pl.String),
            tools=_spread("tools", self._tools, count, pl.String),
            label=_spread("label", self._labels, count, pl.String),
            by=_spread("by", {}, count, pl.String),
            keep=_spread("keep", {}, count, pl.String),
        )
        return Records(rows.select(ROWS.names()), turns)

    def _sparse(self, name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
        held = {i: extra[name] for i, extra in self._extra.items() if extra.get(name) is not None}
        return _spread(name, held, len(self._text), dtype)


def _spread(name: str, held: dict[int, Any], length: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """A column of nulls but for the values held by position."""
    column = pl.Series(name, [None], dtype=dtype).new_from_index(0, length)
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
