"""The pages of results that are no audit: parts made of their summaries, and sections of an audit's page that serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import orjson
import polars as pl

from tamis.errors import TamisError
from tamis.reports import blocks, html
from tamis.reports.blocks import Part
from tamis.reports.embedding import as_json
from tamis.reports.html import DUPLICATES, FINDINGS, Section
from tamis.reports.pages import bias, compare, decontamination, diversity, duplicates
from tamis.verbs.bias import BiasResult
from tamis.verbs.compare import CompareResult
from tamis.verbs.decontaminate import DecontaminationResult
from tamis.verbs.diversity import DiversityResult
from tamis.verbs.duplicates import DuplicatesResult
from tamis.verbs.page import findings, repeats
from tamis.verbs.page.conversations import masker, texts_of_rows
from tamis.verbs.page.sampling import rows_to_carry

Told = BiasResult | CompareResult | DecontaminationResult | DiversityResult | DuplicatesResult
NAMES: Final[Mapping[type, str]] = {
    BiasResult: "bias",
    CompareResult: "compare",
    DecontaminationResult: "decontaminate",
    DiversityResult: "diversity",
    DuplicatesResult: "duplicates",
}
SAVED: Final[Mapping[str, ModuleType]] = {"bias": bias, "compare": compare, "diversity": diversity}
"""Verbs whose page follows from their numbers, so that it can be made again from them."""
EXAMPLES: Final = 20
"""Hits of each benchmark, or clusters, that are named with their texts in the summary."""


@dataclass(frozen=True)
class Story:
    """What is told of a result: its numbers, its page, and how it reads without one."""

    verb: str
    title: str
    summary: Mapping[str, Any]
    parts: Sequence[Part]
    told_apart: Sequence[Part] = ()
    """Parts that stand in Markdown alone, for sections that only a page can show."""
    sections: Sequence[Section] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    masked: bool = True

    def as_html(self) -> str:
        """The page."""
        sections = [*(Section(part.key, _short(part)) for part in self.parts), *self.sections]
        page = html.page_of(self.verb, self.title, self.parts, masked=self.masked)
        return html.render(page | dict(self.more), sections)

    def as_markdown(self) -> str:
        """The parts as Markdown."""
        return blocks.markdown(self.title, [*self.parts, *self.told_apart])

    def as_json(self) -> str:
        """The numbers, and of which verb they are."""
        return as_json({"verb": self.verb, **self.summary})


def _short(part: Part) -> str:
    """The part's name in the bar at the top, where the first has the title of the page."""
    return "Overview" if part.key == "overview" else part.title


def story(found: Told, rows: int, *, show_sensitive: bool) -> Story:
    """What is told of a result; `rows` are carried by the pages that show rows."""
    if isinstance(found, DecontaminationResult):
        return _decontamination(found, rows, show_sensitive)
    if isinstance(found, DuplicatesResult):
        return _duplicates(found, show_sensitive)
    return _of_summary(verb_of(found), found.summary())


def verb_of(found: Told) -> str:
    """The verb that found it."""
    return NAMES[type(found)]


def saved(path: Path) -> Story:
    """What is told of the numbers that a run of a verb left in a file or a folder."""
    files = [path] if path.is_file() else [path / f"{verb}.json" for verb in SAVED]
    for file in files:
        try:
            summary = orjson.loads(file.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            continue
        if isinstance(summary, dict) and summary.get("verb") in SAVED:
            verb = str(summary.pop("verb"))
            return _of_summary(verb, summary)
    raise TamisError(f"{path}: no saved numbers of {', '.join(SAVED)} there; make some with -o")


def _of_summary(verb: str, summary: Mapping[str, Any]) -> Story:
    pages: Callable[[Mapping[str, Any]], list[Part]] = SAVED[verb].parts
    return Story(verb, SAVED[verb].title(summary), summary, pages(summary))


def _decontamination(found: DecontaminationResult, rows: int, show_sensitive: bool) -> Story:
    """The hits as conversations, what stands for an item marked, to be filtered by benchmark."""
    summary = found.summary(EXAMPLES, show_sensitive=show_sensitive)
    rules = decontamination.benchmarks_as_rules(summary)
    hide, numbers = masker(show_sensitive=show_sensitive), {rule["rule"]: place for place, rule in enumerate(rules)}
    said = pl.struct("verdict", "name", "item", "item_line").map_elements(_named, return_dtype=pl.String)
    named = found.audit.findings.with_columns(
        found.hits["benchmark"].alias("rule"), found.hits.select(excerpt=said)["excerpt"]
    )
    hits = replace(found.audit, findings=named)
    carried = rows_to_carry(named["row"].unique().sort(), named, rows)
    told = findings.conversations(hits, carried, texts_of_rows(found.audit, carried), numbers, hide)
    items = {
        row: [hide(text) for text in texts] for row, texts in found.hits.group_by("row").agg("item_text").iter_rows()
    }
    for row in told:
        row["findings"] = [one | {"beside": item} for one, item in zip(row["findings"], items[row["row"]], strict=True)]
    shown = {"rows": told, "of": named["row"].n_unique(), "by": None, "has_texts": bool(told) or not carried}
    shown |= {"label": "Benchmark", "lead": "Rows that hold test items, what stands for the item marked."}
    return Story(
        "decontaminate",
        decontamination.title(summary),
        summary,
        decontamination.parts(summary),
        [decontamination.evidence(summary)],
        [replace(FINDINGS, title="Hits")] if carried else [],
        {"rules": rules, "findings": shown},
        not show_sensitive,
    )


def _named(hit: Mapping[str, Any]) -> str:
    """Which item a row holds, and how much of it."""
    place = f"line {hit['item_line']:,}" if hit["item_line"] else f"row {hit['item']:,}"
    return f"{hit['verdict']} of {place}" + (f" ({hit['name']})" if hit["name"] else "")


def _duplicates(found: DuplicatesResult, show_sensitive: bool) -> Story:
    """The clusters as an audit's page shows them."""
    summary = found.summary(EXAMPLES, show_sensitive=show_sensitive)
    hide, clusters = masker(show_sensitive=show_sensitive), repeats.clusters_of(found.audit)
    told = repeats.with_texts(clusters, texts_of_rows(found.audit, repeats.rows_shown(clusters)), hide)
    apart = Part("clusters", "Clusters", "The kept row first.", [duplicates.clusters(summary)] if told else [])
    return Story(
        "duplicates",
        duplicates.title(summary),
        summary,
        duplicates.parts(summary),
        [apart],
        [DUPLICATES] if told else [],
        {"duplicates": told},
        not show_sensitive,
    )
