"""Memory and speed of an audit over sizes, and of its row pass by threads: writes benchmarks/results/scale_memory.json.

python -m benchmarks.scale_memory                       10 MB, 100 MB, 1 GB and 4 GB, each in a fresh process
python -m benchmarks.scale_memory --sizes 10 100        in MB; others keep the figures that they have

The files are the first so many bytes of `large_4gb`: rows of `large`, each copy with its own edits in 3 % of the words.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import data, machine
from benchmarks.cases import TAMIS
from benchmarks.measure import Run, run_once

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "scale_memory.json"
SIZES = (10, 100, 1_000, 4_000)
ROW_PASS = 100
"""MB that the row signals alone are timed on, with one thread and with two."""


def main() -> int:
    arguments = _arguments()
    for size in {*arguments.sizes, ROW_PASS}:
        # In a process of its own: what is held here would count as the peak of every child.
        run_once([sys.executable, "-c", f"from benchmarks.scale_memory import path_of; path_of({size})"], os.environ)
    head = {"machine": machine.describe(), "versions": machine.versions(), "date": datetime.now(UTC).date().isoformat()}
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    sizes = known.get("sizes", {})
    with tempfile.TemporaryDirectory(prefix="tamis-scale-") as folder:
        audit([str(path_of(10)), "--threads", str(arguments.threads), "-o", f"{folder}/warm"])  # kernels are compiled
        for size in arguments.sizes:
            out = f"{folder}/{size}"
            run = audit([str(path_of(size)), "--threads", str(arguments.threads), "-o", out])
            sizes[str(size)] = figures(run, path_of(size)) | known_of(Path(out), arguments.threads)
            print(size, sizes[str(size)], flush=True)
        recipe = f"{folder}/row-only.toml"
        run_once([sys.executable, str(data.HERE / "row_only.py"), recipe, "true"], os.environ)
        threads = {}
        for count in (1, 2):
            run = audit([str(path_of(ROW_PASS)), "--threads", str(count), "--recipe", recipe])
            threads[str(count)] = figures(run, path_of(ROW_PASS))
            print("row pass", count, threads[str(count)], flush=True)
    told = {**head, "load": os.getloadavg(), "threads": arguments.threads, "row_pass_mb": ROW_PASS}
    told |= {"sizes": dict(sorted(sizes.items(), key=lambda item: int(item[0]))), "row_pass": threads}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    return int(any("failed" in each for each in (*sizes.values(), *threads.values())))


def path_of(megabytes: int) -> Path:
    """The file of so many MB, made first where it is missing: whole lines of the largest."""
    source = data.path_of("large_4gb")
    if megabytes >= SIZES[-1]:
        return source
    path = data.MADE / f"large_4gb.first-{megabytes}mb.jsonl"
    if not path.exists():
        with source.open("rb") as lines, path.open("wb") as file:
            while file.tell() < megabytes * 1_000_000:
                file.write(lines.readline())
    return path


def audit(options: Sequence[str]) -> Run:
    """`tamis audit`, from the start of its process to its end; as it is used, but for the cache and the page.

    With a folder to write to, its memory is watched stage by stage.
    """
    watched = "-o" in options
    program = [sys.executable, "-m", "benchmarks.watched"] if watched else [TAMIS]
    return run_once([*program, "audit", *options, "--quiet", "--no-cache", *["--no-report"] * watched], os.environ)


def figures(run: Run, path: Path) -> dict[str, Any]:
    """What one run took."""
    if run.failed:
        return {"failed": run.failed}
    size = data.size_of(path)
    return {
        **size,
        **run.to_json(),
        "rows_per_second": round(size["rows"] / run.wall_seconds, 1),
        "cpu_microseconds_per_row": round(run.cpu_seconds / size["rows"] * 1e6, 1),
        **run.printed,
    }


def known_of(folder: Path, threads: int) -> dict[str, Any]:
    """What the audit says of its pairs, and the memory that the formula allows for so many rows."""
    from tamis.recipe import load
    from tamis.verbs.room import needed

    try:
        facts = json.loads((folder / "audit.json").read_text())
    except OSError:
        return {}
    corpus, rows = facts["corpus"], facts["summary"]["read"]
    return {
        "formula_bytes": needed(rows, load("default"), threads),
        "method": corpus["semantic"]["method"],
        "recall": corpus["semantic"]["recall"],
        "semantic_pairs": corpus["semantic"]["pairs"],
        "lexical_pairs": corpus["near_duplicates"]["pairs"],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_memory", description="Memory over sizes.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="in MB")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
