"""What the verbs return: frozen, holding frames, and able to show themselves."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from tamis import workspace
from tamis.identity import identity_lexicon
from tamis.masking import mask
from tamis.recipe import Recipe, parse
from tamis.records.reader import Reading
from tamis.records.sources import Source
from tamis.registry import SIGNALS
from tamis.reports import terminal
from tamis.reports.pages.audit import audit_notebook, prune_notebook
from tamis.scores.bias.disparity import disparity
from tamis.verdicts import PAIRS, Accepted, dropped_rows

REFERENCE = pl.Schema({"row": pl.Int64, "number": pl.Int64, "file": pl.Int32, "line": pl.Int64})
REDACTIONS = pl.Schema(
    {
        "row": pl.Int64,
        "file": pl.String,
        "line": pl.Int64,
        "field": pl.String,  # where in the record: "messages[1].content"
        "start": pl.Int64,  # characters into the field's old text
        "stop": pl.Int64,
        "kind": pl.String,
    }
)


@dataclass(frozen=True)
class AuditResult:
    """What an audit found.

    `rows` has a line a readable row: where it stands, its schema, `row_hash` and a column a signal.
    `findings` has a line a row and rule, with the evidence. `unreadable` lists the records that could not
    be read, with the reason. `pairs` has the verified pairs of rows that pair signals found alike; a row
    number below 0 is a row of the set that the data was held against, which `reference` places.
    """

    rows: pl.DataFrame
    findings: pl.DataFrame
    unreadable: pl.DataFrame
    recipe: Recipe
    facts: Mapping[str, Any]
    accepted: Accepted = field(default_factory=Accepted)
    table: Any = field(default=None, repr=False)
    pairs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PAIRS), repr=False)
    reference: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REFERENCE), repr=False)
    reference_table: Any = field(default=None, repr=False)

    @cached_property
    def dropped(self) -> pl.Series:
        """Numbers of the rows that the recipe drops, ascending."""
        return dropped_rows(self.findings)

    @cached_property
    def kept(self) -> pl.Series:
        """Numbers of the rows that stay, ascending."""
        return self.rows.select("row").filter(~pl.col("row").is_in(self.dropped.implode()))["row"]

    @property
    def total(self) -> int:
        """Rows in the input: kept, dropped and unreadable together."""
        return self.rows.height + self.unreadable.height

    @property
    def reading(self) -> Reading:
        """How the rows were understood, to read some of them again."""
        return Reading(**self.facts["reading"], by=self.facts["by"])

    @property
    def sources(self) -> list[Source]:
        """The files that were read."""
        return [workspace.source_of(file) for file in self.facts["inputs"] if "path" in file]

    def rows_of(self, rule: str) -> pl.DataFrame:
        """The findings of one rule."""
        if rule not in self.recipe.rules:
            from tamis.errors import unknown

            raise unknown("rule", rule, self.recipe.rules)
        return self.findings.filter(pl.col("rule") == rule)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write `signals.parquet`, `findings.parquet`, `unreadable.parquet`, `pairs.parquet` and `audit.json`."""
        facts = {**self.facts, "recipe": self.recipe.text, "summary": self.summary()}
        tables = {"signals": self.rows, "findings": self.findings, "unreadable": self.unreadable, "pairs": self.pairs}
        tables["reference"] = self.reference
        workspace.save(folder, facts, tables)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> AuditResult:
        """Read a saved audit again; the inputs are checked when they are needed."""
        facts, tables = workspace.load(folder)
        recipe = parse(facts["recipe"])
        pairs = frozenset((a, b) for a, b in facts.get("accepted", []))
        kept = {key: value for key, value in facts.items() if key not in ("recipe", "summary", "schema_version")}
        return cls(
            tables["signals"],
            tables["findings"],
            tables["unreadable"],
            recipe,
            kept,
            Accepted(pairs),
            pairs=tables["pairs"],
            reference=tables["reference"],
        )

    def summary(self) -> dict[str, Any]:
        """Counts, shares and one example a rule, as plain values: what `--json` prints."""
        return {
            "tamis": self.facts["tamis"],
            "recipe": self.recipe.name,
            "inputs": [dict(file) for file in self.facts["inputs"]],
            "rows": self.total,
            "read": self.rows.height,
            "unreadable": self.unreadable.height,
            "kept": len(self.kept),
            "dropped": len(self.dropped),
            "flagged": self.findings.filter(~pl.col("accepted"))["row"].n_unique(),
            "accepted": self.findings.filter(pl.col("accepted")).height,
            "schemas": self._shares("source_schema"),
            "languages": self._shares("response_language"),
            "tokens": self._tokens(),
            "rules": self._rules(),
            "unreadable_reasons": self._unreadable(),
            "not_applicable": self._not_applicable(),
            "corpus": dict(self.facts.get("corpus", {})),
            "preferences": dict(self.facts.get("preferences", {})),
            "by": self._by(),
            "disparity": self._disparity(),
            "cache": self.facts.get("cache"),
            "seconds": self.facts.get("seconds"),
        }

    def _shares(self, column: str) -> list[dict[str, Any]]:
        """Values of a column, commonest first, with their share of the rows that have one."""
        if column not in self.rows.columns:
            return []
        known = self.rows[column].drop_nulls()
        counted = known.value_counts().sort("count", column, descending=[True, False])
        return [{"name": name, "rows": rows, "share": rows / len(known)} for name, rows in counted.iter_rows()]

    def _tokens(self) -> dict[str, Any] | None:
        columns = [name for name in ("prompt_tokens", "response_tokens") if name in self.rows.columns]
        if not columns:
            return None
        return {"estimated": True, **{name: int(self.rows[name].sum() or 0) for name in columns}}

    def _rules(self) -> list[dict[str, Any]]:
        counts = dict(self.findings.filter(~pl.col("accepted"))["rule"].value_counts().iter_rows())
        examples = self._examples()
        return [
            {
                "rule": rule.name,
                "action": rule.action,
                "severity": rule.severity or SIGNALS[rule.signal].severity,
                "what": rule.what,
                "condition": rule.condition,
                "unit": SIGNALS[rule.signal].unit,
                "rows": counts.get(rule.name, 0),
                "share": counts.get(rule.name, 0) / max(1, self.rows.height),
                "example": examples.get(rule.name),
            }
            for rule in self.recipe.rules.values()
        ]

    def _examples(self) -> dict[str, dict[str, Any]]:
        """The first finding of each rule, with where its row stands."""
        first = self.findings.filter(~pl.col("accepted")).unique("rule", keep="first", maintain_order=True)
        places = {row["row"]: row for row in self._placed(first).iter_rows(named=True)}
        examples = {}
        for found in first.iter_rows(named=True):
            example = {
                **self._place(places[found["row"]]),
                "value": found["value"],
                "excerpt": found["excerpt"],
            }
            if found["other"] is not None:
                example["other"] = self._place(places[found["other"]])
            examples[found["rule"]] = example
        return examples

    def _placed(self, findings: pl.DataFrame) -> pl.DataFrame:
        wanted = pl.concat([findings["row"], findings["other"].drop_nulls()]).unique()
        return self.places(wanted)

    def places(self, numbers: pl.Series) -> pl.DataFrame:
        """Where rows stand: `row`, `number` in the input, `file` (an index) and `line`.

        A `row` below 0 is one of the reference set.
        """
        places = self.rows.select("row", number="row", file="file", line="line")
        own = places.filter(pl.col("row").is_in(numbers.implode()))
        return pl.concat([own, self.reference.filter(pl.col("row").is_in(numbers.implode()))])

    def shown_places(self, numbers: pl.Series) -> dict[int, dict[str, Any]]:
        """Where rows stand, for people: `row`, `file`, `line`, and whether it is of the reference set."""
        return {place["row"]: self._place(place) for place in self.places(numbers.unique()).iter_rows(named=True)}

    def _place(self, row: Mapping[str, Any]) -> dict[str, Any]:
        files = self.facts["inputs"] if row["row"] >= 0 else self.facts["against"]
        number = row.get("number", row["row"])
        return {"row": number, "file": files[row["file"]]["name"], "line": row["line"], "reference": row["row"] < 0}

    def _not_applicable(self) -> list[dict[str, Any]]:
        """Rules written for one language, and the share of answered rows that they could not judge."""
        absent = []
        judged = [rule.signal for rule in self.recipe.rules.values() if SIGNALS[rule.signal].language is not None]
        answered = self.rows.select("answered", *dict.fromkeys(judged)).filter(pl.col("answered"))
        for rule in self.recipe.rules.values():
            signal = SIGNALS[rule.signal]
            if signal.language is not None and answered.height:
                rows = answered[signal.name].null_count()
                share = rows / answered.height
                absent.append({"rule": rule.name, "language": signal.language, "rows": rows, "share": share})
        return [entry for entry in absent if entry["rows"]]

    def _unreadable(self) -> list[dict[str, Any]]:
        """Reasons, commonest first, those that differ in numbers alone counted as one; each with its first places."""
        alike = pl.col("reason").str.replace_all(r"\d+", "#")
        groups = self.unreadable.group_by(alike.alias("alike"), maintain_order=True).agg(
            pl.len().alias("rows"),
            pl.col("reason").first(),
            pl.struct("row", "file", "line", "start").head(3).alias("places"),
        )
        return [
            {"reason": reason, "rows": rows, "places": [self._place(place) for place in places]}
            for rows, reason, places in groups.sort("rows", descending=True, maintain_order=True)
            .select("rows", "reason", "places")
            .iter_rows()
        ]

    def _by(self) -> dict[str, Any] | None:
        """Counts by the column that was asked for."""
        column = self.facts.get("by")
        if column is None:
            return None
        key = pl.col("by").fill_null("(none)")
        keyed = self.rows.select("row", by=key)
        found = self.findings.filter(~pl.col("accepted")).join(keyed, on="row")
        per_rule: dict[str, dict[str, int]] = {}
        for by, rule, rows in found.group_by("by", "rule").len().sort("by", "rule").iter_rows():
            per_rule.setdefault(by, {})[rule] = rows
        dropped = dict(keyed.filter(pl.col("row").is_in(self.dropped.implode()))["by"].value_counts().iter_rows())
        groups = keyed["by"].value_counts(sort=True).sort("count", "by", descending=[True, False])
        return {
            "column": column,
            "groups": [
                {
                    "value": mask(value),
                    "rows": rows,
                    "dropped": dropped.get(value, 0),
                    "rules": per_rule.get(value, {}),
                }
                for value, rows in groups.iter_rows()
            ],
        }

    def _disparity(self) -> list[dict[str, Any]]:
        """Drop rates by identity group; nothing where the recipe computes no mentions or drops no row."""
        mentions = [name for name in ("prompt_identities", "response_identities") if name in self.rows.columns]
        if not mentions or self.dropped.is_empty():
            return []
        masks = np.bitwise_or.reduce([self.rows[name].to_numpy() for name in mentions])
        gone = self.rows["row"].is_in(self.dropped.implode()).to_numpy()
        return disparity(masks, gone, identity_lexicon().groups)

    def __str__(self) -> str:
        return terminal.audit_text(self.summary())

    def _repr_html_(self) -> str:
        return audit_notebook(self.summary())


