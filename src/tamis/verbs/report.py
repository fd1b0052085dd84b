"""`report`: a result as one page to look at, as Markdown or JSON, and an audit as a section of a dataset card."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tamis import workspace
from tamis.errors import TamisError, unknown
from tamis.models.projection import METHODS
from tamis.models.projection import check as check_projection
from tamis.recipe import built_in, load
from tamis.reports import card as card_report
from tamis.reports import html
from tamis.reports.embedding import as_json
from tamis.results import AuditResult
from tamis.verbs.duplicates import DuplicatesResult, of_duplicates
from tamis.verbs.page import findings, measures, overview, repeats, thresholds
from tamis.verbs.page.conversations import Masker, Said, hidden_excerpt, masker, texts_of_rows
from tamis.verbs.page.landscape import landscape
from tamis.verbs.page.sampling import rows_to_carry, sample
from tamis.verbs.page.told import SAVED, Story, Told, saved, story

FORMATS: Final = ("html", "markdown", "json")
ENDINGS: Final = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}
AUDIT: Final = "audit.json"
ROWS: Final = 1_000
"""Rows whose conversations a page carries."""
NO_MAP: Final = "none"
MAP_ROWS: Final = 4_000


def report(
    result: AuditResult | Told | str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    format: str | None = None,
    rows: int = ROWS,
    projection: str = "pca",
    show_sensitive: bool = False,
) -> str:
    """The report of a result, or of the folder that one was saved in; written to `output` where that is given.

    Nothing is computed again: the texts of the rows that are shown are read from the input, which must be as it was.

    Parameters
    ----------
    result
        What `audit`, `duplicates`, `decontaminate`, `diversity`, `compare` or `bias` returned, or the folder of one.
    output
        The file to write.
    format
        `html` (a page that needs no other file and no network), `markdown` or `json`; by the ending of `output`, or
        else `html`.
    rows
        How many rows the page carries to browse; every rule that hit is represented.
    projection
        How an audit's rows are placed on the map: `pca`, `tsne` (slower; the extra `tamis[map]`), or `none`.
    show_sensitive
        Show personal data and secrets, which are masked otherwise.

    Raises
    ------
    TamisError
        Where there is no audit, the input has changed since, or an option is unknown.

    Examples
    --------
    >>> import polars as pl, tamis
    >>> found = tamis.audit(pl.DataFrame({"instruction": ["Name a colour."], "output": [""]}))
    >>> report(found).startswith("<!doctype html>")
    True
    >>> print(report(found, format="markdown").splitlines()[0])
    ## Data quality
    """
    form = format or ENDINGS.get(Path(output).suffix.lower() if output is not None else "", "html")
    if form not in FORMATS:
        raise unknown("format of a report", form, FORMATS)
    check_options(rows, projection)
    found = result if not isinstance(result, str | os.PathLike) else _loaded(Path(result))
    if isinstance(found, AuditResult):
        text = _of_audit(found, form, rows, projection, show_sensitive=show_sensitive)
    else:
        about = found if isinstance(found, Story) else story(found, rows, show_sensitive=show_sensitive)
        text = {"html": about.as_html, "markdown": about.as_markdown, "json": about.as_json}[form]()
    if output is not None:
        _write(Path(output), text)
    return text


def _loaded(path: Path) -> AuditResult | DuplicatesResult | Story:
    """What a finished run left: the tables of an audit, or the numbers of another verb."""
    if path.is_file() or (not (path / AUDIT).exists() and any((path / f"{verb}.json").exists() for verb in SAVED)):
        return saved(path)
    found = AuditResult.load(path)
    return of_duplicates(found) or found


def _of_audit(found: AuditResult, form: str, rows: int, projection: str, *, show_sensitive: bool) -> str:
    if form == "html":
        return html.render(page(found, rows=rows, projection=projection, show_sensitive=show_sensitive))
    return card_report.markdown(found.summary()) if form == "markdown" else as_json(found.summary())


def check_options(rows: int, projection: str) -> None:
    """An error where a page cannot be made like that; it costs nothing, so it can come before an audit."""
    if rows < 0:
        raise TamisError(f"a report carries 0 rows or more, not {rows}")
    if projection not in (*METHODS, NO_MAP):
        raise unknown("projection of the map", projection, (*METHODS, NO_MAP))
    if projection != NO_MAP:
        check_projection(projection)


def card(audit: AuditResult | str | os.PathLike[str]) -> str:
    """A section for a Hugging Face dataset card: YAML metadata, and the findings in Markdown.

    >>> import polars as pl, tamis
    >>> found = tamis.audit(pl.DataFrame({"instruction": ["Name a colour."], "output": ["Red."]}))
    >>> print(card(found)[:3])
    ---
    """
    found = audit if isinstance(audit, AuditResult) else AuditResult.load(audit)
    return card_report.card(found.summary())


def _write(target: Path, text: str) -> None:
    try:
        with workspace.whole_file(target) as path:
            path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise TamisError(f"{target}: the report cannot be written there ({error.strerror or error})") from None


def page(
    found: AuditResult, *, rows: int = ROWS, projection: str = "pca", show_sensitive: bool = False
) -> dict[str, Any]:
    """All that the page of an audit shows, as plain values by section."""
    hide, summary = masker(show_sensitive=show_sensitive), found.summary()
    standing = found.findings.filter(~found.findings["accepted"])
    explorer, duplicates = thresholds.explored(found), repeats.clusters_of(found)
    carried = rows_to_carry(found.rows["row"], standing, rows)
    mapped = [] if projection == NO_MAP else sample(found.rows["row"], MAP_ROWS)
    beside = {row for rule in explorer for example in rule["examples"] for row in _rows_of(example)}
    said = texts_of_rows(found, {*carried, *mapped, *beside, *repeats.rows_shown(duplicates)})
    numbers = {name: place for place, name in enumerate(found.recipe.rules)}
    shown = _shown(found, said, carried, numbers, hide)
    return {
        "verb": "audit",
        "title": _title(summary),
        "tamis": version("tamis"),
        "masked": not show_sensitive,
        "summary": _plain(summary, hide),
        "rules": _rules(found, summary),
        "overview": {
            "alerts": overview.alerts(summary),
            "ranked": overview.ranked(_plain(summary, hide)["rules"]),
            "methods": overview.methods(found, summary),
            "sources": overview.sources(found),
        },
        "findings": shown,
        "thresholds": {
            "rules": explorer,
            "briefs": findings.briefs(beside, said, hide),
            "recipe": _recipe(found),
        },
        "duplicates": repeats.with_texts(duplicates, said, hide),
        "map": landscape(found, {row: said[row] for row in mapped if row in said}, projection, hide),
        "lengths": measures.lengths(found),
        "languages": measures.languages(found, summary),
        "toxicity": measures.toxicity(found),
        "groups": {"told": [g for g in summary["disparity"] if "ratio" in g],
                   "few": [g for g in summary["disparity"] if "ratio" not in g]},
    }  # fmt: skip


def _rows_of(example: Mapping[str, Any]) -> list[int]:
    return [example[name] for name in ("row", "other") if name in example]


def _shown(
    found: AuditResult, said: Mapping[int, Said], carried: list[int], numbers: Mapping[str, int], hide: Masker
) -> dict[str, Any]:
    """The browser's rows, and how much of everything they are."""
    told = findings.conversations(found, carried, said, numbers, hide)
    return {"rows": told, "of": found.rows.height, "by": found.facts["by"], "has_texts": bool(said) or not carried}


