"""Near-duplicates, lexical and semantic, of 100 thousand and of a million rows: writes benchmarks/results/million.json.

python -m benchmarks.million                      both at both sizes, each in a fresh process
python -m benchmarks.million semantic --rows 100000

The rows are those of `large` with seeded edits: each of 60 answers to a prompt about twenty times over, every copy with
2 to 20 % of its words replaced; the prompt stays, so that 1,240 rows share one. The smaller set has a tenth of the
prompts, not of the copies: families are as large in both, or the pairs of a row would grow tenfold by themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from benchmarks import data, machine
from benchmarks.measure import Run, run_once

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "million.json"
MOST_ROWS = 1_000_000
SIZES = (100_000, MOST_ROWS)
FLOORS = {"lexical": 0.6, "semantic": 0.85}
"""What `tamis audit` takes by default."""


def main() -> int:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(arguments.search[0], arguments.rows[0], arguments.threads)))
        return 0
    for rows in arguments.rows:
        # In a process of its own: what is held here would count as the peak of every child.
        run_once([sys.executable, "-c", f"from benchmarks.million import path_of; path_of({rows})"], os.environ)
    figures: dict[str, dict[str, Any]] = {}
    for search in arguments.search:
        for rows in arguments.rows:
            run = run_once(_command(search, rows, arguments.threads), os.environ)
            figures.setdefault(search, {})[str(rows)] = _figures(run, rows)
            print(search, rows, figures[search][str(rows)], flush=True)
    write(arguments.results, figures)
    return int(any("failed" in each for sizes in figures.values() for each in sizes.values()))


def path_of(rows: int) -> Path:
    """The file of so many rows, made first where it is missing."""
    path = data.MADE / f"million.{rows}.jsonl"
    if not path.exists():
        source = data.path_of("large")
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb", data.BLOCK) as file:
            file.writelines(edited_rows(source, rows))
        unfinished.rename(path)
    return path


def edited_rows(source: Path, rows: int) -> Iterator[bytes]:
    """So many lines, in random order: of as many prompts as it takes, and of each the same number of copies."""
    known = [orjson.loads(line) for line in source.open("rb")]
    editor, chance = data.Editor([row["output"] for row in known], seed=5), random.Random(6)
    prompts = sorted({row["instruction"] for row in known})
    chance.shuffle(prompts)
    chosen = set(prompts[: -(-len(prompts) * rows // MOST_ROWS)])
    family = [row for row in known if row["instruction"] in chosen]
    places = [number % len(family) for number in range(rows)]
    chance.shuffle(places)
    for place in places:
        row, share = family[place], chance.uniform(0.02, 0.2)
        yield orjson.dumps(row | {"output": editor.edited(row["output"], share)}, option=orjson.OPT_APPEND_NEWLINE)


def measure(search: str, rows: int, threads: int) -> dict[str, Any]:
    """One search over the file of so many rows, in this process: what it took from texts to pairs, and found."""
    from tamis.packed import Packed

    prompts, responses = [], []
    for line in path_of(rows).open("rb"):
        row = orjson.loads(line)
        prompts.append(row["instruction"])
        responses.append(row["output"])
    sides = [Packed.of(prompts), Packed.of(responses)]
    del prompts, responses
    start, cpu = time.perf_counter(), time.process_time()
    found = (lexical if search == "lexical" else semantic)(sides, threads)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {"rows": rows, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "found": found}


def lexical(sides: list[Any], threads: int) -> dict[str, Any]:
    """As `near_duplicate_similarity` does for conversations."""
    from tamis.neighbours.lexical import near_pairs

    found = near_pairs(sides, floor=FLOORS["lexical"], template_share=None, threads=threads)
    return {"pairs": len(found.pairs), "compared": found.compared, "left_out": found.limited}


def semantic(sides: list[Any], threads: int) -> dict[str, Any]:
    """As `semantic_similarity` does for conversations, the embedding included."""
    from dataclasses import replace

    from tamis.models.embedders.static import load_static
    from tamis.neighbours.semantic import pairs_above

    embedder = replace(load_static(), threads=threads)
    start = time.perf_counter()
    vectors = [embedder.encode(side) for side in sides]
    embedded = time.perf_counter() - start
    found = pairs_above(vectors, floor=FLOORS["semantic"], threads=threads)
    return {
        "pairs": len(found.pairs),
        "pairs_at_or_above_floor": found.found,
        "left_out": found.left_out,
        "method": found.method,
        "recall": found.recall,
        "embedding_seconds": round(embedded, 2),
    }


def write(path: Path, figures: dict[str, dict[str, Any]]) -> None:
    """The figures of both sizes; those that were not taken now keep their values."""
    known: dict[str, dict[str, Any]] = json.loads(path.read_text())["searches"] if path.exists() else {}
    for search, sizes in figures.items():
        merged = known.setdefault(search, {})
        merged.update(sizes)
        merged.pop("ratio", None)
        small, large = (merged.get(str(size), {}) for size in SIZES)
        if "per_row" in small and "per_row" in large:
            merged["ratio"] = {
                name: round(large["per_row"][name] / small["per_row"][name], 3) for name in small["per_row"]
            }
    head = {"machine": machine.describe(), "versions": machine.versions(), "date": datetime.now(UTC).date().isoformat()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**head, "floors": FLOORS, "searches": known}, indent=1) + "\n")


def _figures(run: Run, rows: int) -> dict[str, Any]:
    if run.failed:
        return {"failed": run.failed}
    per_row = {
        "microseconds": run.printed["seconds"] / rows * 1e6,
        "cpu_microseconds": run.printed["cpu_seconds"] / rows * 1e6,
        "peak_bytes": run.peak_bytes / rows,
    }
    return {
        **run.printed,
        "peak_bytes": run.peak_bytes,
        "per_row": {name: round(each, 1) for name, each in per_row.items()},
    }


def _command(search: str, rows: int, threads: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.million", search, f"--rows={rows}", f"--threads={threads}", "--measure"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million", description="Measure a million rows.")
    parser.add_argument("search", nargs="*", default=list(FLOORS), help="lexical, semantic; both without one")
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--measure", action="store_true", help="measure in this process and print the figures")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
