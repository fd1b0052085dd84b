"""Bias for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from tamis.reports.parts import Column, Summary, percent, plain_table, section, shower

_WORDS, _GAPS, _OCCUPATIONS = 8, 12, 6
CAVEATS: Final = (
    "Word lists count words, not people: names, scenes that do without the word, and other languages are not seen.",
    "Copies of a prompt or a sentence count once, near-copies do not: prune them first, or they pass for evidence.",
    "A difference is no fault by itself: topics differ too. Read rows before you drop or add any.",
)
_UNITS: Final = {
    "refusal": "are refused",
    "hedging": "are answered with a hedge",
    "toxicity": "toxicity of the answer",
    "length": "length of the answer",
}


def bias_report(summary: Summary) -> RenderableType:
    """Who is there, which words and occupations stand beside them, and whether answers and rules treat them alike."""
    names = ", ".join(file["name"] for file in summary["inputs"][:3])
    parts: list[RenderableType] = [
        Text.assemble((names, "bold"), f"   {summary['rows']:,} rows, {summary['units']:,} different prompts"),
        *section("who is mentioned", [_representation(summary), *_pronouns(summary["pronouns"])]),
        *section("answers that speak of an occupation, in sentences with her or him", _occupations(summary)),
        *section(
            "words of answers beside a group, more often than beside the other groups of its axis", _words(summary)
        ),
        *section("how prompts that mention a group are answered, against like prompts", _gaps(summary)),
        *section(f"the same rows about someone else, judged by recipe {summary['recipe']}", _swaps(summary)),
        Text(),
        *(Text(line, style="dim") for line in CAVEATS),
    ]
    return Group(*parts)


def _representation(summary: Summary) -> RenderableType:
    side: tuple[Column, ...] = ("95 %", "right"), ("per 1k tokens", "right")
    table = plain_table("", ("prompts", "right"), *side, ("answers", "right"), *side)
    few = []
    for prompt, answer in zip(*(summary["representation"][side] for side in ("prompts", "answers")), strict=True):
        if "share" in prompt or "share" in answer:
            table.add_row(f"  {prompt['group']}", *_cells(prompt), *_cells(answer))
        else:
            few.append(prompt["group"])
    if not few:
        return table
    shown = ", ".join(few[:6]) + (f" and {len(few) - 6} more" if len(few) > 6 else "")
    line = Text(f"  too few rows to tell: {shown}", style="dim")
    return Group(table, line) if table.row_count else line


def _cells(facts: Summary) -> tuple[str, str, str]:
    if "share" not in facts:
        return "too few", "", ""
    low, high = (100 * bound for bound in facts["interval"])
    return percent(facts["share"]), f"{low:.1f}-{high:.1f}", f"{facts['per_thousand_tokens']:.2f}"


def _pronouns(pronouns: Mapping[str, Summary]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for side, facts in pronouns.items():
        counts = f"  {side}: {facts['she']:,} of she, her, hers to {facts['he']:,} of he, him, his"
        told = (
            f", {facts['ratio']:.2f} to 1 ({facts['interval'][0]:.2f}-{facts['interval'][1]:.2f})"
            if "ratio" in facts
            else "; too few rows for a ratio"
        )
        lines.append(Text(counts + told))
    return lines


def _occupations(summary: Summary) -> list[RenderableType]:
    told = [facts for facts in summary["occupations"] if "log_odds" in facts]
    few = len(summary["occupations"]) - len(told)
    odd = sorted((facts for facts in told if facts["differs"]), key=lambda facts: -facts["log_odds"])
    lines: list[RenderableType] = []
    for label, chosen in (
        ("her", [facts for facts in odd if facts["log_odds"] > 0][:_OCCUPATIONS]),
        ("him", [facts for facts in odd[::-1] if facts["log_odds"] < 0][:_OCCUPATIONS]),
    ):
        if chosen:
            shown = ", ".join(_occupation(facts, label) for facts in chosen)
            lines.append(Text(f"  more with {label} than others: {shown}"))
    if told and not odd:
        lines.append(Text(f"  none of {len(told)} occupations differs from the others"))
    return [*lines, Text(f"  {len(told)} told, too few for {few}", style="dim")]


def _occupation(facts: Summary, label: str) -> str:
    share = facts["female_share"] if label == "her" else 1 - facts["female_share"]
    name = facts["occupation"].replace("-", " ")
    return f"{name} {percent(share)} of {facts['female'] + facts['male']:,}"


def _words(summary: Summary) -> list[RenderableType]:
    table = plain_table("", "", "", show_header=False)
    silent = 0
    for facts in summary["words"]:
        above = [word for word in facts.get("words", []) if word["z"] > 0]
        silent += "tested" not in facts
        if above:
            shown = ", ".join(f"{word['word']} {math.exp(word['log_odds']):.1f}x" for word in above[:_WORDS])
            more = f", and {len(above) - _WORDS} more" if len(above) > _WORDS else ""
            table.add_row(f"  {facts['group']}", Text(f"{facts['units']:,}", style="dim"), shown + more)
    tested = sum(facts.get("tested", 0) for facts in summary["words"])
    lines: list[RenderableType] = [table] if table.row_count else [Text("  no word stands out")] if tested else []
    said = f"  {tested:,} comparisons at a false-discovery rate of 5 %; too few prompts for {silent} groups"
    return [*lines, Text(said, style="dim")]


def _gaps(summary: Summary) -> list[RenderableType]:
    told = [facts for facts in summary["gaps"] if "gap" in facts]
    odd = sorted((facts for facts in told if facts["differs"]), key=lambda facts: facts["p"])
    lines: list[RenderableType] = [Text(f"  {_gap(facts)}", style="yellow") for facts in odd[:_GAPS]]
    if len(odd) > _GAPS:
        lines.append(Text(f"  and {len(odd) - _GAPS} more: --json lists all", style="dim"))
    if told and not odd:
        lines.append(Text("  no group is answered differently, as far as these prompts can tell"))
    few = len({facts["group"] for facts in summary["gaps"]} - {facts["group"] for facts in told})
    said = f"  {len(told)} comparisons at a false-discovery rate of 5 %; too few prompts for {few} groups"
    return [*lines, Text(said, style="dim")]


def _gap(facts: Summary) -> str:
    low, high = facts["interval"]
    who = f"{facts['group']} ({facts['units']:,} prompts)"
    if facts["outcome"] == "length":
        return f"{who}: answers {2 ** facts['gap']:.2f} x as long ({2**low:.2f}-{2**high:.2f})"
    if facts["outcome"] == "toxicity":
        return f"{who}: toxicity of the answer {facts['gap']:+.3f} ({low:+.3f} to {high:+.3f})"
    what = _UNITS[facts["outcome"]]
    points = "{:+.1f} points ({:+.1f} to {:+.1f})".format(*(100 * value for value in (facts["gap"], low, high)))
    return f"{who}: {percent(facts['mean'])} {what}, {points}"


def _swaps(summary: Summary) -> list[RenderableType]:
    lines: list[RenderableType] = []
    few = [facts["axis"] for facts in summary["swaps"] if "changed" not in facts]
    for facts in summary["swaps"]:
        if "changed" in facts:
            low, high = (percent(bound) for bound in facts["interval"])
            rules = ", ".join(f"{rule['rule']} +{rule['new']} -{rule['gone']}" for rule in facts["rules"][:4])
            verdicts = f"{facts['changed']:,} of {facts['rows']:,} rows are judged otherwise ({low} to {high})"
            moved = facts["newly_dropped"] + facts["no_longer_dropped"]
            drops = f"; {moved:,} change between kept and dropped" if facts["changed"] else ""
            lines.append(Text(f"  {facts['axis']}: {verdicts}{drops}" + (f": {rules}" if rules else "")))
    if not summary["swaps"]:
        lines.append(Text("  left out (--sample 0)", style="dim"))
    if few:
        lines.append(Text(f"  too few rows to tell: {', '.join(few)}", style="dim"))
    return lines


text = shower(bias_report)
