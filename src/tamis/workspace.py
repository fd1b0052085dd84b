"""The folder that an audit leaves behind, and how it is read again."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl
import xxhash

from tamis.errors import TamisError
from tamis.records.sources import BLOCK, Source

SCHEMA_VERSION: Final = 4
TABLES: Final = ("signals", "findings", "unreadable", "pairs", "reference")


def fingerprint(source: Source) -> dict[str, Any]:
    """What tells that a file is the one that was audited: its size, its time and the XXH3 of its bytes."""
    status = source.path.stat()  # of before: a change from here on shows
    return {
        "path": str(source.path.resolve()),
        "name": source.name,
        "format": source.format,
        "compression": source.compression,
        "bytes": status.st_size,
        "modified": status.st_mtime_ns,
        "xxh3_128": digest_of(source.path),
    }


def check_steady(files: Iterable[Mapping[str, Any]]) -> None:
    """An error where a file is no longer the one whose fingerprint was taken when reading began."""
    for file in files:
        if "path" in file:
            try:
                check_unchanged(file)
            except TamisError:
                raise TamisError(f"{file['name']}: changed while it was read; audit again once it is whole") from None


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
    """Write the tables and `audit.json`, which has their checksums.

    All are written under other names first, so that a disk that is full leaves the last audit as it was; then they are
    renamed under a lock, so that of two runs that finish at once one has the last word, about all files.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with locked(target / ".lock"), ExitStack() as written:
            finished = written.enter_context(whole_file(target / "audit.json"))  # the last to be renamed
            checksums = {}
            for name in TABLES:
                path = written.enter_context(whole_file(target / f"{name}.parquet"))
                checksums[name] = write_parquet(tables[name], path)
            stated = {"schema_version": SCHEMA_VERSION, **facts, "checksums": checksums}
            finished.write_bytes(orjson.dumps(stated, option=orjson.OPT_INDENT_2))
            (target / "audit.json").unlink(missing_ok=True)
    except OSError as error:
        raise TamisError(f"{target}: the audit cannot be written there ({error.strerror or error})") from None


def write_parquet(table: pl.DataFrame, path: Path) -> str:
    """Write a table by way of memory, compressed, as polars has no one error for a full disk; the XXH3 of the file."""
    content = io.BytesIO()
    table.write_parquet(content, compression="zstd", metadata={"tamis_schema": str(SCHEMA_VERSION)})
    path.write_bytes(content.getbuffer())
    return str(xxhash.xxh3_128_hexdigest(content.getbuffer()))


def digest_of(path: Path) -> str:
    """The XXH3 of a file's bytes."""
    digest = xxhash.xxh3_128()
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return str(digest.hexdigest())


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds the file; one that is killed lets go. Nothing is held on Windows."""
    with path.open("ab") as file:
        with suppress(ImportError):
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


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
    checksums = facts.pop("checksums", None)
    tables = {}
    for name in TABLES:
        try:
            content = (target / f"{name}.parquet").read_bytes()
        except OSError as error:
            raise TamisError(f"{target}: damaged ({name}.parquet: {error.strerror}); audit again") from None
        if not isinstance(checksums, dict) or checksums.get(name) != xxhash.xxh3_128_hexdigest(content):
            raise TamisError(f"{target}: damaged ({name}.parquet is not what was written); audit again")
        tables[name] = pl.read_parquet(io.BytesIO(content))
    return facts, tables


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


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write plain values as JSON, whole or not at all.

    Raises
    ------
    TamisError
        Where the file cannot be written.
    """
    try:
        with whole_file(Path(path)) as part:
            part.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise TamisError(f"{path}: cannot be written ({error.strerror or error})") from None
