"""`audit`: what is wrong with this data?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tamis.signals  # noqa: F401 - fills the registry
from tamis import workspace
from tamis.cache import Cache
from tamis.corpus import OWN
from tamis.corpus import Progress as Stages
from tamis.differences import with_differences
from tamis.engines import local
from tamis.errors import TamisError
from tamis.keeping import keep_order, parse_keep
from tamis.models import toxicity
from tamis.recipe import Recipe, load
from tamis.records.reader import Reading
from tamis.registry import get, load_signals
from tamis.results import AuditResult, accepted_from
from tamis.scores.preferences import preference_facts
from tamis.verbs.dataset import Data, gather, open_data
from tamis.verbs.engine import Measuring, opened
from tamis.verdicts import Accepted, corpus_signals, judge, with_signals


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
    cache: str | os.PathLike[str] | None = None,
    engine: str = "local",
    address: str | None = None,
    parts: str | os.PathLike[str] | None = None,
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
        What scores toxicity: `screen`, `minilm`, `original`, `unbiased`, `multilingual`, the path of a detoxify
        checkpoint, `cascade` or `cascade:MODEL`.
    cache
        A folder where values are kept, so that a second run measures only rows that are new, and a run that was
        stopped goes on. The result is the same with and without it.
    engine, address
        Where it is computed: `local`, in threads, or `ray`, with the same result; `address` is a Ray to connect to
        (`auto` for the one on this machine), without which one is started for the run.
    parts
        A folder where the engine ray also writes the tables of rows and findings, as folders of Parquet files.
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
    chosen = prepare_recipe(recipe, set, signals)
    models = {"embedder": embedder, "language_model": language_model, "toxicity_model": toxicity_model}
    for option, model in models.items():
        chosen = with_model(chosen, option, model)
    scorers = toxicity_scorers(chosen)
    accepted = read_accepted(accept)
    keep = parse_keep(chosen.keep)
    spare = (keep.column,) if keep.column and keep.signal else ()  # the signal stands in for the column
    reading = Reading(schema, mapping or {}, by, keep.column, may_lack=spare)
    table, inputs, files = open_data(data, format)
    measuring = Measuring(chosen, show_sensitive, language_model)
    kept = None if cache is None else Cache(Path(cache), chosen, measuring.task, show_sensitive=show_sensitive)
    with opened(engine, address, threads=threads, cached=kept is not None) as machine:
        gathered = gather(machine.run(inputs, reading, measuring, kept, progress), machine.room(chosen, files))
        rows, findings = gathered.rows, gathered.findings
        reference, reference_files = gathered.add_reference(against, chosen)
        corpus = machine.corpus(gathered, keep_order(rows, findings, chosen.keep), stages, embedder)
        columns, pairs = (corpus_signals if kept is None else kept.corpus_signals)(rows, chosen, corpus)
        if stages is not None:
            stages("judging", 0.0)
        rows = with_signals(rows, columns)
        workspace.check_steady([*files, *reference_files])
        facts: dict[str, Any] = {
            "tamis": version("tamis"),
            "engine": machine.facts,
            "inputs": files,
            "by": by,
            "reading": {"schema": schema, "mapping": dict(mapping or {})},
            "signals": list(signals),
            "accepted": sorted(accepted.pairs, key=str),
            "against": reference_files,
            "preferences": preference_facts(rows),
            "toxicity": scorers,
            "corpus": {} if corpus is None else corpus.facts,
            "cache": None if kept is None else kept.finish(),
            "seconds": round(time.perf_counter() - started, 3),
        }
        found = judge(rows, findings, chosen, accepted, pairs)
        if corpus is not None:
            found = with_differences(
                found, chosen, corpus.texts_by(rows["row"].to_numpy()), show_sensitive=show_sensitive
            )
        machine.keep(None if parts is None else Path(parts), {"signals": rows, "findings": found})
    return AuditResult(rows, found, gathered.unreadable, chosen, facts, accepted, table, pairs, reference, against)


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
