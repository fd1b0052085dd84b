"""From measured rows to verdicts: corpus signals, the rules on them, and which rows are dropped.

A row is dropped by a row rule that says so, or because it stands in a duplicate relation with a row that
is kept. Rows are visited in the order of the keep policy; a row is kept unless a row already kept is in
its group, so every dropped duplicate names a kept row that it matches directly, and there are no chains.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from tamis.measure import FINDINGS
from tamis.recipe import Recipe, Rule
from tamis.registry import get

SKETCHES = ("row", "conversation_hash", "prompt_hash", "response_hash", "size", "answer_words")
HASHES = ("conversation_hash", "prompt_hash", "response_hash")


def group_column(signal: str) -> str:
    """The column that names each row's group for a corpus signal."""
    return f"{signal}_group"


@dataclass(frozen=True)
class Accepted:
    """Findings that a person has reviewed and set aside: by row hash, for one rule or (None) for all."""

    pairs: frozenset[tuple[str, str | None]] = field(default_factory=frozenset)

    def mask(self, findings: pl.DataFrame, row_hash: pl.Series) -> pl.Series:
        """True for the findings that are set aside; `row_hash` is the hash of each finding's row."""
        hits = zip(row_hash, findings["rule"], strict=True)
        chosen = self.pairs
        return pl.Series("accepted", [(h, r) in chosen or (h, None) in chosen for h, r in hits], dtype=pl.Boolean)


def with_corpus_signals(rows: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """The rows with a value and a group for each corpus signal, and one printable hash in place of the sketches."""
    sketches = rows.select(SKETCHES)
    columns = []
    for signal in recipe.signals_of("corpus"):
        grouped = signal.function(sketches, **recipe.signals[signal.name])
        columns += [grouped["value"].alias(signal.name), grouped["group"].alias(group_column(signal.name))]
    row_hash = rows["conversation_hash"].bin.encode("hex").alias("row_hash")
    return rows.drop(HASHES).with_columns(row_hash, *columns)


def judge(rows: pl.DataFrame, findings: pl.DataFrame, recipe: Recipe, accepted: Accepted) -> pl.DataFrame:
    """All findings, those of corpus rules added, with `row_hash` and whether they are `accepted`.

    A row is dropped when it has a finding that drops and is not accepted: see `dropped_rows`.
    """
    findings = _signed(findings, rows, accepted)
    drop_rules = [rule for rule in recipe.rules_on("corpus") if rule.action == "drop"]
    flag_rules = [rule for rule in recipe.rules_on("corpus") if rule.action == "flag"]
    flagged = [_flag_groups(rule, rows) for rule in flag_rules]
    duplicates = _drop_duplicates(drop_rules, rows, findings, recipe, accepted)
    added = [_signed(found, rows, accepted) for found in (*flagged, duplicates)]
    order = {name: i for i, name in enumerate(recipe.rules)}
    return (
        pl.concat([findings, *added])
        .with_columns(pl.col("rule").replace_strict(order, return_dtype=pl.Int32).alias("_order"))
        .sort("row", "_order")
        .drop("_order")
    )


def dropped_rows(findings: pl.DataFrame) -> pl.Series:
    """The numbers of the rows that the findings drop, ascending."""
    return findings.filter((pl.col("action") == "drop") & ~pl.col("accepted"))["row"].unique().sort()


def _signed(findings: pl.DataFrame, rows: pl.DataFrame, accepted: Accepted) -> pl.DataFrame:
    hashes = findings.select("row").join(rows.select("row", "row_hash"), on="row", how="left", maintain_order="left")
    return findings.with_columns(hashes["row_hash"], accepted.mask(findings, hashes["row_hash"]))


def _hits(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows a corpus rule hits, with their group and the row before them in it (for the first, the last)."""
    group = group_column(rule.signal)
    return rows.filter(rule.fires()).select(
        "row",
        pl.col(rule.signal).cast(pl.Float64).alias("value"),
        pl.col(group).alias("group"),
        pl.col("row").shift(1).over(group).fill_null(pl.col("row").last().over(group)).alias("other"),
    )


def _as_findings(rule: Rule, hits: pl.DataFrame) -> pl.DataFrame:
    constants = {
        "rule": rule.name,
        "action": rule.action,
        "severity": rule.severity or get(rule.signal).severity,
        "signal": rule.signal,
        "threshold": rule.threshold,
    }
    absent = {name: None for name in FINDINGS if name not in constants and name not in hits.columns}
    filled = hits.with_columns(**{k: pl.lit(v) for k, v in (constants | absent).items()})
    return filled.select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())


def _flag_groups(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    return _as_findings(rule, _hits(rule, rows).drop("group"))


def _drop_duplicates(
    rules: list[Rule], rows: pl.DataFrame, findings: pl.DataFrame, recipe: Recipe, accepted: Accepted
) -> pl.DataFrame:
    """For every duplicate that goes, the kept row that it matches."""
    if not rules:
        return pl.DataFrame(schema=FINDINGS)
    hits = pl.concat([_hits(rule, rows).with_columns(rule=pl.lit(i)) for i, rule in enumerate(rules)])
    gone = set(dropped_rows(findings))
    kept_in: dict[tuple[int, int], int] = {}
    found: list[tuple[int, int, float, int]] = []
    ordered = _in_keep_order(hits, rows, findings, recipe.keep, gone)
    for row, row_hash, relations in ordered:
        matches = [(rule, value, kept_in[rule, group]) for rule, value, group in relations if (rule, group) in kept_in]
        found += [(row, rule, value, other) for rule, value, other in matches]
        drops = any(
            (row_hash, name) not in accepted.pairs and (row_hash, None) not in accepted.pairs
            for name in (rules[rule].name for rule, _, _ in matches)
        )
        if row not in gone and not drops:
            for rule, _, group in relations:
                kept_in.setdefault((rule, group), row)
    frame = pl.DataFrame(found, schema=["row", "rule", "value", "other"], orient="row")
    split = [_as_findings(r, frame.filter(pl.col("rule") == i).drop("rule")) for i, r in enumerate(rules)]
    return pl.concat(split)


Relations = list[tuple[int, float, int]]


def _in_keep_order(
    hits: pl.DataFrame, rows: pl.DataFrame, findings: pl.DataFrame, keep: str, gone: set[int]
) -> Iterable[tuple[int, str, Relations]]:
    """Rows of duplicate groups, those to keep first; rows that go anyway come last, to be told their twin."""
    counts = findings.group_by("row").len("findings")
    order = {
        "fewest": (["findings", "size", "row"], [False, True, False]),
        "longest": (["size", "row"], [True, False]),
        "first": (["row"], [False]),
        "last": (["row"], [True]),
    }[keep]
    frame = (
        hits.group_by("row", maintain_order=True)
        .agg(pl.struct("rule", "value", "group").alias("relations"))
        .join(rows.select("row", "row_hash", "size"), on="row")
        .join(counts, on="row", how="left")
        .with_columns(pl.col("findings").fill_null(0), pl.col("row").is_in(list(gone)).alias("gone"))
        .sort("gone", *order[0], descending=[False, *order[1]])
    )
    for row, row_hash, relations in frame.select("row", "row_hash", "relations").iter_rows():
        yield row, row_hash, [(r["rule"], r["value"], r["group"]) for r in relations]
