"""Diversity for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from tamis.reports.parts import Column, Summary, clean, facts_lines, percent, plain_table, section, shower
from tamis.scores.diversity.catalogue import REFERENCE

SIDES: Final = {"prompt": "prompts", "response": "answers"}
HEADLINES: Final = (
    "distinct_2",
    "compression_ratio",
    "self_repetition",
    "self_bleu",
    "template_rate",
    "vendi",
    "remote_clique",
    "novel_sum",
    "tenth_distance",
    "coverage",
    "cell_distance",
)
"""The scores a terminal shows unless all are asked for: one or two of each kind."""
_CELLS: Final = 13
PHRASES: Final = {
    "templates": "what prompts are made of: word frames that many share, content words left open",
    "openers": "how many answers begin alike",
    "closers": "how many answers end alike",
}
_MOST: Final = 8
_KINDS: Final = 4
_FEW_TOPICS: Final = 3
_FEW_SHARE: Final = 0.005
_FEW_TEXTS: Final = 3
CAVEATS: Final = (
    "copies: a tenth of the rows, ten times each. shuffled: the same words dealt anew, which no data should reach.",
    "Figures compare at the same number of rows and with the same embedder only; no figure is good by itself.",
)


def diversity_report(summary: Summary, *, everything: bool = False) -> RenderableType:
    """Figures of each side between their anchors, what many texts share, and what of the reference is missing."""
    names = ", ".join(file["name"] for file in summary["inputs"][:3])
    head = Text.assemble((names, "bold"), f"   {summary['rows']:,} rows")
    if summary["against"]:
        told = ", ".join(file["name"] for file in summary["against"][:3])
        head.append(f" beside {told}, {summary['reference_rows']:,} rows")
    parts: list[RenderableType] = [head]
    for side in ("prompt", "response"):
        lines = [line for line in summary["scores"] if line["side"] == side]
        lines = [line for line in lines if everything or line["score"] in HEADLINES]
        if lines:
            parts += section(_title(side, lines), _scores(lines, summary))
    parts += section("what the rows are", _kinds(summary["kinds"], beside=bool(summary["against"])))
    parts += section("what prompts are about, the largest topics", _topics(summary["topics"]))
    for name, title in PHRASES.items():
        parts += section(title, _phrases(summary["phrases"].get(name, [])))
    parts += section("parts of the reference that the data hardly reaches", gap_lines(summary["gaps"]))
    parts += section("what the reference hardly has", gap_lines(summary["excesses"]))
    facts = facts_lines({"embedding": summary["embedding"]} if summary["embedding"] else {})
    return Group(*parts, Text(), *(Text(line, style="dim") for line in [*facts, *CAVEATS]))


def _title(side: str, lines: Sequence[Summary]) -> str:
    size, draws = lines[0]["size"], lines[0]["draws"]
    named = SIDES[side]
    if draws == 1:
        return f"{named}, all {size:,}"
    return f"{named}, {draws} samples of {size:,} rows: mean and 95 % interval of one sample"


def _scores(lines: Sequence[Summary], summary: Summary) -> list[RenderableType]:
    measured = any(line["reference"] is not None for line in lines)
    beside: tuple[Column, ...] = (("reference", "right"), ("95 %", "right")) if measured else ()
    table = plain_table("", ("", "right"), ("95 %", "right"), *beside, "copies .. shuffled", "more varied is")
    for line in lines:
        known = summary["about"][line["score"]]
        own = (number(line["value"]), interval(line["low"], line["high"]))
        other = (number(line["reference"]), interval(line["reference_low"], line["reference_high"]))
        style = "" if known["trusted"] else "dim"
        limits = "" if known["trusted"] else " (not to be trusted alone)"
        cells = (*own, *(other if beside else ()), _between(line, known["varied"]), known["varied"] + limits)
        table.add_row(f"  {known['title']}", *cells, style=style)
    if summary["against"] and not measured:
        return [table, Text(f"  the reference has too few {SIDES[lines[0]['side']]} to measure beside", style="yellow")]
    return [table]


def number(value: float | None) -> str:
    """Three digits that count.

    >>> [number(value) for value in (None, 0.12345, 41.234, 1234.5)]
    ['', '0.123', '41.2', '1,234']
    """
    if value is None:
        return ""
    return f"{value:.3f}" if abs(value) < 1 else (f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}")


def interval(low: float | None, high: float | None) -> str:
    """Two bounds as one cell; nothing where there are none."""
    return "" if low is None or high is None else f"{number(low)}-{number(high)}"


def verdict(line: Summary, known: Summary) -> str:
    """Where a figure lies beside the reference's; nothing where they do not differ by more than samples do.

    How much of the reference is reached is no variety: the reference reaches itself best.

    >>> line = {"score": "vendi", "differs": True, "value": 5.0, "reference": 7.0}
    >>> verdict(line, {"varied": "higher"}), verdict(line | {"score": "coverage"}, {"varied": "higher"})
    ('less varied', 'reaches less')
    """
    if not line["differs"]:
        return ""
    more = (line["value"] > line["reference"]) == (known["varied"] == "higher")
    names = ("reaches less", "reaches more") if line["score"] in REFERENCE else ("less varied", "more varied")
    return names[more]


def _between(line: Summary, varied: str) -> str:
    """Where a figure lies between that of copies (left) and that of shuffled words (right).

    Nothing where shuffled words are not the more varied end: in meaning they may all be alike.

    >>> _between({"value": 5.0, "duplicated": 0.0, "shuffled": 10.0}, "higher")
    '├──────●──────┤'
    """
    value, copies, shuffled = line["value"], line["duplicated"], line["shuffled"]
    if None in (value, copies, shuffled) or copies == shuffled or (shuffled > copies) != (varied == "higher"):
        return ""
    share = min(1.0, max(0.0, (value - copies) / (shuffled - copies)))
    at = round(share * (_CELLS - 1))
    return f"├{'─' * at}●{'─' * (_CELLS - 1 - at)}┤"


def _kinds(kinds: Mapping[str, Summary], *, beside: bool) -> list[RenderableType]:
    """A line a side: how many kinds in effect, the commonest, and how far from the reference."""
    head: tuple[Column, ...] = (("of", "right"), ("in effect", "right"), "the commonest")
    table = plain_table("", *head, *(("distance", "from the reference") if beside else ()))
    for name, told in kinds.items():
        mix, total = told["mix"], sum(told["mix"]["counts"].values())
        most = ", ".join(f"{clean(kind)} {percent(n / total)}" for kind, n in list(mix["counts"].items())[:_KINDS])
        far = mix["divergence"]
        distance = () if not beside else ("", "") if far is None else (number(far["value"]), _apart(mix))
        table.add_row(f"  {name}", f"{len(mix['counts']):,}", number(mix["hill"]["1"]["value"]), most, *distance)
    return [table]


def _apart(mix: Summary) -> str:
    return "no more than chance" if mix["divergence"]["value"] <= mix["chance"] else "more than chance"


def _topics(topics: Sequence[Summary]) -> list[RenderableType]:
    if len(topics) < _FEW_TOPICS:
        return []
    table = plain_table("", ("", "right"), ("", "right"), "", show_header=False)
    for topic in topics[:_MOST]:
        shown = Text(topic["examples"][0]["text"] if topic["examples"] else "", style="dim", no_wrap=True)
        shown.truncate(60, overflow="ellipsis")
        table.add_row(f"  {clean(topic['name'])}", f"{topic['rows']:,}", percent(topic["share"]), shown)
    return [table]


def _phrases(found: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    many = [phrase for phrase in found if phrase["share"] >= _FEW_SHARE and phrase["texts"] >= _FEW_TEXTS][:_MOST]
    if not many:
        return []
    table = plain_table("", ("", "right"), ("", "right"), "", show_header=False)
    for phrase in many:
        seen = Text(f"row {phrase['row']:,}  {clean(phrase['seen'])}", style="dim")
        table.add_row(f"  {clean(phrase['words'])}", f"{phrase['texts']:,}", percent(phrase["share"]), seen)
    return [table]


def gap_lines(found: Sequence[Summary], names: tuple[str, str] = ("here", "in the reference")) -> list[RenderableType]:
    """Parts that one set has and the other hardly has: the shares in both, and some of the texts."""
    lines: list[RenderableType] = []
    for gap in found[:_MOST]:
        shares = (percent(gap[name]) for name in ("share", "reference_share"))
        told = ", ".join(f"{share} {name}" for share, name in zip(shares, names, strict=True))
        lines.append(Text(f"  {SIDES[gap['side']]}: {told}"))
        lines += [Text(f"      row {row['row']:,}  {clean(row['text'])}", style="dim") for row in gap["examples"]]
    if len(found) > _MOST:
        lines.append(Text(f"  and {len(found) - _MOST} more: --json lists all", style="dim"))
    return lines


text = shower(diversity_report)
