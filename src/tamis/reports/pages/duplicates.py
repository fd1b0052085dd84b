"""The page of duplicates: how many rows go at which threshold, pairs at the line, and the largest clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tamis.reports.blocks import Block, Cell, Notes, Part, Row, Table, Tiles, names_of, right
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, facts_lines, percent, short, where

_MEASURES: Final = {"words": "Jaccard similarity of word runs", "meaning": "cosine of embeddings"}
_MARKS: Final = {"same": ("", ""), "gone": ("[−", "]"), "new": ("[+", "]")}
_SAME, _MOST = 60, 400


def title(summary: Summary) -> str:
    """The files that were compared."""
    return names_of(summary["inputs"])


def parts(summary: Summary) -> list[Part]:
    """The overview; the clusters are a section of another kind."""
    tiles = [
        (short(summary["duplicates"]), "rows repeat a kept one"),
        (short(summary["clusters"]), "kept rows are repeated"),
        (percent(summary["duplicates"] / max(1, summary["rows"])), "of the rows would go"),
        (f"{summary['threshold']:g}", "is the threshold"),
    ]
    notes = [
        f"Of several duplicates the row that stays is chosen by: {summary['keep']}.",
        *facts_lines(summary["facts"]),
    ]
    if summary["against"]:
        notes.append(f"Held against {names_of(summary['against'])}.")
    blocks: list[Block] = [Tiles(tiles), curve(summary), _border(summary), Notes(notes, title="What was run")]
    return [Part("overview", title(summary), _size(summary), blocks)]


def notebook(summary: Summary) -> str:
    """The counts, the curve and the largest clusters as a piece of HTML."""
    return fragment(title(summary), _size(summary), [curve(summary), clusters(summary)])


def _size(summary: Summary) -> str:
    share = percent(summary["duplicates"] / max(1, summary["rows"]))
    return (
        f"{summary['duplicates']:,} of {summary['rows']:,} rows ({share}) repeat one of {summary['clusters']:,} "
        "kept rows: "
        f"{_MEASURES[summary['kind']]} of the {summary['field']}, {summary['threshold']:g} or more."
    )


def curve(summary: Summary) -> Table:
    """How many rows would go at each threshold."""
    most = max([1, *(point["rows"] for point in summary["curve"])])
    rows: list[Row] = []
    for point in summary["curve"]:
        here = abs(point["threshold"] - summary["threshold"]) < 1e-9
        rows.append(
            [
                Cell(f"{point['threshold']:.2f}", "name" if here else ""),
                Cell("this one" if here else "", "badge keep", bar=point["rows"] / most),
                f"{point['rows']:,}",
                percent(point["share"]),
            ]
        )
    columns: list[Column] = ["Threshold", "Rows that would go", *right("Rows", "Share")]
    return Table("By threshold", columns, rows, open=len(rows))


def _border(summary: Summary) -> Table:
    many = len(summary["inputs"]) > 1
    rows: list[Row] = [
        [
            Cell(pair["side"], "badge drop" if pair["side"] == "above" else "badge"),
            f"{pair['similarity']:.3f}",
            " and ".join(where(place, many) for place in pair["rows"]),
            Cell(lines=_changes(pair["changes"])),
        ]
        for pair in summary["borderline"]
    ]
    columns: list[Column] = ["Side", *right("Similarity"), "Rows", "What differs"]
    lead = "The pairs nearest to the threshold: [− only in the first row], [+ only in the second]."
    return Table("At the line", columns, rows, lead=lead if rows else "", note="" if rows else "No pair is near it.")


def clusters(summary: Summary) -> Table:
    """The largest clusters, a line each."""
    many = len(summary["inputs"]) > 1
    rows: list[Row] = []
    for cluster in summary["largest"]:
        said = " / ".join(part for part in cluster["text"].values() if part)
        alike = ", ".join(f"{one['similarity']:.2f}" for one in cluster["duplicates"])
        rows.append(
            [where(cluster["kept"], many), f"{cluster['size']:,}", alike, Cell(lines=(" ".join(said.split())[:200],))]
        )
    return Table("Largest clusters", ["Kept", *right("Rows"), "How alike", "The kept row"], rows, open=5)


def _changes(sides: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs, a line a side, with long stretches that both have cut."""
    if not sides:
        return ("the very same text",)
    return tuple(f"{side}: {_difference(pieces)}" for side, pieces in sides.items())


def _difference(pieces: Sequence[tuple[str, str]]) -> str:
    said = ""
    for kind, piece in pieces:
        before, after = _MARKS[kind]
        text = " ".join(piece.split()) if kind != "same" else f" {_shortened(' '.join(piece.split()))} "
        said += f"{before}{text[:200]}{after}"
        if len(said) > _MOST:
            return f"{said}…"
    return said.strip()


def _shortened(text: str) -> str:
    half = _SAME // 2
    return text if len(text) <= _SAME + 3 else f"{text[:half]}…{text[-half:]}"
