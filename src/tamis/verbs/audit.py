"""`audit`: what is wrong with this data?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

import tamis.signals  # noqa: F401 - fills the registry
from tamis import workspace
from tamis.engines import local
from tamis.errors import TamisError
from tamis.measure import FINDINGS, Measured
from tamis.recipe import Recipe, load
from tamis.records import sources
from tamis.records.reader import Reading, as_frame, read_batches
from tamis.records.table import UNREADABLE
from tamis.registry import load_signals
from tamis.results import AuditResult, accepted_from
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
    accepted = read_accepted(accept)
    reading = Reading(schema, mapping or {}, by)
    table, inputs, files = open_data(data, format)
    measured = local.run(
        read_batches(inputs, reading),
        chosen,
        show_sensitive=show_sensitive,
        threads=threads,
        progress=progress,
    )
    rows, unreadable, findings = gather(measured)
    rows = with_corpus_signals(rows, chosen)
    facts = {
        "tamis": version("tamis"),
        "inputs": files,
        "by": by,
        "reading": {"schema": schema, "mapping": dict(mapping or {})},
        "signals": list(signals),
        "accepted": sorted(accepted.pairs, key=str),
        "seconds": round(time.perf_counter() - started, 3),
    }
    found = judge(rows, findings, chosen, accepted)
    return AuditResult(rows, found, unreadable, chosen, facts, accepted, table)


def prepare_recipe(recipe: str | os.PathLike[str] | Recipe, changes: Iterable[str], signals: Iterable[str]) -> Recipe:
    """The recipe to use, with the user's own signals loaded and single values changed."""
    load_signals(signals)
    chosen = recipe if isinstance(recipe, Recipe) else load(os.fspath(recipe))
    changes = list(changes)
    return chosen.set(changes) if changes else chosen


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


def gather(measured: Iterable[Measured]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows, unreadable records and findings of all batches, in order."""
    rows, unreadable, findings = [], [pl.DataFrame(schema=UNREADABLE)], [pl.DataFrame(schema=FINDINGS)]
    for batch in measured:
        rows.append(batch.rows)
        unreadable.append(batch.unreadable)
        findings.append(batch.findings)
    if not any(frame.height for frame in (*rows, *unreadable)):
        raise TamisError("the input holds no rows")
    filled = [frame for frame in rows if frame.height] or rows[:1]
    return pl.concat(filled, rechunk=True), pl.concat(unreadable), pl.concat(findings)
