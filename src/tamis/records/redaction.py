"""Redacting a record: the bytes of the strings concerned change, and nothing else of it.

A `Finder` tells the spans of a string and what shall stand in their place. Every string value of a record is
looked at, in whichever field it stands, since a file is passed on whole; field names and numbers stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson


class Redaction(NamedTuple):
    """Where something was redacted: the field (`messages[1].content`), the characters of its old text, its kind."""

    field: str
    start: int
    stop: int
    kind: str


class Edit(NamedTuple):
    """A stretch of a text, what takes its place, and what is told of it."""

    start: int
    stop: int
    marker: str
    redaction: Redaction


Found = Sequence[tuple[tuple[int, int], str, str]]
Finder = Callable[[str], Found]
"""From a text to its spans in order, each with its kind and its marker."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]')
_CHARACTER: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


def redacted_json(record: str, find: Finder) -> tuple[str, list[Redaction]]:
    r"""A JSON record with the strings in it redacted, and where.

    >>> find = lambda text: [((i, i + 1), "digit", "[N]") for i, c in enumerate(text) if c.isdigit()]
    >>> redacted_json('{"a1": 2.50, "b": ["\\u00e97"]}', find)
    ('{"a1": 2.50, "b": ["\\u00e9[N]"]}', [Redaction(field='b[0]', start=1, stop=2, kind='digit')])
    """
    return _applied(record, list(_in_json(record, find, "")))


def redacted_value(value: Any, find: Finder, field: str) -> tuple[Any, list[Redaction]]:
    """A value of a table's column with the strings in it redacted, and where.

    >>> redacted_value([{"a": "x"}, None], lambda text: [((0, 1), "letter", "[L]")], "turns")
    ([{'a': '[L]'}, None], [Redaction(field='turns[0].a', start=0, stop=1, kind='letter')])
    """
    if isinstance(value, str):
        return _applied(value, list(_in_text(value, find, field)))
    if isinstance(value, dict):
        named = {key: redacted_value(item, find, _member(field, key)) for key, item in value.items()}
        return {key: new for key, (new, _) in named.items()}, [at for _, found in named.values() for at in found]
    if isinstance(value, list | tuple):
        items = [redacted_value(item, find, f"{field}[{i}]") for i, item in enumerate(value)]
        return type(value)(new for new, _ in items), [at for _, found in items for at in found]
    return value, []


def redacted_fields(record: str, names: Sequence[str], delimiter: str, find: Finder) -> tuple[str, list[Redaction]]:
    """A CSV record with its fields redacted, and where; RFC 4180, as the csv module reads it.

    >>> find = lambda text: [((i, i + 1), "digit", "[N]") for i, c in enumerate(text) if c.isdigit()]
    >>> redacted_fields('a,"say ""1"" b"', ["x", "y"], ",", find)
    ('a,"say ""[N]"" b"', [Redaction(field='y', start=5, stop=6, kind='digit')])
    """
    edits, at = list[Edit](), 0
    for name in names:
        inside = _QUOTED.match(record, at)
        begin, body = (at + 1, inside[1]) if inside else (at, "")
        pieces = re.findall(r'""|.', body, re.DOTALL)
        places = _starts(pieces, begin)
        at = inside.end() if inside else at
        rest = record[at : record.find(delimiter, at) if record.find(delimiter, at) >= 0 else len(record)]
        text = body.replace('""', '"') + rest
        places = [*places[: len(pieces)], *range(at, at + len(rest) + 1)]
        stops = [*_starts(pieces, begin)[1:], *range(at + 1, at + len(rest) + 1)]
        for edit in _in_text(text, find, name, name):
            edits.append(edit._replace(start=places[edit.start], stop=stops[edit.stop - 1]))
        at += len(rest) + 1
    return _applied(record, edits)


_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')


def _applied(text: str, edits: Sequence[Edit]) -> tuple[str, list[Redaction]]:
    pieces, at = list[str](), 0
    for edit in edits:
        pieces += [text[at : edit.start], edit.marker]
        at = edit.stop
    return "".join([*pieces, text[at:]]), [edit.redaction for edit in edits]


def _in_json(text: str, find: Finder, field: str) -> Iterator[Edit]:
    """The edits of a JSON text, in order."""
    path: list[str | int] = []
    is_key = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "{[":
            path.append("" if sign == "{" else 0)
        elif sign in "}]":
            path.pop()
        elif sign == "," and path:
            path[-1] = "" if isinstance(path[-1], str) else path[-1] + 1
        elif sign not in ":,":
            if is_key:
                path[-1] = json.loads(sign, strict=False).encode("utf-8", "replace").decode()
            else:
                yield from _in_string(token, find, field, path)
        is_key = bool(path) and path[-1] == "" and sign in "{,"


def _in_string(token: re.Match[str], find: Finder, field: str, path: Sequence[str | int]) -> Iterator[Edit]:
    """The edits of one string of a JSON text."""
    body = token[0][1:-1]
    pieces = _CHARACTER.findall(body) if "\\" in body else body
    text = "".join(json.loads(f'"{p}"') if len(p) > 1 else p for p in pieces) if "\\" in body else body
    place = field
    for name in path:
        place = _member(place, name) if isinstance(name, str) else f"{place}[{name}]"
    edits = list(_in_text(text, find, place, next((str(name) for name in reversed(path) if isinstance(name, str)), "")))
    if edits:
        starts = _starts(pieces, token.start() + 1)
        for edit in edits:
            yield edit._replace(
                start=starts[edit.start], stop=starts[edit.stop], marker=edit.marker.replace('"', '\\"')
            )


def _in_text(text: str, find: Finder, field: str, name: str = "") -> list[Edit]:
    """The edits of a string; one that is JSON itself, as the arguments of a tool call are, stays JSON."""
    known = f'"{name}": "' if name else ""  # a field's name says what its value is
    found = [
        Edit(
            start - len(known), stop - len(known), marker, Redaction(field, start - len(known), stop - len(known), kind)
        )
        for (start, stop), kind, marker in find(known + text)
        if start >= len(known)
    ]
    if not _is_json(text):
        return found
    inner = list(_in_json(text, find, field))
    outer = [edit for edit in found if all(edit.stop <= e.start or e.stop <= edit.start for e in inner)]
    both = sorted([*inner, *(_quoted(edit, text) for edit in outer)])
    return both if _is_json(_applied(text, both)[0]) else inner


def _quoted(edit: Edit, text: str) -> Edit:
    """The edit of a number of a JSON text, whose marker needs quotes; any other as it is."""
    bare = text[: edit.start].rstrip()[-1:] in (":", ",", "[")
    return edit._replace(marker=f'"{edit.marker}"') if bare else edit


def _is_json(text: str) -> bool:
    if text[:1] not in ("[", "{"):
        return False
    try:
        return isinstance(orjson.loads(text), dict | list)
    except orjson.JSONDecodeError:
        return False


def _starts(pieces: Sequence[str], begin: int) -> list[int]:
    """Where each piece begins, and the end of the last."""
    starts = [begin]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts


def _member(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
