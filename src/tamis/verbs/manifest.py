"""The manifest of a selection: what was asked, of which data, and which rows came of it, so that it can be repeated."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import polars as pl
import xxhash
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.verbs.table import Table
from tamis.workspace import write_json

SCHEMA_VERSION: Final = 1
PACKAGES: Final = ("tamis", "numpy", "numba", "polars", "faiss-cpu")


@dataclass(frozen=True)
class Manifest:
    """Versions, the summary of the selection, fingerprints of the data, and number and hash of each picked row."""

    path: str
    facts: Mapping[str, Any]

    @property
    def summary(self) -> Mapping[str, Any]:
        """The summary of the selection that it was written for."""
        summary: Mapping[str, Any] = self.facts["summary"]
        return summary

    def write(self, path: str) -> None:
        """Write it as JSON, whole or not at all."""
        write_json(path, self.facts)

    def places(self, table: Table) -> NDArray[np.int64]:
        """Where the picked rows stand in the table.

        Raises
        ------
        TamisError
            Where the data is not the one that the selection was made of.
        """
        then = self.facts["data"]
        if table.total != then["rows"]:
            raise TamisError(f"{self.path}: was made of {then['rows']:,} rows, and the data has {table.total:,} now")
        now = data_of(table)
        known = {row: i for i, row in enumerate(table.rows["row"])}
        hashes = dict(table.rows.select("row", "row_hash").iter_rows())
        for row, told in zip(self.facts["rows"]["row"], self.facts["rows"]["hash"], strict=True):
            if hashes.get(row) != told:
                raise TamisError(f"{self.path}: row {row} of the data has changed since; select again")
        files = (then["files"], now["files"])
        if now["xxh3_128"] != then["xxh3_128"] or (all(files) and files[0] != files[1]):
            raise TamisError(f"{self.path}: the data has changed since, if not in the picked rows; select again")
        return np.array([known[row] for row in self.facts["rows"]["row"]], np.int64)


def data_of(table: Table) -> dict[str, Any]:
    """What tells that the data is the same: its rows, a hash over all of them in order, and of each file."""
    digest = xxhash.xxh3_128()
    for row_hash in table.rows["row_hash"]:
        digest.update(row_hash.encode())
    files = [file["xxh3_128"] for file in table.inputs if "xxh3_128" in file]
    return {"rows": table.total, "xxh3_128": digest.hexdigest(), "files": files}


def manifest_of(table: Table, rows: pl.DataFrame, summary: Mapping[str, Any]) -> Manifest:
    """The manifest of a selection that has just been made."""
    versions = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    facts = {
        "schema_version": SCHEMA_VERSION,
        "versions": versions,
        "data": data_of(table),
        "summary": summary,
        "rows": {"row": rows["row"].to_list(), "hash": rows["row_hash"].to_list()},
    }
    return Manifest("", facts)


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """A manifest that `select` has written.

    Raises
    ------
    TamisError
        Where there is none, or one of another version.
    """
    try:
        facts = orjson.loads(Path(path).read_bytes())
    except OSError as error:
        raise TamisError(f"{os.fspath(path)}: cannot be read ({error.strerror})") from None
    except orjson.JSONDecodeError:
        facts = None
    if not isinstance(facts, dict) or not {"data", "summary", "rows", "schema_version"} <= facts.keys():
        raise TamisError(f"{os.fspath(path)}: is no manifest of tamis select")
    if facts["schema_version"] != SCHEMA_VERSION:
        raise TamisError(f"{os.fspath(path)}: was written by another version of tamis; select again")
    return Manifest(os.fspath(path), facts)
