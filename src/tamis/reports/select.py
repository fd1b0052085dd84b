"""A selection for a terminal and a notebook, from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from tamis.reports.parts import Column, Summary, clean, facts_lines, percent, plain_table, shower

FIGURES: Final = {
    "rows": "rows",
    "tokens": "tokens (estimated)",
    "quality": "quality, mean",
    "vendi": "Vendi score (more: varied)",
    "spread": "distance among picked rows (more: unlike)",
    "reach": "distance of all rows to picked ones (less: covered)",
    "far_reach": "  which 95 % of the rows do not exceed",
}
_WHAT: Final = {
    "random": "drawn by the seed",
    "quality": "the greatest quality first",
    "facility": "facility location: rows that stand for as many others as possible",
    "k-center": "k-center greedy: each the farthest from those before",
    "dpp": "determinantal greedy: rows that span the largest volume",
    "deita": "best first, none like one already picked",
    "coverage": "evenly from clusters of meaning",
}
MOST: Final = 12


def select_report(summary: Summary) -> RenderableType:
    """How much was picked and how, the subset beside random ones, and the parts it was divided over."""
    parts: list[RenderableType] = [_head(summary), Text(), _figures(summary)]
    if summary["strata"]:
        parts += [Text(), _strata(summary)]
    parts += [Text(), *(Text(line, style="dim") for line in notes(summary))]
    if summary["outputs"]:
        names = {"selected": "picked rows", "rest": "all other rows", "manifest": "manifest, to repeat it with"}
        parts.append(Text())
        parts += [Text.assemble((f"{names[name]:<32}", "dim"), path) for name, path in summary["outputs"].items()]
    return Group(*parts)


def _head(summary: Summary) -> RenderableType:
    inputs, options = summary["inputs"], summary["options"]
    name = inputs[0]["name"] if len(inputs) == 1 else f"{len(inputs)} files"
    share = percent(summary["selected"] / max(1, summary["rows"]))
    told = f"   {summary['selected']:,} of {summary['rows']:,} rows picked ({share})"
    if summary["unreadable"]:
        told += f" · {summary['unreadable']:,} unreadable"
    how = [_WHAT[summary["strategy"]], f"seed {options['seed']}"]
    if options["weight"] is not None:
        how.insert(1, f"weighed with quality, {options['weight']:g} to {1 - options['weight']:g}")
    if options["quality"] is not None:
        how.insert(-1, f"quality by {options['quality']}")
    lines = [Text.assemble((clean(name), "bold"), told), Text(clean(" · ".join(how)), style="dim")]
    if "repeats" in summary:
        lines.append(Text(f"repeats {summary['repeats']}; its figures are shown", style="dim"))
    return Group(*lines)


def _figures(summary: Summary) -> RenderableType:
    figures = summary["figures"]
    table = plain_table("", *((name, "right") for name in ("all rows", "picked", "5 random subsets")), "")
    for line in figures:
        name, value, random = line["figure"], line["subset"], line["random"]
        if value is None or random["mean"] is None or value != value:
            continue
        drawn = figure_text(name, random["mean"])
        low, high = figure_text(name, random["low"]), figure_text(name, random["high"])
        every = "" if line["all"] is None or name in ("reach", "far_reach") else figure_text(name, line["all"])
        drawn += "" if low == high else f" ({low} to {high})"
        table.add_row(FIGURES[name], every, figure_text(name, value), drawn, _beside(value, random))
    return table


def _beside(value: float, random: Mapping[str, float]) -> str:
    if random["low"] <= value <= random["high"]:
        return ""
    return "above all of them" if value > random["high"] else "below all of them"


def figure_text(figure: str, value: float) -> str:
    """A figure in the digits that count."""
    if figure in ("rows", "tokens"):
        return f"{value:,.0f}"
    if figure == "quality":
        return f"{value:,.4g}"
    return f"{value:,.1f}" if figure == "vendi" else f"{value:.3f}"


def _strata(summary: Summary) -> RenderableType:
    options = summary["options"]
    names = [*options["stratify"], *([options["quota"].partition("=")[0]] if options["quota"] else [])]
    unit = "rows" if options["n"] is not None else "tokens"
    numbers: tuple[Column, ...] = tuple(
        (name, "right") for name in ("rows", f"share of {unit}", "picked", f"share of {unit}")
    )
    table = plain_table(" / ".join(names), *numbers)
    for part in summary["strata"][:MOST]:
        shares = percent(part["share"]), percent(part["selected_share"])
        table.add_row(clean(part["stratum"]), f"{part['rows']:,}", shares[0], f"{part['selected']:,}", shares[1])
    if len(summary["strata"]) > MOST:
        rest = summary["strata"][MOST:]
        rows, picked = (sum(part[name] for part in rest) for name in ("rows", "selected"))
        table.add_row(f"and {len(rest):,} more", f"{rows:,}", "", f"{picked:,}", "", style="dim")
    return table


def notes(summary: Summary) -> Sequence[str]:
    """What one must know to read the figures."""
    options, picking = summary["options"], summary["picking"]
    told = []
    if options["n"] is not None and summary["selected"] < options["n"]:
        limit = f", below cosine {picking['alike']:g} to all others picked" if "alike" in picking else ""
        told.append(f"only {summary['selected']:,} of the {options['n']:,} rows asked for could be picked{limit}")
    if picking.get("filled"):
        told.append(f"{picking['filled']:,} of them add nothing to the others (copies, unknown text)")
    if picking.get("recall", 1) < 1:
        told.append(f"neighbours were searched approximately, recall {percent(picking['recall'])} on a sample")
    if summary.get("without_quality"):
        told.append(f"{summary['without_quality']:,} rows have no quality, and came last")
    seed = options["seed"]
    told += facts_lines(summary["corpus"])
    told += [
        f"distances are 1 - cosine of the {options['field']}, on samples of 2,000 rows",
        f"random subsets have the same budget and the seeds {seed + 1} to {seed + 5}; the range is of the five",
        "nothing here says that a model trained on these rows is better: hold it against one trained on random rows",
    ]
    return told


text = shower(select_report)
