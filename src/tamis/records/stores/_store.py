"""What a store can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

NOT_FOUND = "no such file; check the address"


class Refused(Exception):  # noqa: N818 - the store's answer, and no error of ours
    """A store does not give a file; the message says why, and what to do."""


@dataclass(frozen=True)
class Version:
    """What a store says of a file: its bytes, and what changes when they do; None where it says nothing."""

    size: int | None = None
    etag: str | None = None
    modified: str | None = None

    @property
    def is_told(self) -> bool:
        """Whether a change of the file would show."""
        return self.etag is not None or self.modified is not None

    def is_same(self, other: Version) -> bool:
        """Whether nothing says that the file has changed.

        >>> Version(3, '"a"', "Monday").is_same(Version(3, '"a"', "Tuesday"))
        True
        >>> Version(3, None, "Monday").is_same(Version(3, None, "Tuesday"))
        False
        """
        if None not in (self.size, other.size) and self.size != other.size:
            return False
        if None not in (self.etag, other.etag):
            return self.etag == other.etag
        return None in (self.modified, other.modified) or self.modified == other.modified


class Store(Protocol):
    """Files by URL. Whatever goes wrong is `Refused`."""

    def version(self, url: str) -> Version | None:
        """What stands there; None for a folder."""

    def listed(self, url: str, *, deep: bool) -> list[str]:
        """The files of a folder, as URLs; `deep` goes into the folders in it."""

    def opened(self, url: str) -> AbstractContextManager[tuple[Version, Iterator[bytes]]]:
        """The version of a file, and its bytes."""
