"""Another threshold on a finished audit: nothing is computed again but evidence for rows newly hit."""

from __future__ import annotations

import polars as pl

from tamis.engines import local
from tamis.errors import TamisError
from tamis.measure import FINDINGS
from tamis.recipe import Recipe, Rule
from tamis.records.reader import Reading, as_frame, read_batches
from tamis.registry import get
from tamis.results import AuditResult, with_findings
from tamis.verbs.audit import gather
from tamis.verdicts import Accepted, judge

_OF_RULE = ("action", "severity", "signal", "threshold")


def rejudge(audit: AuditResult, recipe: Recipe, accepted: Accepted) -> AuditResult:
    """The audit as it would have been with another recipe over the same signals.

    Raises
    ------
    TamisError
        Where the recipe needs a signal, or an option of one, that the audit did not compute.
    """
    _check_computed(audit, recipe)
    own = audit.findings.select(FINDINGS.names())
    parts, missing = [pl.DataFrame(schema=FINDINGS)], {}
    for rule in recipe.rules_on("row"):
        hits = audit.rows.filter(rule.fires()).select("row", value=pl.col(rule.signal).cast(pl.Float64))
        before = own.filter((pl.col("rule") == rule.name) & (pl.col("signal") == rule.signal)).drop("value")
        known = before.join(hits, on="row", how="inner", maintain_order="right")
        parts.append(_restated(known, rule))
        if hits.height > known.height:
            missing[rule.name] = hits.join(before, on="row", how="anti")["row"]
    if missing:
        parts.append(_evidence(audit, recipe, missing))
    findings = judge(audit.rows, pl.concat(parts), recipe, accepted)
    return with_findings(audit, recipe, findings, accepted)


def _check_computed(audit: AuditResult, recipe: Recipe) -> None:
    for rule in recipe.rules.values():
        if rule.signal not in audit.rows.columns:
            raise TamisError(f"rule {rule.name} needs {rule.signal}, which this audit did not compute; audit again")
    for name, options in recipe.signals.items():
        if name in audit.recipe.signals and dict(options) != dict(audit.recipe.signals[name]):
            raise TamisError(f"signal {name} has other options than in this audit; audit again")


def _restated(findings: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    facts = {
        "action": rule.action,
        "severity": rule.severity or get(rule.signal).severity,
        "signal": rule.signal,
        "threshold": rule.threshold,
    }
    stated = findings.with_columns(**{name: pl.lit(facts[name]) for name in _OF_RULE})
    return stated.select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())


def _evidence(audit: AuditResult, recipe: Recipe, missing: dict[str, pl.Series]) -> pl.DataFrame:
    """Findings for rows that were not hit before: those rows alone are read again."""
    wanted = set(pl.concat(missing.values()))
    frame = as_frame(audit.table)
    reading = Reading(audit.facts["reading"]["schema"], audit.facts["reading"]["mapping"], audit.facts["by"])
    batches = read_batches(audit.sources if frame is None else frame, reading, wanted.__contains__)
    _, _, findings = gather(local.run(batches, recipe.only(missing)))
    chosen = [
        findings.filter((pl.col("rule") == rule) & pl.col("row").is_in(rows.implode()))
        for rule, rows in missing.items()
    ]
    return pl.concat(chosen)
