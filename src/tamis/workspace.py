"""The folder that an audit leaves behind, and how it is read again."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final, cast

import orjson
import polars as pl
import xxhash

from tamis import frames, unfinished
from tamis.errors import TamisError
from tamis.records import remote
from tamis.records.sources import BLOCK, Source, fetched
from tamis.unfinished import whole_file as whole_file

SCHEMA_VERSION: Final = 5
TABLES: Final = ("signals", "findings", "unreadable", "pairs", "reference")


def fingerprint(source: Source) -> dict[str, Any]:
    """What tells that a file is the one that was audited: its size, its time and the XXH3 of its bytes."""
    seen = state(source)  # of before: a change from here on shows
    return {**seen, "xxh3_128": digest_of(source.path)}


def state(source: Source) -> dict[str, Any]:
    """What tells that a file has changed since, without reading it; of a remote one, what its store says of it."""
    status, origin = source.path.stat(), source.origin
    return {
        "path": str(source.path.resolve()) if origin is None else remote.shown(origin.url),
        "name": source.name,
        "format": source.format,
        "compression": source.compression,
        "bytes": status.st_size,
        "modified": status.st_mtime_ns if origin is None else origin.version.modified,
        **({} if origin is None else {"etag": origin.version.etag, "url_xxh3": remote.digest(origin.url)}),
    }


def check_steady(files: Iterable[Mapping[str, Any]]) -> None:
    """An error where a file is no longer the one whose state or fingerprint was taken when reading began."""
    for file in files:
        if "path" in file and not _is_as_recorded(file):
            raise TamisError(f"{file['name']}: changed while it was read; run it again once it is whole")


def check_unchanged(recorded: Mapping[str, Any]) -> Source:
    """The source that a fingerprint was taken of; an error where the file has changed or gone since."""
    if not remote.is_remote(recorded["path"]) and not Path(recorded["path"]).exists():
        raise TamisError(f"{recorded['name']}: gone since the audit ({recorded['path']}); audit again")
    if not _is_as_recorded(recorded):
        raise TamisError(f"{recorded['name']}: changed since the audit; audit again")
    return source_of(recorded)


def source_of(recorded: Mapping[str, Any]) -> Source:
    """The file that a fact about an input names; a remote one is fetched again where its copy is gone."""
    if remote.is_remote(recorded["path"]):
        return fetched(remote.url_of(recorded), recorded["format"])
    return Source(Path(recorded["path"]), recorded["name"], recorded["format"], recorded["compression"])


def _is_as_recorded(recorded: Mapping[str, Any]) -> bool:
    """Judged by size and time, as make and rsync do, where they are the same; otherwise by the hash, if there is one.

    Hashing a gigabyte again takes longer than copying it.
    """
    if remote.is_remote(recorded["path"]):
        then = remote.Version(recorded["bytes"], recorded.get("etag"), recorded["modified"])
        now = remote.version(remote.url_of(recorded))
        if then.is_told and then.is_same(now):
            return True
    else:
        try:
            status = Path(recorded["path"]).stat()
        except OSError:
            return False
        if (status.st_size, status.st_mtime_ns) == (recorded["bytes"], recorded.get("modified")):
            return True
    return "xxh3_128" in recorded and fingerprint(source_of(recorded))["xxh3_128"] == recorded["xxh3_128"]


def save(folder: str | os.PathLike[str], facts: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    """Write the tables and `audit.json`, which has their checksums.

    All are written under other names first, so that a disk that is full leaves the last audit as it was; then they are
    renamed under a lock, so that of two runs that finish at once one has the last word, about all files.
    """
    target = Path(folder)
    unfinished.check_local(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with locked(target / ".lock"), ExitStack() as written:
            finished = written.enter_context(whole_file(target / "audit.json"))  # the last to be renamed
            checksums = {}
            for name in TABLES:
                path = written.enter_context(whole_file(target / f"{name}.parquet"))
                checksums[name] = write_parquet(tables[name], path)
            stated = {"schema_version": SCHEMA_VERSION, **facts, "checksums": checksums}
            stated["checksum"] = _checksum(stated)
            finished.write_bytes(orjson.dumps(stated, option=orjson.OPT_INDENT_2))
            (target / "audit.json").unlink(missing_ok=True)
    except OSError as error:
        raise TamisError(f"{target}: the audit cannot be written there ({error.strerror or error})") from None


def _checksum(facts: Mapping[str, Any]) -> str:
    return str(xxhash.xxh3_128_hexdigest(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)))


class _Digested(io.RawIOBase):
    """A file that is written to, the XXH3 of its bytes, and the error that it met, for which polars has no one name.

    Pages of mapped frames are given back as what they hold is written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.digest = xxhash.xxh3_128()
        self.error: OSError | None = None
        self._file = path.open("wb")
        self._since = 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        try:
            self._file.write(content)
        except OSError as error:
            self.error = error
            raise
        self.digest.update(content)
        self._since += len(content)
        if self._since > BLOCK:
            frames.let_go()
            self._since = 0
        return len(content)

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        self._file.close()
        super().close()


def write_parquet(table: pl.DataFrame, path: Path) -> str:
    """Write a table, compressed; the XXH3 of the file."""
    with _Digested(path) as file:
        try:
            told = {"tamis_schema": str(SCHEMA_VERSION)}
            table.write_parquet(cast(IO[bytes], file), compression="zstd", metadata=told)
            file.flush()
        except Exception:
            if file.error is not None:
                raise file.error from None
            raise
        return str(file.digest.hexdigest())


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
    if facts.pop("checksum", None) != _checksum(facts):
        raise TamisError(f"{target}: damaged (audit.json is not what was written); audit again")
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


def clear_parts(folder: Path, tables: Iterable[str]) -> None:
    """Take away what an audit on Ray wrote of these tables, a folder each: another audit is to stand there."""
    for name in tables:
        shutil.rmtree(folder / name, ignore_errors=True)
    with suppress(OSError):  # there is none, or it holds something else
        folder.rmdir()


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
