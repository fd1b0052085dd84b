"""The tables of deduplication end to end: seconds and memory of each tool, and which rows they agree on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def speed_of_deduplication(results: Json, table: Table) -> str:
    """Each tool's seconds, with and without its start, its memory, and how many times ours they are."""
    rows = [_speed_row(case, tool) for case in results["cases"] for tool in case["tools"]]
    head = [
        "data", "tool", "seconds", "CPU s", "start s", "ratio", "ratio, CPU", "ratio without start",
        "CPU ratio without start", "peak MB", "anonymous MB",
    ]  # fmt: skip
    return table("Files to files without near-duplicates", head, rows)


def agreement_of_deduplication(results: Json, table: Table) -> str:
    """Rows kept, our pairs that a tool parts too, and what only it removes."""
    rows = []
    for case in results["cases"]:
        pairs = case["pairs"] or {"verified": 0}
        for tool in case["tools"]:
            if "kept" not in tool:
                continue
            only, cells = tool["only_theirs"], [""] * 4
            if tool["name"] != "tamis":
                told = (only["missed_by_tamis"], only["other_of_the_pair"], only["unlike"])
                cells = [f"{only['rows']:,}", *(f"{count} of {only['sampled']}" for count in told)]
            parted = f"{tool['pairs_parted']:,} of {pairs['verified']:,}"
            rows.append([case["data"], tool["name"], tool["settings"], f"{tool['kept']:,}", parted, *cells])
    head = [
        "data", "tool", "settings", "rows kept", "our pairs of which one goes", "removed, kept by tamis",
        "of a sample: missed by tamis", "the other row of a pair", "below 0.8 with every row",
    ]  # fmt: skip
    return table("What is removed", head, rows)


def about_deduplication(results: Json, table: Table) -> str:  # noqa: ARG001 - as all makers
    """The machine, the versions, and how the figures were taken."""
    machine = results["machine"]
    named = ("tamis", "polars", "numpy", "numba", "datatrove", "text-dedup", "py-data-juicer")
    tools = ", ".join(f"{name} {results['versions'][name]}" for name in named if name in results["versions"])
    cases = "; ".join(
        f"{case['data']}: {case['rows']:,} rows, {case['bytes'] / 1e6:,.0f} MB, median of {case['rounds']} "
        f"round{'s' if case['rounds'] > 1 else ''} (lowest-highest), load of the machine {case['load']}, {case['date']}"
        for case in results["cases"]
    )
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_bytes'] / 2**30:.0f} GiB, "
        f"{machine['system']}, Python {machine['python']}; {tools}. {cases}. ratio: a tool's figure over that of "
        f"tamis, round by round; start: the same command on {results['start_rows']} rows. Peak: the highest sum of the "
        "proportional memory of all processes, seen every 0.2 s; anonymous: without resident pages of files."
    )


def _speed_row(case: Json, tool: Json) -> list[str]:
    start = [case["data"], tool["name"]]
    if "failed" in tool:
        return [*start, tool["failed"], *[""] * 8]
    ratio = tool.get("ratio", {})
    kinds = ("wall_seconds", "cpu_seconds", "wall_rest", "cpu_rest")
    return [
        *start,
        *(_spread(tool[name]) for name in ("wall_seconds", "cpu_seconds", "wall_start")),
        *(_spread(ratio[name]) if name in ratio else "" for name in kinds),
        *(f"{tool[name] / 1e6:,.0f}" for name in ("peak_bytes", "anonymous_bytes")),
    ]


def _spread(figures: dict[str, float]) -> str:
    if figures["min"] == figures["max"]:
        return _number(figures["median"])
    return f"{_number(figures['median'])} ({_number(figures['min'])}-{_number(figures['max'])})"


def _number(value: float) -> str:
    """Three figures are all that a benchmark can claim."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


DEDUP: dict[str, Callable[[Json, Table], str]] = {
    "speed": speed_of_deduplication,
    "agreement": agreement_of_deduplication,
    "about": about_deduplication,
}
