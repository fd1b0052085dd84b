"""`prune`: take the bad rows out, and show what was taken."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tamis import workspace
from tamis.errors import TamisError
from tamis.results import AuditResult, PruneResult
from tamis.verbs.audit import audit, prepare_recipe, read_accepted
from tamis.verbs.dataset import Data
from tamis.verbs.dropped import write_dropped
from tamis.verbs.kept import PLACE, check_targets, filtered_table, write_rows
from tamis.verbs.redact import Redacted, kinds_of, with_changes, write_lines
from tamis.verbs.redact import redact as find_redactions
from tamis.verbs.rejudge import rejudge


def prune(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Data | AuditResult,
    output: str | os.PathLike[str] | None = None,
    *,
    dropped: str | os.PathLike[str] | None = None,
    set: Sequence[str] = (),  # noqa: A002 - the flag's own name
    accept: str | os.PathLike[str] | None = None,
    redact: str | Sequence[str] = (),
    redactions: str | os.PathLike[str] | None = None,
    **options: Any,
) -> PruneResult:
    """Audit the data (or take a finished audit), and write the rows that stay, byte for byte.

    Parameters
    ----------
    data
        What `audit` takes, or an `AuditResult`; changed thresholds (`set`, or `recipe`) then recompute nothing.
    output
        A file of the input's own format, or a folder that gets one file for each input. None writes nothing.
    dropped
        A JSON lines file for the rows that go, each with its place and every reason.
    redact
        What gives way to a marker in the rows that stay: `pii`, `secrets`, or single kinds (`email`, `iban`, ...). This
        alone changes bytes: those of the strings concerned.
    redactions
        A JSON lines file that tells where something was redacted, and its kind.
    options
        Further options of `audit`, for data that has not been audited; a finished audit takes `recipe` alone.

    Examples
    --------
    >>> import polars as pl
    >>> pruned = prune(pl.DataFrame({"instruction": ["Name a colour.", "Add 2 and 3."], "output": ["", "5"]}))
    >>> pruned.kept["output"].to_list(), pruned.n_dropped
    (['5'], 1)
    """
    kinds = kinds_of(redact) if redact else ()
    if redactions is not None and not kinds:
        raise TamisError("redactions are written where something is redacted; say what: pii, secrets")
    found = _audited(data, set, accept, options)
    sources = [workspace.check_unchanged(file) for file in found.facts["inputs"] if "path" in file]
    check_targets(sources, {"the kept rows": output, "the dropped ones": dropped, "the redactions": redactions})
    kept = np.zeros(found.total, np.bool_)
    kept[found.kept.to_numpy()] = True
    redacted = find_redactions(found, sources, kept, kinds) if kinds else Redacted()
    if output is not None:
        if found.table is not None:
            raise TamisError("a table has no file to copy rows from; use the result's .kept")
        places = pl.concat([found.rows.select(PLACE), found.unreadable.select(PLACE)])
        write_rows(places, found.facts["inputs"], kept, Path(output), redacted)
    if dropped is not None:
        write_dropped(found, Path(dropped))
    told = redacted.told(found) if kinds else None
    if told is not None and redactions is not None:
        write_lines(told, Path(redactions))
    table = None if found.table is None else filtered_table(with_changes(found.table, redacted.of(0)), kept)
    return PruneResult(found, _name(output), _name(dropped), table, told, _name(redactions))


def _audited(data: Any, changes: Sequence[str], accept: Any, options: dict[str, Any]) -> AuditResult:
    if not isinstance(data, AuditResult):
        return audit(data, set=changes, accept=accept, **options)
    if late := [name for name in options if name != "recipe"]:
        raise TamisError(f"a finished audit takes no {', '.join(late)}; audit again with it")
    if not changes and accept is None and not options:
        return data
    accepted = data.accepted if accept is None else read_accepted(accept)
    recipe = prepare_recipe(options["recipe"], changes, ()) if options else data.recipe.set(changes)
    return rejudge(data, recipe, accepted)


def _name(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)
