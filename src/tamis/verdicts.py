"""From measured rows to verdicts: corpus signals, the rules on them, and which rows are dropped.

A row is dropped by a row rule that says so, or because it is a duplicate of a row that is kept. Rows are
visited in the order of the keep policy; a row is kept unless it matches a row already kept, so every dropped
duplicate names a kept row that it matches directly, and there are no chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.corpus import Alike, Corpus
from tamis.errors import TamisError
from tamis.keeping import keep_order
from tamis.measure import FINDINGS
from tamis.recipe import Recipe, Rule
from tamis.registry import Signal, get

SKETCHES = ("row", "conversation_hash", "prompt_hash", "response_hash", "size", "answer_words")
HASHES = ("conversation_hash", "prompt_hash", "response_hash")
PAIRS = pl.Schema(
    {
        "signal": pl.String,
        "left": pl.Int64,  # row numbers: the first rows of groups that are the same to the signal
        "right": pl.Int64,
        "similarity": pl.Float64,
        "effective": pl.Float64,  # what thresholds are compared with: the similarity, less what a guard takes
    }
)


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

    def of_rule(self, rule: str, row_hash: pl.Series) -> NDArray[np.bool_]:
        """True for the rows whose finding by that rule would be set aside."""
        chosen = {row for row, name in self.pairs if name is None or name == rule}
        return row_hash.is_in(list(chosen)).to_numpy() if chosen else np.zeros(len(row_hash), np.bool_)


def corpus_signals(
    rows: pl.DataFrame, recipe: Recipe, corpus: Corpus | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The values and groups of all corpus signals, a line a row, and the pairs that were found (see `PAIRS`).

    The value of a pairs signal is the largest effective similarity of a row to another; null where none reaches
    the floor.
    """
    columns: list[pl.Series] = []
    asked = {"sketches": rows.select(SKETCHES), "corpus": corpus}
    for signal in recipe.signals_of("corpus"):
        found = _called(signal, asked, recipe)
        if isinstance(found, pl.DataFrame):
            columns += [found["value"].alias(signal.name), found["group"].alias(group_column(signal.name))]
        else:
            columns.append(pl.Series(signal.name, found).fill_nan(None))
    pairs = [pl.DataFrame(schema=PAIRS)]
    for signal in recipe.signals_of("pairs"):
        alike = _called(signal, asked, recipe)
        if not isinstance(alike, Alike):
            raise TamisError(f"signal {signal.name} returned {type(alike).__name__}; a pairs signal returns Alike")
        value, group, known = _named(alike, rows["row"].to_numpy(), 0 if corpus is None else corpus.reference)
        columns += [value.alias(signal.name), group.alias(group_column(signal.name))]
        pairs.append(known.with_columns(signal=pl.lit(signal.name)).select(PAIRS.names()))
    if corpus is not None:
        corpus.forget()  # what is judged from here on needs no embeddings, and has rows and pairs to hold
    return pl.DataFrame(columns), pl.concat(pairs)


