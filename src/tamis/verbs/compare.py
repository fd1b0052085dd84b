"""`compare`: what changed from one dataset to another, and what was lost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

import polars as pl

from tamis.corpus import Progress as Stages
from tamis.engines import local
from tamis.errors import TamisError
from tamis.identity import identity_lexicon
from tamis.recipe import Recipe
from tamis.reports import compare as report
from tamis.reports.pages import compare as page
from tamis.results import AuditResult
from tamis.scores.shifts import counted, masked, shifts
from tamis.verbs.audit import audit
from tamis.verbs.dataset import Data
from tamis.verbs.diversity import DiversityResult, diversity
from tamis.workspace import check_steady, write_json

COLUMNS: Final = {"language": "response_language", "schema": "source_schema", "source": "by"}
"""Columns whose values are kinds of rows, and what the report calls them."""
ASKED: Final = ("task type", "verb", "format")
"""Kinds that `diversity` tells."""
MENTIONS: Final = {"prompts that mention": "prompt_identities", "answers that mention": "response_identities"}


@dataclass(frozen=True)
class CompareResult:
    """Two datasets side by side.

    `changes` has a line a row that is in one of them only: `change` is `removed`, `added` or `changed` (its prompt is
    in both, with another answer), `before` and `after` its numbers. `rules` and `kinds` are `scores.shifts.shifts`.
    `diversity` measures the later set against the earlier one.
    """

    before: AuditResult
    after: AuditResult
    changes: pl.DataFrame
    rules: pl.DataFrame
    kinds: pl.DataFrame
    diversity: DiversityResult | None

    @property
    def worse(self) -> pl.DataFrame:
        """The rules that hit a larger share of the rows than before, by more than chance."""
        return self.rules.filter(pl.col("differs") & (pl.col("difference") > 0))

    @property
    def shrunk(self) -> pl.DataFrame:
        """The kinds of rows whose share shrank by more than chance."""
        return self.kinds.filter(pl.col("differs") & (pl.col("difference") < 0))

    def summary(self) -> dict[str, Any]:
        """All of it as plain values: what `--json` prints, and what `--fail-if` asks."""
        before, after = self.before.summary(), self.after.summary()
        counts = dict(self.changes["change"].value_counts().iter_rows())
        known = {rule["rule"]: rule for rule in after["rules"]}
        lost = [] if self.diversity is None else self.diversity.gaps
        return {
            "before": before["inputs"],
            "after": after["inputs"],
            "rows_before": self.before.total,
            "rows": self.after.total,
            **{name: counts.get(name, 0) for name in ("removed", "added", "changed")},
            **{name: after[name] for name in ("dropped", "flagged", "unreadable")},
            **{f"{name}_before": before[name] for name in ("dropped", "flagged", "unreadable")},
            "worse": self.worse.height,
            "shrunk": self.shrunk.height,
            "lost": len(lost),
            "rules": [
                {"rule": line.pop("kind"), **line, "rows": line["rows_after"]}
                | {key: known[name][key] for key in ("what", "action", "severity")}
                for line in self.rules.to_dicts()
                if (name := line["kind"]) in known
            ],
            "kinds": self.kinds.to_dicts(),
            "diversity": None if self.diversity is None else self.diversity.summary(),
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the summary as JSON."""
        write_json(path, self.summary())

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


