"""What differs between two texts that are alike, word by word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal

import polars as pl

from tamis.masking import mask
from tamis.recipe import Recipe
from tamis.registry import get

Change = tuple[Literal["same", "gone", "new"], str]
MOST_EXCERPTS: Final = 2_000
"""Findings of a rule whose difference is written out; `tamis duplicates` shows that of any pair."""
_WORDS: Final = re.compile(r"\s+|[^\W_]+|[\W_]", re.UNICODE)
_MOST_WORDS: Final = 4_000


def changes(kept: str, other: str) -> list[Change]:
    """How to turn the one text into the other: pieces that both have, that only the first or the second has.

    >>> changes("Name a red fruit.", "Name two red fruits.")  # doctest: +NORMALIZE_WHITESPACE
    [('same', 'Name '), ('gone', 'a'), ('new', 'two'), ('same', ' red '), ('gone', 'fruit'), ('new', 'fruits'),
     ('same', '.')]
    """
    if kept.split() == other.split():
        return [("same", "white space only")] if kept != other else [("same", kept)]
    before, after = _WORDS.findall(kept)[:_MOST_WORDS], _WORDS.findall(other)[:_MOST_WORDS]
    found: list[Change] = []
    gone = new = ""
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        one, two = "".join(before[a:b]), "".join(after[c:d])
        if tag == "equal" and (one.strip() or not (gone or new) or b == len(before)):
            found += _changed(gone, new)
            found.append(("same", one))
            gone = new = ""
        else:  # blanks between two changes belong to them
            gone, new = gone + one, new + two
    return found + _changed(gone, new)


def _changed(gone: str, new: str) -> list[Change]:
    pieces: list[Change] = [("gone", gone), ("new", new)]
    return [piece for piece in pieces if piece[1]]


def brief(kept: str, other: str, most: int = 60) -> str:
    """The part in which two texts differ, between what they share at both ends: `[kept > other]`.

    >>> brief("Name three red fruits.", "Name two red fruits.")
    'Name [three > two] red fruits.'
    >>> brief("The same.", "The  same.")
    'white space only'
    """
    if kept.split() == other.split():
        return "the very same text" if kept == other else "white space only"
    before, after = _WORDS.findall(kept), _WORDS.findall(other)
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    middle = (_cut("".join(words[head : len(words) - tail]), most) for words in (before, after))
    start, end = "".join(before[:head])[-20:], "".join(before[len(before) - tail :])[:20] if tail else ""
    return re.sub(r"\s+", " ", f"{start}[{' > '.join(part or '-' for part in middle)}]{end}").strip()


def _shared(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


Lookup = Callable[[list[int]], Mapping[int, tuple[str, str]]]
"""Gives the prompt and the response of rows by number."""


def with_differences(
    findings: pl.DataFrame, recipe: Recipe, texts: Lookup, *, show_sensitive: bool = False
) -> pl.DataFrame:
    """The findings, those of pair rules with an excerpt of what differs: of the first 2,000 of each rule."""
    rules = [rule.name for rule in recipe.rules_on("pairs")]
    ranked = findings.with_row_index("place").filter(pl.col("rule").is_in(rules))
    lacking = ranked.group_by("rule", maintain_order=True).head(MOST_EXCERPTS).filter(pl.col("excerpt").is_null())
    if lacking.is_empty():
        return findings
    said = texts(pl.concat([lacking["row"], lacking["other"]]).unique().to_list())
    hide = str if show_sensitive else lru_cache(maxsize=len(said))(mask)
    shown = []
    for rule, row, other in lacking.select("rule", "row", "other").iter_rows():
        signal = get(recipe.rules[rule].signal)
        field = recipe.signals[signal.name].get("field", signal.options.get("field"))
        kept, gone = _side(said[other], said[row], str(field))
        copies = kept.split() == gone.split()  # as most are: they show nothing that had to be masked
        shown.append(brief(kept, gone) if copies else brief(hide(kept), hide(gone)))
    excerpts = findings["excerpt"].scatter(lacking["place"], pl.Series(shown, dtype=pl.String))
    return findings.with_columns(excerpts.alias("excerpt"))


def _side(kept: tuple[str, str], other: tuple[str, str], field: str) -> tuple[str, str]:
    """The prompts where something differs there, otherwise the responses."""
    side = 1 if field == "response" or (field == "conversation" and kept[0] == other[0]) else 0
    return kept[side], other[side]
