"""Compressed files as streams that give every good byte before they tell of damage."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any, Literal

import zstandard

Compression = Literal["gz", "zst"]
_PIECE = 1 << 20


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
        try:
            packed = self._packed or self._file.read(_PIECE)
            if self._member is None:
                packed = packed.lstrip(b"\0") if self._compression == "gz" else packed  # padding, as on tapes
                if not packed:
                    return None
                self._member = _member(self._compression)
            elif not packed:
                raise EOFError("it ends too early")
            text: bytes = self._member.decompress(packed)
            self._packed = b""
            if self._member.eof:
                self._packed, self._member = self._member.unused_data, None
            return text
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            self._damage = Damaged(str(error))
            return None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _member(compression: Compression) -> Any:
    return zlib.decompressobj(31) if compression == "gz" else zstandard.ZstdDecompressor().decompressobj()
