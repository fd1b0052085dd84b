"""Raw records: what a format yields before anyone knows their schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read, and why."""

    reason: str


class _Skipped:
    """Stands for a record that the caller did not ask for."""


SKIPPED: Final = _Skipped()
LONGEST: Final = 1 << 28
"""Bytes that a record may have: a longer one is unreadable, as it would take some ten times its size of memory."""
WHOLE: Final = 1 << 30
"""Bytes that a file may have which is read whole: an object around all rows, a packed Arrow file."""


def too_long(start: int, rest: str = "") -> Unreadable:
    """A record that begins at a byte and is longer than `LONGEST`."""
    return Unreadable(f"the record at byte {start} is longer than {LONGEST >> 20} MB{rest}")


Wanted = Callable[[int], bool]


@dataclass
class Chunk:
    """Consecutive records of one file: values (or `Unreadable`, or `SKIPPED`) and where each stands.

    `starts`, `stops` and `lines` are empty where the format has no byte ranges or lines.
    """

    values: list[Any] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    consumed: int = 0


def decode_json(raw: bytes) -> Any:
    """The value of one JSON text, or `Unreadable`.

    Strict JSON is parsed by orjson; what it refuses gets a second try by Python's parser, which knows the
    `NaN`, the lone surrogates and the long numbers that Python programs write.

    >>> decode_json(b'{"a": NaN}')
    {'a': nan}
    >>> decode_json(b'{"a": ').reason
    'not valid JSON: unexpected end of data at byte 6 of the record'
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _second_try(raw, error)


def _second_try(raw: bytes, strict: orjson.JSONDecodeError) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable(f"not valid UTF-8 at byte {error.start} of the record")
    try:
        return _without_surrogates(json.loads(text))
    except RecursionError:
        return Unreadable("nested too deeply to be read")
    except ValueError:
        message = strict.msg.partition(":")[0]
        at = len(text[: strict.pos].encode())
        return Unreadable(f"not valid JSON: {message} at byte {at} of the record")


def _without_surrogates(value: Any) -> Any:
    """Half a surrogate pair is no character: it becomes U+FFFD, as UTF-8 cannot hold it."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() and _has_surrogate(value) else value
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
