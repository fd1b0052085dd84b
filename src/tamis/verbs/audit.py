"""`audit`: what is wrong with this data?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import tamis.signals  # noqa: F401 - fills the registry
from tamis import workspace
from tamis.corpus import OWN, Corpus, Spool, silent
from tamis.corpus import Progress as Stages
from tamis.differences import with_differences
from tamis.engines import local
from tamis.errors import TamisError
from tamis.inputs import Inputs
from tamis.keeping import keep_order, parse_keep
from tamis.measure import FINDINGS, Measured
from tamis.models import toxicity
from tamis.packed import Packed
from tamis.recipe import Recipe, load
from tamis.records import sources
from tamis.records.reader import Reading, as_frame, read_batches
from tamis.records.table import UNREADABLE
from tamis.registry import get, load_signals
from tamis.results import REFERENCE, AuditResult, accepted_from
from tamis.scores.preferences import preference_facts
from tamis.verdicts import Accepted, judge, with_corpus_signals

Data = Any
"""A path, a glob, `-`, several of them, or a polars, pandas, pyarrow or `datasets` table."""


def audit(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Data,
    *,
    recipe: str | os.PathLike[str] | Recipe = "default",
    set: Sequence[str] = (),  # noqa: A002 - the flag's own name
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    by: str | None = None,
    accept: str | os.PathLike[str] | None = None,
    signals: Sequence[str] = (),
    show_sensitive: bool = False,
    threads: int | None = None,
    progress: local.Progress | None = None,
    stages: Stages | None = None,
    against: Data = None,
    embedder: Any = None,
    language_model: Any = None,
    toxicity_model: str | os.PathLike[str] | None = None,
) -> AuditResult:
    """Read every row, compute the recipe's signals and find what its rules hit.

    Parameters
    ----------
    data
        A path, glob, folder or `-` (or a list of them), or a polars, pandas, pyarrow or `datasets` table.
    recipe
        A built-in recipe's name, the path of a TOML file, or a `Recipe`; `set` changes single values of it,
        each written `RULE.KEY=VALUE`.
    schema, mapping, format
        What the rows are, where detection should not decide: see `tamis.records`.
    by
        A column (dots reach into objects) that counts are split by.
    accept
        A file of reviewed findings to set aside, by row hash.
    signals
        Modules or Python files with `@signal` functions of your own.
    against
        A set that this data must not repeat: rows like one of its rows go, and it is left as it is.
    embedder
        What turns texts into vectors: `static`, `minilm`, a model's name or folder, or a function from a list of
        strings to vectors.
    language_model
        What tells languages: `profiles`, `langdetect`, or a function from a list of strings to codes.
    toxicity_model
        What scores toxicity: `screen`, `original`, `unbiased`, `multilingual`, the path of a detoxify checkpoint,
        `cascade` or `cascade:MODEL`.
    progress, stages
        Called with the bytes and rows done, and with what is done to all rows together and how far it is.

    Raises
    ------
    TamisError
        For anything the caller can mend; raised before a row is read wherever that is possible.

    Examples
    --------
    >>> import polars as pl
    >>> found = audit(pl.DataFrame({"instruction": ["Name a colour."], "output": [""]}))
    >>> found.findings["rule"].to_list()
    ['empty_response']
    """
    started = time.perf_counter()
    chosen = with_model(prepare_recipe(recipe, set, signals), "embedder", embedder)
    chosen = with_model(chosen, "language_model", language_model)
    chosen = with_model(chosen, "toxicity_model", toxicity_model)
    scorers = toxicity_scorers(chosen)
    accepted = read_accepted(accept)
    reading = Reading(schema, mapping or {}, by, parse_keep(chosen.keep).column)
    table, inputs, files = open_data(data, format)
    measured = local.run(
        read_batches(inputs, reading),
        chosen,
        show_sensitive=show_sensitive,
        threads=threads,
        progress=progress,
        language_model=language_model,
    )
    gathered = gather(measured)
    rows, unreadable, findings = gathered.rows, gathered.unreadable, gathered.findings
    reference, reference_files = gathered.add_reference(against, chosen)
    corpus = gathered.corpus(keep_order(rows, findings, chosen.keep), threads, stages, embedder)
    rows, pairs = with_corpus_signals(rows, chosen, corpus)
    facts = {
        "tamis": version("tamis"),
        "inputs": files,
        "by": by,
        "reading": {"schema": schema, "mapping": dict(mapping or {})},
        "signals": list(signals),
        "accepted": sorted(accepted.pairs, key=str),
        "against": reference_files,
        "preferences": preference_facts(rows),
        "toxicity": scorers,
        "corpus": {} if corpus is None else corpus.facts,
        "seconds": round(time.perf_counter() - started, 3),
    }
    found = judge(rows, findings, chosen, accepted, pairs)
    if corpus is not None:
        found = with_differences(found, chosen, corpus.texts_by(rows["row"].to_numpy()), show_sensitive=show_sensitive)
    return AuditResult(rows, found, unreadable, chosen, facts, accepted, table, pairs, reference, against)


def prepare_recipe(recipe: str | os.PathLike[str] | Recipe, changes: Iterable[str], signals: Iterable[str]) -> Recipe:
    """The recipe to use, with the user's own signals loaded and single values changed."""
    load_signals(signals)
    chosen = recipe if isinstance(recipe, Recipe) else load(os.fspath(recipe))
    changes = list(changes)
    return chosen.set(changes) if changes else chosen


