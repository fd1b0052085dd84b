"""From measured rows to verdicts: corpus signals, the rules on them, and which rows are dropped.

A row is dropped by a row rule that says so, or because it is a duplicate of a row that is kept. Rows are
visited in the order of the keep policy; a row is kept unless it matches a row already kept, so every dropped
duplicate names a kept row that it matches directly, and there are no chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels, memory
from tamis.corpus import Alike, Corpus
from tamis.errors import TamisError
from tamis.frames import HELD, Frames, put_away
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


LINKED: Final = 1 << 21
"""Pairs, from both ends, that are put in order at a time: some 200 MB."""
Places = NDArray[np.int32]


def group_column(signal: str) -> str:
    """The column that names each row's group for a corpus signal."""
    return f"{signal}_group"


@dataclass(frozen=True)
class Accepted:
    """Findings that a person has reviewed and set aside: by row hash, for one rule or (None) for all."""

    pairs: frozenset[tuple[str, str | None]] = field(default_factory=frozenset)

    def mask(self, findings: pl.DataFrame, row_hash: pl.Series) -> pl.Series:
        """True for the findings that are set aside; `row_hash` is the hash of each finding's row."""
        chosen = self.pairs
        if not chosen:
            return pl.zeros(findings.height, pl.Boolean, eager=True).alias("accepted")
        hits = zip(row_hash, findings["rule"], strict=True)
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
            named = found.select(pl.col("value").alias(signal.name), pl.col("group").alias(group_column(signal.name)))
        else:
            named = pl.Series(signal.name, found).fill_nan(None).to_frame()
        columns += put_away(named).get_columns()
    pairs = [pl.DataFrame(schema=PAIRS)]
    for signal in recipe.signals_of("pairs"):
        alike = _called(signal, asked, recipe)
        if not isinstance(alike, Alike):
            raise TamisError(f"signal {signal.name} returned {type(alike).__name__}; a pairs signal returns Alike")
        values, known = _named(signal.name, alike, rows["row"].to_numpy(), 0 if corpus is None else corpus.reference)
        columns += put_away(values).get_columns()
        pairs.append(known)
        memory.give_back()
    if corpus is not None:
        corpus.forget()  # what is judged from here on needs no embeddings, and has rows and pairs to hold
    return pl.DataFrame(columns), pl.concat(pairs)


