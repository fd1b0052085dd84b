"""Near-duplicates taken out of JSONL files, end to end, beside the packages that do it: writes results/dedup.json.

python -m benchmarks.dedup                           `large` and `large_1gb`, three rounds
python -m benchmarks.dedup large --rounds 1          one dataset; the other keeps its figures

Everybody reads the same two files, whose rows are numbered (datatrove gives a file to a process), and writes the rows
that stay: of those whose answers have a Jaccard similarity of 0.8 or more in runs of three words, one. Two processes or
threads each. In every round each tool also does ten rows, which tells what it takes to start.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import data, machine
from benchmarks.cases import TAMIS
from benchmarks.environments import install, python_of, runner_of
from benchmarks.measure_tree import TreeRun, run_tree
from benchmarks.run import ENVIRONMENT

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "dedup.json"
FIELD, THRESHOLD, SHINGLE, PERMUTATIONS, WORKERS = "output", 0.8, 3, 128, 2
START_ROWS = 10

RECIPE = f"""\
name = "lexical"
compute = ["near_duplicate_similarity"]
keep = "first"

[signals.near_duplicate_similarity]
field = "response"
floor = {THRESHOLD}
words = {SHINGLE}
guard = false
template_share = 0.0

[rules.duplicate]
signal = "near_duplicate_similarity"
at_least = {THRESHOLD}
action = "drop"
message = "nearly the words of a kept row"
"""
JUICER = """\
project_name: minhash
dataset_path: {data}
export_path: {out}/kept/kept.jsonl
work_dir: {out}/work
np: {workers}
text_keys: {field}
process:
  - document_minhash_deduplicator:
      tokenization: space
      window_size: {shingle}
      num_permutations: {permutations}
      jaccard_threshold: {threshold}
