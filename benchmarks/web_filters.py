"""The presets gopher, c4 and fineweb against datatrove's own filters, verdict by verdict, on real answers.

python -m benchmarks.web_filters        writes benchmarks/results/web_filters.json; makes the peer's environment

Both judge answers alone: 2,500 of `large` (seed 0), and the first 500 of Alpaca's and of a code set. The peer's English
tokenizer is spaCy's, ours a rule, so verdicts that hang on words differ; `differences` counts them by reason.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

import tamis
from benchmarks.data import SHARED, path_of
from benchmarks.environments import install, python_of
from tamis.recipe import Recipe, load

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "web_filters.json"
SMALL = (("hiyouga_LLaMA-Factory--alpaca_en_demo", "output"), ("teknium1_GPTeacher--codegen-instruct", "response"))
C4 = ("few_sentences", "curly_brackets", "lorem_ipsum")


def answers() -> list[str]:
    """The texts that are judged; empty ones, over which datatrove divides by zero, left out."""
    lines = random.Random(0).sample(path_of("large").read_bytes().splitlines(), 2500)
    texts = [orjson.loads(line)["output"] for line in lines]
    for name, field in SMALL:
        rows = orjson.loads((SHARED / "instructions" / f"{name}.json").read_bytes())
        texts += [row[field] for row in rows[:500]]
    return [text for text in texts if text.strip()]


def ours(recipe: Recipe, rules: list[str], texts: list[str], folder: Path) -> list[set[str]]:
    """The rules that hit each text."""
    file = folder / "answers.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps({"instruction": "?", "output": text}) for text in texts))
    hit: list[set[str]] = [set() for _ in texts]
    for row, rule in tamis.audit(file, recipe=recipe.only(rules)).findings.select("row", "rule").iter_rows():
        hit[row].add(rule)
    return hit


def theirs(texts: list[str], folder: Path) -> list[dict[str, str | None]]:
    """Why each of datatrove's filters drops each text."""
    install("datatrove")
    file = folder / "answers.json"
    file.write_text(json.dumps(texts), "utf-8")
    run = [str(python_of("datatrove")), str(HERE / "peers" / "run_web_filters.py"), str(file)]
    return json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)


def compared(found: list[set[str]], reasons: list[str | None]) -> dict[str, Any]:
    """How many verdicts agree, and the most frequent differences."""
    differences = Counter(
        f"datatrove {reason or 'keeps'}, tamis {', '.join(sorted(hit)) or 'keeps'}"
        for hit, reason in zip(found, reasons, strict=True)
        if bool(hit) != (reason is not None)
    )
    return {
        "rows": len(found),
        "datatrove_drops": sum(reason is not None for reason in reasons),
        "tamis_drops": sum(bool(hit) for hit in found),
        "agree": 1 - differences.total() / len(found),
        "differences": dict(differences.most_common(8)),
    }


def run() -> dict[str, Any]:
    """Agreement by filter."""
    gopher, c4, fineweb = load("gopher"), load("c4"), load("fineweb")
    repetition = [rule for rule in gopher.rules if rule.startswith(("duplicate_", "top_"))]
    parts = {
        "gopher_quality": (gopher, [rule for rule in gopher.rules if rule not in repetition]),
        "gopher_repetition": (gopher, repetition),
        "c4": (c4, list(c4.rules)),
        "c4_any_end": (fineweb, list(C4)),
        "fineweb": (fineweb, [rule for rule in fineweb.rules if rule not in (*gopher.rules, *C4)]),
    }
    texts = answers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reasons = theirs(texts, folder)
        return {
            part: compared(ours(recipe, rules, texts, folder), [reason[part] for reason in reasons])
            for part, (recipe, rules) in parts.items()
        }


if __name__ == "__main__":
    RESULTS.write_text(json.dumps({"datatrove": "0.10.1", "filters": run()}, indent=1) + "\n")
