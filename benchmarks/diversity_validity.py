"""Whether each score of diversity moves the right way on mixtures whose diversity is known.

python -m benchmarks.diversity_validity [MEASURE ...]      writes benchmarks/results/diversity_validity.json

Every step of a mixture has the same number of rows and is drawn `DRAWS` times:

- intents: 40 questions of Banking77 of 1, 5, 20 or 77 intents;
- sources: 600 answers of GPTeacher's code, GPTeacher's role play and GSM8K, one of them with 100, 80, 60 or 33 % of
  the rows and the others with the rest; the mean over which one leads, so that what changes is the mixing alone;
- copies: 0 to 90 % of 600 such answers are copies of the others;
- edited copies: the same, with a tenth of the words of each copy replaced;
- shuffled words: all words of 0, 50 or 100 % of 600 such answers are dealt anew among them: more varied for a score
  of phrases, the same for a score of single words, and no judgement for one of meaning.

A score moves right if its mean over draws goes the right way from the first step to the last by more than two standard
errors, and from no step to the next the wrong way by more than two; `wrong` names the steps that do. The steps of a
draw have one seed, so that they are compared in pairs. What a measure finds is put in place of what it found before;
the scores of the others stay.
"""

from __future__ import annotations

import csv
import json
import math
import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import numpy as np

from benchmarks.data import Editor
from tamis.packed import Packed
from tamis.scores.diversity.catalogue import LEXICAL, SCORES
from tamis.scores.diversity.lexical import lexical
from tamis.scores.diversity.words import Words

DATA: Final = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
RESULTS: Final = Path(__file__).parent / "results" / "diversity_validity.json"
DRAWS: Final = 20
ROWS: Final = 600
INTENT_ROWS: Final = 40
_SINGLE: Final = ("distinct_1", "hdd")
"""Scores of single words, which shuffling leaves as they are."""

Texts = list[str]
Step = Callable[[random.Random], list[Texts]]
"""Draws the sets of rows whose mean score is taken, mostly one."""


@dataclass(frozen=True)
class Mixture:
    """Steps by name, and where a score should go over them; "rises" and "falls" are said of how varied texts are."""

    steps: Mapping[str, Step]
    expected: Callable[[str], str | None]


def words(texts: Sequence[str]) -> Mapping[str, float]:
    """The scores of words and bytes."""
    packed = Packed.of(texts)
    return lexical(packed, Words.of(packed), np.arange(len(texts)))


MEASURES: Final[Mapping[str, Callable[[Sequence[str]], Mapping[str, float]]]] = {"words": words}
"""What finds several scores of some texts at once."""


