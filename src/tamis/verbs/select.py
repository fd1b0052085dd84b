"""`select`: which rows to train on, if there is room for some of them alone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.corpus import Progress as Stages
from tamis.corpus import silent
from tamis.engines.local import Progress
from tamis.errors import TamisError
from tamis.registry import load_signals
from tamis.reports import select as report
from tamis.reports.pages import select as page
from tamis.selection.budget import Budget, Numbers
from tamis.selection.figures import compared, figures, random_subsets
from tamis.selection.strategies import ALIKE, Candidates, Picked, Strategy, parse_strategy, pick
from tamis.verbs.dataset import Data
from tamis.verbs.kept import PLACE, check_targets, filtered_table, write_rows
from tamis.verbs.manifest import Manifest, manifest_of, read_manifest
from tamis.verbs.strata import Quota, parse_quota, strata_of
from tamis.verbs.table import Column, Table, column_of, read_table

SIZE: Final = ("prompt_tokens", "response_tokens")


@dataclass(frozen=True)
class SelectResult:
    """Which rows were picked, and what sets them apart from a random subset of the same size.

    `rows` has a line a picked row, in the order of picking: where it stands, its `row_hash`, `tokens`, and `quality`
    and `stratum` where there are such. `figures` has the subset beside all rows and random subsets. `kept` is the
    table of picked rows where a table was given, in its own order.
    """

    rows: pl.DataFrame
    total: int
    figures: Sequence[Mapping[str, Any]] = field(repr=False)
    strata: pl.DataFrame | None
    facts: Mapping[str, Any]
    kept: Any = field(default=None, repr=False)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def selected(self) -> pl.Series:
        """Numbers of the picked rows, ascending."""
        return self.rows["row"].sort()

    def summary(self) -> dict[str, Any]:
        """What was picked and how it compares, as plain values: what `--json` prints."""
        return {
            **self.facts,
            "rows": self.total,
            "selected": self.rows.height,
            "tokens": int(self.rows["tokens"].sum()),
            "figures": [dict(line) for line in self.figures],
            "strata": None if self.strata is None else self.strata.to_dicts(),
            "outputs": dict(self.outputs),
        }

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


def select(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Data,
    output: str | os.PathLike[str] | None = None,
    *,
    n: int | None = None,
    tokens: int | str | None = None,
    strategy: str = "facility",
    quality: str | None = None,
    weight: float | None = None,
    stratify: Sequence[str] = (),
    quota: str | None = None,
    alike: float | None = None,
    clusters: int | None = None,
    neighbours: int | None = None,
    field: str = "conversation",
    embedder: Any = None,
    causal_model: str | os.PathLike[str] | None = None,
    seed: int = 0,
    rest: str | os.PathLike[str] | None = None,
    manifest: str | os.PathLike[str] | None = None,
    signals: Sequence[str] = (),
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    stages: Stages | None = None,
) -> SelectResult:
    """Pick rows within a budget, write them byte for byte in their own order, and hold them against random subsets.

    Parameters
    ----------
    data, signals, schema, mapping, format, threads, progress, stages
        As for `audit`.
    output, rest
        Where the picked rows go, and where all others: a file of the input's own format, or a folder that gets one
        file for each input. None writes nothing. A manifest is written beside `output`.
    n, tokens
        The budget, one of the two: rows, or estimated tokens of prompt and response (`2_000_000`, or "2M").
    strategy
        `random`, `quality`, `facility`, `diverse` (that is `dpp`), `k-center`, `deita`, `coverage`, or `quality*NAME`
        with one of `facility`, `diverse` and `k-center`.
    quality
        A signal or a column of the data; `lowest:NAME` where less is better. Within equal quality the seed decides.
    weight
        The share of quality in a combination, 0.5 unless told.
    stratify
        Signals or columns whose values keep their shares of the data's rows.
    quota
        Shares to bring about: `source=human:0.5,gpt-4:0.2`; what they leave goes to the other values as they are.
    alike, clusters, neighbours
        Deita's limit of the cosine (0.9), how many clusters `coverage` makes, how many neighbours `facility` looks at.
    field, embedder
        What is compared (`conversation`, `prompt` or `response`), and what turns it into vectors, as for `audit`.
    causal_model
        What the signal `ifd` asks: see its documentation.
    seed
        Of all that is drawn.
    manifest
        A manifest to repeat: the same rows are written again, if the data is still the same.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> import polars as pl
    >>> said = {"prompt": ["Add 2 and 3.", "Add 2 and 3.", "Name a bird."], "completion": ["5", "five", "Owl"]}
    >>> select(pl.DataFrame(said), n=2, strategy="k-center", field="prompt").kept["completion"].to_list()
    ['5', 'Owl']
    """
    load_signals(signals)
    plan = parse_strategy(strategy, weight)
    recorded = None if manifest is None else read_manifest(manifest)
    if recorded is not None and (n is not None or tokens is not None):
        raise TamisError("a manifest says which rows; leave out n and tokens to repeat it")
    if recorded is None and (n is None) == (tokens is None):
        raise TamisError("say how much to pick: n rows or tokens, one of the two")
    plan = replace(plan, alike=ALIKE if alike is None else alike, clusters=clusters, neighbours=neighbours)
    _check(plan, quality, {"alike": alike, "clusters": clusters, "neighbours": neighbours})
    best, split = None if quality is None else _quality(quality), None if quota is None else parse_quota(quota)
    columns = [best] if best else []
    columns += [column_of(name) for name in (*stratify, *([split.column] if split else []))]
    table = read_table(
        data,
        [*(Column(name, True) for name in SIZE), *columns],
        models={"embedder": embedder, "causal_model": causal_model},
        reading={"schema": schema, "mapping": mapping or {}, "format": format},
        run={"threads": threads, "progress": progress, "stages": stages},
    )
    check_targets(table.sources, {"the picked rows": output, "the rest": rest})
    if recorded is not None:
        return _written(_repeated(recorded, table), table, output, rest, None)
    asked: dict[str, Any] = {
        "n": n,
        "tokens": None if tokens is None else amount(tokens),
        "strategy": strategy,
        "quality": quality,
    }
    asked |= {"weight": plan.weight if "*" in strategy else None, "stratify": list(stratify), "quota": quota}
    asked |= {"field": field, "embedder": table.embedder, "seed": seed}
    (stages or silent)("picking rows", 0.0)
    found = _Selection(table, plan, best, [column_of(name) for name in stratify], split, asked).run(threads)
    return _written(found, table, output, rest, manifest_of(table, found.rows, found.summary()))


def amount(text: int | str) -> int:
    """A number of tokens as people write it.

    >>> amount("2M"), amount("1.5k"), amount(300)
    (2000000, 1500, 300)
    """
    scale = {"k": 10**3, "m": 10**6, "b": 10**9, "g": 10**9}
    written = str(text).strip().lower().replace(",", "").replace("_", "")
    try:
        found = float(written[:-1]) * scale[written[-1]] if written[-1:] in scale else float(written)
        if 1 <= found < 1e15:
            return round(found)
    except ValueError:
        pass
    raise TamisError(f"tokens is {text}; write a number such as 500k or 2M")


def _check(plan: Strategy, quality: str | None, told: Mapping[str, float | None]) -> None:
    if plan.by_quality and quality is None:
        raise TamisError(f"strategy {plan.name} needs to know what is good: name a signal or a column with quality")
    if not plan.by_quality and plan.name != "coverage" and quality is not None:
        raise TamisError(f"strategy {plan.name} looks at no quality; perhaps quality*{plan.name}, or deita")
    owner = {"alike": "deita", "clusters": "coverage", "neighbours": "facility"}
    for name, value in told.items():
        if value is not None and plan.name != owner[name]:
            raise TamisError(f"{name} is for strategy {owner[name]}, and not for {plan.name}")
        if value is not None and value < (-1 if name == "alike" else 1):
            raise TamisError(f"{name} is {value:g}; it is at least {-1 if name == 'alike' else 1}")


def _quality(text: str) -> Column:
    policy, colon, name = text.partition(":")
    if colon and policy in ("lowest", "highest"):
        return replace(column_of(name), lowest=policy == "lowest")
    return column_of(text)


@dataclass(frozen=True)
class _Selection:
    """One selection: the table, and what was asked of it."""

    table: Table
    plan: Strategy
    quality: Column | None
    stratify: Sequence[Column]
    quota: Quota | None
    asked: Mapping[str, Any]

    def run(self, threads: int | None) -> SelectResult:
        """Pick the rows, and hold them against random ones."""
        rows, field, seed = self.table.rows, self.asked["field"], self.asked["seed"]
        tokens = _tokens(rows)
        cost = np.ones(rows.height, np.int64) if self.asked["n"] is not None else np.maximum(tokens, 1)
        total = self._total(rows.height)
        strata = strata_of(self.table, self.stratify, self.quota)
        budget = Budget.of(cost, total)
        if strata is not None:
            budget = budget.split(strata.label, strata.weight(cost))
        vectors = self.table.vectors(field)
        quality = None if self.quality is None else self.table.numbers(self.quality)
        candidates = Candidates(
            budget, lambda: vectors, lambda k: self.table.graph(field, k), quality, seed=seed, threads=threads
        )
        found = pick(self.plan, candidates)
        shown = None if quality is None or self.quality is None else quality * (-1 if self.quality.lowest else 1)
        lines = self._lines(found.rows, tokens, shown, strata.names if strata else None)
        return SelectResult(
            lines,
            self.table.total,
            self._figures(found.rows, (cost, total), tokens, shown, vectors),
            None if strata is None else strata.told(found.rows, cost),
            self._facts(found, shown),
        )

    def _total(self, rows: int) -> int:
        if self.asked["n"] is None:
            return int(self.asked["tokens"])
        wanted = int(self.asked["n"])
        if not 1 <= wanted <= rows:
            raise TamisError(f"n is {wanted:,} and the data has {rows:,} rows that can be read")
        return wanted

    def _lines(
        self, picked: Numbers, tokens: Numbers, quality: NDArray[np.float64] | None, strata: pl.Series | None
    ) -> pl.DataFrame:
        lines = self.table.rows.select("row", "file", "line", "row_hash")[picked]
        lines = lines.with_columns(tokens=pl.Series(tokens[picked]))
        if quality is not None:
            lines = lines.with_columns(quality=pl.Series(quality[picked]).fill_nan(None))
        return lines if strata is None else lines.with_columns(stratum=strata.gather(picked))

    def _figures(
        self,
        picked: Numbers,
        budget: tuple[Numbers, int],
        tokens: Numbers,
        quality: NDArray[np.float64] | None,
        vectors: NDArray[np.float32],
    ) -> list[dict[str, Any]]:
        seed = self.asked["seed"]
        every = figures(np.arange(len(tokens)), tokens, quality, vectors, seed=seed)
        drawn = [figures(rows, tokens, quality, vectors, seed=seed) for _, rows in random_subsets(*budget, seed)]
        return compared(figures(picked, tokens, quality, vectors, seed=seed), drawn, every)

    def _facts(self, found: Picked, quality: NDArray[np.float64] | None) -> dict[str, Any]:
        facts: dict[str, Any] = {"strategy": self.plan.name, "options": dict(self.asked), "picking": dict(found.facts)}
        facts |= {"inputs": self.table.inputs, "unreadable": self.table.unreadable.height}
        facts["corpus"] = self.table.corpus.facts
        if quality is not None:
            facts["without_quality"] = int(np.isnan(quality).sum())
        return facts


def _tokens(rows: pl.DataFrame) -> Numbers:
    """Estimated tokens of each row, prompt and response."""
    return rows.select(pl.sum_horizontal(SIZE).cast(pl.Int64)).to_series().to_numpy()


def _repeated(recorded: Manifest, table: Table) -> SelectResult:
    """The rows of a manifest, if the data is the one it was made of."""
    picked = recorded.places(table)
    lines = table.rows.select("row", "file", "line", "row_hash")[picked]
    summary = recorded.summary
    lines = lines.with_columns(tokens=pl.Series(_tokens(table.rows)[picked]))
    facts = {
        name: summary[name]
        for name in ("strategy", "options", "picking", "without_quality", "corpus")
        if name in summary
    }
    facts |= {"inputs": table.inputs, "unreadable": table.unreadable.height, "repeats": recorded.path}
    strata = None if summary["strata"] is None else pl.DataFrame(summary["strata"])
    return SelectResult(lines, table.total, summary["figures"], strata, facts)


_COMPUTED: Final = ("rows", "selected", "tokens", "figures", "strata", "outputs")


def _written(found: SelectResult, table: Table, output: Any, rest: Any, manifest: Manifest | None) -> SelectResult:
    """Write the picked rows and the others, and the manifest beside them."""
    kept = np.zeros(table.total, np.bool_)
    kept[found.selected.to_numpy()] = True
    if table.frame is not None:
        if output is not None or rest is not None:
            raise TamisError("a table has no file to copy rows from; use the result's .kept")
        return replace(found, kept=filtered_table(table.frame, kept))
    places = pl.concat([table.rows.select(PLACE), table.unreadable.select(PLACE)])
    outputs = {}
    for name, target, mine in (("selected", output, kept), ("rest", rest, ~kept)):
        if target is not None:
            write_rows(places, table.inputs, mine, Path(target))
            outputs[name] = os.fspath(target)
    if output is not None and manifest is not None:
        outputs["manifest"] = f"{os.fspath(output).rstrip('/')}.manifest.json"
        manifest.write(outputs["manifest"])
    return replace(found, outputs=outputs)
