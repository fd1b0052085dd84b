"""Lengths, languages and toxicity: the distributions that looking at beats reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from tamis.results import AuditResult
from tamis.verbs.page.overview import quantiles
from tamis.verbs.page.thresholds import histogram

LENGTHS: Final = {
    "prompt_tokens": "Prompt",
    "response_tokens": "Answer",
    "thought_tokens": "Reasoning",
    "turn_count": "Turns",
}
TOXICITY: Final = {"prompt_toxicity": "Prompts", "response_toxicity": "Answers"}


def lengths(found: AuditResult) -> list[dict[str, Any]]:
    """A histogram and quantiles a length that the audit measured."""
    told = []
    for name, title in LENGTHS.items():
        if name in found.rows.columns and found.rows[name].count():
            known = found.rows[name].drop_nulls()
            unit = "turns" if name == "turn_count" else "tokens (estimated)"
            facts = {"signal": name, "title": title, "unit": unit, "rows": len(known)}
            shape = histogram(np.sort(known.to_numpy().astype(np.float64)))
            told.append(facts | {"histogram": shape, "quantiles": quantiles(known)})
    return told


def toxicity(found: AuditResult) -> list[dict[str, Any]]:
    """The scores of prompts and answers, with the rule's threshold where there is one."""
    told = []
    for name, title in TOXICITY.items():
        if name not in found.rows.columns or not found.rows[name].count():
            continue
        scores = found.rows[name].drop_nulls().to_numpy()
        rules = [rule for rule in found.recipe.rules.values() if rule.signal == name and rule.at_least is not None]
        counts, edges = np.histogram(scores, np.linspace(0, 1, 21))
        above = {edge: int((scores >= edge).sum()) for edge in (0.1, 0.25, 0.5, 0.75, 0.9)}
        told.append(
            {
                "signal": name,
                "title": title,
                "rows": len(scores),
                "not_scored": found.rows.height - len(scores),
                "threshold": rules[0].at_least if rules else None,
                "above": [{"score": edge, "rows": n, "share": n / len(scores)} for edge, n in above.items()],
                "histogram": {"edges": edges.round(3).tolist(), "counts": counts.tolist()},
            }
        )
    return told


def languages(found: AuditResult, summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """How many rows answer in each language, how many tell none, and how many change the language."""
    if "response_language" not in found.rows.columns:
        return None
    unknown = found.rows["response_language"].null_count()
    changes = _changes(found.rows) if "prompt_language" in found.rows.columns else []
    return {"answers": summary["languages"], "unknown": unknown, "rows": found.rows.height, "changes": changes}


def _changes(rows: pl.DataFrame, most: int = 8) -> list[dict[str, Any]]:
    """Pairs of languages in which the answer is in another one than the prompt, the commonest first."""
    both = rows.filter(pl.col("prompt_language") != pl.col("response_language"))
    counted = both.group_by(prompt="prompt_language", answer="response_language").agg(rows=pl.len())
    return counted.sort("rows", "prompt", "answer", descending=[True, False, False]).head(most).to_dicts()
