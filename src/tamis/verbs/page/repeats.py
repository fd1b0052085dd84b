"""The duplicates section: clusters with the kept row first, what differs word by word, and how alike rows are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from tamis.corpus import sides_of
from tamis.differences import Change, changes
from tamis.registry import get
from tamis.results import AuditResult
from tamis.verbs.page.conversations import Masker, Said, beginning
from tamis.verdicts import group_column

CLUSTERS: Final = 20
"""Clusters of each rule that are carried, the largest."""
MEMBERS: Final = 3
MOST_CHARACTERS: Final = 600
"""Characters of a side that are compared and shown."""


def clusters_of(found: AuditResult) -> list[dict[str, Any]]:
    """A mapping a rule that names duplicates: how many rows and clusters, and the largest of them as row numbers."""
    told = []
    for rule in found.recipe.rules.values():
        scope = get(rule.signal).scope
        if scope == "row" or (scope == "corpus" and rule.action != "drop"):
            continue
        if group_column(rule.signal) not in found.rows.columns:
            continue
        hits = found.findings.filter(
            (pl.col("rule") == rule.name) & ~pl.col("accepted") & pl.col("other").is_not_null()
        )
        if hits.is_empty():
            continue
        ranked = hits.sort("value", "row", descending=[True, False]).group_by("other", maintain_order=True)
        clusters = ranked.agg("row", "value").sort(pl.col("row").list.len(), "other", descending=[True, False])
        options: Mapping[str, Any] = {**get(rule.signal).options, **found.recipe.signals[rule.signal]}
        told.append(
            {
                "rule": rule.name,
                "what": rule.what,
                "action": rule.action,
                "exact": scope == "corpus",
                "sides": list(sides_of(str(options.get("field", "conversation")))),
                "rows": hits.height,
                "clusters": clusters.height,
                "largest": [
                    {"kept": kept, "rows": rows[:MEMBERS], "similarity": values[:MEMBERS], "all": rows[:200],
                     "size": 1 + len(rows)}
                    for kept, rows, values in clusters.head(CLUSTERS).iter_rows()
                ],
            }
        )  # fmt: skip
    return sorted(told, key=lambda facts: bool(facts["exact"]))  # those with something to compare first


def rows_shown(rules: list[dict[str, Any]]) -> set[int]:
    """The rows whose texts the section needs; those of a reference set are not read."""
    clusters = [cluster for rule in rules for cluster in rule["largest"]]
    return {row for cluster in clusters for row in (cluster["kept"], *cluster["rows"]) if row >= 0}


def with_texts(rules: list[dict[str, Any]], said: Mapping[int, Said], hide: Masker) -> list[dict[str, Any]]:
    """The same mappings with the kept row's text and the differences to it."""
    for rule in rules:
        for cluster in rule["largest"]:
            kept = _sides(said.get(cluster["kept"]), hide)
            cluster["text"] = kept
            cluster["members"] = [
                {"row": row, "similarity": similarity, "changes": _changes(rule, kept, _sides(said.get(row), hide))}
                for row, similarity in zip(cluster.pop("rows"), cluster.pop("similarity"), strict=True)
            ]
    return rules


def _sides(said: Said | None, hide: Masker) -> dict[str, str] | None:
    if said is None:
        return None
    texts = {"prompt": said.prompt, "response": said.response}
    return {side: beginning(text, hide, MOST_CHARACTERS) for side, text in texts.items()}


def _changes(
    rule: Mapping[str, Any], kept: Mapping[str, str] | None, other: Mapping[str, str] | None
) -> dict[str, list[Change]]:
    if kept is None or other is None:
        return {}
    return {side: changes(kept[side], other[side]) for side in rule["sides"] if kept[side] != other[side]}
