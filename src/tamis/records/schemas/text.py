"""Raw text, transcripts in a text, and prompts without an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Set

from tamis.records.builder import Builder, Misfit
from tamis.records.schemas._schema import Row, Schema, plain, read_system
from tamis.records.schemas.chat import read_turns

TRANSCRIPTS = ("text", "messages_display", "transcript", "dialogue", "conversation", "chat")
_PAIRED = ("chosen", "rejected", "output_1", "response1", "answer_1", "response_a")
ANSWERED = frozenset({"output", "response", "answer", "completion", "completions", "messages", *_PAIRED})
"""A row with one of these has more than a prompt: if nothing else fits, that is told and not passed over."""
PROMPTS = ("prompt", "instruction", "question", "query", "turns", "input")
_SPEAKER = re.compile(
    r"^(?:\s*)(Human|Assistant|User|System|Tool|human|assistant|user|system|tool|USER|ASSISTANT|SYSTEM): ?",
    re.MULTILINE,
)


def transcript_turns(text: str) -> list[tuple[str, str]] | None:
    r"""The turns of a transcript that opens with a speaker, or None where a text is not one.

    >>> transcript_turns("\n\nHuman: Hi\n\nAssistant: Hello!")
    [('user', 'Hi'), ('assistant', 'Hello!')]
    >>> transcript_turns("Human: a word at the start of a text") is None
    True
    """
    opening = _SPEAKER.match(text)
    if opening is None:
        return None
    pieces = _SPEAKER.split(text)[1:]
    roles = ["user" if name.lower() == "human" else name.lower() for name in pieces[::2]]
    if "assistant" not in roles:
        return None
    return list(zip(roles, (piece.strip() for piece in pieces[1::2]), strict=True))


def add_transcript(text: str, out: Builder) -> bool:
    """Add the turns of a transcript; False, and nothing added, where the text is none."""
    turns = transcript_turns(text)
    for role, said in turns or []:
        if role == "assistant":
            out.answer(said)
        else:
            out.turn(role, said)
    return turns is not None


def _transcript(row: Row, out: Builder) -> None:
    held = next(row[name] for name in TRANSCRIPTS if name in row)
    if type(held) is not str or not add_transcript(held, out):
        raise Misfit("no transcript with Human: and Assistant: turns")


def _text(row: Row, out: Builder) -> None:
    out.turn("text", plain(row["text"], "text"))


def _prompt(row: Row, out: Builder) -> None:
    held = next((row[name] for name in PROMPTS if row.get(name) is not None), None)
    if held is None:
        raise Misfit("the prompt is null")
    read_system(row, out)
    if type(held) is str:
        out.turn("user", held)
    elif isinstance(held, list) and held and all(type(turn) is str for turn in held):
        for turn in held:
            out.turn("user", turn)
    elif isinstance(held, list):
        for turn in held:  # BFCL keeps a list of messages for each turn
            read_turns(turn, out)
    else:
        raise Misfit("the prompt is neither text nor messages")


def _segments(row: Row, out: Builder) -> None:
    """Axolotl's template-free segments: what is trained on is the answer."""
    segments = row["segments"]
    if not isinstance(segments, list) or not segments or not all(isinstance(s, dict) for s in segments):
        raise Misfit("segments is not a list of objects")
    for segment in segments:
        out.turn("assistant" if segment.get("label") else "user", plain(segment.get("text"), "segment"))


def _any(*names: str) -> Callable[[Set[str]], bool]:
    return lambda keys: any(name in keys for name in names)


SCHEMAS = (
    Schema("segments", ("segments",), _any("segments"), _segments),
    Schema("transcript", TRANSCRIPTS, _any(*TRANSCRIPTS), _transcript),
    Schema("text", ("text",), _any("text"), _text),
    Schema("prompt-only", PROMPTS, lambda keys: _any(*PROMPTS)(keys) and not ANSWERED & keys, _prompt),
)