def _title(summary: Mapping[str, Any]) -> str:
    inputs = summary["inputs"]
    return Path(inputs[0]["name"]).name if len(inputs) == 1 else f"{len(inputs)} files"


def _plain(summary: Mapping[str, Any], hide: Masker) -> dict[str, Any]:
    """The summary, its excerpts masked: an audit may have been told to show them."""
    rules = [dict(rule) for rule in summary["rules"]]
    for rule in rules:
        if rule["example"] and rule["example"]["excerpt"]:
            rule["example"] = {**rule["example"], "excerpt": hidden_excerpt(rule["example"]["excerpt"], hide)}
    return {**summary, "rules": rules}


def _rules(found: AuditResult, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All rules in order, as the page's scripts name them."""
    details = overview.details(found)
    kept = ("rule", "action", "severity", "what", "condition", "rows", "share")
    return [{name: rule[name] for name in kept} | details[rule["rule"]] for rule in summary["rules"]]


def _recipe(found: AuditResult) -> dict[str, Any]:
    """What a changed recipe is written from: the built-in one that it extends, or else all of its tables."""
    text = {key: value for key, value in found.recipe.text.items() if key != "name"}
    name = found.recipe.name
    if name in built_in() and load(name).text == found.recipe.text:
        return {"name": name, "extends": name}
    return {"name": name, "tables": text}