"""

Command = Callable[[Path, Path], list[str]]


@dataclass(frozen=True)
class Tool:
    """Somebody who reads the files of a folder and leaves the rows that stay in `kept` of another."""

    name: str
    command: Command
    settings: str
    environment: str | None = None


def tamis(files: Path, out: Path) -> list[str]:
    """The command, with a recipe of one rule."""
    (out / "lexical.toml").write_text(RECIPE)
    inputs = [str(part) for part in sorted(files.iterdir())]
    return [TAMIS, "prune", *inputs, "-o", str(out / "kept"), "--recipe", str(out / "lexical.toml"), "--quiet"]


def datatrove(*options: str) -> Command:
    """Its pipeline as its examples chain it."""
    start = [str(python_of("datatrove")), str(runner_of("minhash-datatrove"))]
    return lambda files, out: [*start, str(files), str(out), FIELD, str(SHINGLE), *options]


def text_dedup(files: Path, out: Path) -> list[str]:
    """Its own command; xxh3 is the faster of its hashes."""
    return [
        str(python_of("text-dedup")), "-m", "text_dedup.minhash", "--path", "json", "--split", "train",
        "--data_files", str(files / "*.jsonl"), "--column", FIELD, "--threshold", str(THRESHOLD),
        "--ngram", str(SHINGLE), "--num_perm", str(PERMUTATIONS), "--min_length", "1", "--hash_func", "xxh3",
        "--num_proc", str(WORKERS), "--cache_dir", str(out / "cache"), "--output", str(out / "kept"),
    ]  # fmt: skip


def data_juicer(files: Path, out: Path) -> list[str]:
    """Its own command, with a configuration of one operator."""
    config = JUICER.format(
        data=files, out=out, workers=WORKERS, field=FIELD, shingle=SHINGLE,
        permutations=PERMUTATIONS, threshold=THRESHOLD,
    )  # fmt: skip
    (out / "minhash.yaml").write_text(config)
    module = [str(python_of("py-data-juicer")), "-m", "data_juicer.tools.process_data"]
    return [*module, "--config", str(out / "minhash.yaml")]


TOOLS = (
    Tool("tamis", tamis, "every pair verified"),
    Tool("datatrove", datatrove(), "11 bands of 11", "datatrove"),
    Tool("datatrove, plain words", datatrove("--plain-words"), "11 bands of 11", "datatrove"),
    Tool("text-dedup", text_dedup, "9 bands of 13", "text-dedup"),
    Tool("Data-Juicer", data_juicer, "9 bands of 13", "py-data-juicer"),
)
DATASETS = ("large", "large_1gb")


def main() -> int:
    arguments = _arguments()
    tools = [tool for tool in TOOLS if tool.name in arguments.tools]
    for name in dict.fromkeys(tool.environment for tool in tools):
        if name is not None:
            install(name)
    failed = False
    for name in arguments.data:
        result = measure(name, tools, arguments.rounds)
        failed |= any("failed" in tool for tool in result["tools"])
        write(arguments.results, result)
    return int(failed)


def files_of(name: str) -> tuple[Path, Path]:
    """Two folders of two files each, made where they are missing: all rows with their numbers, and the first ten."""
    whole, start = (data.MADE / "dedup" / name / part for part in ("rows", "start"))
    if not whole.exists():
        source = data.path_of(name)
        rows = data.size_of(source)["rows"]
        _number(source, start, START_ROWS)
        _number(source, whole.with_suffix(".part"), rows)
        whole.with_suffix(".part").rename(whole)
    return whole, start


def _number(source: Path, folder: Path, rows: int) -> None:
    """The first rows in two files of equal numbers; a row's number is its `id`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with source.open("rb") as lines:
        numbered = (b'{"id":"%d",' % number + line[1:] for number, line in enumerate(lines))
        for part, size in enumerate((rows - rows // 2, rows // 2)):
            with (folder / f"part-{part}.jsonl").open("wb", data.BLOCK) as file:
                file.writelines(islice(numbered, size))


def measure(name: str, tools: Sequence[Tool], rounds: int) -> dict[str, Any]:
    """Rounds in which everybody does all rows and ten; then what the last round's outputs have in common."""
    whole, start = files_of(name)
    sizes = [data.size_of(part) for part in sorted(whole.iterdir())]
    place = data.MADE / "runs" / f"dedup-{name}"
    shutil.rmtree(place, ignore_errors=True)
    (place / "kept").mkdir(parents=True)
    for tool in tools:
        _run(tool, start, place / "out")  # a warm-up, for compiled kernels and modules
    runs: dict[str, list[tuple[TreeRun, TreeRun]]] = {tool.name: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            started = _run(tool, start, place / "out")
            runs[tool.name].append((_run(tool, whole, place / "out"), started))
            _keep(place / "out" / "kept", place / "kept" / tool.name)
            print(name, tool.name, *runs[tool.name][-1], flush=True)
    figures = [_figures(tool, runs[tool.name], runs.get("tamis", [])) for tool in tools]
    agreed = _agreement(whole, place)
    shutil.rmtree(place)
    return {
        "data": name,
        "rows": sum(size["rows"] for size in sizes),
        "bytes": sum(size["bytes"] for size in sizes),
        "rounds": rounds,
        "load": round(os.getloadavg()[2], 1),
        "date": datetime.now(UTC).date().isoformat(),
        "pairs": agreed.pop("pairs", None),
        "tools": [each | agreed.get(each["name"], {}) for each in figures],
    }


def _run(tool: Tool, files: Path, out: Path) -> TreeRun:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = tool.command(files, out)
    os.sync()  # the last run's output must not be written to disk at this run's cost
    return run_tree(command, ENVIRONMENT | {"HF_DATASETS_CACHE": str(out / "cache")}, out)


def _keep(kept: Path, last: Path) -> None:
    """The rows of the last round stay, for the comparison."""
    shutil.rmtree(last, ignore_errors=True)
    if kept.exists():
        kept.rename(last)


def _agreement(files: Path, place: Path) -> dict[str, Any]:
    """In a process of its own: what is held here would count as the peak of every child (see measure)."""
    (place / "lexical.toml").write_text(RECIPE)
    module = [sys.executable, "-m", "benchmarks.dedup_agreement"]
    run = subprocess.run(
        [*module, str(files), str(place / "kept"), str(place / "lexical.toml")],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, check=False,
    )  # fmt: skip
    return dict(json.loads(run.stdout)) if run.returncode == 0 else {}


def _figures(tool: Tool, runs: list[tuple[TreeRun, TreeRun]], ours: list[tuple[TreeRun, TreeRun]]) -> dict[str, Any]:
    """Medians with their extremes of all rows, of the start, and of the rest; ratios are taken round by round."""
    about = {"name": tool.name, "settings": tool.settings}
    if bad := next((run.failed for pair in runs for run in pair if run.failed), None):
        return about | {"failed": bad}
    seconds, own = _seconds(runs), _seconds(ours)
    figures: dict[str, Any] = {name: _spread(values) for name, values in seconds.items()}
    if ours and tool.name != "tamis":
        shared = [name for name in seconds if name in own]
        ratios = {name: [a / b for a, b in zip(seconds[name], own[name], strict=True)] for name in shared}
        figures["ratio"] = {name: _spread(values) for name, values in ratios.items()}
    peaks = {
        "peak_bytes": max(run.peak_bytes for run, _ in runs),
        "anonymous_bytes": max(run.anonymous_bytes for run, _ in runs),
    }
    return about | figures | peaks


def _seconds(runs: list[tuple[TreeRun, TreeRun]]) -> dict[str, list[float]]:
    """By kind, a value a round: wall and processor seconds of all, of ten rows, and of all less these."""
    found: dict[str, list[float]] = {}
    for kind in ("wall", "cpu"):
        pairs = [(getattr(run, f"{kind}_seconds"), getattr(start, f"{kind}_seconds")) for run, start in runs]
        found[f"{kind}_seconds"] = [run for run, _ in pairs]
        found[f"{kind}_start"] = [start for _, start in pairs]
        if all(run > start for run, start in pairs):  # on a busy machine the rest may drown in noise
            found[f"{kind}_rest"] = [run - start for run, start in pairs]
    return found


def _spread(values: Sequence[float]) -> dict[str, float]:
    spread = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: float(f"{value:.4g}") for name, value in spread.items()}


def write(path: Path, result: dict[str, Any]) -> None:
    """Put one dataset's figures in the results file, in the order of `DATASETS`."""
    known = json.loads(path.read_text())["cases"] if path.exists() else []
    by_name = {each["data"]: each for each in known} | {result["data"]: result}
    head = {"machine": machine.describe(), "versions": machine.versions()}
    about = {"threshold": THRESHOLD, "words": SHINGLE, "start_rows": START_ROWS}
    path.parent.mkdir(parents=True, exist_ok=True)
    cases = [by_name[name] for name in DATASETS if name in by_name]
    path.write_text(json.dumps({**head, **about, "cases": cases}, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dedup", description="Measure deduplication.")
    names = [tool.name for tool in TOOLS]
    parser.add_argument("data", nargs="*", default=list(DATASETS), help="large, large_1gb; both without one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", nargs="+", default=names, choices=names, metavar="TOOL")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