def with_signals(rows: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns of corpus signals, and one printable hash in the place of the sketches."""
    row_hash = pl.col("conversation_hash").bin.encode("hex").alias("row_hash")
    named = rows.with_columns(row_hash, pl.col("prompt_hash").bin.encode("hex"))
    return named.drop("conversation_hash", "response_hash").with_columns(columns.get_columns())


def _called(signal: Signal, asked: Mapping[str, object], recipe: Recipe) -> Any:
    try:
        return signal.function(*(asked[name] for name in signal.inputs), **recipe.signals[signal.name])
    except TamisError:
        raise
    except Exception as error:
        raise TamisError(f"signal {signal.name} failed: {type(error).__name__}: {error}") from error


def _named(alike: Alike, row: NDArray[np.int64], reference: int) -> tuple[pl.Series, pl.Series, pl.DataFrame]:
    """Values, groups and pairs with row numbers for places in the corpus.

    Row k of a reference set has the number -1 - k, and names the group that it is in: whatever it is like goes.
    """
    n = len(row)
    numbers = np.append(row, -1 - np.arange(reference))
    name = numbers.copy()
    theirs = np.arange(n + reference - 1, n - 1, -1)
    theirs = theirs[alike.group[theirs] >= 0]
    name[alike.group[theirs]] = numbers[theirs]  # the last one written stays: the first row of the set
    left, right = (alike.pairs[side].to_numpy() for side in ("left", "right"))
    ours = np.zeros(n + reference, np.bool_)
    ours[alike.group[:n][alike.group[:n] >= 0]] = True
    kept = ours[left] | ours[right]
    best = np.zeros(n + reference)
    effective = alike.pairs["effective"].to_numpy()[kept]
    np.maximum.at(best, left[kept], effective)
    np.maximum.at(best, right[kept], effective)
    grouped = alike.group >= 0
    members = np.bincount(alike.group[grouped], minlength=n + reference)
    best[members > 1] = 1.0
    group = alike.group[:n]
    value = np.where((group >= 0) & (best[group] >= alike.floor), best[group], np.nan)
    pairs = pl.DataFrame(
        {
            "left": name[left[kept]],
            "right": name[right[kept]],
            "similarity": alike.pairs["similarity"].to_numpy()[kept],
            "effective": effective,
        }
    )
    pairs = pairs.filter((pl.col("left") != pl.col("right")) & ((pl.col("left") >= 0) | (pl.col("right") >= 0)))
    names = pl.Series(np.where(group >= 0, name[group], 0)).set(pl.Series(group < 0), None)
    return pl.Series(value).fill_nan(None), names, pairs


def judge(
    rows: pl.DataFrame, findings: pl.DataFrame, recipe: Recipe, accepted: Accepted, pairs: pl.DataFrame | None = None
) -> pl.DataFrame:
    """All findings, those of corpus rules added, with `row_hash` and whether they are `accepted`.

    A row is dropped when it has a finding that drops and is not accepted: see `dropped_rows`.
    """
    pairs = pl.DataFrame(schema=PAIRS) if pairs is None else pairs
    findings = _signed(findings, rows, accepted)
    rules = [*recipe.rules_on("corpus"), *recipe.rules_on("pairs")]
    drop_rules = [rule for rule in rules if rule.action == "drop" and group_column(rule.signal) in rows.columns]
    plain = [rule for rule in rules if rule not in drop_rules and get(rule.signal).scope == "corpus"]
    alike = [rule for rule in rules if rule not in drop_rules and get(rule.signal).scope == "pairs"]
    added = [_signed(_flag_groups(rule, rows), rows, accepted) for rule in plain]
    judged = Judged(rows, pairs, keep_order(rows, findings, recipe.keep), accepted)
    added.append(_signed(judged.duplicates(drop_rules, pl.concat([findings, *added])), rows, accepted))
    dropping = pl.concat([findings, *added])
    # A flag on pairs names each pair once: what would go, were it to drop.
    added += [_signed(judged.duplicates([rule], dropping), rows, accepted) for rule in alike]
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
    """The rows a corpus rule hits, with the row before them in their group (for the first, the last)."""
    group = group_column(rule.signal)
    hits = rows.filter(rule.fires())
    other = pl.lit(None, pl.Int64)
    if group in rows.columns:
        other = pl.col("row").shift(1).over(group).fill_null(pl.col("row").last().over(group))
    return _as_findings(rule, hits.select("row", pl.col(rule.signal).cast(pl.Float64).alias("value"), other=other))


@dataclass(frozen=True)
class Judged:
    """Rows and verified pairs, gone through in the `order` of a keep policy."""

    rows: pl.DataFrame
    pairs: pl.DataFrame
    order: NDArray[np.int64]
    accepted: Accepted

    def duplicates(self, rules: Sequence[Rule], findings: pl.DataFrame) -> pl.DataFrame:
        """For every duplicate by one of the rules, the kept row that it matches.

        Rows that the findings drop go anyway: they come last, to be told their twin, and no flag is put on them. A row
        that goes as an exact copy is not told what it nearly repeats.
        """
        n, found = self.rows.height, [pl.DataFrame(schema=FINDINGS)]
        if not rules or not n:
            return found[0]
        row = self.rows["row"].to_numpy()
        references = self._references(rules)
        groups, hit, drops = self._claims(rules, references)
        gone = np.zeros(n + references, np.bool_)
        gone[np.searchsorted(row, dropped_rows(findings).to_numpy())] = True
        if all(rule.action == "flag" for rule in rules):
            hit[:, gone] = False
        last = gone[self.order]
        order = np.concatenate([np.arange(n, n + references), self.order[~last], self.order[last]])
        starts, links, values = self._links(rules, n + references)
        other, link = kernels.stars.stars(order, gone, groups, hit, drops, starts, links)
        numbers, copies = np.append(row, -1 - np.arange(references)), np.zeros(n + references, np.bool_)
        for k, rule in enumerate(rules):
            exact = get(rule.signal).scope == "corpus"
            matched = np.flatnonzero((other[k] >= 0) & (exact | ~copies))
            copies[matched] |= exact & drops[k, matched]
            value = self.rows[rule.signal].cast(pl.Float64).gather(matched).to_numpy()
            if get(rule.signal).scope == "pairs":
                value = np.append(values, 1.0)[link[k][matched]]
            hits = {"row": row[matched], "value": value, "other": numbers[other[k][matched]]}
            found.append(_as_findings(rule, pl.DataFrame(hits)))
        return pl.concat(found)

    def _claims(
        self, rules: Sequence[Rule], references: int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """By rule and row: the group it is in, whether the rule hits it, and whether nobody accepted that it does."""
        n = self.rows.height
        shape = (len(rules), n + references)
        groups, hit, drops = np.full(shape, -1), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
        groups[:, n:] = np.arange(n, n + references)
        for k, rule in enumerate(rules):
            own = self.rows[group_column(rule.signal)]
            places = self._places(own.fill_null(self.rows["row"][0]).to_numpy())
            groups[k, :n] = np.where(own.is_null(), -1, places)
            hit[k, :n] = self.rows.select(rule.fires()).to_series().to_numpy()
            drops[k, :n] = ~self.accepted.of_rule(rule.name, self.rows["row_hash"])
        return groups, hit, drops

    def _references(self, rules: Sequence[Rule]) -> int:
        """How many rows of a reference set there are to name: their numbers are -1, -2 and so on."""
        named = [self.rows[group_column(rule.signal)] for rule in rules]
        lowest = (column.min() for column in (*named, self.pairs["left"], self.pairs["right"]))
        return max(0, -min([0, *(int(number) for number in lowest if isinstance(number, int))]))

    def _places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where rows of these numbers stand; those of a reference set come after all others."""
        row = self.rows["row"].to_numpy()
        return np.where(numbers < 0, len(row) - 1 - numbers, np.searchsorted(row, numbers))

    def _links(self, rules: Sequence[Rule], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """The pairs at or above each rule's threshold, from both ends, best first; shape (k n + 1,) and (links,)."""
        nodes, ends, effective, similarity = [], [], [], []
        for k, rule in enumerate(rules):
            chosen = self.pairs.filter((pl.col("signal") == rule.signal) & (pl.col("effective") >= rule.at_least))
            left, right = self._places(chosen["left"].to_numpy()), self._places(chosen["right"].to_numpy())
            nodes += [k * n + left, k * n + right]
            ends += [right, left]
            effective += [chosen["effective"].to_numpy()] * 2
            similarity += [chosen["similarity"].to_numpy()] * 2
        node, end = np.concatenate(nodes), np.concatenate(ends)
        best = np.lexsort((end, -np.concatenate(effective), node))
        starts = np.searchsorted(node[best], np.arange(len(rules) * n + 1))
        return starts.astype(np.int64), end[best].astype(np.int64), np.concatenate(similarity)[best]
