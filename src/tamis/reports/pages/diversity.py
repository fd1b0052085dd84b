"""The page of a diversity: every score between its anchors, what the rows are, what is shared and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tamis.reports.blocks import (
    Block,
    Cell,
    Key,
    Notes,
    Part,
    Row,
    Strip,
    Table,
    Tiles,
    names_of,
    right,
    span_of,
    strip,
)
from tamis.reports.diversity import HEADLINES, PHRASES, SIDES, interval, number, verdict
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, facts_lines, percent, short

MARKS: Final = (
    ("value", "the data"),
    ("interval", "95 % interval of one sample"),
    ("copies", "copies: a tenth of the rows, ten times each"),
    ("shuffled", "shuffled: the same words dealt anew"),
)
BESIDE: Final = (("other", "the reference, with its interval"),)
CAVEATS: Final = (
    "No figure is good by itself: look where it stands between its anchors, and hold it against data that you like.",
    "Copies are what no data should be near; shuffled words have all the words and none of the sense, and no data "
    "should reach them.",
    "Figures compare at the same number of rows and with the same embedder only.",
)
_COMMONEST, _EXAMPLES = 8, 3


def title(summary: Summary) -> str:
    """What was measured, and beside what."""
    beside = f" beside {names_of(summary['against'])}" if summary["against"] else ""
    return names_of(summary["inputs"]) + beside


def parts(summary: Summary) -> list[Part]:
    """All sections of the page."""
    found = [_overview(summary)]
    for side, named in SIDES.items():
        if lines := [line for line in summary["scores"] if line["side"] == side]:
            found.append(_scores(named, lines, summary))
    found.append(Part("kinds", "What the rows are", "", _kinds(summary)))
    if summary["topics"]:
        found.append(
            Part(
                "topics",
                "Topics",
                "What prompts are about: clusters by meaning, named by their words, with "
                "the prompts nearest to the middle of each.",
                [_topics(summary["topics"])],
            )
        )
    if shared := [_phrases(name, told) for name, told in summary["phrases"].items() if told]:
        lead = "Frames, beginnings and endings that many rows share, with one that has it."
        found.append(Part("phrases", "Shared phrases", lead, shared))
    if summary["against"]:
        found.append(_missing(summary))
    return found


def notebook(summary: Summary) -> str:
    """The headline figures as a piece of HTML."""
    shown = [line for line in summary["scores"] if line["score"] in HEADLINES]
    return fragment(
        title(summary), _sizes(summary), [score_table("", shown, summary), Key(_marks(summary))], CAVEATS[0]
    )


def _overview(summary: Summary) -> Part:
    facts = facts_lines({"embedding": summary["embedding"]} if summary["embedding"] else {})
    figures = {(line["side"], line["score"]): line for line in summary["scores"]}
    tiles = [(short(summary["rows"]), "rows")]
    if summary["against"]:
        tiles.append((short(summary["reference_rows"]), "rows of the reference"))
    tiles += [
        (number(figures[side, score]["value"]), f"{what} of {named}")
        for score, what in (("vendi", "effective rows (Vendi)"), ("distinct_2", "distinct pairs of words"))
        for side, named in SIDES.items()
        if (side, score) in figures
    ]
    shown = [line for line in summary["scores"] if line["score"] in HEADLINES]
    blocks: list[Block] = [
        Tiles(tiles),
        Key(_marks(summary)),
        *(
            score_table(f"{named.capitalize()}, one or two scores of each kind", lines, summary)
            for side, named in SIDES.items()
            if (lines := [line for line in shown if line["side"] == side])
        ),
        Notes((*CAVEATS, *facts, f"Seed {summary['seed']}."), title="How to read it"),
    ]
    return Part("overview", title(summary), _sizes(summary), blocks)


def _sizes(summary: Summary) -> str:
    told = []
    for side, named in SIDES.items():
        if line := next((line for line in summary["scores"] if line["side"] == side), None):
            all_rows = line["draws"] == 1
            told.append(
                f"{named}: all {line['size']:,}"
                if all_rows
                else f"{named}: {line['draws']} samples of {line['size']:,} rows"
            )
    return f"{summary['rows']:,} rows. Measured on {'; '.join(told)}."


def _marks(summary: Summary) -> tuple[tuple[str, str], ...]:
    return (*MARKS, *(BESIDE if summary["against"] else ()))


def _scores(named: str, lines: Sequence[Summary], summary: Summary) -> Part:
    """Every score of a side: those to trust first, the others apart, and what each of them means."""
    trusted = [line for line in lines if summary["about"][line["score"]]["trusted"]]
    others = [line for line in lines if not summary["about"][line["score"]]["trusted"]]
    blocks: list[Block] = [Key(_marks(summary)), score_table("", trusted, summary)]
    if others:
        blocks.append(score_table("Not to be trusted alone", others, summary))
    about = [summary["about"][line["score"]] for line in lines]
    rows = [
        (Cell(one["title"], "name"), one["formula"], one["reading"], one["limits"], Cell(one["source"], "soft"))
        for one in about
    ]
    columns = ("Score", "What it is", "How to read it", "Limits", "Source")
    blocks.append(Table("What they mean", columns, rows, open=0))
    lead = f"Every score of the {named}. Right is more varied, left less, for all of them."
    return Part(f"scores-{named}", named.capitalize(), lead, blocks)


def score_table(name: str, lines: Sequence[Summary], summary: Summary) -> Table:
    """A line a score: the figure, its interval, and where it stands among its anchors and the reference's."""
    beside = bool(summary["against"])
    several = len({line["side"] for line in lines}) > 1
    columns: list[Column] = [*(("Of",) if several else ()), "Score", "Less varied ← → more varied"]
    columns += right("Value", "95 %")
    columns += [*right("Reference", "95 %"), "Beside it"] if beside else []
    columns += right("Copies", "Shuffled")
    rows = []
    for line in lines:
        known = summary["about"][line["score"]]
        row: list[Cell | str] = [Cell(SIDES[line["side"]], "soft")] if several else []
        row += [known["title"], Cell(strip=_strip(line, known))]
        row += [number(line["value"]), Cell(interval(line["low"], line["high"]), "soft")]
        if beside:
            row += [number(line["reference"]), Cell(interval(line["reference_low"], line["reference_high"]), "soft")]
            row.append(verdict_cell(line, known))
        row += [Cell(number(line[name]), "soft") for name in ("duplicated", "shuffled")]
        rows.append(row)
    return Table(name, columns, rows, open=len(rows))


