"""The findings browser: a stated sample of rows as conversations, with what the rules say of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import polars as pl

from tamis.results import AuditResult
from tamis.verbs.page.conversations import Masker, Said, hidden_excerpt, marks_by_row, shown_turns, start_of

BRIEF_PROMPT, BRIEF_RESPONSE = 120, 200


def conversations(
    found: AuditResult, rows: Iterable[int], said: Mapping[int, Said], numbers: Mapping[str, int], hide: Masker
) -> list[dict[str, Any]]:
    """The rows in order, each with its place, its turns and its findings; `numbers` are those of the rules."""
    wanted = [row for row in rows if row in said]
    chosen = pl.Series(wanted, dtype=pl.Int64)
    findings = found.findings.filter(pl.col("row").is_in(chosen.implode()) & ~pl.col("accepted"))
    marks, by_row = marks_by_row(findings, numbers), _findings_by_row(findings, numbers, hide)
    gone = set(found.dropped.filter(found.dropped.is_in(chosen.implode())))
    places = found.shown_places(chosen)
    columns = ["row", "source_schema", "by", *(["response_language"] * ("response_language" in found.rows.columns))]
    facts = found.rows.filter(pl.col("row").is_in(chosen.implode())).select(columns).rows_by_key("row", named=True)
    told, several = [], len(found.facts["inputs"]) > 1
    for row in wanted:
        own = facts[row][0]
        told.append(
            {
                "row": row,
                "line": places[row]["line"],
                "file": places[row]["file"],
                "schema": own["source_schema"],
                "language": own.get("response_language"),
                "source": _source(own["by"], places[row]["file"] if several else None, hide),
                "dropped": row in gone,
                "findings": by_row.get(row, []),
                "turns": shown_turns(said[row], marks.get(row, {}), hide),
            }
        )
    return told


def _source(by: str | None, file: str | None, hide: Masker) -> str | None:
    """What the counts were split by, or else the file where there are several."""
    if by is not None:
        return hide(by)
    return None if file is None else hide(PurePath(file).name)


def _findings_by_row(
    findings: pl.DataFrame, numbers: Mapping[str, int], hide: Masker
) -> dict[int, list[dict[str, Any]]]:
    told: dict[int, list[dict[str, Any]]] = {}
    for found in findings.iter_rows(named=True):
        facts = {
            "rule": numbers[found["rule"]],
            "value": None if found["value"] is None else float(f"{found['value']:.4g}"),
            "turn": found["turn"],
            "other": found["other"],
            "excerpt": hidden_excerpt(found["excerpt"], hide) if found["excerpt"] else None,
        }
        told.setdefault(found["row"], []).append({name: fact for name, fact in facts.items() if fact is not None})
    return told


def briefs(rows: Iterable[int], said: Mapping[int, Said], hide: Masker) -> dict[str, list[str]]:
    """The beginnings of prompt and answer, by the number of the row as text."""
    return {
        str(row): [
            start_of(said[row].prompt, hide, BRIEF_PROMPT),
            start_of(said[row].response, hide, BRIEF_RESPONSE),
        ]
        for row in rows
        if row in said
    }
