"""What a billion rows would take, reckoned from rates that are measured here; and Ray against threads.

    python -m benchmarks.scale measure [DATA.jsonl]     rates, in processor seconds a row: results/scale.json
    python -m benchmarks.scale ray [DATA.jsonl]         the same audit by threads and by Ray on two processors
    python -m benchmarks.scale page [--check]           the tables of docs/scale.md, from results/scale.json

Rates are processor time of one thread, so that a busy machine moves them little; walls of `ray` want an idle one.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
RESULTS, PAGE = ROOT / "results" / "scale.json", ROOT.parent / "docs" / "scale.md"
DATA = ROOT / ".data" / "large.jsonl"
ROWS = 1_000_000_000
CORES, PRICE = 1_024, 0.05
"""The cluster of the page: an assumption, as is its price, in dollars for a core and hour; put in your own."""
CELLS = 20_000
"""More of them make comparing cheaper, and learning them, on one thread of the driver, longer."""
LINEAR = ("row signals", "signatures", "rows meet", "pairs verified", "embedding")
"""Stages whose time a row does not depend on how many rows there are; reading is a part of the first."""
BEGIN, END = "<!-- benchmarks.scale: begin -->\n", "<!-- benchmarks.scale: end -->\n"


@contextmanager
def timed(into: dict[str, float], name: str) -> Iterator[None]:
    """Processor seconds of a block."""
    start = time.process_time()
    yield
    into[name] = time.process_time() - start


def rates(data: Path) -> dict[str, Any]:
    """Processor seconds of each stage, and the bytes that each row is, sends and leaves with the driver."""
    import numpy as np

    from tamis.engines import local
    from tamis.engines.ray import lexical
    from tamis.kernels.shingle_counts import table_of
    from tamis.measure import measure
    from tamis.models.embedders import load
    from tamis.models.search import SAMPLE_PER_CELL
    from tamis.neighbours import semantic_partition as cell
    from tamis.neighbours.lexical import rules_for
    from tamis.neighbours.lexical_bands import Banding, Texts, bands_for, sketch
    from tamis.neighbours.lexical_verify import verify
    from tamis.recipe import load as recipe_named
    from tamis.records import sources
    from tamis.records.reader import read_batches
    from tamis.verbs.dataset import gather

    default, cpu = recipe_named("default"), dict[str, float]()
    files = sources.find([str(data)])
    first = next(iter(read_batches(files)))
    measure(first, default)  # what is computed once a process
    with timed(cpu, "row signals"):
        gathered = gather(local.run(read_batches(files), partial(measure, recipe=default), threads=1))
    with timed(cpu, "reading alone"):
        n = sum(len(batch.records) for batch in read_batches(files))
    sides = [gathered.prompts.texts(), gathered.responses.texts()]
    bands, lanes = bands_for(0.6)
    texts = Texts(sides, rules_for(2, 3, 5), table_of(np.zeros(0, np.uint64)))
    with ThreadPoolExecutor(1) as pool:
        with timed(cpu, "signatures"):
            keys, words = sketch(texts, Banding(bands, lanes, 0, 64, None), pool, lambda *_: None)
        with timed(cpu, "rows meet"):
            _, rows = lexical._distinct(words, np.arange(n))
            rank = np.full(n, -1)
            rank[rows] = np.arange(len(rows))
            parts = lexical.route(keys, rank, 8)
            met = [lexical.meet(bands, part)[0] for part in parts]
        ranked = np.unique(np.concatenate(met))
        one, other = rows[(ranked >> np.uint64(32)).astype(int)], rows[(ranked & np.uint64(2**32 - 1)).astype(int)]
        left, right = np.minimum(one, other), np.maximum(one, other)
        with timed(cpu, "pairs verified"):
            pairs = verify(texts, (left, right), 0.6, pool, guard=True)[0]
    embedder = load("static", threads=1)
    with timed(cpu, "embedding"):
        vectors = [embedder.encode(side) for side in sides]
    cells, order = 48, np.arange(n)
    chosen, probe = cell.sampled(n, cells * SAMPLE_PER_CELL, 0), cell.sampled(n, cell.SAMPLE, 1)
    with timed(cpu, "cells learned"):
        centres = cell.centres_of([side[chosen] for side in vectors], cells, 0)
    with timed(cpu, "cells of rows"):
        homes = cell.homes_of(vectors, centres)
    with timed(cpu, "meanings inside cells"):
        compared = cell.within(vectors, homes, order, order, 0.85)
    with timed(cpu, "recall of cells"):
        counted = cell.pairs_of_sample([side[probe] for side in vectors], homes[probe], vectors, homes, 0.85)
    found = cell.settled([compared], 0.85, 0, [counted])
    inside = np.unique(np.concatenate([left, right]))
    length = sum(side.offsets[inside + 1] - side.offsets[inside] for side in sides).sum()
    return {
        "rows": n,
        "bytes": data.stat().st_size,
        "cpu_seconds": {name: round(seconds, 2) for name, seconds in cpu.items()},
        "cells": cells,
        "recall_of_cells": None if found.recall is None else round(found.recall, 4),
        "pairs_met": len(ranked),
        "pairs_sent": sum(map(len, met)),
        "pairs_kept": len(pairs),
        "bytes_sent": {
            "band keys": int(sum(part[1].nbytes + part[2].nbytes for part in parts)),
            "pairs": 8 * sum(map(len, met)),
            "texts of pairs": int(length),
            "vectors, to their cells": int(sum(side.nbytes for side in vectors)),
        },
        "bytes_of_the_driver": {
            "table of rows": int(gathered.rows.estimated_size()),
            "findings of rows": int(gathered.findings.estimated_size()),
            "words, lengths, ranks": 24 * n,
            "pairs by words": 8 * sum(map(len, met)) + 32 * len(pairs),
            "pairs by meaning": 32 * len(found.pairs),
        },
    }


def ray_against_threads(data: Path) -> dict[str, Any]:
    """The whole audit and the row signals alone, by threads and by Ray, with two of each: seconds."""
    import tamis
    from benchmarks import row_only
    from tamis.engines.ray.session import session

    alone = Path("/tmp") / f"row-only-{os.getpid()}.toml"
    alone.write_text(row_only.row_only())
    whole: dict[str, Callable[..., Any]] = {
        "whole audit": partial(tamis.audit, data),
        "row signals": partial(tamis.audit, data, recipe=str(alone)),
    }
    found: dict[str, Any] = {"rows": None, "bytes": data.stat().st_size, "threads": 2, "load": os.getloadavg()[0]}
    for audit in whole.values():
        audit(threads=2)  # caches of files and kernels are warm for both
    for name, audit in whole.items():
        start, used = time.perf_counter(), time.process_time()
        result = audit(threads=2)
        found[f"{name}, threads"] = {
            "wall_seconds": round(time.perf_counter() - start, 2),
            "cpu_seconds": round(time.process_time() - used, 2),
        }
        found["rows"] = result.rows.height
    start = time.perf_counter()
    with session(threads=2):
        found["start_seconds"] = round(time.perf_counter() - start, 2)
        for turn in ("first", "later"):  # workers are started, and load kernels, with their first task
            for name, audit in whole.items():
                start, used = time.perf_counter(), time.process_time() + cpu_of_workers()
                audit(engine="ray")
                found[f"{name}, Ray, {turn}"] = {
                    "wall_seconds": round(time.perf_counter() - start, 2),
                    "cpu_seconds": round(time.process_time() + cpu_of_workers() - used, 2),
                }
    alone.unlink()
    return found


def cpu_of_workers() -> float:
    """Processor seconds that the processes of this one have used, with those of theirs that have ended."""
    parents, used = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = sum(map(int, fields[11:15]))
    mine, added = {os.getpid()}, True
    while added:
        more = {child for child, parent in parents.items() if parent in mine} - mine
        added, mine = bool(more), mine | more
    ticks = sum(used[process] for process in mine - {os.getpid()})
    return ticks / os.sysconf("SC_CLK_TCK")


def page(told: dict[str, Any]) -> str:
    """The tables, in Markdown."""
    rate, n = told["rates"], told["rates"]["rows"]
    of = ROWS / n
    grown = dict.fromkeys(LINEAR, of) | {
        "cells learned": (CELLS / rate["cells"]) ** 2,  # of so many rows a cell
        "cells of rows": of * CELLS / rate["cells"],
        "meanings inside cells": of * of * rate["cells"] / CELLS,
        "recall of cells": of,
    }
    lines = ["| stage | measured: CPU µs a row | a billion rows: core hours |", "| --- | ---: | ---: |"]
    total = alone = 0.0  # alone: on the driver, while all others wait
    for name, growth in grown.items():
        seconds = rate["cpu_seconds"][name]
        hours = seconds * growth / 3600
        total += hours
        alone += hours if name == "cells learned" else 0.0
        lines.append(f"| {name} | {seconds / n * 1e6:,.0f} | {hours:,.0f} |")
    lines.append(f"| **all** | | **{total:,.0f}** |")
    size = rate["bytes"] * of / 1e12
    lines += [
        "",
        f"Measured on {n:,} rows of {rate['bytes'] / n:,.0f} bytes, one thread; a billion of them are {size:,.1f} TB. "
        f"Meanings are compared in {CELLS:,} cells there, {rate['cells']} here. Over {CORES:,} cores that all have "
        f"work while no cells are learned: **{alone + (total - alone) / CORES:,.1f} hours**; at {PRICE:.2f} dollars "
        f"for a core and hour, **{(total - alone + alone * CORES) * PRICE:,.0f} dollars**, waiting included. Cores and "
        "price are assumptions.",
        "",
        "| what travels between machines | measured: bytes a row | a billion rows |",
        "| --- | ---: | ---: |",
    ]
    lines += [f"| {name} | {held / n:,.0f} | {held * of / 1e9:,.0f} GB |" for name, held in rate["bytes_sent"].items()]
    lines += ["", "| what the driver holds | measured: bytes a row | a billion rows |", "| --- | ---: | ---: |"]
    lines += [
        f"| {name} | {held / n:,.0f} | {held * of / 1e9:,.0f} GB |"
        for name, held in rate["bytes_of_the_driver"].items()
    ]
    if (ray := told.get("ray")) is not None:
        lines += ["", *_ray_table(ray)]
    return "\n".join(lines) + "\n"


def _ray_table(ray: dict[str, Any]) -> list[str]:
    lines = [
        "| on two processors | threads: wall s (CPU s) | Ray: wall s (CPU s) | Ray against threads, wall | CPU |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in ("whole audit", "row signals"):
        here, there = ray[f"{name}, threads"], ray[f"{name}, Ray, later"]
        shown = [f"{run['wall_seconds']:.1f} ({run['cpu_seconds']:.1f})" for run in (here, there)]
        shares = [f"{here[kind] / there[kind]:.2f} x" for kind in ("wall_seconds", "cpu_seconds")]
        lines.append(f"| {name} | {' | '.join([*shown, *shares])} |")
    return [
        *lines,
        "",
        f"{ray['rows']:,} rows, {ray['bytes'] / 1e6:,.0f} MB, workers running already; to start Ray took "
        f"{ray['start_seconds']:.1f} s, and the first audit on it "
        f"{ray['whole audit, Ray, first']['wall_seconds']:.1f} s. "
        f"The load of the machine was {ray['load']:.1f} (two processors).",
    ]


def main(arguments: list[str]) -> int:
    """Run one of the commands."""
    from benchmarks.machine import describe

    command, *rest = arguments or [""]
    told = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    data = Path(rest[0]) if rest and not rest[0].startswith("-") else DATA
    if command == "measure":
        told |= {"machine": describe(), "rates": rates(data)}
    elif command == "ray":
        told |= {"ray": ray_against_threads(data)}
    elif command == "page":
        before, _, rest_of = PAGE.read_text().partition(BEGIN)
        written = before + BEGIN + page(told) + END + rest_of.partition(END)[2]
        if "--check" in rest:
            return int(written != PAGE.read_text())
        PAGE.write_text(written)
        return 0
    else:
        print(__doc__)
        return 2
    RESULTS.write_text(json.dumps(told, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
