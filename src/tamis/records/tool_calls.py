"""Tool calls and tool definitions, which the records keep as JSON, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
import polars as pl

CALLS = pl.Schema(
    {
        "row": pl.Int64,
        "turn": pl.Int32,
        "name": pl.String,  # null where the call names no tool
        "id": pl.String,
        "arguments": pl.String,  # a JSON object; null where they are none
    }
)
_ARGUMENTS: Final = ("arguments", "parameters", "args", "input")
_PARAMETERS: Final = ("parameters", "input_schema", "inputSchema")
_LISTS: Final = ("tools", "functions", "function_declarations", "tool_calls")
_INVALID: Final = object()


def calls_of(turns: pl.DataFrame) -> pl.DataFrame:
    """The tool calls of the conversations (those of rejected answers aside), a line a call, in order.

    OpenAI's `tool_calls` and `function_call`, ShareGPT's function calls and lists of them are read alike. What is no
    JSON counts as one call without a name and without arguments.

    >>> turns = pl.DataFrame({"row": 0, "turn": 1, "side": None, "tool_calls": ['{"name": "add", "arguments": "{}"}']})
    >>> calls_of(turns).row(0)
    (0, 1, 'add', None, '{}')
    """
    calling = turns.filter(pl.col("tool_calls").is_not_null() & pl.col("side").is_null())
    said = calling.select("row", "turn", "tool_calls").iter_rows()
    return pl.DataFrame(
        [(row, turn, *call) for row, turn, text in said for call in _calls(_loaded(text))], schema=CALLS, orient="row"
    )


Call = tuple[str | None, str | None, str | None]


def _calls(value: Any) -> Iterator[Call]:
    """Name, id and arguments of each call."""
    if type(value) is str:
        value = _loaded(value)
    if type(value) is list:
        for each in value:
            yield from _calls(each)
    elif type(value) is dict and (held := next((value[n] for n in _LISTS if type(value.get(n)) is list), None)):
        yield from _calls(held)
    elif type(value) is dict:
        inner = value["function"] if type(value.get("function")) is dict else value
        arguments = next((inner[name] for name in _ARGUMENTS if name in inner), None)
        yield _text(inner.get("name")), _text(value.get("id")), _as_object(arguments)
    else:
        yield None, None, None


def _as_object(arguments: Any) -> str | None:
    """Arguments as the JSON text of an object; none at all count as an empty one."""
    if arguments is None:
        return "{}"
    if type(arguments) is str:
        arguments = _loaded(arguments)
    return orjson.dumps(arguments).decode() if type(arguments) is dict else None


@lru_cache(maxsize=256)
def definitions(tools: str) -> Mapping[str, Any] | None:
    """The JSON schema of each tool's arguments by the tool's name (None where it has none); None if unreadable.

    >>> definitions('[{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]')
    {'add': {'type': 'object'}}
    """
    held = _loaded(tools)
    while type(held) is dict and (inner := next((held[n] for n in _LISTS if type(held.get(n)) is list), None)):
        held = inner
    found = {}
    for each in held if type(held) is list else [held]:
        tool = _loaded(each) if type(each) is str else each
        tool = tool["function"] if type(tool) is dict and type(tool.get("function")) is dict else tool
        if type(tool) is not dict or type(tool.get("name")) is not str:
            return None
        found[tool["name"]] = next((tool[name] for name in _PARAMETERS if type(tool.get(name)) is dict), None)
    return found


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _INVALID


def _text(value: Any) -> str | None:
    return value if type(value) is str else None