def compare(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    before: Data | AuditResult,
    after: Data | AuditResult,
    *,
    recipe: str | os.PathLike[str] | Recipe = "default",
    by: str | None = None,
    scores: bool | None = None,
    size: int | None = None,
    seed: int = 0,
    embedder: Any = "static",
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    threads: int | None = None,
    progress: local.Progress | None = None,
    stages: Stages | None = None,
) -> CompareResult:
    """Say which rows came and went, what the rules find in each set, and what the later one has lost.

    Parameters
    ----------
    before, after
        What `audit` takes, or finished audits (or their folders), which must have been made with one recipe.
    recipe, by, schema, mapping, format, threads, progress, stages
        As for `audit`.
    scores, size, seed, embedder
        Whether diversity is measured too, and how: see `diversity`. Unless told, it is, but for two folders of
        audits, whose data would have to be read again.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> rows = pl.DataFrame({"prompt": ["Add 2 and 3.", "Name a colour."], "completion": ["5", "red"]})
    >>> compare(rows, rows.head(1), scores=False).changes.rows()
    [('removed', 1, None)]
    """
    options: dict[str, Any] = {"schema": schema, "mapping": mapping, "format": format, "threads": threads}
    options |= {"progress": progress, "stages": stages}
    sides = [AuditResult.load(data) if is_audit(data) else data for data in (before, after)]
    one, two = (
        data if isinstance(data, AuditResult) else audit(data, recipe=recipe, by=by, **options) for data in sides
    )
    if one.recipe.text != two.recipe.text:
        raise TamisError("the two audits were made with different recipes; audit one of them again")
    measured = None
    if scores if scores is not None else not all(is_audit(data) for data in (before, after)):
        earlier, later = (_data_of(data) for data in sides)
        measured = diversity(later, against=earlier, size=size, seed=seed, embedder=embedder, by=by, **options)
        check_steady([*one.facts["inputs"], *two.facts["inputs"]])  # the diversity is of what was audited
    totals = one.rows.height, two.rows.height
    return CompareResult(
        one, two, _changes(one, two), _rules(one, two, totals), _kinds(one, two, totals, measured), measured
    )


def is_audit(data: Data | AuditResult) -> TypeGuard[str | os.PathLike[str]]:
    """Whether it names the folder of a finished audit."""
    return isinstance(data, str | os.PathLike) and (Path(data) / "audit.json").is_file()


def _data_of(data: Data | AuditResult) -> Data:
    """What was read: a table, or paths."""
    if not isinstance(data, AuditResult):
        return data
    return [source.given for source in data.sources] if data.table is None else data.table


def _changes(before: AuditResult, after: AuditResult) -> pl.DataFrame:
    """Rows of one set only, copies counted; a removed and an added row of one prompt are one that changed."""
    sides = []
    for found in (before, after):
        hashes = found.rows.select("row", "row_hash", prompt="prompt_hash")
        sides.append(hashes.with_columns(copy=pl.int_range(pl.len()).over("row_hash")))
    gone, come = (
        one.join(other, on=["row_hash", "copy"], how="anti", maintain_order="left").with_columns(
            turn=pl.int_range(pl.len()).over("prompt")
        )
        for one, other in (sides, sides[::-1])
    )
    both = gone.join(come, on=["prompt", "turn"], how="full", suffix="_after")
    kind = (
        pl.when(pl.col("row_after").is_null())
        .then(pl.lit("removed"))
        .when(pl.col("row").is_null())
        .then(pl.lit("added"))
        .otherwise(pl.lit("changed"))
    )
    return both.select(change=kind, before="row", after="row_after").sort("before", "after", nulls_last=True)


def _rules(before: AuditResult, after: AuditResult, totals: tuple[int, int]) -> pl.DataFrame:
    hits = [counted(found.findings.filter(~pl.col("accepted"))["rule"]) for found in (before, after)]
    return shifts(hits[0], hits[1], totals)


def _kinds(
    before: AuditResult, after: AuditResult, totals: tuple[int, int], measured: DiversityResult | None
) -> pl.DataFrame:
    groups, told = identity_lexicon().groups, list[tuple[str, Mapping[str, int], Mapping[str, int]]]()
    for shown, column in COLUMNS.items():
        if all(column in found.rows.columns for found in (before, after)):
            told.append((shown, counted(before.rows[column]), counted(after.rows[column])))
    for shown, column in MENTIONS.items():
        if all(column in found.rows.columns for found in (before, after)):
            told.append((shown, masked(before.rows[column], groups), masked(after.rows[column], groups)))
    if measured is not None:
        told += [(name, *measured.kinds[name].counts()[::-1]) for name in ASKED if name in measured.kinds]
    lines = [shifts(was, now, totals).with_columns(of=pl.lit(shown)) for shown, was, now in told]
    return pl.concat([line for line in lines if line.height] or [shifts({}, {}, totals).with_columns(of=pl.lit(""))])
