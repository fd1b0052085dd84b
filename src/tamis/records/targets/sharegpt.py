"""`sharegpt`: turns with `from` and `value`, as LLaMA-Factory and FastChat read them.

What the shape has no word for (a name, a weight, reasoning that tags cannot hold, tool calls beside text)
stands as a further key of its turn, as it would in `messages`.
"""

from __future__ import annotations

import json
from collections.abc import Set
from typing import Any, Final

from tamis.records.targets._target import (
    Example,
    Row,
    Target,
    Turn,
    are_turns,
    beside,
    calls_of,
    reads_back,
    weight_of,
    with_thought,
    without_rejected,
)

FIELDS = ("conversations", "tools", "label")
NAMES: Final = {"user": "human", "assistant": "gpt", "tool": "observation"}
_KNOWN: Final = frozenset({"system", "human", "gpt", "observation", "function_call"})


def _turn(turn: Turn, losses: set[str]) -> Row:
    written: Row = {"from": NAMES.get(turn.role, turn.role), "value": turn.text}
    calls = turn.tool_calls
    if calls is not None and turn.role == "assistant" and not turn.text:
        written = {"from": "function_call", "value": _function_call(turn)}
    elif calls is not None:
        written["tool_calls"] = calls_of(turn) or calls
    if turn.reasoning is not None:
        if written["from"] == "gpt" and reads_back(turn):
            written["value"] = with_thought(turn)
        else:
            written["reasoning_content"] = turn.reasoning
    for field, value in (("tool_call_id", turn.tool_call_id), ("name", turn.name), ("weight", weight_of(turn))):
        if value is not None:
            written[field] = value
    if turn.media:
        losses.add("media")
    return written


def _function_call(turn: Turn) -> str:
    """The calls as JSON text: name and arguments where that is all there is, OpenAI's shape where not."""
    calls: Any = calls_of(turn)
    if calls is None:
        return turn.tool_calls or ""
    calls = [_short(call) for call in calls]
    return json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False)


def _short(call: Row) -> Row:
    function = call.get("function")
    plain = call.keys() == {"type", "function"} and call["type"] == "function"
    if plain and isinstance(function, dict) and function.keys() == {"name", "arguments"}:
        return {"name": function["name"], "arguments": function["arguments"]}
    return call


def _write(example: Example, losses: set[str]) -> Row:
    turns = without_rejected(example, losses)
    return {"conversations": [_turn(turn, losses) for turn in turns], **beside(example, losses)}


def _has(schema: str, row: Row, used: Set[str]) -> bool:
    known = schema in ("sharegpt", "kto-messages") and used <= {*FIELDS, "system"}
    return known and are_turns(row.get("conversations"), "from", "value", _KNOWN)


TARGET = Target("sharegpt", FIELDS, _write, _has)