def with_model(recipe: Recipe, option: str, model: Any) -> Recipe:
    """The recipe with that model for every signal that has such an option; None changes nothing."""
    if model is None:
        return recipe
    name = os.fspath(model) if isinstance(model, str | os.PathLike) else OWN
    return recipe.set([f"{signal}.{option}={name}" for signal in recipe.signals if option in get(signal).options])


def toxicity_scorers(recipe: Recipe) -> dict[str, str]:
    """The scorer of each toxicity signal; loaded here, so that what is missing is an error before a row is read."""
    asked = {name: options for name, options in recipe.signals.items() if "toxicity_model" in get(name).options}
    return {name: toxicity.load(options.get("toxicity_model", "screen")).name for name, options in asked.items()}


def read_accepted(path: str | os.PathLike[str] | None) -> Accepted:
    """The findings that the file sets aside; none without a file."""
    if path is None:
        return Accepted()
    try:
        return accepted_from(Path(path).read_text("utf-8").splitlines())
    except OSError as error:
        raise TamisError(f"--accept {path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError) as error:
        raise TamisError(
            f"--accept {path}: a line is neither a row hash nor an object with row_hash ({error})"
        ) from None


def open_data(data: Data, format: str | None) -> tuple[Any, Any, list[dict[str, Any]]]:
    """The table (or None), what to read, and the facts about each input."""
    frame = as_frame(data)
    if frame is not None:
        return data, frame, [{"name": f"{type(data).__module__.partition('.')[0]} table", "format": "table"}]
    paths = [data] if isinstance(data, str | os.PathLike) else data
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | os.PathLike) for path in paths):
        raise TamisError(
            f"cannot read a {type(data).__name__}; give a path, or a polars, pandas, pyarrow or datasets table"
        )
    found = sources.find(paths, format)
    return None, found, [workspace.fingerprint(source) for source in found]


@dataclass(frozen=True)
class Gathered:
    """The rows, unreadable records and findings of all batches in order, and their texts if they are compared."""

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    findings: pl.DataFrame
    prompts: Spool
    responses: Spool

    def add_reference(self, data: Data, recipe: Recipe) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
        """Read a set to compare with after the data: where its rows stand, numbered -1, -2 and so on, and its files."""
        places = [pl.DataFrame(schema=REFERENCE)]
        if data is None:
            return places[0], []
        if not recipe.compares_texts:
            raise TamisError(f"recipe {recipe.name} compares no texts, so there is nothing to hold against a set")
        _, inputs, files = open_data(data, None)
        for batch in read_batches(inputs):
            _spool((self.prompts, self.responses), Inputs(batch.records).sides)
            places.append(batch.records.rows.select("row", number="row", file="file", line="line"))
        placed = pl.concat(places)
        return placed.with_columns(row=-1 - pl.int_range(pl.len())), files

    def corpus(
        self, order: NDArray[np.int64], threads: int | None, stages: Stages | None, embedder: Any
    ) -> Corpus | None:
        """The texts for the corpus signals; None where no signal compares texts."""
        prompts, n = self.prompts.texts(), self.rows.height
        if len(prompts) < n:
            return None
        return Corpus(
            prompts,
            self.responses.texts(),
            order,
            reference=len(prompts) - n,
            threads=threads,
            progress=stages or silent,
            own=embedder,
        )


def _spool(spools: tuple[Spool, Spool], sides: tuple[Packed, Packed]) -> None:
    for spool, texts in zip(spools, sides, strict=True):
        spool.add(texts)


def gather(measured: Iterable[Measured]) -> Gathered:
    """All batches together."""
    rows, unreadable, findings = [], [pl.DataFrame(schema=UNREADABLE)], [pl.DataFrame(schema=FINDINGS)]
    prompts, responses = Spool(), Spool()
    for batch in measured:
        if batch.sides is not None:
            _spool((prompts, responses), batch.sides)
        rows.append(batch.rows)
        unreadable.append(batch.unreadable)
        findings.append(batch.findings)
    if not any(frame.height for frame in (*rows, *unreadable)):
        raise TamisError("the input holds no rows")
    filled = [frame for frame in rows if frame.height] or rows[:1]
    return Gathered(pl.concat(filled, rechunk=True), pl.concat(unreadable), pl.concat(findings), prompts, responses)
