"""The tables of docs/workspace.md: memory and speed of an audit over sizes, its row pass by threads, its cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def by_size(results: Json, table: Table) -> str:
    """Peak memory beside the formula's, and rows a second."""
    rows = [_line(f"{int(size):,}", found) for size, found in results["sizes"].items()]
    head = ["MB", "rows", "seconds", "CPU s", "rows/s", "CPU us a row", "peak MB", "formula MB", "pairs by", "recall"]
    return table("`tamis audit FILE -o DIR --no-cache --no-report` over sizes", head, rows)


STAGES = (
    "measuring rows", "near-duplicates", "embedding prompts", "embedding responses", "comparing meanings", "judging",
    "writing tables",
)  # fmt: skip


def by_stage(results: Json, table: Table) -> str:
    """The process's own memory and that of mapped pages, stage by stage."""
    sizes = {size: found["stages"] for size, found in results["sizes"].items() if "stages" in found}
    if not sizes:
        return ""
    rows = [[f"{int(size):,}", *(_held(stages.get(name)) for name in STAGES)] for size, stages in sizes.items()]
    title = "The most that was held in each stage, MB: of the process's own + pages of mapped files"
    return table(title, ["MB", *STAGES], rows)


def _held(seen: Json | None) -> str:
    return "" if seen is None else f"{seen['own'] / 1e6:,.0f} + {seen['mapped'] / 1e6:,.0f}"


def by_threads(results: Json, table: Table) -> str:
    """The row signals alone, with one thread and with two."""
    one = results["row_pass"]["1"].get("wall_seconds")
    rows = [
        [
            count,
            f"{found['rows']:,}",
            f"{found['wall_seconds']:.1f}",
            f"{found['cpu_seconds']:.1f}",
            f"{found['rows_per_second']:,.0f}",
            f"{one / found['wall_seconds']:.2f}",
        ]
        for count, found in results["row_pass"].items()
        if "failed" not in found and one
    ]
    head = ["threads", "rows", "seconds", "CPU s", "rows/s", "times as fast"]
    return table(f"Row signals alone, {results['row_pass_mb']} MB", head, rows)


def about(results: Json, table: Table) -> str:  # noqa: ARG001 - called as the others are
    """What the figures were taken on."""
    machine, load = results["machine"], ", ".join(f"{value:.1f}" for value in results["load"])
    return (
        f"{machine['processor']}, {machine['cores']} cores, {results['threads']} threads; load {load}; "
        f"{results['date']}. Peak: resident memory, pages of mapped files included, which the system could take back."
    )


def cache_runs(results: Json, table: Table) -> str:
    """What an audit takes with a cache, by what has changed since."""
    rows = [_cached(name, found) for name, found in results["cases"].items()]
    head = ["audit", "CPU s", "rows", "rows measured", "neighbours"]
    return table(f"`{results['data']}`: {results['rows']:,} rows, {results['bytes'] / 1e6:.0f} MB", head, rows)


def _cached(name: str, found: Json) -> list[str]:
    if "failed" in found:
        return [name, found["failed"], "", "", ""]
    numbers = [f"{found['rows']:,}", f"{found['measured']:,}"]
    return [name, f"{found['cpu_seconds']:.1f}", *numbers, found["neighbours"]]


def cache_bytes(results: Json, table: Table) -> str:  # noqa: ARG001 - called as the others are
    """What a cache takes on the disk, and what the times were taken on."""
    first, changed, cases = results["held"]["first"], results["held"]["changed"], results["cases"].values()
    pairs = next(case["pairs"] for case in cases if "pairs" in case)
    more = changed["rows"] - first["rows"]
    load = ", ".join(f"{value:.1f}" for value in results["load"])
    return (
        f"On disk: {first['rows'] / results['rows']:.0f} bytes a row, {more / 1e6:.1f} MB more after 1 % was changed, "
        f"and {first['corpus'] / 1e6:.1f} MB for one state of the neighbours, which is {pairs:,} pairs. "
        f"{results['machine']['processor']}, one thread, processor seconds as others used the machine too; "
        f"load {load}; {results['date']}."
    )


def _line(size: str, found: Json) -> list[str]:
    if "failed" in found:
        return [size, found["failed"], *[""] * 8]
    recall = found.get("recall")
    return [
        size,
        f"{found['rows']:,}",
        f"{found['wall_seconds']:.0f}",
        f"{found['cpu_seconds']:.0f}",
        f"{found['rows_per_second']:,.0f}",
        f"{found['cpu_microseconds_per_row']:,.0f}",
        f"{found['peak_bytes'] / 1e6:,.0f}",
        f"{found.get('formula_bytes', 0) / 1e6:,.0f}",
        found.get("method", ""),
        "" if recall is None else f"{recall:.3f}",
    ]


SCALE: dict[str, Callable[[Json, Table], str]] = {
    "sizes": by_size,
    "stages": by_stage,
    "threads": by_threads,
    "about": about,
}
CACHE: dict[str, Callable[[Json, Table], str]] = {"runs": cache_runs, "bytes": cache_bytes}
