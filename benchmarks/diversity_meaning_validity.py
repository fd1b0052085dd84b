"""Do the scores of vectors move the right way? Sets whose diversity is known, at an equal number of rows.

python -m benchmarks.diversity_meaning_validity      writes benchmarks/results/diversity_meaning_validity.json

Every mixture is a list of levels, the least varied first, and each level is drawn anew `DRAWS` times by seed:

- intents: questions of Banking77 of 1, 5, 20 and all 77 intents ($TAMIS_DATA/tasks), 40 rows; of 5, 20, 77 with 200;
- sources: prompts of GPTeacher's codegen and roleplay and of GSM8K, from one source alone to a third each, 900 rows;
- copies: 1,000 rows of those three, of which 90 % to none are copies of the others;
- edits: the same, but of each copy every seventh word is another row's;
- answers: 800 answers of 60 models to 16, 80, 400 and 800 prompts (benchmarks/.data/large.jsonl).

A score moves right if the last level is above the first by more than chance (two standard errors of the difference of
the means), and no level is below the one before by more than chance; for scores where less is more varied, the other
way round. It goes the wrong way if the last level is below the first by more than chance. The reference is all rows
that the mixture draws from. Beside what is shipped there are NovelSum with the density of the other row (as its paper
has it), and with densities among the rows themselves; and effective clusters of the rows' own k-means.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe, versions
from tamis.models.embedders import load
from tamis.packed import Packed
from tamis.scores.diversity.catalogue import MEANING, REFERENCE
from tamis.scores.diversity.clusters import clusters
from tamis.scores.diversity.coverage import Reference
from tamis.scores.diversity.distances import densities, distances
from tamis.scores.diversity.hill import hill_number
from tamis.scores.diversity.meaning import semantic

DATA: Final = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
LARGE: Final = Path(os.environ.get("TAMIS_LARGE", Path(__file__).parent / ".data" / "large.jsonl"))
RESULTS: Final = Path(__file__).parent / "results" / "diversity_meaning_validity.json"
DRAWS: Final = 10
FEWER_IS_VARIED: Final = {name for name, score in {**MEANING, **REFERENCE}.items() if score.varied == "lower"}

Vectors = NDArray[np.float32]
Draw = Callable[[np.random.Generator], list[str]]
"""The texts of one draw of a level."""


@dataclass(frozen=True)
class Mixture:
    """The levels by name, the least varied first, and all texts that they draw from."""

    pool: list[str]
    levels: Mapping[str, Draw]


def mixtures() -> Iterator[tuple[str, Mixture]]:
    """The sets, each read when it is its turn."""
    yield from _intents()
    sources = _sources()
    for name in sources:
        yield f"sources, from {name} alone", _shares(sources, name)
    pool = [text for texts in sources.values() for text in texts[:1900]]
    yield "copies", _copies(pool, lambda text, _: text)
    yield "edited copies", _copies(pool, _edited)
    yield "answers to fewer prompts", _answers()


def _intents() -> Iterator[tuple[str, Mixture]]:
    path = DATA / "tasks" / "PolyAI-LDN_task-specific-datasets--banking_data__test.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(row["category"], row["text"]) for row in csv.DictReader(lines)]
    by_intent: dict[str, list[str]] = {}
    for intent, text in rows:
        by_intent.setdefault(intent, []).append(text)

    def draw(intents: int, size: int) -> Draw:
        def texts(random: np.random.Generator) -> list[str]:
            chosen = random.choice(sorted(by_intent), intents, replace=False).tolist()
            there = [text for intent in chosen for text in by_intent[intent]]
            return random.permutation(there)[:size].tolist()

        return texts

    pool = [text for _, text in rows]
    yield "intents, 40 rows", Mixture(pool, {f"{k}": draw(k, 40) for k in (1, 5, 20, 77)})
    yield "intents, 200 rows", Mixture(pool, {f"{k}": draw(k, 200) for k in (5, 20, 77)})


def _sources() -> dict[str, list[str]]:
    told = {}
    for name, file in (("codegen", "codegen-instruct"), ("roleplay", "roleplay-simple-deduped-roleplay-instruct")):
        rows = json.loads((DATA / "instructions" / f"teknium1_GPTeacher--{file}.json").read_text("utf-8"))
        told[name] = sorted({f"{row['instruction']} {row['input']}".strip() for row in rows})
    lines = (DATA / "tasks" / "openai_grade-school-math--data__train.jsonl").read_text("utf-8").splitlines()
    told["gsm8k"] = sorted({json.loads(line)["question"] for line in lines})
    return {name: np.random.default_rng(0).permutation(texts).tolist() for name, texts in told.items()}


def _shares(sources: Mapping[str, list[str]], first: str) -> Mixture:
    def draw(most: int) -> Draw:
        def texts(random: np.random.Generator) -> list[str]:
            sizes = {name: most if name == first else (900 - most) // 2 for name in sources}
            return [text for name, size in sizes.items() for text in random.choice(sources[name], size, replace=False)]

        return texts

    pool = [text for texts in sources.values() for text in texts[:1900]]
    return Mixture(pool, {f"{most / 9:.0f} %": draw(most) for most in (900, 810, 600, 300)})


def _copies(pool: list[str], change: Callable[[str, np.random.Generator], str]) -> Mixture:
    def draw(copies: int) -> Draw:
        def texts(random: np.random.Generator) -> list[str]:
            own = random.choice(pool, 1000 - copies, replace=False).tolist()
            return own + [change(own[i % len(own)], random) for i in range(copies)]

        return texts

    return Mixture(pool, {f"{copies // 10} %": draw(copies) for copies in (900, 700, 500, 300, 100, 0)})


def _edited(text: str, random: np.random.Generator) -> str:
    """Every seventh word is another word of a fixed list of everyday ones."""
    words = text.split()
    for at in range(int(random.integers(7)), len(words), 7):
        words[at] = str(random.choice(EVERYDAY))
    return " ".join(words)


EVERYDAY: Final = ("time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child", "world", "school")


def _answers() -> Mixture:
    by_prompt: dict[str, list[str]] = {}
    with LARGE.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["output"].strip():
                by_prompt.setdefault(row["instruction"], []).append(row["output"])
    prompts = sorted(prompt for prompt, answers in by_prompt.items() if len(answers) >= 50)

    def draw(count: int) -> Draw:
        def texts(random: np.random.Generator) -> list[str]:
            chosen = random.choice(len(prompts), count, replace=False).tolist()
            each = 800 // count
            return [
                text for at in chosen for text in random.choice(by_prompt[prompts[at]], each, replace=False).tolist()
            ]

        return texts

    pool = [by_prompt[prompt][i] for prompt in prompts for i in range(5)]
    return Mixture(pool, {f"{count} prompts": draw(count) for count in (16, 80, 400, 800)})


def figures(vectors: Vectors, reference: Reference) -> dict[str, float]:
    """What is shipped, and what is not."""
    told = dict(semantic(vectors, reference=reference)(np.arange(len(vectors))))
    for where, around in (("own rows", vectors), ("reference", reference.sample)):
        density = densities(vectors, around)
        if where == "own rows":
            told["NovelSum, density of the row among own rows"] = float((distances(vectors).novelty * density).mean())
        told[f"NovelSum, density of the other among {where}"] = _novel_sum_of_the_paper(vectors, density)
    told["effective own clusters"] = float(hill_number(clusters(vectors).counts(), 1))
    return told


def _novel_sum_of_the_paper(vectors: Vectors, density: NDArray[np.float64]) -> float:
    far = np.maximum(1 - vectors @ vectors.T, 0)
    np.fill_diagonal(far, -1)
    order = np.argsort(far, axis=1, kind="stable")[:, 1:]
    weights = 1 / np.arange(1, len(vectors))
    return float(((np.take_along_axis(far, order, axis=1) * density[order]) @ (weights / weights.sum())).mean())


def measured(mixture: Mixture) -> dict[str, Any]:
    """Mean and standard error of each figure at each level, and whether it moves right."""
    embedder = load("static")
    reference = Reference.of(embedder.encode(Packed.of(mixture.pool)))
    told: dict[str, dict[str, tuple[float, float]]] = {}
    for level, draw in mixture.levels.items():
        drawn = [embedder.encode(Packed.of(draw(np.random.default_rng(seed)))) for seed in range(DRAWS)]
        found = [figures(vectors, reference) for vectors in drawn]
        for name in found[0]:
            values = np.array([one[name] for one in found])
            error = float(values.std(ddof=1) / np.sqrt(DRAWS))
            told.setdefault(name, {})[level] = (float(values.mean()), error)
    return {name: _judged(name, levels) for name, levels in told.items()}


def _judged(name: str, levels: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    sign = -1 if name in FEWER_IS_VARIED else 1
    means, errors = (np.array(values) for values in zip(*levels.values(), strict=True))
    chance = 2 * np.hypot(errors[1:], errors[:-1])
    rises = bool(sign * (means[-1] - means[0]) > 2 * np.hypot(errors[-1], errors[0]))
    falls = bool(sign * (means[-1] - means[0]) < -2 * np.hypot(errors[-1], errors[0]))
    never_falls = bool((sign * np.diff(means) >= -chance).all())
    return {
        "levels": list(levels),
        "values": [float(f"{mean:.5g}") for mean in means],
        "errors": [float(f"{error:.2g}") for error in errors],
        "moves_right": rises and never_falls,
        "wrong_way": falls,
    }


def _where(mixed: Mapping[str, Any], holds: Callable[[Any], bool]) -> dict[str, list[str]]:
    """The mixtures on which something holds of a score, for the scores that have any."""
    names = next(iter(mixed.values()))
    told = {name: [mixture for mixture, scores in mixed.items() if holds(scores[name])] for name in names}
    return {name: mixtures for name, mixtures in told.items() if mixtures}


def main() -> None:
    mixed = {name: measured(mixture) for name, mixture in mixtures()}
    results = {
        "machine": describe(),
        "versions": {name: version for name, version in versions().items() if name in ("tamis", "numpy")},
        "date": date.today().isoformat(),
        "embedder": load("static").name,
        "draws": DRAWS,
        "mixtures": mixed,
        "not_right": _where(mixed, lambda told: not told["moves_right"]),
        "wrong_way": _where(mixed, lambda told: told["wrong_way"]),
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for mixture, scores in mixed.items():
        print(f"\n{mixture}")
        for name, told in scores.items():
            values = " ".join(f"{value:9.4g}" for value in told["values"])
            print(f"  {name:45} {values}  {'right' if told['moves_right'] else 'NOT RIGHT'}")


if __name__ == "__main__":
    main()
