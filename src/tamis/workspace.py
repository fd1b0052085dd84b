"""The folder that an audit leaves behind, and how it is read again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl
import xxhash

from tamis.errors import TamisError
from tamis.records.sources import BLOCK, Source

SCHEMA_VERSION: Final = 3
TABLES: Final = ("signals", "findings", "unreadable", "pairs", "reference")


def fingerprint(source: Source) -> dict[str, Any]:
    """What tells that a file is the one that was audited: its size, its time and the XXH3 of its bytes."""
    digest = xxhash.xxh3_128()
    with source.path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return {
        "path": str(source.path.resolve()),
        "name": source.name,
        "format": source.format,
        "compression": source.compression,
        "bytes": source.size,
        "modified": source.path.stat().st_mtime_ns,
        "xxh3_128": digest.hexdigest(),
    }


def check_unchanged(recorded: Mapping[str, Any]) -> Source:
    """The source that a fingerprint was taken of; an error where the file has changed or gone since."""
    path = Path(recorded["path"])
    if not path.exists():
        raise TamisError(f"{recorded['name']}: gone since the audit ({path}); audit again")
    source = Source(path, recorded["name"], recorded["format"], recorded["compression"])
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) == (recorded["bytes"], recorded.get("modified")):
        return source  # as make and rsync judge; hashing a gigabyte again takes longer than copying it
    if fingerprint(source)["xxh3_128"] != recorded["xxh3_128"]:
        raise TamisError(f"{recorded['name']}: changed since the audit; audit again")
    return source


def save(folder: str | os.PathLike[str], facts: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    """Write the tables, then `audit.json`: each file appears whole or not at all, and the facts come last."""
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target / "audit.json").unlink(missing_ok=True)
        for name in TABLES:
            with whole_file(target / f"{name}.parquet") as path:
                tables[name].write_parquet(path, compression="zstd", metadata={"tamis_schema": str(SCHEMA_VERSION)})
        with whole_file(target / "audit.json") as path:
            path.write_bytes(orjson.dumps({"schema_version": SCHEMA_VERSION, **facts}, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise TamisError(f"{target}: the audit cannot be written there ({error.strerror or error})") from None


def load(folder: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """The facts and tables of an audit folder."""
    target = Path(folder)
    try:
        facts = orjson.loads((target / "audit.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise TamisError(f"{target}: no finished audit there; make one with: tamis audit DATA -o {target}") from None
    if not isinstance(facts, dict) or not isinstance(facts.get("recipe"), dict) or "inputs" not in facts:
        raise TamisError(f"{target}: damaged (audit.json states no recipe); audit again")
    if facts.get("schema_version") != SCHEMA_VERSION:
        raise TamisError(f"{target}: written by another version of tamis ({facts.get('tamis')}); audit again")
    try:
        return facts, {name: pl.read_parquet(target / f"{name}.parquet") for name in TABLES}
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TamisError(f"{target}: damaged ({str(error).splitlines()[0]}); audit again") from None


class whole_file:  # noqa: N801 - a context manager, used like a function
    """A temporary path beside the target, renamed to it when the block ends well, removed otherwise."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(prefix=f".{self.target.name}.", dir=self.target.parent)
        os.close(handle)
        self.path = Path(name)
        return self.path

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            mask = os.umask(0)
            os.umask(mask)
            self.path.chmod(0o666 & ~mask)
            self.path.replace(self.target)
        else:
            self.path.unlink(missing_ok=True)