@dataclass(frozen=True)
class PruneResult:
    """What pruning kept and dropped; `kept` is the pruned table where a table was given.

    `redactions` has a line a span that was redacted, never what stood there; None where nothing was to be redacted.
    """

    audit: AuditResult
    output: str | None
    dropped_output: str | None
    kept: Any = field(default=None, repr=False)
    redactions: pl.DataFrame | None = field(default=None, repr=False)
    redactions_output: str | None = None

    @property
    def n_kept(self) -> int:
        """Rows that were kept."""
        return len(self.audit.kept)

    @property
    def n_dropped(self) -> int:
        """Rows that were dropped."""
        return len(self.audit.dropped)

    @property
    def n_unreadable(self) -> int:
        """Records that could not be read."""
        return self.audit.unreadable.height

    def reasons(self) -> pl.DataFrame:
        """Every dropped row's reasons: the findings that drop it."""
        drops = (pl.col("action") == "drop") & ~pl.col("accepted")
        return self.audit.findings.filter(drops)

    def summary(self) -> dict[str, Any]:
        """Counts and reasons as plain values."""
        audit = self.audit.summary()
        reasons = [rule for rule in audit["rules"] if rule["action"] == "drop" and rule["rows"]]
        return {
            "rows": self.audit.total,
            "kept": self.n_kept,
            "dropped": self.n_dropped,
            "unreadable": self.n_unreadable,
            "accepted": audit["accepted"],
            "reasons": reasons,
            "by": audit["by"],
            "redacted": self._redacted(),
            "disparity": audit["disparity"],
            "output": self.output,
            "dropped_output": self.dropped_output,
            "redactions_output": self.redactions_output,
        }

    def _redacted(self) -> list[dict[str, Any]] | None:
        """Spans and rows by kind, the commonest first."""
        if self.redactions is None:
            return None
        counted = self.redactions.group_by("kind").agg(spans=pl.len(), rows=pl.col("row").n_unique())
        return counted.sort("spans", "kind", descending=[True, False]).to_dicts()

    def __str__(self) -> str:
        return terminal.prune_text(self.summary())

    def _repr_html_(self) -> str:
        return prune_notebook(self.summary())


