"""Compressed files as streams that give every good byte before they tell of damage."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any, Literal

import zstandard

Compression = Literal["gz", "zst"]
_PIECE = {"gz": 1 << 20, "zst": 1 << 10}
"""Bytes unpacked at a time. zlib can be told how much to give at most; zstandard cannot, and four bytes may become
128 kB, so it is given few: 34 MB come of 1 kB at most. Real text takes as long (88 MB in 0.25 s; by 1 MB, 0.23)."""
_READ = 1 << 20
_MOST = 1 << 22


class Damaged(Exception):  # noqa: N818 - the file's fault, and no error of ours
    """The bytes of a file end before the file does."""


class Decompressed(io.RawIOBase):
    """The text of a .gz or .zst file of one or more members.

    `gzip` and `zstandard` have streams too; the one loses what it has read when it meets the damage, the
    other takes a cut file for a whole one.
    """

    def __init__(self, path: Path, compression: Compression) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._compression = compression
        self._member: Any = None
        self._packed = b""
        self._given = 0  # bytes of `_packed` that are unpacked
        self._text = b""
        self._damage: Damaged | None = None

    def readable(self) -> bool:
        """True: io asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the text goes; `Damaged` once nothing good is left."""
        wanted, parts, have = len(buffer), [self._text], len(self._text)
        while have < wanted and self._damage is None and (piece := self._next()) is not None:
            parts.append(piece)
            have += len(piece)
        if self._damage is not None and have == 0:
            raise self._damage
        text = b"".join(parts)
        given, self._text = text[:wanted], text[wanted:]
        buffer[: len(given)] = given
        return len(given)

    def _next(self) -> bytes | None:
        """The next stretch of text; None at the end of the file, or at damage."""
        text: bytes
        try:
            packed = self._piece()
            if self._member is None:
                while self._compression == "gz" and packed and not packed.strip(b"\0"):
                    packed = self._piece()  # padding, as on tapes
                packed = packed.lstrip(b"\0") if self._compression == "gz" else packed
                if not packed:
                    return None
                self._member = _member(self._compression)
            elif not packed:
                text = self._member.decompress(b"", _MOST) if self._compression == "gz" else b""
                if not text:  # else it stood behind the limit of the last call
                    raise EOFError("it ends too early")
                return text
            text = self._member.decompress(packed, *([_MOST] if self._compression == "gz" else []))
            left = self._member.unused_data if self._member.eof else getattr(self._member, "unconsumed_tail", b"")
            self._given -= len(left)
            if self._member.eof:
                self._member = None
            return text
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            self._damage = Damaged(str(error))
            return None

    def _piece(self) -> bytes:
        """The next packed bytes; none at the end of the file."""
        if self._given == len(self._packed):
            self._packed, self._given = self._file.read(_READ), 0
        piece = self._packed[self._given : self._given + _PIECE[self._compression]]
        self._given += len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _member(compression: Compression) -> Any:
    return zlib.decompressobj(31) if compression == "gz" else zstandard.ZstdDecompressor().decompressobj()