def verdict_cell(line: Summary, known: Summary) -> Cell:
    """What the figure says beside the reference's, in a colour."""
    told = verdict(line, known)
    return Cell(told, "badge keep" if "more" in told else "badge drop") if told else Cell()


def _strip(line: Summary, known: Summary) -> Strip | None:
    names = ("value", "low", "high", "duplicated", "shuffled", "reference", "reference_low", "reference_high")
    span = span_of(line[name] for name in names)
    if span is None or line["value"] is None:
        return None
    label = f"{known['title']} {number(line['value'])}, copies {number(line['duplicated'])}"
    label += f", shuffled {number(line['shuffled'])}"
    label += f", reference {number(line['reference'])}" if line["reference"] is not None else ""
    points = {
        "copies": line["duplicated"],
        "shuffled": line["shuffled"],
        "other-interval": (line["reference_low"], line["reference_high"]),
        "other": line["reference"],
        "interval": (line["low"], line["high"]),
        "value": line["value"],
    }
    return strip(label, span, points, turned=known["varied"] == "lower")


def _kinds(summary: Summary) -> list[Block]:
    """A card a side of the rows that is not all of one kind: how many in effect, and the commonest."""
    told = summary["kinds"]
    blocks: list[Block] = [_kind(name, kinds) for name, kinds in told.items() if len(kinds["mix"]["counts"]) > 1]
    if alone := [
        f"{name}: {next(iter(kinds['mix']['counts']))}"
        for name, kinds in told.items()
        if len(kinds["mix"]["counts"]) == 1
    ]:
        blocks.append(Notes((f"All rows are of one kind in {'; '.join(alone)}.",)))
    return blocks


