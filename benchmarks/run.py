"""Takes the measurements and writes benchmarks/results/*.json.

python -m benchmarks.run                     everything
python -m benchmarks.run read/large peers    cases whose names start so; the others keep their figures
python -m benchmarks.run --list
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import data, machine
from benchmarks.cases import CASES, RESULTS_OF, TASKS, Case, Place, Tool
from benchmarks.environments import NAMES, install
from benchmarks.measure import Run, run_once

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
ENVIRONMENT = {
    **os.environ,
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "",  # users run compiled modules, of which a shell that forbids them would know nothing
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def main() -> int:
    arguments = _arguments()
    chosen = [case for case in CASES if _is_chosen(case, arguments.case)]
    if arguments.list:
        print(*(case.name for case in chosen), sep="\n")
        return 0
    if not chosen:
        print(f"no case starts with {' or '.join(arguments.case)}; see --list", file=sys.stderr)
        return 2
    rivals = {rival.name for case in chosen for rival in case.rivals}
    for name in NAMES:
        if any(rival.startswith(name) for rival in rivals):
            install(name)
    for name in dict.fromkeys(case.data for case in chosen):
        # In a process of its own: what is held here would count as the peak of every child (see measure).
        subprocess.run([sys.executable, "-m", "benchmarks.data", name], check=True, cwd=ROOT)
    failed = 0
    for case in chosen:
        try:
            result = measure(case, arguments.repeats)
        except subprocess.CalledProcessError as error:
            print(f"{case.name} could not be prepared: {error}", file=sys.stderr)
            failed += 1
            continue
        failed += any("failed" in tool for tool in result["tools"])
        write(arguments.results / f"{RESULTS_OF.get(case.task, 'audit')}.json", case, result)
        print(summary(result), flush=True)
    return min(failed, 1)


def measure(case: Case, repeats: int) -> dict[str, Any]:
    """A warm-up of everybody, then `repeats` rounds in which ours and the rivals take turns."""
    place = _place(case)
    size = data.size_of(place.data)
    tools = (case.ours, *case.rivals)
    runs: dict[str, list[Run]] = {tool.name: [] for tool in tools}
    for tool in tools:
        _prepare(tool, place)
        _run(tool, place)
    for _ in range(repeats):
        for tool in tools:
            runs[tool.name].append(_run(tool, place))
    shutil.rmtree(place.out.parent)
    return {
        "name": case.name,
        "task": case.task,
        "data": case.data,
        **size,
        "prefix": case.rows is not None,
        "clock": case.clock,
        "date": datetime.now(UTC).date().isoformat(),
        "repeats": repeats,
        "tools": [_figures(case, name, taken, runs[case.ours.name], size) for name, taken in runs.items()],
    }


def write(path: Path, case: Case, result: dict[str, Any]) -> None:
    """Put one case's figures in the results file, in the order of `CASES`."""
    before = json.loads(path.read_text()) if path.exists() else {"cases": []}
    by_name = {known["name"]: known for known in before["cases"]} | {case.name: result}
    known_cases = [by_name[each.name] for each in CASES if each.name in by_name]
    timed = {task: TASKS[task] for task in dict.fromkeys(case["task"] for case in known_cases)}
    head = {"machine": machine.describe(), "versions": machine.versions(), "timed": timed}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**head, "cases": known_cases}, indent=1) + "\n")


def summary(result: dict[str, Any]) -> str:
    """One line a case, for whoever watches."""
    parts = []
    for tool in result["tools"]:
        if "failed" in tool:
            parts.append(f"{tool['name']} FAILED ({tool['failed']})")
            continue
        seconds, speed = tool["seconds"]["median"], tool["mb_per_second"]["median"]
        parts.append(f"{tool['name']} {seconds:.2f} s, {speed:.1f} MB/s")
    return "   ".join([f"{result['name']:34} {result['rows']:,} rows", *parts])


def _figures(case: Case, name: str, runs: list[Run], ours: list[Run], size: dict[str, int]) -> dict[str, Any]:
    """Medians with their extremes; `ratio` is rival's seconds over ours, taken side by side."""
    bad = next((reason for run in runs if (reason := _failure(run, size["rows"]))), None)
    if bad is not None:
        return {"name": name, "failed": bad}
    seconds = [_seconds(case, run) for run in runs]
    figures = {
        "name": name,
        "seconds": _spread(seconds),
        "wall_seconds": _spread([run.wall_seconds for run in runs]),
        "cpu_seconds": _spread([run.cpu_seconds for run in runs]),
        "mb_per_second": _spread([size["bytes"] / 1e6 / each for each in seconds]),
        "rows_per_second": _spread([size["rows"] / each for each in seconds]),
        "peak_bytes": max(run.peak_bytes for run in runs),
        "peak_over_data": round(max(run.peak_bytes for run in runs) / size["bytes"], 3),
        "found": runs[-1].printed.get("found", {}),
        "runs": [run.to_json() for run in runs],
    }
    if name != case.ours.name and not any(_failure(run, size["rows"]) for run in ours):
        pairs = zip(seconds, (_seconds(case, run) for run in ours), strict=True)
        figures["ratio"] = _spread([theirs / own for theirs, own in pairs])
    return figures


def _failure(run: Run, rows: int) -> str | None:
    """Why a run does not count; a runner that did not see every row has not done the task."""
    read = run.printed.get("rows", rows)
    return run.failed or (None if read == rows else f"read {read} of {rows} rows")


def _seconds(case: Case, run: Run) -> float:
    return run.wall_seconds if case.clock == "process" else float(run.printed["seconds"])


def _spread(values: Sequence[float]) -> dict[str, float]:
    spread = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: float(f"{value:.4g}") for name, value in spread.items()}


def _place(case: Case) -> Place:
    whole = data.path_of(case.data)
    folder = data.MADE / "runs" / case.name.replace("/", "-").replace(" ", "-").replace(",", "")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "prepared").mkdir(parents=True)
    path = whole if case.rows is None else data.first_rows(case.data, case.rows)
    return Place(path, folder / "prepared", folder / "out")


def _prepare(tool: Tool, place: Place) -> None:
    if tool.prepare is not None:
        subprocess.run(tool.prepare(place), check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL)


def _run(tool: Tool, place: Place) -> Run:
    shutil.rmtree(place.out, ignore_errors=True)
    place.out.mkdir()
    os.sync()  # the last run's output must not be written to disk at this run's cost
    return run_once(tool.command(place), ENVIRONMENT)


def _is_chosen(case: Case, prefixes: Sequence[str]) -> bool:
    return not prefixes or any(f"{case.name}/".startswith(f"{prefix.rstrip('/')}/") for prefix in prefixes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Take the measurements.")
    parser.add_argument("case", nargs="*", help="cases whose names start so; all without one")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
