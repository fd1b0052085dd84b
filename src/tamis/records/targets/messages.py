"""`messages`: turns with `role` and `content`, as OpenAI, TRL and Axolotl read them."""

from __future__ import annotations

from collections.abc import Set

from tamis.records.builder import opens_with_thought
from tamis.records.table import ROLES
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

FIELDS = ("messages", "tools", "label")


def messages(turns: list[Turn], losses: set[str]) -> list[Row]:
    """Turns as messages: reasoning as `reasoning_content`, tool calls in OpenAI's shape."""
    return [_message(turn, losses) for turn in turns]


def _message(turn: Turn, losses: set[str]) -> Row:
    message: Row = {"role": turn.role, "content": turn.text}
    if turn.reasoning is not None:
        tagged = turn.role == "assistant" and opens_with_thought(turn.text)
        # an empty thought says "do not think" in the templates that know it, and only tags can hold it
        if (turn.reasoning == "" or tagged) and reads_back(turn):
            message["content"] = with_thought(turn)
        else:
            message["reasoning_content"] = turn.reasoning
    if turn.tool_calls is not None:
        calls = calls_of(turn)
        if calls is not None:
            message["tool_calls"] = calls
        elif turn.tool_calls.strip() not in ("", "[]", "null"):
            message["content"] = "\n\n".join(filter(None, (message["content"], turn.tool_calls)))
            losses.add("call_text")
    for field, value in (("tool_call_id", turn.tool_call_id), ("name", turn.name), ("weight", weight_of(turn))):
        if value is not None:
            message[field] = value
    if turn.media:
        losses.add("media")
    return message


def _write(example: Example, losses: set[str]) -> Row:
    turns = without_rejected(example, losses)
    return {"messages": messages(turns, losses), **beside(example, losses)}


def _has(schema: str, row: Row, used: Set[str]) -> bool:
    known = schema in ("messages", "kto-messages") and used <= set(FIELDS)
    return known and are_turns(row.get("messages"), "role", "content", ROLES - {"text"})


TARGET = Target("messages", FIELDS, _write, _has)