def _kind(name: str, kinds: Mapping[str, Any]) -> Table:
    mix, reference = kinds["mix"], kinds["reference"]
    total, every = sum(mix["counts"].values()), sum((reference or {}).values())
    hill = mix["hill"]["1"]
    lead = f"{len(mix['counts']):,} kinds, {number(hill['value'])} in effect ({interval(hill['low'], hill['high'])})"
    if mix["divergence"] is not None:
        apart = "more" if mix["divergence"]["value"] > mix["chance"] else "no more"
        lead += f"; {number(mix['divergence']['value'])} from the reference, {apart} than chance"
    most = max(mix["counts"].values()) / total
    columns: list[Column] = ["Kind", *right("Rows", "Share")]
    columns += [*right("Reference")] if reference else []
    rows: list[Row] = [
        [
            kind,
            f"{rows:,}",
            Cell(percent(rows / total), bar=rows / total / most),
            *([Cell(percent(reference.get(kind, 0) / max(1, every)), "soft")] if reference else []),
        ]
        for kind, rows in _in_order(mix["counts"])
    ]
    left = "" if len(rows) <= 40 else f"and {len(rows) - 40:,} rarer ones"
    return Table(name.capitalize(), columns, rows[:40], lead=lead, note=left, open=_COMMONEST, half=True)


def _in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The commonest first; bins of a length as they follow one another.

    >>> _in_order({"8-15": 3, "4-7": 2}), _in_order({"list": 3, "prose": 2})
    ([('4-7', 2), ('8-15', 3)], [('list', 3), ('prose', 2)])
    """
    if len(counts) > 1 and all(kind[:1].isdigit() for kind in counts):
        return sorted(
            counts.items(), key=lambda entry: int("".join(c for c in entry[0].partition("-")[0] if c.isdigit()))
        )
    return list(counts.items())


def _topics(topics: Sequence[Summary]) -> Table:
    most = max(topic["share"] for topic in topics)
    rows: list[Row] = [
        [
            Cell(topic["name"], "name"),
            f"{topic['rows']:,}",
            Cell(percent(topic["share"]), bar=topic["share"] / most),
            Cell(lines=_said(topic["examples"])),
        ]
        for topic in topics
    ]
    return Table("", ["Topic", *right("Rows", "Share"), "In its middle"], rows)


def _phrases(name: str, found: Sequence[Summary]) -> Table:
    rows: list[Row] = [
        [
            Cell(phrase["words"], "name"),
            f"{phrase['texts']:,}",
            percent(phrase["share"]),
            Cell(lines=(f"row {phrase['row']:,}: {phrase['seen']}",)),
        ]
        for phrase in found
    ]
    said = PHRASES[name]
    columns: list[Column] = ["Words", *right("Texts", "Share"), "One that has it"]
    return Table(said[0].upper() + said[1:], columns, rows, open=_COMMONEST)


def _missing(summary: Summary) -> Part:
    lead = "Clusters of the one set that the other hardly reaches, the largest first, with rows from their middle."
    gaps = gap_table("What of the reference the data hardly reaches", summary["gaps"], ("Here", "In the reference"))
    more = gap_table("What the reference hardly has", summary["excesses"], ("Here", "In the reference"))
    return Part("gaps", "Missing", lead, [gaps, more])


def gap_table(name: str, gaps: Sequence[Summary], columns: tuple[str, str]) -> Table:
    """Parts that one set has and the other hardly has, with the shares of both and some of the texts."""
    most = max((gap[side] for gap in gaps for side in ("share", "reference_share")), default=1.0) or 1.0
    rows: list[Row] = [
        [
            SIDES[gap["side"]],
            *(Cell(percent(gap[side]), bar=gap[side] / most) for side in ("share", "reference_share")),
            Cell(lines=_said(gap["examples"])),
        ]
        for gap in gaps
    ]
    heads: list[Column] = ["Of", *right(columns[0], columns[1]), "Rows of it"]
    return Table(name, heads, rows, note="" if gaps else "Nothing: no cluster is left out.")


def _said(examples: Sequence[Summary]) -> tuple[str, ...]:
    return tuple(f"row {example['row']:,}: {example['text']}" for example in examples[:_EXAMPLES])
