"""How often the labels of a mix are right: sets whose task is known, hits that were read, and the time they take.

python -m benchmarks.mix      writes benchmarks/results/task_types.json
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import polars as pl

from benchmarks.data import SHARED
from tamis.packed import Packed
from tamis.scores.diversity.mixes import mixes
from tamis.scores.diversity.task_types import task_types

RESULT: Final = Path(__file__).parent / "results" / "task_types.json"
ROWS: Final = 200_000
SETS: Final = {
    "instructions/teknium1_GPTeacher--codegen-instruct.json": ("instruction", "code"),
    "instructions/teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json": ("instruction", "role play"),
    "tasks/openai_grade-school-math--data__train.jsonl": ("question", "maths"),
}
"""Sets of one task: the field of the prompt, and the label that every row should have."""
READ: Final = {
    "classification": (20, 17),
    "code": (20, 18),
    "conversation": (7, 5),
    "explanation": (20, 17),
    "extraction": (20, 15),
    "fiction": (20, 16),
    "ideas": (20, 15),
    "maths": (20, 17),
    "question": (20, 14),
    "question about a text": (8, 6),
    "rewriting": (20, 17),
    "role play": (20, 20),
    "summary": (20, 19),
    "translation": (18, 16),
    "writing": (20, 18),
}
"""Rows of each label that were drawn and read, and at how many the label was right.

They are distinct prompts of the AlpacaEval, alpaca, self-instruct, DPO, PandaLM, LLMBar, MT-bench and Vicuna files,
on which the rules were tuned too, and rows of `SETS` and of sql-eval; those of `SETS` only where they have another
label than they should. "question", "question about a text", "fiction" and "role play" were drawn after the last change
of the rules, the others before it.
"""
PAIRS: Final = {
    "read": {"rows": 150, "right": 146},
    "spacy": {"pairs": 2867, "same_verb": 2671, "same_verb_and_object": 2568},
    "coverage": {"rows": 9039, "verb": 6985, "pair": 6374, "question": 1839},
}
"""Verb-object pairs that were read; the pairs of 4,000 prompts, those whose verb en_core_web_sm 3.8 takes for the root
of a sentence, and those with its direct object too; and how many distinct prompts of the files above have a verb, have
a pair, or ask a question first."""


def _prompts(file: str, field: str) -> list[str]:
    path = SHARED / file
    rows = orjson.loads(path.read_bytes()) if path.suffix == ".json" else map(orjson.loads, path.open("rb"))
    return list(dict.fromkeys(row[field] for row in rows))


def _labels(prompts: list[str]) -> pl.Series:
    none = np.zeros(len(prompts), np.bool_)
    return task_types(Packed.of(prompts), none, none)


def _recognised() -> list[dict[str, Any]]:
    told = []
    for file, (field, label) in SETS.items():
        found = _labels(_prompts(file, field))
        told.append({"set": file, "label": label, "rows": len(found), "right": int((found == label).sum())})
    return told


def _seed_tasks() -> dict[str, int]:
    """The self-instruct seed tasks say themselves whether they are classification."""
    rows = [
        orjson.loads(line) for line in (SHARED / "instructions/yizhongw_self-instruct--seed_tasks.jsonl").open("rb")
    ]
    given = [row["instances"][0]["input"] for row in rows]
    prompts = [f"{row['instruction']}\n{text}".strip() for row, text in zip(rows, given, strict=True)]
    flags = np.array([bool(text) for text in given])
    said = task_types(Packed.of(prompts), flags, np.zeros(len(rows), np.bool_)) == "classification"
    true = pl.Series([row["is_classification"] for row in rows])
    return {"rows": len(rows), "are": int(true.sum()), "said": int(said.sum()), "both": int((true & said).sum())}


def _speed(prompts: list[str]) -> dict[str, float]:
    """CPU seconds for `ROWS` different prompts, each of them also its answer."""
    texts = Packed.of([f"{prompts[i % len(prompts)]} {i}" for i in range(ROWS)])
    rows = pl.DataFrame({"turn_count": np.full(ROWS, 2)})
    start = time.process_time()
    mixes(rows, texts, texts)
    return {"rows": ROWS, "bytes": int(texts.offsets[-1]), "cpu_seconds": round(time.process_time() - start, 2)}


def main() -> None:
    """Measure and write."""
    texts = [prompt for file, (field, _) in SETS.items() for prompt in _prompts(file, field)]
    facts = {
        "recognised": _recognised(),
        "self_instruct_classification": _seed_tasks(),
        "read": {label: {"rows": n, "right": right} for label, (n, right) in READ.items()},
        "pairs": PAIRS,
        "speed": _speed(texts),
    }
    RESULT.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
