"""`decontaminate`: which rows hold items of a test set, and the data without them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import polars as pl

from tamis import workspace
from tamis.contamination.index import ItemIndex, is_index, load_index
from tamis.contamination.items import check_items, read_benchmarks
from tamis.contamination.lexical import HITS, ROLES, find_hits
from tamis.contamination.semantic import Meanings, Verify
from tamis.engines import local
from tamis.errors import TamisError, unknown
from tamis.inputs import Inputs
from tamis.masking import excerpt, mask
from tamis.measure import FINDINGS, PLACE, Measured
from tamis.recipe import parse
from tamis.records.reader import Batch, Reading, as_frame, read_batches
from tamis.records.sources import Source, find
from tamis.records.table import UNREADABLE
from tamis.reports import decontamination as report
from tamis.reports.pages import decontamination as page
from tamis.results import AuditResult
from tamis.sketch import conversation_hash
from tamis.verbs.dataset import Data, open_data
from tamis.verbs.prune import prune

RULE: Final = "contaminated"
BENCHMARKS: Final = pl.Schema(
    {
        "benchmark": pl.String,
        "items": pl.Int64,
        "items_hit": pl.Int64,
        "rows_hit": pl.Int64,
        "question": pl.Int64,  # rows by what they hold
        "question and answer": pl.Int64,
        "answer": pl.Int64,
        "passage": pl.Int64,
        "meaning": pl.Int64,  # rows that are alike in meaning alone, which are flagged
        "unreadable": pl.Int64,
    }
)


@dataclass(frozen=True)
class DecontaminationResult:
    """Which rows hold test items.

    `hits` has a line a row and item: where on both sides, the score, the verdict; `benchmarks` a line a benchmark.
    `audit` holds the rows as an audit does, `kept` those that stay where a table was given.
    """

    audit: AuditResult = field(repr=False)
    hits: pl.DataFrame
    benchmarks: pl.DataFrame
    facts: Mapping[str, Any] = field(repr=False)
    output: str | None = None
    dropped_output: str | None = None
    kept: Any = field(default=None, repr=False)

    @property
    def contaminated(self) -> pl.Series:
        """Numbers of the rows that hold a test item, ascending."""
        return self.audit.dropped

    def summary(self, most: int = 3, *, show_sensitive: bool = False) -> dict[str, Any]:
        """Counts by benchmark and its clearest hits, as plain values: what `--json` prints."""
        flagged = self.hits.filter(pl.col("action") == "flag")["row"].n_unique()
        return {
            "inputs": [dict(file) for file in self.audit.facts["inputs"]],
            "rows": self.audit.total,
            "unreadable": self.audit.unreadable.height,
            "contaminated": len(self.contaminated),
            "alike": flagged,
            "kept": len(self.audit.kept),
            "fields": self.facts["fields"],
            "semantic": self.facts["semantic"],
            "embedder": self.facts["embedder"],
            "benchmarks": self.benchmarks.to_dicts(),
            "unread_benchmarks": self.facts["unread"],
            "examples": self._examples(most, show_sensitive),
            "output": self.output,
            "dropped_output": self.dropped_output,
            "index": self.facts["index"],
            "seconds": self.audit.facts["seconds"],
        }

    def _examples(self, most: int, show_sensitive: bool) -> list[dict[str, Any]]:
        """The first rows of some different items of each benchmark, the surest first."""
        ranked = self.hits.sort(
            pl.col("action") == "flag", "score", "tokens", "row", descending=[False, True, True, False]
        )
        counted = ranked.with_columns(rows=pl.col("row").n_unique().over("benchmark", "item", "action"))
        chosen = counted.unique(["benchmark", "item", "action"], keep="first", maintain_order=True)
        chosen = chosen.group_by("benchmark", "action", maintain_order=True).head(most)
        places = self.audit.shown_places(chosen["row"])
        shown = (lambda text: text) if show_sensitive else mask
        return [
            {**hit, "place": places[hit["row"]], "text": shown(hit["text"]), "item_text": shown(hit["item_text"])}
            for hit in chosen.iter_rows(named=True)
        ]

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


@dataclass(frozen=True)
class Matched(Measured):
    """A batch and the test items that its rows hold."""

    hits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HITS))


@dataclass(frozen=True)
class Search:
    """What is looked for, and in whose turns."""

    index: ItemIndex
    fields: str
    meanings: Meanings | None = None


def decontaminate(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Data,
    against: Data,
    *,
    output: str | os.PathLike[str] | None = None,
    dropped: str | os.PathLike[str] | None = None,
    fields: str = "prompt",
    index: str | os.PathLike[str] | None = None,
    semantic: float | None = None,
    embedder: Any = None,
    verify: Verify | None = None,
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    threads: int | None = None,
    progress: local.Progress | None = None,
    show_sensitive: bool = False,
) -> DecontaminationResult:
    """Find the rows that hold items of test sets, each with its evidence, and write the others byte for byte.

    Parameters
    ----------
    data, schema, mapping, format, threads, progress
        As for `audit`.
    against
        Test sets: files in any format and the shapes benchmarks come in, folders of them, an index, or a table.
    output, dropped
        Where the clean rows go, as in `prune`, and a JSON lines file for the others with their evidence.
    fields
        Whose turns are searched: `prompt` (and raw texts; the default), `response` or `conversation`.
    index
        A file to keep the test items in, to be named as `against` the next time.
    semantic
        From which cosine the nearest test question makes a row that holds none alike (0.9, say); None leaves it out.
        Such rows are flagged and stay.
    embedder, verify
        For `semantic`: what turns texts into vectors, and a function that is given a test item and a row's text and
        says whether they are the same; what it denies is no hit.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> import polars as pl
    >>> test = pl.DataFrame({"question": ["Ann has 3 red pens and 4 blue ones; how many pens does she have?"]})
    >>> asked = "Solve it. Ann has 3 red pens and 4 blue ones: how many pens does she have?"
    >>> found = decontaminate(pl.DataFrame({"prompt": [asked, "Hello!"], "completion": ["7", "Hi!"]}), test)
    >>> found.contaminated.to_list(), found.hits.select("item", "verdict", "score").rows()
    ([0], [(0, 'question', 1.0)])
    """
    started = time.perf_counter()
    if fields not in ROLES:
        raise unknown("fields to search", fields, ROLES)
    if semantic is not None and not 0 < semantic <= 1:
        raise TamisError(f"semantic is {semantic}; a cosine lies above 0 and up to 1")
    if semantic is None and (embedder is not None or verify is not None):
        raise TamisError("an embedder and a verification are for rows alike in meaning; ask for them with semantic")
    table, inputs, files = open_data(data, format)
    items = read_index(against, [] if table is not None else inputs)
    if index is not None:
        items.save(Path(index))
    meanings = None if semantic is None else Meanings.of(items, semantic, embedder, verify)
    search = Search(items, fields, meanings)
    matched = list(
        local.run(
            read_batches(inputs, Reading(schema, mapping or {})),
            partial(match_batch, search=search),
            threads=threads,
            progress=progress,
        )
    )
    workspace.check_steady(files)
    if not any(batch.rows.height or batch.unreadable.height for batch in matched):
        raise TamisError("the input holds no rows")
    hits = pl.concat([pl.DataFrame(schema=HITS), *(batch.hits for batch in matched)])
    facts = {
        "tamis": version("tamis"),
        "inputs": files,
        "against": [],
        "by": None,
        "reading": {"schema": schema, "mapping": dict(mapping or {})},
        "seconds": round(time.perf_counter() - started, 3),
    }
    audit = _as_audit(matched, hits, facts, table, show_sensitive)
    written = prune(audit, output, dropped=dropped) if output or dropped or table is not None else None
    told = {
        "fields": fields,
        "semantic": semantic,
        "embedder": None if meanings is None else meanings.embedder.name,
        "index": None if index is None else os.fspath(index),
        "unread": [
            {"benchmark": one.name, "records": one.unreadable, "reason": one.first_reason}
            for one in items.benchmarks
            if one.unreadable
        ],
    }
    return DecontaminationResult(
        audit,
        hits,
        by_benchmark(items, hits),
        told,
        None if written is None else written.output,
        None if written is None else written.dropped_output,
        None if written is None else written.kept,
    )


def read_index(against: Data, inputs: Sequence[Source]) -> ItemIndex:
    """The test items of files, folders, saved indices or a table; none of the files may be one of the data."""
    frame = as_frame(against)
    if frame is not None:
        parts, benchmarks = read_benchmarks(frame)
        check_items(parts, benchmarks)
        return ItemIndex.of(parts, benchmarks)
    paths = [against] if isinstance(against, str | os.PathLike) else list(against or [])
    if not paths:
        raise TamisError("name what the data is held against with --against: a file, a folder, or a saved index")
    saved = [Path(path) for path in paths if is_index(Path(path))]
    sources = find([path for path in paths if Path(path) not in saved]) if len(saved) < len(paths) else []
    own = {source.path.resolve() for source in inputs}
    for source in sources:
        if source.path.resolve() in own:
            raise TamisError(f"{source.name}: is the data itself; name another file with --against")
    read = [load_index(path) for path in saved] + ([read_benchmarks(sources)] if sources else [])
    parts, benchmarks = pl.concat([parts for parts, _ in read]), [one for _, some in read for one in some]
    check_items(parts, benchmarks)
    return ItemIndex.of(parts, benchmarks)


def match_batch(batch: Batch, search: Search) -> Matched:
    """The rows of a batch with their hashes, and the test items that they hold."""
    turns = batch.records.turns
    hits = find_hits(turns, search.index, search.fields)
    if search.meanings is not None:
        hits = pl.concat([hits, search.meanings.find(turns, search.fields, hits["row"].unique())]).sort("row", "turn")
    number = batch.records.rows["row"].gather(hits["row"])
    row_hash = conversation_hash(Inputs(batch.records)).bin.encode("hex").alias("row_hash")
    rows, nothing = batch.records.rows.select(PLACE).with_columns(row_hash), pl.DataFrame(schema=FINDINGS)
    return Matched(rows, batch.unreadable, nothing, batch.consumed, None, hits.with_columns(row=number))


_NOTHING: Final = parse({"name": "decontaminate", "compute": []})


def _as_audit(
    matched: Sequence[Measured], hits: pl.DataFrame, facts: dict[str, Any], table: Any, show_sensitive: bool
) -> AuditResult:
    """The rows as an audit has them, each hit a finding, so that they are written as `prune` writes."""
    rows = pl.concat([batch.rows for batch in matched if batch.rows.height] or [matched[0].rows], rechunk=True)
    unreadable = pl.concat([pl.DataFrame(schema=UNREADABLE), *(batch.unreadable for batch in matched)])
    said = [_said(hit, show_sensitive) for hit in hits.iter_rows(named=True)]
    findings = hits.select(
        "row",
        "action",
        "threshold",
        "turn",
        pl.col("start", "stop").cast(pl.Int32),
        rule=pl.lit(RULE),
        severity=pl.when(pl.col("action") == "drop").then(pl.lit("high")).otherwise(pl.lit("low")),
        signal=pl.lit("contamination"),
        value="score",
        other=pl.lit(None, pl.Int64),
        excerpt=pl.Series(said, dtype=pl.String),
    ).select(pl.col(name).cast(kind) for name, kind in FINDINGS.items())
    hashes = findings.select("row").join(rows.select("row", "row_hash"), on="row", how="left", maintain_order="left")
    findings = findings.with_columns(hashes["row_hash"], accepted=pl.lit(False))
    return AuditResult(rows, findings, unreadable, _NOTHING, facts, table=table)


def _said(hit: dict[str, Any], show_sensitive: bool) -> str:
    """A hit in one line: the verdict, the item and what stands there."""
    item = f"{hit['benchmark']} {hit['name'] or hit['item']}"
    return f"{hit['verdict']} of {item}: {excerpt(hit['text'], None, None, show_sensitive=show_sensitive)}"


def by_benchmark(items: ItemIndex, hits: pl.DataFrame) -> pl.DataFrame:
    """What was found of each benchmark, as in `BENCHMARKS`."""
    sure = hits.filter(pl.col("action") == "drop")
    lines = []
    for one in items.benchmarks:
        own = sure.filter(pl.col("benchmark") == one.name)
        alike = hits.filter(pl.col("benchmark") == one.name, pl.col("action") == "flag")
        kinds = {kind: own.filter(pl.col("verdict") == kind)["row"].n_unique() for kind in BENCHMARKS.names()[4:8]}
        lines.append(
            {
                "benchmark": one.name,
                "items": one.items,
                "items_hit": own["item"].n_unique(),
                "rows_hit": own["row"].n_unique(),
                **kinds,
                "meaning": alike["row"].n_unique(),
                "unreadable": one.unreadable,
            }
        )
    return pl.DataFrame(lines, schema=BENCHMARKS)
