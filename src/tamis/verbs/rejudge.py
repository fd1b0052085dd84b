"""Another threshold on a finished audit: nothing is computed again but evidence for rows newly hit."""

from __future__ import annotations

from functools import partial

import polars as pl

from tamis.differences import with_differences
from tamis.engines import local
from tamis.errors import TamisError
from tamis.keeping import parse_keep
from tamis.measure import FINDINGS, measure
from tamis.recipe import Recipe, Rule
from tamis.records.reader import as_frame, read_batches
from tamis.registry import get
from tamis.results import AuditResult, with_findings
from tamis.verbs.dataset import gather
from tamis.verbs.texts import texts_of
from tamis.verdicts import Accepted, judge

_OF_RULE = ("action", "severity", "signal", "threshold")


def rejudge(audit: AuditResult, recipe: Recipe, accepted: Accepted) -> AuditResult:
    """The audit as it would have been with another recipe over the same signals.

    Raises
    ------
    TamisError
        Where the recipe needs a signal, or an option of one, that the audit did not compute.
    """
    check_computed(audit, recipe)
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
    findings = _with_known_excerpts(judge(audit.rows, pl.concat(parts), recipe, accepted, audit.pairs), audit)
    findings = with_differences(findings, recipe, lambda rows: texts_of(audit, rows))
    return with_findings(audit, recipe, findings, accepted)


def _with_known_excerpts(findings: pl.DataFrame, audit: AuditResult) -> pl.DataFrame:
    """The findings, with the differences that the audit has written out for the same rows."""
    key = ["signal", "row", "other"]
    known = audit.findings.filter(pl.col("other").is_not_null() & pl.col("excerpt").is_not_null())
    known = known.unique(key).select(*key, known="excerpt")
    joined = findings.join(known, on=key, how="left", maintain_order="left")
    return joined.with_columns(excerpt=pl.coalesce("excerpt", "known")).drop("known")


def check_computed(audit: AuditResult, recipe: Recipe) -> None:
    """An error where the recipe needs what the audit has not."""
    column = parse_keep(recipe.keep).column
    if column not in (None, parse_keep(audit.recipe.keep).column):
        raise TamisError(f"keep={recipe.keep} needs the column {column}, which this audit did not read; audit again")
    for rule in recipe.rules.values():
        if rule.signal not in audit.rows.columns:
            raise TamisError(f"rule {rule.name} needs {rule.signal}, which this audit did not compute; audit again")
    for name, options in recipe.signals.items():
        defaults = get(name).options
        if name in audit.recipe.signals and {**defaults, **options} != {**defaults, **audit.recipe.signals[name]}:
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
    batches = read_batches(audit.sources if frame is None else frame, audit.reading, wanted.__contains__)
    findings = gather(local.run(batches, partial(measure, recipe=recipe.only(missing)))).findings
    chosen = [
        findings.filter((pl.col("rule") == rule) & pl.col("row").is_in(rows.implode()))
        for rule, rows in missing.items()
    ]
    return pl.concat(chosen)
