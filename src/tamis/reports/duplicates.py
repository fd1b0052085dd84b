"""Duplicates for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tamis.reports.parts import Summary, clean, facts_lines, percent, plain_table, shower, where

_STYLES: Final = {"same": "dim", "gone": "red", "new": "green"}
_MARKS: Final = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
_SAME, _CHANGED, _MOST = 40, 160, 420


def duplicates_report(summary: Summary) -> RenderableType:
    """How many rows go, how that depends on the threshold, pairs at the threshold, the largest clusters."""
    parts: list[RenderableType] = [_head(summary), Text(), _curve(summary)]
    if summary["borderline"]:
        parts += [Text(), Text("pairs nearest to the threshold", style="bold"), *_border(summary)]
    if summary["largest"]:
        shown = len(summary["largest"])
        title = "clusters, the kept row first" if shown == summary["clusters"] else f"{shown} of the largest clusters"
        parts += [Text(), Text(title, style="bold")]
        parts += [part for cluster in summary["largest"] for part in _cluster(cluster, summary)]
    return Group(*parts)


def _head(summary: Summary) -> RenderableType:
    names = ", ".join(file["name"] for file in summary["inputs"][:3])
    rows = max(1, summary["rows"])
    measure = {"words": "Jaccard similarity of word runs", "meaning": "cosine of embeddings"}[summary["kind"]]
    lines = [
        Text.assemble(
            (names, "bold"),
            f"   {summary['duplicates']:,} of {summary['rows']:,} rows ({percent(summary['duplicates'] / rows)}) ",
            f"repeat one of {summary['clusters']:,} kept rows",
        ),
        Text(f"{measure} of the {summary['field']}, {summary['threshold']:g} or more", style="dim"),
    ]
    if summary["against"]:
        lines.append(Text(f"held against {', '.join(file['name'] for file in summary['against'])}", style="dim"))
    return Group(*lines, *(Text(line, style="dim") for line in facts_lines(summary["facts"])))


def _curve(summary: Summary) -> RenderableType:
    table = plain_table(("threshold", "right"), ("rows", "right"), ("share", "right"), "")
    most = max([1, *(point["rows"] for point in summary["curve"])])
    for point in summary["curve"]:
        here = abs(point["threshold"] - summary["threshold"]) < 1e-9
        bar = "█" * round(30 * point["rows"] / most)
        style = "bold" if here else ""
        cells = (f"{point['threshold']:.2f}", f"{point['rows']:,}", percent(point["share"]))
        table.add_row(*cells, bar + (" <" if here else ""), style=style)
    return table


def _border(summary: Summary) -> list[RenderableType]:
    found: list[RenderableType] = []
    for pair in summary["borderline"]:
        one, other = (where(place, many=len(summary["inputs"]) > 1) for place in pair["rows"])
        found.append(Text(f"  {pair['side']}  {pair['similarity']:.3f}  {one} and {other}"))
        found.append(Padding(_difference(pair["changes"]), (0, 0, 0, 9)))
    return found


def _cluster(cluster: Summary, summary: Summary) -> list[RenderableType]:
    many = len(summary["inputs"]) > 1
    said = " / ".join(part for part in cluster["text"].values() if part)
    found: list[RenderableType] = [
        Text.assemble(
            (f"  {cluster['size']:>4} rows  ", ""),
            (where(cluster["kept"], many=many), "bold"),
            ("  " + clean(said.replace("\n", " "))[:150], "dim"),
        )
    ]
    for one in cluster["duplicates"]:
        same = "" if one["changes"] else "  the very same text"
        found.append(Text(f"        {one['similarity']:.3f}  {where(one['rows'][1], many=many)}{same}"))
        if one["changes"]:
            found.append(Padding(_difference(one["changes"]), (0, 0, 0, 15)))
    rest = cluster["size"] - 1 - len(cluster["duplicates"])
    if rest:
        found.append(Text(f"        and {rest:,} more", style="dim"))
    return found


def _difference(sides: Mapping[str, Sequence[tuple[str, str]]]) -> Text:
    """What differs, marked as `wdiff` does, with long stretches that both have cut."""
    shown = Text()
    if not sides:
        return Text("the very same text", style="dim")
    for side, pieces in sides.items():
        if len(shown):
            shown.append("\n")
        shown.append(f"{side}  ", style="bold dim")
        for kind, piece in pieces:
            if len(shown) > _MOST:
                shown.append(" ...", style="dim")
                break
            before, after = _MARKS[kind]
            text = _shortened(clean(piece.replace("\n", " ")), _SAME if kind == "same" else _CHANGED)
            shown.append(f"{before}{text}{after}", style=_STYLES[kind])
    return shown


def _shortened(text: str, most: int) -> str:
    half = most // 2
    return text if len(text) <= most + 3 else f"{text[:half]}...{text[-half:]}"


text = shower(duplicates_report)
