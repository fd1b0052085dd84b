"""How fast diversity is scored: all scores on `large`, and each beside the package that publishes it.

python -m benchmarks.diversity [SECTION ...]      writes benchmarks/results/diversity.json

`lexical`: the scores of words and bytes of the answers of `large`, with intervals (20 samples of 1,000 rows) and both
anchors (5 samples each), from packed text on, by two threads; and each score on one sample beside diversity,
lexicalrichness and nltk, which get the same words parted by blanks and take turns with tamis, `ROUNDS` times. The time
of tamis includes numbering the words of that sample anew for every score. Processor time counts, since others may be
at work; the seconds by the clock are given beside it, and the load of the five minutes before.

A section is a function here and a key of the results; the sections not asked for stay as they are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.data import path_of
from benchmarks.environments import REQUIREMENTS, install, python_of, runner_of
from benchmarks.machine import describe, versions
from tamis.packed import Packed
from tamis.scores.diversity import lexical as scores
from tamis.scores.diversity.phrases import common_closers, common_openers, common_templates
from tamis.scores.diversity.words import Words

RESULTS: Final = Path(__file__).parent / "results" / "diversity.json"
PACKAGE: Final = "diversity==0.3.1"
ROUNDS: Final = 3
ROWS: Final = 1000
BLEU_ROWS: Final = 100
"""nltk takes time by the square of the rows."""


def _bleu(words: Words) -> float:
    return float(scores.self_bleu(words, words.runs(scores.LONGEST)).mean())


def _repetition(words: Words) -> float:
    return scores.self_repetition(words, words.runs(scores.LONGEST)[-1])


def _ngrams(words: Words) -> float:
    return sum(different / (runs >= 0).sum() for runs, different in words.runs(scores.LONGEST))


Seconds = tuple[float, float]
"""Of the processor, and by the clock."""

OURS: Final[Mapping[str, Callable[[Packed], float]]] = {
    "ngram_diversity": lambda texts: _ngrams(Words.of(texts)),
    "compression_ratio": lambda texts: scores.compression_ratio(b" ".join(map(str.encode, texts.strings()))),
    "self_repetition": lambda texts: _repetition(Words.of(texts)),
    "self_bleu": lambda texts: _bleu(Words.of(texts)),
    "mtld": lambda texts: scores.mtld(Words.of(texts)),
    "hdd": lambda texts: scores.hdd(Words.of(texts)),
}


def lexical() -> dict[str, Any]:
    """The section `lexical`."""
    texts = Packed.of(pl.read_ndjson(path_of("large"))["output"])
    scores.lexical(texts, Words.of(texts), np.arange(10))  # what is done once in a process
    return {"large": _whole(texts), "beside": _beside(texts)}


def _whole(texts: Packed) -> dict[str, Any]:
    """All scores of a whole set, with intervals and anchors, and the lists of phrases."""
    size, words = path_of("large").stat().st_size, Words.of(texts)
    steps: dict[str, Callable[[], object]] = {
        "words alone": lambda: Words.of(texts),
        "words and scores": lambda: scores.lexical_estimates(texts, Words.of(texts)),
        "phrases": lambda: [told(texts, words) for told in (common_openers, common_closers, common_templates)],
    }
    taken: dict[str, list[Seconds]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            taken[name].append(_timed(step)[0])
    return {
        "rows": len(texts), "file_bytes": size, "text_bytes": int(texts.offsets[-1]), "words": len(words.numbers),
        "processor_seconds": {name: _spread([cpu for cpu, _ in pairs]) for name, pairs in taken.items()},
        "clock_seconds": {name: _spread([clock for _, clock in pairs]) for name, pairs in taken.items()},
        "megabytes_per_processor_second": _spread([size / 1e6 / cpu for cpu, _ in taken["words and scores"]]),
        "megabytes_per_second": _spread([size / 1e6 / clock for _, clock in taken["words and scores"]]),
    }  # fmt: skip


def _beside(texts: Packed) -> dict[str, Any]:
    """Each score of the same words by tamis and by its package, in turns."""
    chosen = np.sort(np.random.default_rng(0).choice(len(texts), ROWS, replace=False))
    words = Words.of(texts).take(chosen)
    plain = [" ".join(words.spelled(a, b)) for a, b in pairwise(words.offsets)]
    found = {}
    with TemporaryDirectory() as folder:
        for task, ours in OURS.items():
            given = plain[:BLEU_ROWS] if task == "self_bleu" else plain
            path, packed = Path(folder) / "texts.json", Packed.of(given)
            path.write_text(json.dumps(given), "utf-8")
            own, their = [], []
            for _ in range(1 if task == "self_bleu" else ROUNDS):
                (cpu, _), value = _timed(partial(ours, packed))
                own.append(cpu)
                their.append(_theirs(task, path))
            found[task] = {
                "rows": len(given), "tamis_seconds": _spread(own),
                "package_seconds": _spread([one["seconds"] for one in their]),
                "ratio": _spread([one["seconds"] / cpu for cpu, one in zip(own, their, strict=True)]),
                "tamis_value": value, "package_value": their[0]["value"],
            }  # fmt: skip
    return found


def _theirs(task: str, path: Path) -> dict[str, float]:
    command = [str(python_of("diversity")), str(runner_of("diversity")), task, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, env={"OMP_NUM_THREADS": "1"})
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _timed(step: Callable[[], Any]) -> tuple[Seconds, Any]:
    """Processor seconds, seconds by the clock, and what was found."""
    cpu, wall = time.process_time(), time.perf_counter()
    value = step()
    return (time.process_time() - cpu, time.perf_counter() - wall), value


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values)}


def prepare() -> None:
    """The environment of the packages; diversity without what it requires (see benchmarks/peers/diversity.txt)."""
    install("diversity")
    pip = [str(python_of("diversity")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", PACKAGE], check=True)


SECTIONS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {"lexical": lexical}


def main() -> None:
    prepare()
    pins = [line for line in (REQUIREMENTS / "diversity.txt").read_text().splitlines() if "==" in line]
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for name in sys.argv[1:] or SECTIONS:
        results[name] = {
            "machine": describe(),
            "versions": {key: versions()[key] for key in ("tamis", "numba", "numpy")}
            | dict(pin.split("==") for pin in [*pins, PACKAGE]),
            "date": date.today().isoformat(),
            "load": os.getloadavg()[1],
            **SECTIONS[name](),
        }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