def with_signals(rows: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns of corpus signals, and one printable hash in the place of the sketches."""
    row_hash = pl.col("conversation_hash").bin.encode("hex").alias("row_hash")
    hashes = put_away(
        rows.select("conversation_hash", "prompt_hash"),
        lambda part: part.select(row_hash, pl.col("prompt_hash").bin.encode("hex")),
    )
    named = rows.with_columns(hashes.get_columns()).drop("conversation_hash", "response_hash")
    return named.with_columns(columns.get_columns())


def _called(signal: Signal, asked: Mapping[str, object], recipe: Recipe) -> Any:
    try:
        return signal.function(*(asked[name] for name in signal.inputs), **recipe.signals[signal.name])
    except TamisError:
        raise
    except Exception as error:
        raise TamisError(f"signal {signal.name} failed: {type(error).__name__}: {error}") from error


def _named(signal: str, alike: Alike, row: NDArray[np.int64], reference: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Values, groups and pairs with row numbers for places in the corpus.

    Row k of a reference set has the number -1 - k, and names the group that it is in: whatever it is like goes.
    """
    n = len(row)
    numbers = np.append(row, -1 - np.arange(reference))
    name = numbers.copy()
    theirs = np.arange(n + reference - 1, n - 1, -1)
    theirs = theirs[alike.group[theirs] >= 0]
    name[alike.group[theirs]] = numbers[theirs]  # the last one written stays: the first row of the set
    ours = np.zeros(n + reference, np.bool_)
    ours[alike.group[:n][alike.group[:n] >= 0]] = True
    best, pairs = np.zeros(n + reference), Frames()
    pairs.add(pl.DataFrame(schema=PAIRS))
    for part in alike.pairs.iter_slices(HELD):
        known = part.filter(pl.Series(ours[part["left"].to_numpy()] | ours[part["right"].to_numpy()]))
        for side in ("left", "right"):
            np.maximum.at(best, known[side].to_numpy(), known["effective"].to_numpy())
        pairs.add(_renumbered(signal, known, name))
    grouped = alike.group >= 0
    members = np.bincount(alike.group[grouped], minlength=n + reference)
    best[members > 1] = 1.0
    group = alike.group[:n]
    value = np.where((group >= 0) & (best[group] >= alike.floor), best[group], np.nan)
    names = pl.Series(np.where(group >= 0, name[group], 0)).set(pl.Series(group < 0), None)
    values = pl.DataFrame({signal: pl.Series(value).fill_nan(None), group_column(signal): names})
    return values, pairs.frame()


def _renumbered(signal: str, pairs: pl.DataFrame, name: NDArray[np.int64]) -> pl.DataFrame:
    """Pairs of groups as `PAIRS` has them: by the name of each, without those of one name or of the set alone."""
    left, right = (pl.Series(name[pairs[side].to_numpy()]) for side in ("left", "right"))
    named = pairs.with_columns(signal=pl.lit(signal), left=left, right=right).select(PAIRS.names())
    return named.filter((pl.col("left") != pl.col("right")) & ((pl.col("left") >= 0) | (pl.col("right") >= 0)))


def judge(
    rows: pl.DataFrame, findings: pl.DataFrame, recipe: Recipe, accepted: Accepted, pairs: pl.DataFrame | None = None
) -> pl.DataFrame:
    """All findings, those of corpus rules added, with `row_hash` and whether they are `accepted`.

    A row is dropped when it has a finding that drops and is not accepted: see `dropped_rows`.
    """
    pairs = pl.DataFrame(schema=PAIRS) if pairs is None else pairs
    findings = put_away(_signed(findings, rows, accepted))
    rules = [*recipe.rules_on("corpus"), *recipe.rules_on("pairs")]
    drop_rules = [rule for rule in rules if rule.action == "drop" and group_column(rule.signal) in rows.columns]
    plain = [rule for rule in rules if rule not in drop_rules and get(rule.signal).scope == "corpus"]
    alike = [rule for rule in rules if rule not in drop_rules and get(rule.signal).scope == "pairs"]
    added = [put_away(_signed(_flag_groups(rule, rows), rows, accepted)) for rule in plain]
    judged = Judged(rows, pairs, keep_order(rows, findings, recipe.keep), accepted)
    added.append(put_away(_signed(judged.duplicates(drop_rules, pl.concat([findings, *added])), rows, accepted)))
    dropping = pl.concat([findings, *added])
    # A flag on pairs names each pair once: what would go, were it to drop.
    added += [put_away(_signed(judged.duplicates([rule], dropping), rows, accepted)) for rule in alike]
    return _in_order(pl.concat([findings, *added]), recipe)


def _in_order(findings: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """The findings by row, those of a row as the rules stand in the recipe; never all copied at once."""
    order = {name: i for i, name in enumerate(recipe.rules)}
    rank = pl.col("rule").replace_strict(order, return_dtype=pl.Int32)
    places = findings.select(place=pl.arg_sort_by("row", rank))
    return put_away(places, lambda part: findings[part["place"]])


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
        counts, ends, values = [np.zeros(1, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
        for rule in rules:
            left, right, effective, similarity = self._pairs_of(rule)
            counts.append(np.bincount(left, minlength=n) + np.bincount(right, minlength=n))
            reached = np.cumsum(counts[-1])
            edges = np.searchsorted(reached, np.arange(LINKED, reached.max(initial=0), LINKED))
            for start, stop in pairwise([0, *np.unique(edges), n]):  # to sort all at once takes 100 bytes a link
                one, other = (np.flatnonzero((side >= start) & (side < stop)) for side in (left, right))
                pair, node = np.concatenate([one, other]), np.concatenate([left[one], right[other]])
                end = np.concatenate([right[one], left[other]])
                best = np.lexsort((end, -effective[pair], node))
                ends.append(end[best].astype(np.int64))
                values.append(similarity[pair[best]])
        return np.cumsum(np.concatenate(counts)), np.concatenate(ends), np.concatenate(values)

    def _pairs_of(self, rule: Rule) -> tuple[Places, Places, NDArray[np.float64], NDArray[np.float64]]:
        """Where the rows of the pairs at or above the rule's threshold stand, and how alike they are."""
        chosen = (pl.col("signal") == rule.signal) & (pl.col("effective") >= rule.at_least)
        found = [part.filter(chosen).drop("signal") for part in self.pairs.iter_slices(HELD)]
        pairs = pl.concat([self.pairs.clear().drop("signal"), *found])
        left, right = (self._places(pairs[side].to_numpy()).astype(np.int32) for side in ("left", "right"))
        return left, right, pairs["effective"].to_numpy(), pairs["similarity"].to_numpy()
