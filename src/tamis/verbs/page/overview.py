"""The overview: what deserves to be known first, and what was run, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from tamis.registry import SIGNALS, get
from tamis.reports.parts import UNKNOWN_WARNING, percent
from tamis.reports.terminal import preference_lines
from tamis.results import AuditResult

Summary = Mapping[str, Any]
LOW_KEPT: Final = 0.8
COMMON: Final = 0.5
"""A rule that hits so many rows says more about the data, or about itself, than about rows."""
SEVERITIES: Final = ("high", "medium", "low")


def ranked(rules: Sequence[Summary]) -> list[dict[str, Any]]:
    """Rules that hit a row: those that drop before those that flag, the severe and the frequent first."""
    hit = [dict(rule) for rule in rules if rule["rows"]]
    return sorted(hit, key=lambda r: (r["action"] != "drop", SEVERITIES.index(r["severity"]), -r["rows"], r["rule"]))


def alerts(summary: Summary) -> list[dict[str, str]]:
    """What a person should see before all else, each with a level, and the rule whose rows show it or nothing."""
    return [dict(zip(("level", "text", "rule"), alert, strict=True)) for alert in _alerts(summary)]


def _alerts(summary: Summary) -> Iterator[tuple[str, str, str]]:
    rows, read = summary["rows"], summary["read"]
    if summary["unreadable"]:
        yield "high", f"{summary['unreadable']:,} of {rows:,} records could not be read.", ""
    if read and summary["kept"] / read < LOW_KEPT:
        share = percent(summary["kept"] / read)
        yield "high", f"Pruning would keep only {share} of the rows: look at what drops before you do.", ""
    for rule in ranked(summary["rules"]):
        if rule["severity"] == "high" and rule["action"] == "flag" and rule["share"] >= 0.01:
            yield "high", f"{rule['rows']:,} rows ({percent(rule['share'])}): {rule['what']}.", rule["rule"]
        elif rule["share"] >= COMMON:
            said = f"{percent(rule['share'])} of the rows: {rule['what']}. So common a finding is a trait of the data."
            yield "medium", said, rule["rule"]
    for group in summary["disparity"]:
        if group.get("four_fifths"):
            said = f"Rows that mention {group['group']} are kept less than four fifths as often as others."
            yield "high", said, ""
    unknown = summary["corpus"].get("embedding", {})
    if any(unknown.get(f"{side}_unknown_ratio", 0) > UNKNOWN_WARNING for side in ("prompt", "response")):
        yield "medium", "The embedder does not know much of this text: comparisons by meaning are weak.", ""


def methods(found: AuditResult, summary: Summary) -> list[dict[str, str]]:
    """What was run, a title and a sentence each."""
    told = [("Rules", _rules_said(found))]
    corpus = summary["corpus"]
    if "near_duplicates" in corpus:
        told.append(("Near-duplicates", _near_said(corpus["near_duplicates"])))
    if "semantic" in corpus:
        told.append(("Meaning", _semantic_said(corpus["semantic"], corpus.get("embedding", {}))))
    if found.facts.get("toxicity"):
        told.append(("Toxicity", _toxicity_said(found.facts["toxicity"])))
    if "response_language" in found.rows.columns:
        model = found.recipe.signals.get("response_language", {}).get("language_model", "profiles")
        told.append(("Languages", _language_said(str(model))))
    if summary["tokens"]:
        told.append(("Tokens", "Estimated without a tokenizer, by counting words, numbers and marks."))
    told += [("Preferences", line) for line in preference_lines(summary["preferences"])]
    for entry in summary["not_applicable"][:1]:
        told.append(("Not judged", _not_judged(summary["not_applicable"], entry)))
    told.append(("Privacy", "Everything ran on this machine. Nothing was sent anywhere, and this page loads nothing."))
    return [{"title": title, "text": text} for title, text in told]


def _rules_said(found: AuditResult) -> str:
    drops = sum(rule.action == "drop" for rule in found.recipe.rules.values())
    return (
        f"Recipe {found.recipe.name}: {len(found.recipe.rules)} rules on {len(found.recipe.signals)} signals. "
        f"{drops} rules drop a row, the others flag it. Of several duplicates it keeps: {found.recipe.keep}."
    )


def _near_said(facts: Summary) -> str:
    left = facts.get("pairs_not_compared", 0)
    rest = f" {left:,} pairs of large families were compared with their heads only." if left else ""
    return (
        f"Candidates by MinHash ({facts['bands']} bands), each pair verified by the exact Jaccard similarity of its "
        f"word runs: {facts['pairs']:,} pairs.{rest}"
    )


def _semantic_said(facts: Summary, embedding: Summary) -> str:
    name = embedding.get("embedder", facts.get("embedder", ""))
    own = str(name).startswith("static")
    model = f"the static table in the package ({name}; English, offline)" if own else f"the transformer {name}"
    recall = "" if facts.get("recall") in (None, 1.0) else f", recall {percent(facts['recall'])}"
    return f"Vectors by {model}; {facts['method']} search{recall}: {facts['pairs']:,} pairs above the floor."


def _toxicity_said(scorers: Summary) -> str:
    names = sorted(set(scorers.values()))
    if all(name.startswith("screen") for name in names):
        return f"Scored by the embedded screen ({', '.join(names)}): English words and their contexts, no download."
    return f"Scored by {', '.join(names)}. A score is no verdict: names of groups raise it in most models."


def _language_said(model: str) -> str:
    if model == "profiles":
        return "Told by letter profiles in a kernel; short texts abstain, code and links are left out."
    return f"Told by {model}."


def _not_judged(entries: Sequence[Summary], most: Summary) -> str:
    worst = max(entries, key=lambda entry: entry["share"], default=most)
    return (
        f"{len(entries)} rules are written for some languages and skip the others: "
        f"at most {percent(worst['share'])} of the rows ({worst['rule']}, for {worst['language']})."
    )


def details(found: AuditResult) -> dict[str, dict[str, Any]]:
    """By rule: the signal's explanation in one line, its unit and where the rule comes from."""
    return {
        rule.name: {
            "signal": rule.signal,
            "summary": SIGNALS[rule.signal].summary,
            "unit": SIGNALS[rule.signal].unit,
            "source": get(rule.signal).source,
        }
        for rule in found.recipe.rules.values()
    }


def sources(found: AuditResult) -> list[dict[str, Any]]:
    """Rows by file, where there are several."""
    files = found.facts["inputs"]
    counted = dict(found.rows["file"].value_counts().iter_rows())
    return [{"name": file["name"], "rows": counted.get(i, 0)} for i, file in enumerate(files)]


def quantiles(values: pl.Series) -> dict[str, float]:
    """Where the middle and the ends of a column lie."""
    known = values.drop_nulls().cast(pl.Float64)
    shares = {"5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "99 %": 0.99}
    told = {name: float(known.quantile(share, "nearest") or 0) for name, share in shares.items()}
    return told | {"longest": float(known.max() or 0)}  # type: ignore[arg-type]
