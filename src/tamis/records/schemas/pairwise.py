"""Judged pairs: two answers to one prompt and a verdict, as LLMBar, PandaLM and AlpacaEval write them."""

from __future__ import annotations

from collections.abc import Set

from tamis.records.builder import Builder, Misfit, as_json
from tamis.records.schemas._schema import Row, Schema, first, plain

ANSWERS = (
    ("output_1", "output_2"),
    ("response1", "response2"),
    ("answer_1", "answer_2"),
    ("response_a", "response_b"),
)
VERDICTS = ("label", "preference", "winner", "annotator1")
PROMPTS = ("instruction", "input", "prompt", "question")


def _keys(names: Set[str]) -> bool:
    return any(a in names and b in names for a, b in ANSWERS) and any(n in names for n in PROMPTS)


def _read(row: Row, out: Builder) -> None:
    """The better answer is the one chosen; a tie, or no verdict, keeps their order and is labelled so."""
    one, two = next(pair for pair in ANSWERS if pair[0] in row and pair[1] in row)
    prompt = first(row, PROMPTS)
    assert prompt is not None
    text = plain(row[prompt], prompt)
    if prompt == "instruction" and type(row.get("input")) is str:
        out.context = row["input"]
        text = f"{text}\n\n{out.context}" if out.context else text
    better = _better(row)
    chosen, rejected = (two, one) if better == 2 else (one, two)
    out.turn("user", text)
    out.answer(plain(row[chosen], chosen))
    out.reject()
    out.answer(plain(row[rejected], rejected))
    out.reject(False)
    out.label = as_json({"better": better})


def _better(row: Row) -> int | None:
    """1 or 2; None for a tie or where nobody judged."""
    name = first(row, VERDICTS)
    if name is None or row[name] is None:
        return None
    if name == "annotator1":
        votes = [row.get(f"annotator{i}") for i in range(1, 10)]
        balance = votes.count(1) - votes.count(2)
        return None if balance == 0 else 1 if balance > 0 else 2
    verdict = {"1": 1, "2": 2, "a": 1, "b": 2}.get(str(row[name]).lower().removesuffix(".0").removeprefix("model_"))
    if verdict is None and not isinstance(row[name], int | float | str):
        raise Misfit(f"{name} is no verdict")
    return verdict


SCHEMAS = (Schema("pairwise", (*PROMPTS, *(n for p in ANSWERS for n in p), *VERDICTS), _keys, _read),)