def with_findings(
    audit: AuditResult, recipe: Recipe, findings: pl.DataFrame, accepted: Accepted, pairs: pl.DataFrame | None = None
) -> AuditResult:
    """The same audit judged by another recipe, perhaps on some of its pairs only."""
    known = audit.pairs if pairs is None else pairs
    return replace(audit, recipe=recipe, findings=findings, accepted=accepted, pairs=known)


def accepted_from(lines: Iterable[str]) -> Accepted:
    """Reviewed findings from the lines of an `--accept` file.

    A line is a row hash and perhaps a rule, or a JSON object with `row_hash` and perhaps `rule`, as in the
    file that `--dropped` writes; `#` begins a comment.

    >>> sorted(accepted_from(["# fine", "9f2c truncated"]).pairs)
    [('9f2c', 'truncated')]
    """
    import json

    pairs: set[tuple[str, str | None]] = set()
    for line in (raw.strip() for raw in lines):
        if not line or line.startswith("#"):
            continue
        if line.startswith("{"):
            entry = json.loads(line)
            rule = entry.get("rule")
            if "unreadable" not in entry:  # such a record has no finding to set aside
                pairs.add((str(entry["row_hash"]), None if rule is None else str(rule)))
        else:
            words = line.partition("#")[0].split()
            pairs.add((words[0], words[1] if len(words) > 1 else None))
    return Accepted(frozenset(pairs))
