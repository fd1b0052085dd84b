"""One question, one answer: alpaca and its relatives, prompt/completion, question/answer."""

from __future__ import annotations

from collections.abc import Set

from tamis.records.builder import Builder, Misfit, opens_with_thought
from tamis.records.schemas._schema import (
    SYSTEM_FIELDS,
    Read,
    ReadAll,
    Row,
    Schema,
    from_json,
    kto_label,
    plain,
    read_system,
)
from tamis.records.schemas.chat import read_turns

ANSWERS = ("output", "response", "answer", "completion")


def _pair(name: str, asked: tuple[str, ...], answers: tuple[str, ...], contexts: tuple[str, ...] = ()) -> Schema:
    """A schema of rows that have one of `asked`, one of `answers` and perhaps one of `contexts`."""

    def keys(names: Set[str]) -> bool:
        return any(n in names for n in asked) and any(n in names for n in answers)

    def bind(names: Set[str]) -> Read:
        return _reader(_fields(asked, answers, contexts, names), names)

    def bind_all(names: Set[str]) -> ReadAll | None:
        return _batch_reader(_fields(asked, answers, contexts, names), names)

    fields = (*asked, *answers, *contexts)
    return Schema(name, fields, keys, lambda row, out: bind(row.keys())(row, out), bind, bind_all)


Fields = tuple[str, str | None, str | None]


def _fields(asked: tuple[str, ...], answers: tuple[str, ...], contexts: tuple[str, ...], names: Set[str]) -> Fields:
    """Which field is the prompt, which the answer and which the context: settled once, not row by row."""
    prompt = next(n for n in asked if n in names)
    answer = next((n for n in answers if n in names and n != prompt), None)
    return prompt, answer, next((n for n in contexts if n in names and n not in (prompt, answer)), None)


def _reader(fields: Fields, names: Set[str]) -> Read:
    prompt, answer, context = fields
    beside, past = bool(names & SYSTEM_FIELDS), "history" in names

    def read(row: Row, out: Builder) -> None:
        if answer is None:
            raise Misfit("no answer")
        if beside:
            read_system(row, out)
        if past and row["history"]:
            _read_history(row["history"], out)
        text, said = row[prompt], row[answer]
        if type(text) is list or type(said) is list:
            read_turns(text, out)
            read_turns(said, out)
            return
        text = text if type(text) is str else plain(text, prompt)
        if context is not None and row[context] is not None:
            given = out.context = plain(row[context], context)
            if given:
                text = f"{text}\n\n{given}" if text else given
        out.pair(text, said if type(said) is str else plain(said, answer))

    return read


def _batch_reader(fields: Fields, names: Set[str]) -> ReadAll | None:
    """Reads rows of plain texts and nothing else, as almost all are, in a third of the time."""
    prompt, answer, context = fields
    if answer is None or names & SYSTEM_FIELDS or "history" in names:
        return None

    def read_all(rows: list[Row], out: Builder) -> bool:
        texts, said = [row[prompt] for row in rows], [row[answer] for row in rows]
        given = [row[context] for row in rows] if context is not None else None
        if {*map(type, texts), *map(type, said)} != {str} or not {*map(type, given or ())} <= {str, type(None)}:
            return False
        if any(map(opens_with_thought, said)):
            return False
        if given is not None:
            texts = [
                (f"{text}\n\n{beside}" if text else beside) if beside else text
                for text, beside in zip(texts, given, strict=True)
            ]
        out.pairs(texts, said, given)
        return True

    return read_all


def _read_history(history: object, out: Builder) -> None:
    """LLaMA-Factory's `history`: pairs of question and answer that come first."""
    history = from_json(history)
    if not isinstance(history, list):
        raise Misfit("history is not a list")
    for pair in history:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Misfit("history is not made of pairs")
        out.turn("user", plain(pair[0], "history"))
        out.answer(plain(pair[1], "history"))


def _kto(row: Row, out: Builder) -> None:
    label = kto_label(row)
    pair = next(s for s in SCHEMAS[1:] if s.keys(row.keys()))
    pair.read(row, out)
    out.label = label


def _instances(row: Row, out: Builder) -> None:
    """Self-Instruct: an instruction with instances, each an input and an output, as turns in order."""
    instances = row["instances"]
    if not isinstance(instances, list) or not instances or not all(isinstance(i, dict) for i in instances):
        raise Misfit("instances is not a list of objects")
    instruction = plain(row["instruction"], "instruction")
    for instance in instances:
        given = plain(instance.get("input"), "input")
        out.turn("user", f"{instruction}\n\n{given}" if given else instruction)
        out.answer(plain(instance.get("output"), "output"))
    if len(instances) == 1:
        out.context = plain(instances[0].get("input"), "input")


_INSTANCES = ("instruction", "instances")
SCHEMAS: tuple[Schema, ...] = (
    Schema(
        "kto",
        ("label", "kto_tag"),
        lambda names: ("label" in names or "kto_tag" in names) and any(s.keys(names) for s in SCHEMAS[1:]),
        _kto,
    ),
    Schema("self-instruct", _INSTANCES, lambda names: set(_INSTANCES) <= names, _instances),
    _pair("alpaca", ("instruction", "INSTRUCTION"), (*ANSWERS, "RESPONSE"), ("input", "context")),
    _pair("question-answer", ("question", "query", "problem", "Question"),
          ("answer", "response", "output", "completion", "solution", "query", "sql", "Best Answer", "Answer"),
          ("context", "passage", "input")),
    _pair("prompt-completion", ("prompt",), ("completion", "response", "output", "answer", "generation",
                                             "canonical_solution"), ("input", "context")),
    _pair("article-summary", ("article", "document"), ("summary", "highlights")),
    _pair("input-output", ("input",), ("output", "target", "response", "answer", "completion")),
)  # fmt: skip
