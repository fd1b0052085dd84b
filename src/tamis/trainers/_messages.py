"""Reading lists of messages as trainers do, from the raw values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from tamis.trainers._trainer import HEAD, TAIL, Example, Kind, Piece, Reading, Row, kind_of


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or the text of its parts.

    >>> text_of([{"type": "text", "text": "Hi"}, {"type": "image"}]), text_of(None)
    ('Hi', '')
    """
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part if isinstance(part, str) else _part(part) for part in content)
    return ""


def _part(part: Any) -> str:
    value = part.get("text") or part.get("content") or part.get("value") if isinstance(part, dict) else None
    return value if isinstance(value, str) else ""


def is_empty(message: Mapping[str, Any], content: str = "content") -> bool:
    """Whether a message says nothing: no text, no part that is no text, no call of a tool."""
    value = message.get(content)
    if message.get("tool_calls") or message.get("function_call"):
        return False
    parts = value if isinstance(value, list) else []
    other = any(isinstance(part, dict) and part.get("type", "text") != "text" for part in parts)
    return not other and not text_of(value).strip()


def messages_in(turns: Iterable[Any]) -> Iterator[tuple[int, Row]]:
    """The turns that are objects, with their number counted from 1."""
    return ((number, turn) for number, turn in enumerate(turns, 1) if isinstance(turn, dict))


def spoken(message: Mapping[str, Any], content: str = "content") -> str:
    """All that a chat template writes for a turn: its thoughts, its text and its tool calls."""
    thought = message.get("reasoning_content") or message.get("thinking")
    calls = message.get("tool_calls")
    said = [text_of(thought), text_of(message.get(content)), as_text(calls) if calls else ""]
    return "\n".join(part for part in said if part)


def as_text(value: Any) -> str:
    """A value as text: a string as it is, anything else as JSON, and nothing if that cannot be written.

    >>> as_text("a"), as_text([1])
    ('a', '[1]')
    """
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value, default=str).decode()
    except orjson.JSONEncodeError:  # more levels than it writes, which is fewer than it reads
        return ""


def turn(text: str, *, answer: bool) -> Example:
    """A turn with what a chat template puts around it: the end of an answer is learnt, its head is not."""
    return [Piece("", False, HEAD), Piece(text, answer, TAIL)]


def conversation(
    turns: Iterable[Any], *, role: str = "role", content: str = "content", answering: Iterable[str] = ("assistant",)
) -> Example:
    """A list of messages as an example."""
    learnt = frozenset(answering)
    found: Example = []
    for _, message in messages_in(turns):
        found += turn(spoken(message, content), answer=message.get(role) in learnt)
    return found


def json_fault(text: str) -> str | None:
    """Why a text is not JSON; None where it is.

    >>> json_fault("[]"), json_fault("[")
    (None, 'unexpected end of data')
    """
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return error.msg.partition(":")[0]
    return None


def check_tools(row: Row, bad: Kind, reading: Reading) -> None:
    """Check the column of tool definitions: a list, or JSON text."""
    tools = row.get("tools")
    if isinstance(tools, str):
        fault = json_fault(tools)
        if fault is not None:
            reading.add(bad, f"tools is text that is not JSON: {fault}")
    elif tools is not None and not isinstance(tools, list):
        reading.add(bad, f"tools is {kind_of(tools)}")
