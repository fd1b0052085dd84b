"""Conversations: OpenAI messages, ShareGPT, and their relatives."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from tamis.records.builder import Builder, Misfit, as_json
from tamis.records.schemas._schema import Row, Schema, as_float, from_json, kto_label, plain, read_system

LISTS = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "turns")
ROLE = ("role", "from", "speaker", "author")
CONTENT = ("content", "value", "utterance", "text", "message")
CALLS = ("function_call", "tool_call")
ASKING = {"USER": "user", "SYSTEM": "assistant"}  # schema-guided dialogue calls the assistant SYSTEM


def read_turns(turns: Any, out: Builder) -> None:
    """Add the turns of a list of messages; a single message counts as a list of one."""
    turns = from_json(turns)
    if isinstance(turns, dict):
        turns = [turns]
    if not isinstance(turns, list):
        raise Misfit("the conversation is not a list")
    for turn in turns:
        if type(turn) is not dict:
            raise Misfit("a turn is not an object")
        if len(turn) == 2 and _read_plain(turn, out):
            continue
        _read_turn(turn, out)


def _read_plain(turn: Row, out: Builder) -> bool:
    """Add a turn that is a role and a text, as nearly all are; False, and nothing added, for any other."""
    if "role" in turn:
        role, text = turn["role"], turn.get("content")
    else:
        role, text = turn.get("from"), turn.get("value")
    if type(role) is not str or type(text) is not str or role in CALLS:
        return False
    if role in ("assistant", "gpt"):
        out.answer(text)
    else:
        out.turn(role, text)
    return True


def _read_turn(turn: Row, out: Builder) -> None:
    role_key = "role" if "role" in turn else "from" if "from" in turn else _present(turn, ROLE)
    content_key = "content" if "content" in turn else "value" if "value" in turn else _present(turn, CONTENT)
    role, content = turn.get(role_key), turn.get(content_key)
    if type(role) is not str:
        raise Misfit("a turn names no role")
    if role_key == "speaker":
        role = ASKING.get(role, role)
    text, extra = _rich(turn, content)
    if role in CALLS:
        out.turn("assistant", "", {**(extra or {}), "tool_calls": text})
    elif role in ("assistant", "gpt"):
        out.answer(text, extra)
    else:
        out.turn(role, text, extra)


def _present(turn: Row, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in turn), names[0])


def _rich(turn: Row, content: Any) -> tuple[str, dict[str, Any] | None]:
    """Text and what stands beside it: parts, reasoning, tool calls, name, training marks."""
    extra: dict[str, Any] = {}
    if isinstance(content, list):
        content = _parts(content, extra)
    elif isinstance(content, dict):
        content = as_json(content)
    reasoning = turn.get("reasoning_content") or turn.get("reasoning") or turn.get("thinking")
    if reasoning:
        extra["reasoning"] = reasoning if type(reasoning) is str else _parts(reasoning, {})
    if calls := turn.get("tool_calls") or turn.get("function_call"):
        extra["tool_calls"] = as_json(calls)
    for field in ("tool_call_id", "name"):
        if type(turn.get(field)) is str:
            extra[field] = turn[field]
    for field in ("weight", "loss_weight", "train"):
        if isinstance(turn.get(field), int | float):
            extra["weight"] = as_float(turn[field])
    return plain(content, "content"), extra or None


def _parts(parts: Any, extra: dict[str, Any]) -> str:
    """The text of content given in parts; other parts are counted, calls and thoughts kept apart."""
    texts = []
    for part in parts if isinstance(parts, list) else [parts]:
        if type(part) is str:
            texts.append(part)
            continue
        if type(part) is not dict:
            raise Misfit("a part of a turn's content is neither text nor an object")
        kind, value = part.get("type", "text"), part.get("text", part.get("value"))
        if kind in ("text", "input_text", "output_text"):
            texts.append(plain(value, "a text part"))
        elif kind in ("reasoning", "thinking"):
            extra["reasoning"] = plain(value if value is not None else part.get("thinking"), "a thought")
        elif kind in ("tool_call", "tool_calls"):
            extra["tool_calls"] = as_json(value)
        else:
            extra["media"] = extra.get("media", 0) + 1
    return "".join(texts)


def _lists_turns(row: Row) -> Any:
    return from_json(next((row[name] for name in LISTS if row.get(name) is not None), None))


def _schema(name: str, role: str) -> Schema:
    def read(row: Row, out: Builder) -> None:
        turns = _lists_turns(row)
        if type(turns) is list and turns and (type(turns[0]) is not dict or role not in turns[0]):
            raise Misfit(f"turns have no '{role}'")
        read_system(row, out)
        label = row.get("label", row.get("kto_tag"))
        if type(label) is bool:
            out.label = as_json(label)
        read_turns(turns, out)

    def keys(names: Set[str]) -> bool:
        return any(name in names for name in LISTS)

    return Schema(name, (*LISTS, "system", "tools"), keys, read)


def _kto(row: Row, out: Builder) -> None:
    out.label = kto_label(row)
    read_system(row, out)
    read_turns(_lists_turns(row), out)


SCHEMAS = (
    Schema(
        "kto-messages",
        ("label", "kto_tag"),
        lambda names: any(n in names for n in LISTS) and ("label" in names or "kto_tag" in names),
        _kto,
    ),
    _schema("messages", "role"),
    _schema("sharegpt", "from"),
    _schema("dialogue", "speaker"),
)
