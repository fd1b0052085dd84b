"""The shapes that benchmarks come in and training data does not: choices, graded answers, reference answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tamis.records.schemas._schema import from_json

Row = dict[str, Any]
NAMES: Final = ("task_id", "question_id", "qid", "id", "key", "doc_id", "idx", "instance_id", "unique_id")
PASSAGES: Final = ("passage", "context", "article", "document", "story")
_LETTERS: Final = "ABCDEFGHIJ"
_FINAL: Final = re.compile(r"####\s*(\S.*)\s*\Z")


@dataclass(frozen=True)
class Item:
    """What a model is asked, what it should say, and what it may read or choose from."""

    questions: tuple[str, ...]
    answers: tuple[str, ...] = ()
    passage: str | None = None
    choices: tuple[str, ...] = ()
    same: Any = None  # rows that are one item say the same here


def name_of(row: Row) -> str | None:
    """What the benchmark itself calls an item.

    >>> name_of({"task_id": "HumanEval/0", "prompt": ""})
    'HumanEval/0'
    """
    found = next((row[name] for name in NAMES if isinstance(row.get(name), str | int)), None)
    return None if found is None else str(found)


def shaped(row: Row) -> Item | None:
    """An item in one of the shapes of benchmarks; None where the row is in none, but perhaps in one of training data.

    >>> shaped({"question": "Which is red?", "choices": ["sky", "rose"], "answer": 1}).answers
    ('rose',)
    """
    return next((item for item in (shape(row) for shape in _SHAPES) if item is not None), None)


def final_answer(answer: str) -> str | None:
    r"""What GSM8K writes behind its solution.

    >>> final_answer("2 + 2 = 4\n#### 4"), final_answer("4")
    ('4', None)
    """
    found = _FINAL.search(answer)
    return found[1].strip() if found else None


def _texts(*values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values if isinstance(value, str | int | float) and str(value).strip())


def _graded(row: Row) -> Item | None:
    """A line for each choice of a question, marked right or wrong, as decon keeps MMLU."""
    if "question" not in row or "is_correct" not in row or not isinstance(row.get("answer"), str):
        return None
    which, choice = (row["question"], row.get("config"), row.get("eval_instance_index")), _texts(row["answer"])
    return Item(_texts(row["question"]), choice if row["is_correct"] else (), choices=choice, same=which)


def _choices(row: Row) -> Item | None:
    """MMLU, ARC, HellaSwag: a list of choices, and which is right as a number, a letter or a text."""
    held = next((row[name] for name in ("choices", "options", "endings") if name in row), None)
    asked = next((row[name] for name in ("question", "ctx", "goal", "sentence", "query") if name in row), None)
    given, labels = from_json(held), list(_LETTERS)
    if isinstance(given, dict) and isinstance(given.get("text"), list):
        labels = [str(label) for label in given.get("label", labels)]
        given = given["text"]
    if not isinstance(given, list) or not isinstance(asked, str):
        return None
    right = next((row[name] for name in ("answer", "answerKey", "label", "target", "gold") if name in row), None)
    choices = _texts(*given)
    return Item((asked,), _texts(_chosen(right, given, labels)), _passage(row), choices)


def _chosen(right: Any, choices: list[Any], labels: list[str]) -> Any:
    if isinstance(right, str) and right.strip("() .") in labels:
        right = labels.index(right.strip("() ."))
    elif isinstance(right, str) and right.isdigit():
        right = int(right)
    if isinstance(right, int) and not isinstance(right, bool):
        return choices[right] if 0 <= right < len(choices) else None
    return right


def _lettered(row: Row) -> Item | None:
    """A column a choice, and the letter of the right one."""
    if "A" not in row or "B" not in row or not isinstance(row.get("question"), str):
        return None
    letters = [letter for letter in _LETTERS if row.get(letter) is not None]
    right = row.get("answer", row.get("target"))
    choices = [row[letter] for letter in letters]
    return Item(_texts(row["question"]), _texts(_chosen(right, choices, letters)), None, _texts(*choices))


def _truthful(row: Row) -> Item | None:
    """TruthfulQA: a best answer, and others that are right too."""
    if not isinstance(row.get("Question"), str) or "Best Answer" not in row:
        return None
    others = str(row.get("Correct Answers") or "").split(";")
    answers = dict.fromkeys(_texts(row["Best Answer"], *(other.strip() for other in others)))
    return Item(_texts(row["Question"]), tuple(answers))


def _programs(row: Row) -> Item | None:
    """MBPP: a task in words, code and tests."""
    asked = row.get("text") or row.get("prompt")
    if not isinstance(asked, str) or not isinstance(row.get("code"), str):
        return None
    return Item((asked,), (row["code"],))


def _references(row: Row) -> Item | None:
    """FastChat's reference answers, which stand apart from their questions."""
    choices = row.get("choices")
    if "question_id" not in row or not isinstance(choices, list) or not all(isinstance(c, dict) for c in choices):
        return None
    turns = [turn for choice in choices for turn in choice.get("turns", [])]
    return Item((), _texts(*turns)) if turns else None


def _squad(row: Row) -> Item | None:
    """SQuAD and its kin: a passage, a question, and spans that answer it."""
    answers = from_json(row.get("answers"))
    if not isinstance(row.get("question"), str) or not isinstance(answers, dict | list):
        return None
    texts = answers.get("text") if isinstance(answers, dict) else answers
    said = [one.get("text") if isinstance(one, dict) else one for one in texts] if isinstance(texts, list) else []
    return Item(_texts(row["question"]), tuple(dict.fromkeys(_texts(*said))), _passage(row))


def _passage(row: Row) -> str | None:
    return next((row[name] for name in PASSAGES if isinstance(row.get(name), str)), None)


_SHAPES: tuple[Callable[[Row], Item | None], ...] = (
    _references,
    _graded,
    _choices,
    _lettered,
    _truthful,
    _programs,
    _squad,
)
