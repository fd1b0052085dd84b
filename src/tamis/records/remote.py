"""Inputs of other machines: each is fetched once, whole, into a temporary file that all passes read.

So every format and verb reads them like any file, and what is written comes of the bytes that were judged; it costs
as much disk as the files have bytes. No address is asked but those that the user names.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import xxhash

from tamis import unfinished
from tamis.errors import TamisError
from tamis.records.stores import SCHEMES, Refused, store_of
from tamis.records.stores import Version as Version

LONGEST_NAME: Final = 200
_WILD: Final = frozenset("*?[")
_number = count()


@dataclass(frozen=True)
class Fetched:
    """A remote file: what was named, what the store said of it, and where its bytes are."""

    url: str
    version: Version
    path: Path


_KNOWN: dict[str, Fetched] = {}


def is_remote(given: str) -> bool:
    """Whether an input is a URL that is read over the network.

    >>> [is_remote(given) for given in ("s3://bucket/a.jsonl", "s3/a.jsonl", "HTTPS://x.org/a", "file:///a")]
    [True, False, True, False]
    """
    scheme, separator, _ = given.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def shown(url: str) -> str:
    """A URL as reports have it: without the query, which may hold a signature.

    >>> shown("https://example.org/a.jsonl?X-Amz-Signature=secret"), shown("s3://bucket/what?.jsonl")
    ('https://example.org/a.jsonl', 's3://bucket/what?.jsonl')
    """
    return url.partition("#")[0].partition("?")[0] if _is_web(url) else url


def _is_web(url: str) -> bool:
    return url.partition("://")[0] in ("http", "https")


def expand(given: str) -> list[str]:
    """The files that a URL stands for: itself, the data files of a folder, or what a glob matches, in order."""
    scheme, _, rest = given.partition("://")
    url = f"{scheme.lower()}://{rest}"
    if _is_web(url):
        if urlsplit(url).username is not None:
            raise TamisError(f"{scheme}://: an address with a password would end up in reports; use a signed link")
        return [url]
    with _named(url):
        store = store_of(scheme.lower())
        wild = next((i for i, part in enumerate(rest.split("/")) if _WILD & set(part)), None)
        if wild:
            parts = rest.split("/")
            deep = "**" in parts or wild + 1 < len(parts)
            found = store.listed(f"{scheme.lower()}://" + "/".join(parts[:wild]), deep=deep)
            chosen = [one for one in found if matches(one.partition("://")[2].split("/"), parts)]
        elif store.version(url) is None:
            chosen = _data_files(store.listed(url, deep=False), given)
        else:
            return [url]
    if not chosen:
        raise TamisError(f"{given}: no such file; check the address")
    return sorted(chosen)


def _data_files(found: list[str], folder: str) -> list[str]:
    from tamis.records.sources import is_data_name

    names = {url.rpartition("/")[2] for url in found}
    if names & {"state.json", "dataset_dict.json"}:
        raise TamisError(f"{folder}: a saved dataset; name its .arrow files")
    return [url for url in found if is_data_name(url.rpartition("/")[2])]


def matches(parts: list[str], pattern: list[str]) -> bool:
    """Whether the parts of a path fit those of a glob; `**` stands for any number of them.

    >>> glob = ["b", "**", "*.jsonl"]
    >>> [matches(path.split("/"), glob) for path in ("b/a.jsonl", "b/x/y/a.jsonl", "b/a.csv", "b/.a.jsonl")]
    [True, True, False, False]
    """
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return matches(parts, pattern[1:]) or (bool(parts) and parts[0][:1] != "." and matches(parts[1:], pattern))
    if not parts or not fnmatchcase(parts[0], pattern[0]) or (parts[0][:1] == "." and pattern[0][:1] != "."):
        return False
    return matches(parts[1:], pattern[1:])


def fetch(url: str) -> Fetched:
    """The file, in a temporary one; what was fetched before is taken again where the store says that it is the same."""
    with _named(url):
        store, known = store_of(url.partition("://")[0]), _KNOWN.get(url)
        if known is not None and known.version.is_told and known.path.exists():
            now = store.version(url)
            if now is not None and known.version.is_same(now):
                return known
        path = _room() / str(next(_number)) / relative(url)
        with _disk():
            path.parent.mkdir(parents=True)
            out = path.open("wb")
        with out, store.opened(url) as (version, pieces):
            for piece in pieces:
                with _disk():
                    out.write(piece)
        _KNOWN[url] = Fetched(url, version, path)
        if version.is_told and not version.is_same(store.version(url) or Version()):
            raise Refused("changed while it was fetched; run it again once it is whole")
    return _KNOWN[url]


def digest(url: str) -> str:
    """What tells two URLs apart that are shown alike."""
    return str(xxhash.xxh3_64_hexdigest(url.encode()))


def url_of(recorded: Mapping[str, Any]) -> str:
    """The URL whose digest was recorded; what was shown of it where this program has not fetched it."""
    return next((url for url in _KNOWN if digest(url) == recorded.get("url_xxh3")), str(recorded["path"]))


def version(url: str) -> Version:
    """What the store says of the file now."""
    with _named(url):
        return store_of(url.partition("://")[0]).version(url) or Version()
    raise AssertionError  # _named lets nothing through


def relative(url: str) -> Path:
    """Where the bytes of a URL go below a folder: never outside of it, whatever the key of an object is.

    >>> str(relative("s3://bucket/../../etc/passwd")), str(relative("https://x.org/a%20b/c.jsonl?token=1"))
    ('bucket/%2E%2E/%2E%2E/etc/passwd', 'x.org/a%20b/c.jsonl')
    """
    parts = [part for part in shown(url).partition("://")[2].split("/") if part]
    safe = [part.replace(".", "%2E") if set(part) <= {"."} else quote(part, "%@+=,;()[]{}&! ~") for part in parts]
    return Path(*(part[-LONGEST_NAME:] for part in safe or ["file"]))


@cache
def _room() -> Path:
    with _disk():
        return unfinished.register(Path(tempfile.mkdtemp(prefix="tamis-remote-")))


@contextmanager
def _named(url: str) -> Iterator[None]:
    """What a store refuses, as an error that names the file."""
    try:
        yield
    except Refused as refused:
        raise TamisError(f"{shown(url)}: {refused}") from None


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TamisError(
            f"a remote file cannot be kept in a temporary one ({error.strerror or error}); "
            "name a folder with room for it: TMPDIR=FOLDER tamis ..."
        ) from None
