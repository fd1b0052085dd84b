"""Rows as conversations to look at: texts cut to a bound, masked, with the spans that rules name marked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from tamis import workspace
from tamis.inputs import Inputs
from tamis.masking import mask
from tamis.records.reader import as_frame, read_batches
from tamis.results import AuditResult

MOST_CHARACTERS: Final = 2_400
"""Characters of a turn that are carried; what a rule marks is carried too, with `AROUND` characters beside it."""
MOST_TURNS: Final = 24
AROUND: Final = 160
MARKED: Final = 600
"""Characters of one mark."""
WIDEST: Final = 400_000
"""Characters of a text that are masked: the rest of a longer one is not carried at all."""

BEYOND: Final = 256
LONGEST_NUMBER: Final = 80
"""Characters of personal data or a key that a cut may leave unmasked at its end (an open-ended key is masked whole)."""

Mark = tuple[int, int, int]
"""Start and stop in the text, and the number of the rule."""
Piece = str | dict[str, Any]
"""Text as it is; `{"mark": text, "rules": [...]}`; `{"gap": n}` for n characters left out."""
_TOKEN: Final = re.compile(r"\[[a-z][a-z -]*\]")


@dataclass(frozen=True)
class Said:
    """The texts of one row: its turns, and prompt and response as they are compared."""

    turns: list[dict[str, Any]]
    prompt: str
    response: str


def texts_of_rows(found: AuditResult, rows: Iterable[int]) -> dict[int, Said]:
    """The turns and sides of rows, read again from the input; an error where it has changed since."""
    wanted = set(rows)
    if not wanted:
        return {}
    frame = as_frame(found.table)
    files = [file for file in found.facts["inputs"] if "path" in file]
    if frame is None and not files:
        return {}  # a table that is gone: its audit was saved and read again
    inputs = [workspace.check_unchanged(file) for file in files] if frame is None else frame
    said: dict[int, Said] = {}
    for batch in read_batches(inputs, found.reading, wanted.__contains__):
        numbers = batch.records.rows["row"].to_list()
        prompts, responses = Inputs(batch.records).sides
        turns: dict[int, list[dict[str, Any]]] = {}
        for turn in batch.records.turns.iter_rows(named=True):
            turns.setdefault(turn["row"], []).append(turn)
        sides = zip(numbers, prompts.strings(), responses.strings(), strict=True)
        said |= {row: Said(turns.get(place, []), *texts) for place, (row, *texts) in enumerate(sides)}
    return said


Masker = Callable[[str], str]


def masker(*, show_sensitive: bool) -> Masker:
    """What hides personal data and secrets, or leaves a text as it is."""
    return _as_it_is if show_sensitive else mask


def hidden_excerpt(text: str, hide: Masker) -> str:
    """An excerpt of an audit, which has masked it unless it was told not to: once more does no harm.

    >>> hidden_excerpt('"password": "[secret]"', mask)
    '"password": "[secret]"'
    """
    kept = text.replace("[secret]", "\0")
    return hide(kept).replace("\0", "[secret]")


def _as_it_is(text: str) -> str:
    return text


def shown_turns(said: Said, marks: Mapping[int, Sequence[Mark]], hide: Masker) -> list[dict[str, Any]]:
    """The turns of a row as plain values; `marks` by turn."""
    shown = []
    for turn in said.turns[:MOST_TURNS]:
        own = marks.get(turn["turn"], ()) if turn["side"] is None else ()
        parts = {
            "role": turn["role"],
            "side": turn["side"],
            "name": turn["name"],
            "text": pieces(turn["text"] or "", own, hide),
            "thought": pieces(turn["reasoning"], (), hide) if turn["reasoning"] else None,
            "calls": pieces(turn["tool_calls"], (), hide) if turn["tool_calls"] else None,
        }
        shown.append({name: part for name, part in parts.items() if part is not None})
    if len(said.turns) > MOST_TURNS:
        shown.append({"left_out": len(said.turns) - MOST_TURNS})
    return shown


def pieces(text: str, marks: Sequence[Mark], hide: Masker, most: int = MOST_CHARACTERS) -> list[Piece]:
    """A text as pieces to show.

    It is masked before it is cut, so that a cut leaves no half of a number unmasked; marks follow it there.

    >>> pieces("one two three", [(4, 7, 0)], mask)
    ['one ', {'mark': 'two', 'rules': [0]}, ' three']
    >>> pieces("x" * 5000, [], mask, most=10)
    ['xxxxxxxxxx', {'gap': 4990}]
    """
    wide = text[:WIDEST]
    hidden = hide(wide)
    spans = [(start, min(stop, start + MARKED), rule) for start, stop, rule in marks if 0 <= start < stop <= len(wide)]
    if hidden != wide:
        places = _places(wide, hidden)
        spans = [(_moved(places, start), _moved(places, stop), rule) for start, stop, rule in spans]
    merged = _merged(spans)
    return list(_cut(hidden, merged, _carried(len(hidden), merged, most), len(text) - len(wide)))


def _places(text: str, hidden: str) -> list[tuple[int, int]]:
    """Where the literal pieces of a masked text begin, in the text and in the masked one."""
    places, at, last = [(0, 0)], 0, 0
    for token in _TOKEN.finditer(hidden):
        at += token.start() - last
        last = token.end()
        if text.startswith(token.group(), at):  # such words in brackets stood there before
            at += len(token.group())
            continue
        following = hidden[last : last + 24].partition("[")[0]
        found = text.find(following, at + 1) if following else len(text)
        at = found if found >= 0 else at
        places.append((at, last))
    return places


def _moved(places: list[tuple[int, int]], at: int) -> int:
    """Where a place of a text is in the masked one: the next literal piece, if it was masked itself."""
    index = bisect_right(places, (at, 1 << 62)) - 1
    start, moved = places[index]
    limit = places[index + 1][1] if index + 1 < len(places) else 1 << 62
    return min(moved + at - start, limit)


def _merged(spans: Iterable[Mark]) -> list[tuple[int, int, list[int]]]:
    """Spans that overlap as one, with the rules of all."""
    merged: list[tuple[int, int, list[int]]] = []
    for start, stop, rule in sorted(span for span in spans if span[0] < span[1]):
        if merged and start < merged[-1][1]:
            first, last, rules = merged[-1]
            merged[-1] = (first, max(last, stop), sorted({*rules, rule}))
        else:
            merged.append((start, stop, [rule]))
    return merged


def _carried(length: int, spans: Sequence[tuple[int, int, list[int]]], most: int) -> list[tuple[int, int]]:
    """The stretches of a text that are carried, ascending and apart: its head, and what is around the marks."""
    stretches = [(0, min(most, length))]
    for start, stop, _ in spans[:8]:
        first, last = max(0, start - AROUND), min(length, stop + AROUND)
        if first <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(last, stretches[-1][1]))
        else:
            stretches.append((first, last))
    return stretches


def _cut(
    text: str, spans: Sequence[tuple[int, int, list[int]]], stretches: Sequence[tuple[int, int]], beyond: int
) -> Iterator[Piece]:
    at = 0
    for first, last in stretches:
        if first > at:
            yield {"gap": first - at}
        at = first
        for start, stop, rules in spans:
            if first <= start and stop <= last:
                if start > at:
                    yield text[at:start]
                yield {"mark": text[start:stop], "rules": rules}
                at = stop
        if last > at:
            yield text[at:last]
        at = last
    if (left := len(text) - at + beyond) > 0:
        yield {"gap": left}


def beginning(text: str, hide: Masker, most: int) -> str:
    """The beginning of a text, masked: no half of a number is left where it is cut.

    >>> beginning("x" * 400, mask, 3)
    'xxx'
    """
    wide = hide(text[: most + BEYOND])
    return wide[:most] if len(text) <= most + BEYOND else wide[: max(0, min(most, len(wide) - LONGEST_NUMBER))]


def start_of(text: str, hide: Masker, most: int) -> str:
    """The beginning of a text on one line.

    >>> start_of("one\\ntwo three", mask, 8)
    'one two…'
    """
    line = " ".join(beginning(text, hide, 2 * most).split())
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[:most].rstrip()}…"


def marks_by_row(findings: pl.DataFrame, rules: Mapping[str, int]) -> dict[int, dict[int, list[Mark]]]:
    """The spans that findings name, by row and turn."""
    placed = findings.filter(pl.col("turn").is_not_null() & pl.col("start").is_not_null())
    marks: dict[int, dict[int, list[Mark]]] = {}
    for row, turn, start, stop, rule in placed.select("row", "turn", "start", "stop", "rule").iter_rows():
        marks.setdefault(row, {}).setdefault(turn, []).append((start, stop, rules[rule]))
    return marks
