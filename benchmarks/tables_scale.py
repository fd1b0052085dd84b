"""The tables of docs/workspace.md: memory and speed of an audit over sizes, and of its row pass by threads."""

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


SCALE: dict[str, Callable[[Json, Table], str]] = {"sizes": by_size, "threads": by_threads, "about": about}
