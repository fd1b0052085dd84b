"""How fast the scores of vectors are, beside vendi-score, and how long the whole semantic half takes on real data.

python -m benchmarks.diversity_meaning      writes benchmarks/results/diversity_meaning.json

- Vendi of 20,000 and 1 million rows of 256 beside `score_dual`, and of 2,000 rows beside `score_X`, which
  makes the n x n kernel. Both are given float32 rows of unit length that share a direction, as embeddings do, in
  turns, one thread each; processor seconds count, so that others at work disturb little. On two threads by the clock
  too, which the load (processes that want one of the two cores) makes longer.
- Error of float32: Vendi of 200,000 rows beside NumPy in float64.
- The answers of 60 models (benchmarks/.data/large.jsonl) and a set of distinct prompts (GSM8K, GPTeacher): seconds to
  embed them, to fit 100 clusters, and for all figures with their anchors, without and with a reference.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.environments import REQUIREMENTS, install, python_of, runner_of
from benchmarks.machine import describe, versions
from tamis.models.embedders import load
from tamis.packed import Packed
from tamis.scores.diversity.clusters import clusters
from tamis.scores.diversity.coverage import Reference, coverage, gaps
from tamis.scores.diversity.meaning import SIZE, semantic_estimates
from tamis.scores.diversity.vendi import effective_number, spectrum, vendi

DATA: Final = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
LARGE: Final = Path(os.environ.get("TAMIS_LARGE", Path(__file__).parent / ".data" / "large.jsonl"))
RESULTS: Final = Path(__file__).parent / "results" / "diversity_meaning.json"
ROUNDS: Final = 3
WIDTH: Final = 256
CASES: Final = (("dual", 20_000), ("dual", 1_000_000), ("primal", 2_000))
ORDERS: Final = {"1": 1.0, "2": 2.0, "inf": np.inf}

Vectors = NDArray[np.float32]


def made(n: int) -> Vectors:
    """Seeded rows that share a direction: mean cosine 0.22; that of the answers in `large` is 0.16."""
    random = np.random.default_rng(n)
    rows = random.standard_normal((n, WIDTH), np.float32)
    rows += 0.5 * random.standard_normal((1, WIDTH), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def timed(what: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a call gives, with its wall and processor seconds."""
    cpu, start = time.process_time(), time.perf_counter()
    value = what()
    return value, {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}


def theirs(path: Path, form: str, q: str) -> dict[str, float]:
    """A score of vendi-score in a process of its own, one thread."""
    command = [str(python_of("vendi-score")), str(runner_of("vendi-score")), str(path), form, q]
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, env=one)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def beside(form: str, n: int, folder: Path) -> dict[str, Any]:
    """Ours and theirs in turns on the same rows, and the values for each order."""
    vectors, path = made(n), folder / f"{n}.npy"
    np.save(path, vectors)
    taken: dict[str, list[float]] = {"tamis": [], "vendi-score": []}
    for _ in range(ROUNDS):
        taken["tamis"].append(timed(lambda: vendi(vectors, threads=1))[1]["cpu"])
        taken["vendi-score"].append(theirs(path, form, "1")["cpu"])
    ratios = [slow / fast for slow, fast in zip(taken["vendi-score"], taken["tamis"], strict=True)]
    scores = {
        q: {"tamis": vendi(vectors, order), "vendi-score": theirs(path, form, q)["score"]}
        for q, order in ORDERS.items()
        if n <= 20_000
    }
    both = [timed(lambda: vendi(vectors, threads=2))[1] for _ in range(ROUNDS)]
    two = {clock: spread([seconds[clock] for seconds in both]) for clock in ("seconds", "cpu")}
    cpu = {tool: spread(seconds) for tool, seconds in taken.items()}
    return {"form": form, "rows": n, "cpu": cpu, "ratio": spread(ratios), "two_threads": two,
            "load": os.getloadavg()[0], "scores": scores}  # fmt: skip


def float32_error(n: int = 200_000) -> dict[str, float]:
    """How far Vendi is from float64, relative, by order."""
    vectors = made(n)
    ours, wide = spectrum(vectors), vectors.astype(np.float64)
    exact = np.linalg.eigvalsh(wide.T @ wide / n)
    return {q: effective_number(ours, order) / effective_number(exact, order) - 1 for q, order in ORDERS.items()}


def whole(texts: Packed, reference_texts: Packed) -> dict[str, Any]:
    """Seconds of each part of the semantic half, without and with a reference."""
    embedder = load("static")
    vectors, embedding = timed(lambda: embedder.encode(texts))
    found, alone = timed(lambda: semantic_estimates(texts, embedder, vectors))
    cells, clustering = timed(lambda: clusters(vectors))
    reference, fitting = timed(lambda: Reference.of(embedder.encode(reference_texts)))
    _, against = timed(lambda: semantic_estimates(texts, embedder, vectors, reference=reference))

    def missing() -> int:
        other = embedder.encode(reference_texts)
        return len(gaps(reference.cells, other, coverage(reference.cells, vectors)))

    holes, gapping = timed(missing)
    parts = {"embedding": embedding, "figures": alone, "clusters": clustering, "reference": fitting,
             "figures_with_reference": against, "gaps": gapping}  # fmt: skip
    return {
        "texts": len(texts),
        "bytes": int(texts.offsets[-1] - texts.offsets[0]),
        "reference": len(reference_texts),
        "sample": SIZE,
        "clusters": len(cells.centres),
        "gaps": holes,
        "seconds": parts,
        "figures": {name: {side: told.value for side, told in sides.items()} for name, sides in found.items()},
    }


def answers() -> Packed:
    """The answers of all models, as often as they are there."""
    with LARGE.open(encoding="utf-8") as lines:
        return Packed.of([json.loads(line)["output"] for line in lines])


def prompts() -> Packed:
    """Questions of GSM8K and instructions of GPTeacher, each once."""
    lines = (DATA / "tasks" / "openai_grade-school-math--data__train.jsonl").read_text("utf-8").splitlines()
    told = {json.loads(line)["question"] for line in lines}
    for file in sorted((DATA / "instructions").glob("teknium1_GPTeacher--*.json")):
        told |= {f"{row['instruction']} {row['input']}".strip() for row in json.loads(file.read_text("utf-8"))}
    return Packed.of(sorted(told))


def demo(key: str) -> Packed:
    """A column of the Alpaca demonstration rows of LLaMA-Factory."""
    rows = json.loads((DATA / "instructions" / "hiyouga_LLaMA-Factory--alpaca_en_demo.json").read_text("utf-8"))
    return Packed.of([row[key] for row in rows])


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and greatest."""
    return {"median": median(values), "min": min(values), "max": max(values)}


def main() -> None:
    install("vendi-score")
    load("static").encode(Packed.of(["compile the kernels"]))
    pins = dict(pin.split("==") for pin in (REQUIREMENTS / "vendi-score.txt").read_text().splitlines())
    with TemporaryDirectory() as folder:
        cases = [beside(form, n, Path(folder)) for form, n in CASES]
    results = {
        "machine": describe(),
        "versions": {name: version for name, version in versions().items() if name in ("tamis", "numpy")} | pins,
        "date": date.today().isoformat(),
        "vendi": cases,
        "float32_error": float32_error(),
        "answers": whole(answers(), demo("output")),
        "prompts": whole(prompts(), demo("instruction")),
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for case in cases:
        print(case["form"], f"{case['rows']:,}", case["cpu"], "ratio", case["ratio"], case["two_threads"])
    for name in ("float32_error", "answers", "prompts"):
        print(name, json.dumps(results[name], indent=1))


if __name__ == "__main__":
    main()
