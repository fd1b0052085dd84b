"""What the cache of an audit saves, and what it takes: writes benchmarks/results/cache.json.

python -m benchmarks.cache                     on `large`: 48,298 rows, 88 MB
python -m benchmarks.cache --data short        on another of benchmarks.data

One thread, kernels compiled before: processor seconds of `tamis.audit(FILE, cache=DIR)` in a process of its own, from
its start to its end; no table is written and no page.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks import data, machine
from benchmarks.measure import run_once

RESULTS: Final = Path(__file__).parent / "results" / "cache.json"
SHARE: Final = 100
"""One row in so many is changed, or new."""
LOWERED: Final = "looping_response.at_least=4"
CODE: Final = """
import json, sys, tamis
file, cache, *changes = sys.argv[1:]
found = tamis.audit(file, cache=cache or None, set=changes, threads=1)
print(json.dumps({"cache": found.facts["cache"], "rows": found.rows.height, "pairs": found.pairs.height}))
"""


def main() -> int:
    arguments = _arguments()
    source = data.path_of(arguments.data)
    with tempfile.TemporaryDirectory(prefix="tamis-cache-") as name:
        folder = Path(name)
        file, whole = folder / "rows.jsonl", folder / "whole"
        shutil.copyfile(source, file)
        audit(file, None)  # kernels are compiled, and the file is in memory
        cases = {"without a cache": audit(file, None), "with an empty one": audit(file, whole)}
        cases["again, nothing changed"] = audit(file, whole)
        held = {"first": _bytes(whole)}
        lowered = folder / "lowered"
        shutil.copytree(whole, lowered)
        cases[f"one threshold lowered (`{LOWERED}`)"] = audit(file, lowered, LOWERED)
        added = folder / "added"
        shutil.copytree(whole, added)
        _write(file, source, fresh=True)
        cases["1 % of new rows at the end"] = audit(file, added)
        _write(file, source, fresh=False)
        cases["1 % of the prompts changed, here and there"] = audit(file, whole)
        held["changed"] = _bytes(whole)
    told = {"machine": machine.describe(), "versions": machine.versions(), "date": datetime.now(UTC).date().isoformat()}
    told |= {"load": os.getloadavg(), "data": arguments.data, **data.size_of(source), "cases": cases, "held": held}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    return int(any("failed" in case for case in cases.values()))


def audit(file: Path, cache: Path | None, *changes: str) -> dict[str, Any]:
    """What one run took, and how many rows it measured."""
    run = run_once([sys.executable, "-c", CODE, str(file), str(cache or ""), *changes], os.environ)
    if run.failed:
        return {"failed": run.failed}
    known = run.printed["cache"] or {"rows_measured": run.printed["rows"], "neighbours": "computed"}
    return {
        **run.to_json(),
        "rows": run.printed["rows"],
        "pairs": run.printed["pairs"],
        "measured": known["rows_measured"],
        "neighbours": known["neighbours"],
    }


def _bytes(folder: Path) -> dict[str, int]:
    """Bytes on the disk of what is known of rows, and of neighbours."""
    return {
        part: sum(path.stat().st_size for path in (folder / part).rglob("*.parquet")) for part in ("rows", "corpus")
    }


def _write(file: Path, source: Path, *, fresh: bool) -> None:
    """The rows with other prompts in one of a hundred: in their places, or as new rows after all others."""
    with source.open("rb") as lines, file.open("wb") as out:
        for number, line in enumerate(lines):
            out.write(line if fresh or number % SHARE else _changed(line))
        if fresh:
            lines.seek(0)
            out.writelines(map(_changed, islice(lines, 0, None, SHARE)))


def _changed(line: bytes) -> bytes:
    row = orjson.loads(line)
    return orjson.dumps(row | {"instruction": f"Once more: {row['instruction']}"}, option=orjson.OPT_APPEND_NEWLINE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cache", description="What the cache saves.")
    parser.add_argument("--data", default="large")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
