"""How fast rows are selected: facility location beside apricot and submodlib, and k-center and dpp by themselves.

python -m benchmarks.selection               writes benchmarks/results/select.json
python -m benchmarks.selection --limit 300   gives a tool so many seconds for a search, not half an hour

The rows are 200,000 distinct paragraphs of 60 to 600 characters of the answers of large.jsonl, drawn by a seed, as
vectors of the static embedder (256 numbers). Facility location gets the same sparse similarities in each tool: those
of the graph of 20 nearest neighbours, from both ends, each row with itself at 1. Making them is not timed. Tools take
turns, three times where that is affordable; processor time counts, so that others at work disturb little. What a tool
does not finish in time is told so, and not tried on more rows. Objectives are all computed by tamis, in
float64.
"""

from __future__ import annotations

import argparse
import json
import re
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

from benchmarks.environments import REQUIREMENTS, install, python_of
from benchmarks.machine import describe, versions
from tamis import kernels
from tamis.models.embedders import load
from tamis.neighbours.graph import neighbour_graph
from tamis.packed import Packed
from tamis.selection.budget import Budget
from tamis.selection.cover import Cover, cover, covered
from tamis.selection.pooled import k_center, largest_volume
from tamis.selection.strategies import OWN

LARGE: Final = Path(__file__).parent / ".data" / "large.jsonl"
RESULTS: Final = Path(__file__).parent / "results" / "select.json"
SIZES: Final = ((20_000, 1_000), (200_000, 10_000))
PEERS: Final = ("apricot", "submodlib")
NEIGHBOURS, ROUNDS, LIMIT, SLOW = 20, 3, 1800, 600

Vectors = NDArray[np.float32]


def paragraphs(count: int) -> Vectors:
    """Vectors of distinct paragraphs, in the order of a seeded draw, so that fewer are the first of them."""
    found: dict[str, None] = {}
    with LARGE.open(encoding="utf-8") as lines:
        for line in lines:
            parts = re.split(r"\n+", json.loads(line)["output"])
            found |= dict.fromkeys(part for part in parts if 60 <= len(part) <= 600)
    texts = list(found)
    drawn = np.random.default_rng(0).choice(len(texts), count, replace=False)
    return load().encode(Packed.of([texts[i] for i in drawn]))


def theirs(tool: str, path: Path, count: int, limit: int) -> dict[str, Any] | None:
    """A peer's processor seconds and picks; None where it does not end in time."""
    command = [str(python_of("select")), str(REQUIREMENTS / "run_select.py"), tool, str(path), str(count)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def ours(graph: Cover, count: int) -> dict[str, Any]:
    """Our processor seconds and picks."""
    n = len(graph[0]) - 1
    one = np.ones(n, np.int64)
    start = time.process_time()
    picked = kernels.facility.facility_location(
        *graph, np.ones(n), np.arange(n), one, np.zeros(n, np.int64), np.array([count])
    )
    return {"seconds": time.process_time() - start, "picked": picked.tolist()}


def facility(graph: Cover, count: int, peers: tuple[str, ...], limit: int) -> dict[str, Any]:
    """Seconds and objective of each tool on the same similarities, in turns, and the ratios."""
    seconds: dict[str, list[float]] = {}
    objective: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "graph.npz"
        np.savez(path, starts=graph[0], others=graph[1], similarity=graph[2])
        for turn in range(ROUNDS):
            for tool in ("tamis", *peers):
                if turn and (tool not in seconds or seconds[tool][0] > SLOW):
                    continue
                found = ours(graph, count) if tool == "tamis" else theirs(tool, path, count, limit)
                if found is not None:
                    seconds.setdefault(tool, []).append(found["seconds"])
                    objective[tool] = covered(graph, np.array(found["picked"], np.int64))
    ratio = {
        tool: _spread([one / other for one, other in zip(seconds[tool], seconds["tamis"], strict=False)])
        for tool in peers
        if tool in seconds
    }
    told = {tool: _spread(taken) for tool, taken in seconds.items()}
    unfinished = [tool for tool in peers if tool not in seconds]
    return {"similarities": len(graph[1]), "seconds": told, "ratio": ratio, "objective": objective,
            "not_finished": {"tools": unfinished, "seconds": limit}}  # fmt: skip


def alone(search: Callable[[], object]) -> dict[str, float]:
    """Seconds by the clock and of processors."""
    start, busy = time.perf_counter(), time.process_time()
    search()
    return {"seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - busy}


def measured(vectors: Vectors, count: int, peers: tuple[str, ...], limit: int) -> dict[str, Any]:
    """All searches on one set of rows."""
    graph = neighbour_graph(vectors, k=NEIGHBOURS)
    paid = Budget.of(np.ones(len(vectors), np.int64), count)
    return {
        "rows": len(vectors),
        "picked": count,
        "neighbours": {"k": NEIGHBOURS, "method": graph.method, "recall": graph.recall},
        "facility": facility(cover(graph), count, peers, limit),
        "k-center": alone(lambda: k_center(vectors, paid)),
        "dpp": alone(lambda: largest_volume(vectors, paid, own=OWN)),
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=int, default=LIMIT, help="seconds that a tool has for a search")
    limit = parser.parse_args().limit
    install("select")
    pins = (REQUIREMENTS / "select.txt").read_text().splitlines()
    peers = dict(pin.split("==") for pin in pins if pin.startswith(("apricot", "submodlib")))
    vectors = paragraphs(max(rows for rows, _ in SIZES))
    results: dict[str, Any] = {
        "machine": describe(),
        "versions": {name: version for name, version in versions().items() if name in ("tamis", "numba")} | peers,
        "date": date.today().isoformat(),
        "sizes": [],
    }
    peers_left = PEERS
    for rows, count in SIZES:
        case = measured(vectors[:rows], count, peers_left, limit)
        peers_left = tuple(tool for tool in peers_left if tool not in case["facility"]["not_finished"]["tools"])
        results["sizes"].append(case)
        print(rows, count, case["facility"]["seconds"], case["facility"]["ratio"], case["k-center"], case["dpp"])
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
