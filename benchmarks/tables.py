"""Turns benchmarks/results into Markdown and puts it between the markers of the documents in PAGES.

python -m benchmarks.tables            rewrite the blocks
python -m benchmarks.tables --check    change nothing; exit code 1 where a block differs

A block runs from `<!-- benchmark:audit -->` to `<!-- /benchmark -->` and holds every table of
results/audit.json; `<!-- benchmark:audit peers -->` holds the named ones only (read, ours, peers, about).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import tables_rows as of_rows
from benchmarks.tables_dedup import DEDUP
from benchmarks.tables_diversity import speed_of_vectors, speed_of_words, validity_of_vectors, validity_of_words
from benchmarks.tables_downstream import DOWNSTREAM
from benchmarks.tables_language import LANGUAGE
from benchmarks.tables_quality import QUALITY
from benchmarks.tables_scale import CACHE, SCALE
from benchmarks.tables_toxicity import TOXICITY

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"(<!-- benchmark:(\w+)((?: \w+)*) -->\n).*?(<!-- /benchmark -->)", re.DOTALL)

Json = dict[str, Any]


def read_table(results: Json) -> str:
    """Reading speed beside orjson and polars."""
    cases = _cases(results, "read")
    names = [tool["name"] for tool in cases[0]["tools"]] if cases else []
    rows = [[*_data(case), *map(_speed, case["tools"])] for case in cases]
    return _table("Reading JSONL, MB/s", ["data", "rows", "MB", *names], rows)


def ours_table(results: Json) -> str:
    """Speed and memory of the verbs."""
    rows = [_own_row(case) for task in ("audit-rows", "audit", "prune") for case in _cases(results, task)]
    head = ["task", "data", "rows", "MB", "seconds", "CPU s", "MB/s", "rows/s", "peak MB", "peak / data"]
    return _table("tamis alone", head, rows)


def peers_table(results: Json) -> str:
    """Each peer on the rows that tamis had in the same run."""
    rows = [_peer_row(case) for case in _cases(results, "peers")]
    head = [
        "peer",
        "data",
        "first rows",
        "MB",
        "peer s",
        "peer MB/s",
        "tamis s",
        "ratio",
        "peer says",
    ]
    return _table("Peers on the same rows", head, rows)


def rivals_table(results: Json) -> str:
    """Near-duplicates and embedding beside a rival on the same rows."""
    rows = [
        [case["task"], *_peer_row(case)] for task in ("lexical", "embed", "semantic") for case in _cases(results, task)
    ]
    head = ["task", "rival", "data", "first rows", "MB", "rival s", "rival MB/s", "tamis s", "ratio", "rival says"]
    return _table("tamis and a rival, strings to verdicts", head, rows)


def similarity_table(results: Json) -> str:
    """What a cosine means, by embedder."""
    rows = []
    for name, found in results.items():
        tool = {(point["after"], point["threshold"]): point for point in found["toolformer"]}
        for point in found["sts"]["curve"]:
            at = [tool[after, point["threshold"]] for after in ("0.8", "0.6")]
            shares = [_share(one[key]) for one in at for key in ("removed_with_match", "kept_with_match")]
            cells = [_share(point["precision"]), _share(point["recall"]), *shares]
            rows.append([name, f"{point['threshold']:.2f}", *cells])
    head = [
        "embedder",
        "cosine",
        "STS precision",
        "STS recall",
        "removed, 0.8",
        "kept, 0.8",
        "removed, 0.6",
        "kept, 0.6",
    ]
    spearman = ", ".join(f"{name} {found['sts']['spearman']:.3f}" for name, found in results.items())
    return (
        _table("What a cosine means", head, rows)
        + f"\n\nSpearman correlation with people on STS-B dev: {spearman}. STS precision and recall: pairs scored 4 of "
        "5 or more. removed, kept: the share of GPTeacher Toolformer prompts that its makers removed (kept) which have "
        "another kept prompt at that cosine, after their pruning at 0.8 and at 0.6."
    )


def planted_table(results: Json) -> str:
    """What each linter found of the planted faults."""
    rows = []
    for tool in results["tools"]:
        missed = ", ".join(f"{count} {fault.replace('_', ' ')}" for fault, count in tool["missed"].items())
        rows.append(
            [
                tool["tool"],
                f"{tool['found']} of {tool['faulty']}",
                f"{tool['clean_flagged']} of {tool['clean']}",
                missed,
            ]
        )
    return _table("Planted faults", ["tool", "found", "clean rows flagged", "missed"], rows)


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def about(results: Json) -> str:
    """The machine, the versions, and what exactly was timed."""
    machine = results["machine"]
    tools = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    dates = sorted({case["date"] for case in results["cases"]})
    repeats = sorted({case["repeats"] for case in results["cases"]})
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_bytes'] / 2**30:.0f} GiB, "
        f"{machine['system']}, Python {machine['python']}; {tools}; "
        f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))}.",
        f"Median (lowest-highest) of {'-'.join(map(str, repeats))} runs, each a fresh process after "
        "a warm-up, tamis and the others in turn; files in the page cache; MB: 10^6 bytes of the JSONL. "
        "ratio: the peer's seconds over those of tamis, pair by pair. "
        "Peak memory is that of the largest process.",
        *(f"*{task}*: {text}" for task, text in results["timed"].items()),
    ]
    return "\n\n".join(lines)


def _table(title: str, head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join([f"**{title}**", "", *lines])


TABLES: dict[str, dict[str, Callable[[Json], str]]] = {
    "audit": {"read": read_table, "ours": ours_table, "peers": peers_table, "about": about},
    "duplicates": {"rivals": rivals_table, "about": about},
    "dedup": {name: partial(maker, table=_table) for name, maker in DEDUP.items()},
    "planted": {"found": planted_table},
    "language": {name: partial(maker, table=_table) for name, maker in LANGUAGE.items()},
    "diversity": {"words": partial(speed_of_words, table=_table)},
    "diversity_meaning": {"vectors": partial(speed_of_vectors, table=_table)},
    "diversity_validity": {"words": partial(validity_of_words, table=_table)},
    "diversity_meaning_validity": {"vectors": partial(validity_of_vectors, table=_table)},
    "decontamination": {
        "recall": partial(of_rows.recall_of_items, table=_table),
        "unplanted": partial(of_rows.unplanted_rows, table=_table),
        "translations": partial(of_rows.translated_items, table=_table),
        "speed": partial(of_rows.speed_of_decontamination, table=_table),
    },
    "select": {"speed": partial(of_rows.speed_of_selection, table=_table)},
    "downstream": {name: partial(maker, table=_table) for name, maker in DOWNSTREAM.items()},
    "quality": {name: partial(maker, table=_table) for name, maker in QUALITY.items()},
    "cache": {name: partial(maker, table=_table) for name, maker in CACHE.items()},
    "scale_memory": {name: partial(maker, table=_table) for name, maker in SCALE.items()},
    "semantic_quality": {"curves": similarity_table},
    "personal": {"kinds": partial(of_rows.personal_data, table=_table)},
    "toxicity": {name: partial(maker, table=_table) for name, maker in TOXICITY.items()},
}


def filled(page: str) -> str:
    """The page with every block made anew."""
    return BLOCK.sub(lambda match: f"{match[1]}\n{_block(match[2], match[3].split())}\n\n{match[4]}", page)


def _block(results: str, tables: list[str]) -> str:
    path = RESULTS / f"{results}.json"
    if not path.exists():
        return f"not measured yet: `python -m benchmarks.{path.stem}` writes {path.name}"
    figures, makers = json.loads(path.read_text()), TABLES[results]
    return "\n\n".join(text for name in tables or makers if (text := makers[name](figures)))


def _cases(results: Json, task: str) -> list[Json]:
    return [case for case in results["cases"] if case["task"] == task]


def _data(case: Json) -> list[str]:
    return [case["data"], f"{case['rows']:,}", _number(case["bytes"] / 1e6)]


def _own_row(case: Json) -> list[str]:
    own = case["tools"][0]
    if "failed" in own:
        return [case["task"], *_data(case), own["failed"], *[""] * 5]
    return [
        case["task"],
        *_data(case),
        _spread(own["seconds"]),
        _number(own["cpu_seconds"]["median"]),
        _spread(own["mb_per_second"]),
        f"{own['rows_per_second']['median']:,.0f}",
        f"{own['peak_bytes'] / 1e6:,.0f}",
        _number(own["peak_over_data"]),
    ]


def _peer_row(case: Json) -> list[str]:
    own, peer = case["tools"]
    start = [peer["name"], *_data(case)]
    if "failed" in own or "failed" in peer:
        return [*start, peer.get("failed", own.get("failed", "")), *[""] * 4]
    return [
        *start,
        _spread(peer["seconds"]),
        _number(peer["mb_per_second"]["median"]),
        _spread(own["seconds"]),
        _spread(peer["ratio"]),
        _found(peer["found"]),
    ]


def _found(found: dict[str, int]) -> str:
    """What a peer dropped; for one that drops nothing, its findings."""
    if "dropped" in found:
        return f"{found['dropped']:,} rows dropped"
    findings = (f"{count:,} {name.lower().replace('_', ' ')}" for name, count in found.items())
    return ", ".join(findings) or "nothing"


def _speed(tool: Json) -> str:
    return "failed" if "failed" in tool else _spread(tool["mb_per_second"])


def _spread(figures: dict[str, float]) -> str:
    return f"{_number(figures['median'])} ({_number(figures['min'])}-{_number(figures['max'])})"


def _number(value: float) -> str:
    """Three figures are all that a benchmark can claim."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _changed() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        if path.exists() and (new := filled(old := path.read_text())) != old:
            yield path, new


def main() -> int:
    parser = argparse.ArgumentParser(description="Put the benchmark tables in the pages.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 where a page differs")
    check = parser.parse_args().check
    changed = list(_changed())
    for path, page in changed:
        print(path.relative_to(ROOT), "differs from benchmarks/results" if check else "rewritten")
        if not check:
            path.write_text(page)
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
