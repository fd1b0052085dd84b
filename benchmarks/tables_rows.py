"""The tables of docs/decontamination.md, docs/select.md and docs/personal-data.md: what is found in rows, how fast they
are chosen."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.tables_diversity import spread

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def recall_of_items(results: Json, table: Table) -> str:
    """Planted items found, by kind and length."""
    lines = results["recall_by_kind"]
    items = {line["tokens"]: line["items"] for line in lines}
    lengths = sorted(items, key=lambda name: -items[name])
    found = {(line["kind"], line["tokens"]): line for line in lines}
    rows = [
        [kind, *(f"{found[kind, tokens]['recall']:.3f}" for tokens in lengths)]
        for kind in dict.fromkeys(line["kind"] for line in lines)
    ]
    items = {line["tokens"]: line["items"] for line in lines}
    return table(
        "Recall of planted items", ["planted", *(f"{name} tokens ({items[name]:,})" for name in lengths)], rows
    )


def unplanted_rows(results: Json, table: Table) -> str:
    """Rows of real sets that are hit."""
    rows = [[line["data"], f"{line['rows']:,}", f"{line['rows_hit']:,}"] for line in results["unplanted"]]
    total = [sum(line[key] for line in results["unplanted"]) for key in ("rows", "rows_hit")]
    return table("Rows of real sets", ["data", "rows", "hit"], [*rows, ["all", *(f"{count:,}" for count in total)]])


def translated_items(results: Json, table: Table) -> str:
    """Translations of MGSM beside the English originals."""
    rows = [
        [line["language"], *(f"{line[key]} of {line['items']}" for key in ("by_words", "nearest_is_right", "flagged"))]
        for line in results["translations"]
    ]
    head = ["language", "found by words", "nearest in meaning is the right one", "flagged at 0.9"]
    return table("Translated test items", head, rows)


def speed_of_decontamination(results: Json, table: Table) -> str:
    """Seconds of a whole run, reading and indexing included."""
    speed = results["speed"]
    names = {"decontaminate": "all", "with_semantic": "with --semantic", "read_alone": "reading alone"}
    rows = [
        [
            shown,
            f"{median(speed[name]['cpu_seconds']):.2f}",
            f"{median(speed[name]['wall_seconds']):.2f}",
            f"{speed[name]['mb_per_second']}",
            f"{speed[name]['mb_per_cpu_second']}",
        ]
        for name, shown in names.items()
    ]
    load = ", ".join(f"{value:.1f}" for value in speed["load"])
    told = (
        f"{speed['file_mb']} MB against {speed['benchmarks']} files, medians of {speed['repeats']} runs; load {load}."
    )
    return table("Speed", ["part", "CPU s", "clock s", "MB/s", "MB per CPU second"], rows) + f"\n\n{told}"


def speed_of_selection(results: Json, table: Table) -> str:
    """Facility location beside its packages on the same similarities, and the other strategies alone."""
    rows = []
    for size in results["sizes"]:
        found = size["facility"]
        of = [f"{size['picked']:,} of {size['rows']:,}"]
        rows.append(["facility location", *of, spread(found["seconds"]["tamis"], 1, "s"), "", ""])
        rows += [
            ["", "", spread(found["seconds"][name], 1, "s"), name, spread(ratio, 1, "x")]
            for name, ratio in found["ratio"].items()
        ]
        unfinished = found.get("not_finished", {})
        rows += [["", "", f"not in {unfinished['seconds']} s", name, ""] for name in unfinished.get("tools", ())]
        rows += [[name, *of, f"{size[name]['processor_seconds']:.2f} s", "", ""] for name in ("k-center", "dpp")]
    return table("Strategies, processor time", ["strategy", "picked", "seconds", "rival", "ratio"], rows)


def personal_data(results: Json, table: Table) -> str:
    """Recall and precision by kind of personal data and secrets, beside presidio."""
    sets = {"made": "made texts", "presidio": "presidio's small set"}
    rows = [
        [title, kind, tool, *_counted(found)]
        for name, title in sets.items()
        for kind in results["tools"]["tamis"][name]
        for tool, both in results["tools"].items()
        if (found := both[name][kind])["values"] and _offers(tool, kind)
    ]
    head = ["texts", "kind", "by", "values", "found", "other hits", "reserved", "recall", "precision"]
    return (
        table("What is found", head, rows)
        + f"\n\nMade texts: values of Faker {results['faker']} in {results['locales']} locales (keys: our own), "
        f"seed {results['seed']}, and {results['look_alikes']:,} texts that only look like one. Reserved: hits among "
        f"{results['reserved']:,} texts around addresses and numbers that are private or kept for documentation, which "
        f"precision leaves out. {results['peer']}: its default recognizers of these kinds; it has none for keys."
    )


def _offers(tool: str, kind: str) -> bool:
    """Presidio knows no keys, and the countries change its telephone numbers alone."""
    return tool == "tamis" or kind == "phone" or (tool == "presidio" and kind != "secret")


def _counted(found: dict[str, int]) -> list[str]:
    hits = found["found"] + found["wrong"]
    counts = [f"{found[key]:,}" if key in found else "" for key in ("values", "found", "wrong", "reserved")]
    return [*counts, f"{100 * found['found'] / found['values']:.1f} %", f"{100 * found['found'] / hits:.1f} %"]