@cache
def intents() -> dict[str, Texts]:
    """The questions of each intent."""
    found: dict[str, Texts] = {}
    with (DATA / "tasks" / "PolyAI-LDN_task-specific-datasets--banking_data__test.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["category"], []).append(row["text"])
    return found


@cache
def sources() -> list[Texts]:
    """Answers with program text, of role play, and with sums."""
    names = ("codegen-instruct", "roleplay-simple-deduped-roleplay-instruct")
    files = [DATA / "instructions" / f"teknium1_GPTeacher--{name}.json" for name in names]
    found = [[row["response"] for row in json.loads(file.read_text("utf-8"))] for file in files]
    lines = (DATA / "tasks" / "openai_grade-school-math--data__train.jsonl").read_text("utf-8").splitlines()
    return [*found, [json.loads(line)["answer"] for line in lines]]


def of_intents(count: int) -> Step:
    """As many questions of each of some intents."""

    def drawn(chance: random.Random) -> list[Texts]:
        chosen = chance.sample(sorted(intents()), min(count, INTENT_ROWS))
        return [[text for name in chosen for text in chance.sample(intents()[name], INTENT_ROWS // len(chosen))]]

    return drawn


def of_sources(share: float) -> Step:
    """Answers of three sources, each of which has this share of them in one of three sets."""

    def drawn(chance: random.Random) -> list[Texts]:
        lead = round(ROWS * share)
        return [_mixed((lead, (ROWS - lead) // 2, ROWS - lead - (ROWS - lead) // 2), at, chance) for at in range(3)]

    return drawn


def _mixed(counts: Sequence[int], lead: int, chance: random.Random) -> Texts:
    """So many answers of each source, the first count being that of the one that leads; in random order."""
    led = sources()[lead:] + sources()[:lead]
    rows = [text for texts, count in zip(led, counts, strict=True) for text in chance.sample(texts, count)]
    return chance.sample(rows, len(rows))


def with_copies(share: float, edited: float = 0.0) -> Step:
    """Answers of three sources alike, of which a share are copies of the others, some of their words replaced."""

    def drawn(chance: random.Random) -> list[Texts]:
        rows = _mixed([ROWS // 3] * 3, 0, chance)
        editor, kept = Editor(rows, chance.randrange(1 << 30)), rows[: round(ROWS * (1 - share))]
        copies = [kept[i % len(kept)] for i in range(ROWS - len(kept))]
        return [kept + [editor.edited(text, edited) if edited else text for text in copies]]

    return drawn


def with_shuffled(share: float) -> Step:
    """Answers of three sources alike, the words of a share of them dealt anew among these."""

    def drawn(chance: random.Random) -> list[Texts]:
        rows = _mixed([ROWS // 3] * 3, 0, chance)
        dealt = [text.split() for text in rows[: round(ROWS * share)]]
        pool = [word for text in dealt for word in text]
        chance.shuffle(pool)
        pieces = iter(pool)
        kept = [" ".join(text.split()) for text in rows[len(dealt) :]]
        return [[" ".join(next(pieces) for _ in text) for text in dealt] + kept]

    return drawn


def _of_shuffling(score: str) -> str | None:
    return None if score not in LEXICAL else "same" if score in _SINGLE else "rises"


SHARES: Final = (0.0, 0.3, 0.6, 0.9)
MIXTURES: Final[Mapping[str, Mixture]] = {
    "intents": Mixture({str(n): of_intents(n) for n in (1, 5, 20, 77)}, lambda _: "rises"),
    "sources": Mixture({f"{100 * s:.0f} %": of_sources(s) for s in (1.0, 0.8, 0.6, 1 / 3)}, lambda _: "rises"),
    "copies": Mixture({f"{100 * s:.0f} %": with_copies(s) for s in SHARES}, lambda _: "falls"),
    "edited copies": Mixture({f"{100 * s:.0f} %": with_copies(s, 0.1) for s in SHARES}, lambda _: "falls"),
    "shuffled words": Mixture({f"{100 * s:.0f} %": with_shuffled(s) for s in (0.0, 0.5, 1.0)}, _of_shuffling),
}


def wrong_steps(told: Mapping[str, Sequence[float]], expected: str, higher: bool) -> list[str]:
    """The steps, from the first to the last among them, over which a score does not go where it should (see above)."""
    names = list(told)
    found = []
    for a, b in [(names[0], names[-1]), *pairwise(names)]:
        gains = np.subtract(told[b], told[a]) * (1 if (expected == "rises") == higher else -1)
        mean, noise = gains.mean(), 2 * gains.std(ddof=1) / math.sqrt(DRAWS)
        if expected == "same":
            right = bool(np.abs(gains).max() <= 1e-9)
        else:
            right = mean > noise if (a, b) == (names[0], names[-1]) else mean >= -noise
        if not right:  # as where a value is NaN
            found.append(f"{a} to {b}")
    return found


def judged(name: str) -> list[dict[str, Any]]:
    """A row for each score of a measure and each mixture."""
    rows = []
    for title, mixture in MIXTURES.items():
        draws = {
            step: [_scored(name, draw(random.Random(seed))) for seed in range(DRAWS)]
            for step, draw in mixture.steps.items()
        }
        for score in next(iter(draws.values()))[0]:
            told = {step: [figures[score] for figures in found] for step, found in draws.items()}
            expected, varied = mixture.expected(score), SCORES[score].varied
            wrong = wrong_steps(told, expected, varied == "higher") if expected else []
            rows.append({
                "score": score, "mixture": title, "measure": name, "rows": INTENT_ROWS if title == "intents" else ROWS,
                "steps": list(told), "values": [_rounded(fmean(values)) for values in told.values()],
                "low": [_rounded(min(values)) for values in told.values()],
                "high": [_rounded(max(values)) for values in told.values()], "varied": varied, "expected": expected,
                "moves right": ("no" if wrong else "yes") if expected else "not judged", "wrong": wrong,
            })  # fmt: skip
    return rows


def _scored(name: str, sets: list[Texts]) -> dict[str, float]:
    told = [MEASURES[name](texts) for texts in sets]
    return {score: fmean(figures[score] for figures in told) for score in told[0]}


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.5g}")


def main() -> None:
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"rows": []}
    for name in sys.argv[1:] or MEASURES:
        known["rows"] = [row for row in known["rows"] if row["measure"] != name] + judged(name)
    known |= {"date": date.today().isoformat(), "draws": DRAWS}
    rows = ",\n ".join(json.dumps(row, ensure_ascii=False) for row in known.pop("rows"))  # a line a score and mixture
    RESULTS.write_text(f'{json.dumps(known)[:-1]}, "rows": [\n {rows}\n]}}\n', "utf-8")
    for row in json.loads(RESULTS.read_text("utf-8"))["rows"]:
        values = ", ".join(str(value) for value in row["values"])
        print(
            f"{row['score']:18} {row['mixture']:15} {row['moves right']:10} {row['varied']:6} {values} {row['wrong']}"
        )


if __name__ == "__main__":
    main()
