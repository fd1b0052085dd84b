"""Which files to read, what they are, and their bytes."""

from __future__ import annotations

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from tamis import unfinished
from tamis.errors import TamisError, one_line
from tamis.records import remote
from tamis.records.decompress import Compression, Damaged, Decompressed
from tamis.records.folders import saved_files

Format = Literal["jsonl", "json", "csv", "tsv", "parquet", "arrow"]
FORMATS: tuple[Format, ...] = ("jsonl", "json", "csv", "tsv", "parquet", "arrow")
BLOCK = 12 << 20
_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst"}


@dataclass(frozen=True)
class Source:
    """One file of the input: where it is, how it is called in reports, and how to read it.

    Of a remote file `path` is the copy that was fetched, and `origin` says whence.
    """

    path: Path
    name: str
    format: Format
    compression: Compression | None = None
    origin: remote.Fetched | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    @property
    def given(self) -> str:
        """What names the file: its path, or its URL."""
        return str(self.path) if self.origin is None else self.origin.url

    @property
    def place(self) -> Path:
        """An absolute path to lay out copies by: its own, or its URL's host (or bucket) and path."""
        return self.path.resolve() if self.origin is None else Path("/") / remote.relative(self.origin.url)


def find(inputs: Sequence[str | os.PathLike[str]], format: str | None = None) -> list[Source]:
    """The files that paths, globs, folders, URLs and `-` (standard input) stand for, in a stable order.

    Raises
    ------
    TamisError
        Where there is no such file, a folder holds no data, or a format cannot be told.
    """
    if format is not None and format not in FORMATS:
        from tamis.errors import unknown

        raise unknown("format", format, FORMATS)
    if not inputs:
        raise TamisError("no input: name a file, a glob, a folder, a URL, or - for standard input")
    return [source for given in inputs for source in _found(os.fspath(given), format)]


def _found(given: str, format: str | None) -> Iterator[Source]:
    if remote.is_remote(given):
        for url in remote.expand(given):
            yield fetched(url, format)
    else:
        for path, name in _expand(given):
            yield describe(path, name, format)


def fetched(url: str, format: str | None = None) -> Source:
    """A remote file: fetched, unless the copy that is here is still what stands there."""
    origin = remote.fetch(url)
    return replace(describe(origin.path, remote.shown(url), format), origin=origin)


def _expand(given: str) -> Iterator[tuple[Path, str]]:
    if given == "-":
        if sys.stdin.isatty():
            raise TamisError("standard input is a terminal; pipe data into it, or name a file")
        yield _spooled(sys.stdin.buffer), "stdin"
        return
    path = Path(given)
    try:
        path.stat()
    except FileNotFoundError:
        pass  # a glob, perhaps
    except (OSError, ValueError) as error:
        raise TamisError(f"{given[:200]}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if path.is_dir():
        found = _folder(path)
        if not found:
            raise TamisError(
                f"{given}: a folder without data files (.jsonl, .json, .csv, .parquet, .arrow); name the files"
            )
        yield from ((file, str(file)) for file in found)
    elif path.is_fifo() or path.is_char_device():
        with path.open("rb") as pipe:
            yield _spooled(pipe), given
    elif path.exists():
        yield path, given
    else:
        matches = sorted(glob.glob(given, recursive=True))
        if not matches:
            raise TamisError(f"{given}: no such file; check the path, or quote the glob")
        yield from ((Path(match), match) for match in matches if Path(match).is_file())


def _folder(path: Path) -> list[Path]:
    """The data files of a saved `datasets` folder (its splits in order), or of a plain folder."""
    if (saved := saved_files(path)) is not None:
        return saved
    return [file for file in sorted(path.iterdir()) if is_data_name(file.name) and file.is_file()]


def is_data_name(name: str) -> bool:
    """Whether a file in a folder is taken for data, by its ending.

    >>> is_data_name("a.jsonl.gz"), is_data_name(".a.jsonl"), is_data_name("README.md")
    (True, False, False)
    """
    endings = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".feather")
    return not name.startswith(".") and name.removesuffix(".gz").removesuffix(".zst").endswith(endings)


def _spooled(stream: IO[bytes]) -> Path:
    """A stream that can be read once as a file, since pruning reads it again; removed when the program ends."""
    with tempfile.NamedTemporaryFile(prefix="tamis-stdin-", delete=False) as spool:
        path = unfinished.register(Path(spool.name))
        shutil.copyfileobj(stream, spool, BLOCK)
    return path


def describe(path: Path, name: str, format: str | None = None) -> Source:
    """What a file is, by its first bytes, and by its ending where they do not tell."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        compression = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
        with opened(path, compression) as stream:
            head = stream.read(1 << 16)
    except OSError as error:
        raise TamisError(f"{name}: cannot be read ({error.strerror or error})") from None
    except Damaged as error:
        raise TamisError(f"{name}: damaged {compression} file ({error})") from None
    chosen: Format = format or _format(head, name)  # type: ignore[assignment]
    return Source(path, one_line(name), chosen, compression)


def _format(head: bytes, name: str) -> Format:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TamisError(f"{name}: UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8")
    plain = name.removesuffix(".gz").removesuffix(".zst").lower()
    if plain.endswith((".csv", ".tsv", ".tab")):
        return "csv" if plain.endswith(".csv") else "tsv"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain.endswith((".jsonl", ".ndjson")):
        return "jsonl"
    if text.startswith(b"["):
        return "json"
    if text.startswith(b"{"):
        return "jsonl" if _is_lines(text) else "json"
    if not text:
        return "jsonl"
    raise TamisError(f"{name}: cannot tell the format; give it with --format ({', '.join(FORMATS)})")


def _is_lines(text: bytes) -> bool:
    """Whether the first line is a whole object and another follows; one object alone may wrap the rows."""
    from tamis.records.raw import Unreadable, decode_json

    line, _, rest = text.partition(b"\n")
    return rest.lstrip().startswith(b"{") and not isinstance(decode_json(line), Unreadable)


def opened(path: Path, compression: Compression | None) -> IO[bytes]:
    """The file's bytes, decompressed."""
    return path.open("rb", buffering=0) if compression is None else Decompressed(path, compression)  # type: ignore[return-value]


def blocks(source: Source) -> Iterator[bytes]:
    """The file's bytes in order. A damaged end of a compressed file raises `Damaged` after its last good byte."""
    with opened(source.path, source.compression) as stream:
        while block := stream.read(BLOCK):
            yield block
