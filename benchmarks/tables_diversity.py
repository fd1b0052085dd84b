"""The tables of docs/diversity.md: speed beside the published packages, and whether each score moves the right way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tamis.scores.diversity.catalogue import SCORES

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]
_STEPS = 4


def validity_of_words(results: Json, table: Table) -> str:
    """How each score of words moves on each mixture."""
    names = list(dict.fromkeys(line["mixture"] for line in results["rows"]))
    told: dict[str, dict[str, str]] = {}
    for line in results["rows"]:
        mark = "" if line["moves right"] == "yes" else ", **no**"
        told.setdefault(line["score"], {})[line["mixture"]] = _moved(line["values"]) + mark
    rows = [[score, *(found.get(name, "-") for name in names)] for score, found in told.items()]
    steps = {line["mixture"]: line["steps"] for line in results["rows"]}
    head = [f"{name}: {steps[name][0]} to {steps[name][-1]}" for name in names]
    return table("Scores of words on mixtures of known diversity", ["score", *head], rows)


def validity_of_vectors(results: Json, table: Table) -> str:
    """How each score of vectors moves on each mixture."""
    names = list(results["mixtures"])
    scores = list(dict.fromkeys(score for found in results["mixtures"].values() for score in found))
    rows = []
    for score in scores:
        cells = [results["mixtures"][name].get(score) for name in names]
        rows.append([score, *("-" if cell is None else _vector_cell(cell) for cell in cells)])
    levels = [next(iter(results["mixtures"][name].values()))["levels"] for name in names]
    head = [f"{name}: {some[0]} to {some[-1]}" for name, some in zip(names, levels, strict=True)]
    return table("Scores of vectors on mixtures of known diversity", ["score", *head], rows)


def _vector_cell(cell: Json) -> str:
    mark = "" if cell["moves_right"] else ", **wrong way**" if cell["wrong_way"] else ", **no**"
    return _moved(cell["values"]) + mark


def _moved(values: Iterable[float]) -> str:
    return " → ".join(f"{value:.3g}" for value in values)


def speed_of_words(results: Json, table: Table) -> str:
    """Every score of words on a large set, and single ones beside the packages that publish them."""
    large, beside = results["lexical"]["large"], results["lexical"]["beside"]
    rows = [
        [
            SCORES[name].title if name in SCORES else name,
            f"{found['rows']:,}",
            spread(found["tamis_seconds"], 1000, "ms"),
            spread(found["package_seconds"], 1000, "ms"),
            spread(found["ratio"], 1, "x"),
        ]
        for name, found in beside.items()
    ]
    speed, alone = large["megabytes_per_second"], large["megabytes_per_processor_second"]
    told = (
        f"All scores of words with their anchors on {large['rows']:,} answers ({large['text_bytes'] / 1e6:.0f} MB): "
        f"{speed['median']:.1f} MB/s ({speed['min']:.1f}-{speed['max']:.1f}) on two threads, "
        f"{alone['median']:.1f} MB per second of processor time; load of the machine {results['lexical']['load']:.1f}."
    )
    return (
        table(
            "Scores of words and their packages, processor time", ["score", "rows", "tamis", "package", "ratio"], rows
        )
        + "\n\n"
        + told
    )


def speed_of_vectors(results: Json, table: Table) -> str:
    """Vendi beside vendi-score."""
    rows = [
        [
            found["form"],
            f"{found['rows']:,}",
            spread(found["cpu"]["tamis"], 1, "s"),
            spread(found["cpu"]["vendi-score"], 1, "s"),
            spread(found["ratio"], 1, "x"),
            spread(found["two_threads"]["seconds"], 1, "s"),
        ]
        for found in results["vendi"]
    ]
    head = ["vendi-score's form", "rows of 256", "tamis, CPU", "vendi-score, CPU", "ratio", "tamis, clock, two threads"]
    return table("Vendi", head, rows)


def spread(figures: Json, scale: float, unit: str) -> str:
    """A median with its lowest and highest."""
    middle, low, high = (f"{scale * figures[key]:.3g}" for key in ("median", "min", "max"))
    return f"{middle} {unit}" if low == high else f"{middle} {unit} ({low}-{high})"
