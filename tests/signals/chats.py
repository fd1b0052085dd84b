"""Rows for the tests of signals: a chat is a list of turns, and the values of a signal come back by row."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

import tamis.signals  # noqa: F401 - fills the registry
from tamis.inputs import Inputs
from tamis.measure import compute
from tamis.records.reader import read_batches
from tamis.records.sources import find
from tamis.records.table import ROWS, TURNS, Records
from tamis.registry import get

Turn = Mapping[str, Any]
Chat = Sequence[Turn]


def user(text: str, **more: Any) -> Turn:
    return {"role": "user", "text": text, **more}


def assistant(text: str, **more: Any) -> Turn:
    return {"role": "assistant", "text": text, **more}


def turn(role: str, text: str = "x", **more: Any) -> Turn:
    return {"role": role, "text": text, **more}


def asked(question: str, answer: str) -> Chat:
    return [user(question), assistant(answer)]


def inputs_of(chats: Sequence[Chat], contexts: Sequence[str | None] | None = None) -> Inputs:
    given = contexts or [None] * len(chats)
    rows = [{"row": i, "source_schema": "test", "context": context} for i, context in enumerate(given)]
    turns = [{"row": i, "turn": place, **said} for i, chat in enumerate(chats) for place, said in enumerate(chat)]
    return Inputs(Records(pl.DataFrame(rows, schema=ROWS), pl.DataFrame(turns, schema=TURNS)))


def records_of(rows: str) -> Records:
    """A few JSON lines as the records of one batch."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        file.write_text(rows.strip() + "\n", "utf-8")
        return next(read_batches(find([str(file)]))).records


def values(name: str, chats: Sequence[Chat], contexts: Sequence[str | None] | None = None) -> list[Any]:
    """A signal's value for each chat."""
    return compute(get(name), inputs_of(chats, contexts), {}).values.to_list()


def value(name: str, chat: Chat, context: str | None = None) -> Any:
    """A signal's value for one chat."""
    return values(name, [chat], [context])[0]


def of_answer(name: str, answer: str, question: str = "Tell me something about it, please.") -> Any:
    """A signal's value for one question and answer."""
    return value(name, asked(question, answer))
