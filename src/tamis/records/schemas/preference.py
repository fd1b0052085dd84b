"""Preference data: a chosen and a rejected answer, as text or as messages."""

from __future__ import annotations

from typing import Any

from tamis.records.builder import Builder, Misfit
from tamis.records.schemas._schema import Row, Schema, first, from_json, plain, read_system
from tamis.records.schemas.chat import LISTS, read_turns
from tamis.records.schemas.text import add_transcript, transcript_turns

NAMES = (
    ("chosen", "rejected"),
    ("chosen_response", "rejected_response"),
    ("preferred_output", "non_preferred_output"),
)
ROLES = {"role", "from"}
PROMPTS = ("prompt", "instruction", "question", "input", *LISTS)


def _read(row: Row, out: Builder) -> None:
    chosen_name, rejected_name = next(pair for pair in NAMES if pair[0] in row and pair[1] in row)
    chosen, rejected = _side(row[chosen_name]), _side(row[rejected_name])
    read_system(row, out)
    whole = _opens_with_user(chosen) and _opens_with_user(rejected)  # the prompt is in both sides
    shared = whole or not _read_prompt(row, out)
    if shared:
        chosen, rejected = _split_shared(chosen, rejected, out)
    _read_answer(chosen, out)
    out.reject()
    if shared and _asks(rejected[0]):  # it answers another prompt, which stays with it
        read_turns(rejected, out)
    else:
        _read_answer(rejected, out)
    out.reject(False)


def _side(value: Any) -> Any:
    """An answer or a conversation, which CSV holds as JSON text."""
    parsed = from_json(value)
    turns = [parsed] if isinstance(parsed, dict) else parsed
    is_chat = isinstance(turns, list) and turns and all(isinstance(t, dict) and ROLES & t.keys() for t in turns)
    return parsed if is_chat else value


def _opens_with_user(side: Any) -> bool:
    if not isinstance(side, list):
        return False
    speakers = [t.get("role", t.get("from")) for t in side if isinstance(t, dict)]
    return any(speaker in ("user", "human") for speaker in speakers[:2])


def _read_prompt(row: Row, out: Builder) -> bool:
    name = first(row, PROMPTS)
    if name is None or (row[name] is None and _sides_are_chats(row)):
        return False
    prompt = "" if row[name] is None else _side(row[name])  # a null is what CSV has for an empty prompt
    if isinstance(prompt, dict) and "messages" in prompt:
        prompt = prompt["messages"]
    if type(prompt) is not str:
        read_turns(prompt, out)
        return True
    if add_transcript(prompt.removesuffix("Assistant:").rstrip() + "\n\n", out):
        return True
    context = row.get("input") if name != "input" else None
    out.context = context if type(context) is str else None
    out.turn("user", f"{prompt}\n\n{context}" if type(context) is str and context else prompt)
    return True


def _sides_are_chats(row: Row) -> bool:
    names = next(pair for pair in NAMES if pair[0] in row and pair[1] in row)
    return all(_messages(_side(row[name])) for name in names)


def _split_shared(chosen: Any, rejected: Any, out: Builder) -> tuple[Any, Any]:
    """Take the turns that both sides share as the prompt; what differs are the answers.

    Where a user's turn differs, each side has a prompt of its own: that of the chosen side is the row's.
    """
    sides = [_messages(side) for side in (chosen, rejected)]
    if not all(sides):
        raise Misfit("there is no prompt, and the answers are not conversations")
    sides = [[*side, _NOTHING] if all(map(_asks, side)) else side for side in sides]
    shared = 0
    for left, right in zip(*sides, strict=False):
        if left != right and not (_asks(left) and _asked(left) == _asked(right)):
            break
        shared += 1
    shared = min(shared, min(len(side) for side in sides) - 1)
    read_turns(sides[0][:shared], out)
    chosen, rejected = sides[0][shared:], sides[1][shared:]
    if _asks(chosen[0]):
        own = next(place for place, turn in enumerate(chosen) if not _asks(turn))
        read_turns(chosen[:own], out)
        chosen = chosen[own:]
    return chosen, rejected


_NOTHING = {"role": "assistant", "content": ""}
"""The answer of a side that holds a prompt alone."""


def _messages(side: Any) -> list[Any]:
    if type(side) is str:
        return [{"role": role, "content": text} for role, text in transcript_turns(side) or []]
    return side if isinstance(side, list) else []


def _read_answer(answer: Any, out: Builder) -> None:
    if answer is None or type(answer) is str:
        out.answer(plain(answer, "answer"))
        return
    turns = [answer] if isinstance(answer, dict) else answer
    if not isinstance(turns, list):
        raise Misfit("an answer is neither text nor messages")
    answers = [turn for turn in turns if _is_answer(turn)]
    read_turns(answers if answers and len(turns) > len(answers) else turns, out)


def _speaker(turn: Any) -> Any:
    return turn.get("role", turn.get("from")) if isinstance(turn, dict) else None


def _is_answer(turn: Any) -> bool:
    return _speaker(turn) in ("assistant", "gpt")


def _asks(turn: Any) -> bool:
    return _speaker(turn) in ("user", "human", "system", "developer")


def _asked(turn: Any) -> tuple[Any, Any]:
    """Who asks and what, whatever else a turn holds."""
    text = turn.get("content", turn.get("value")) if isinstance(turn, dict) else None
    return _speaker(turn), text.strip() if type(text) is str else text


SCHEMAS = (
    Schema(
        "preference",
        (*(name for pair in NAMES for name in pair), *PROMPTS),
        lambda names: any(a in names and b in names for a, b in NAMES),
        _read,
    ),
)
