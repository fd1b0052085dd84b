"""Whether the memory will do: what an audit of so many rows needs, held against what there is, before it is used."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tamis import memory
from tamis.errors import TamisError
from tamis.neighbours.pairs import most_pairs
from tamis.recipe import Recipe
from tamis.registry import get

PROGRAM: Final = 450_000_000
"""Libraries, compiled kernels and tables, with those of the page."""
THREAD: Final = 200_000_000
"""A batch of 12 MB of text, its records and what is computed of it."""
HELD: Final = 160
"""Of each row while rows are compared: where its texts start, the order of rows, and what allocators keep."""
JUDGED: Final = 600
"""Of each row when nothing is compared any more: its groups and who is kept, and a part of the tables on their way to
the disk; at 538,885 rows it was 1,000 when 640 of signals were still copied to memory."""
LEXICAL: Final = 260
"""The keys of 34 bands (4 bytes each) and marks (1), the keys that come first once more, and the order of rows."""
MEANING: Final = 340
"""The bound of the cosine (some 60 numbers of 4 bytes), the cell of a row, those it probes, and who covers it."""
PAIR: Final = 16
"""A pair of rows where it is found: 32 + 32 + 64 bits; put in order, when bounds and cells are gone, it is 40."""
WIDTHS: Final = {"static": 256, "minilm": 384}
WIDEST: Final = 1024
"""Numbers of an embedding where the model is not one of these."""
FEW: Final = 50_000
"""Rows from which on the estimate decides; fewer need little more than the program does."""
TEXT: Final = ("jsonl", "json", "csv", "tsv")
VECTORS: Final = 12
"""Bytes of a number of an embedding where the graph of nearest neighbours is asked for: float32, and its index."""


def needed(rows: int, recipe: Recipe, threads: int) -> int:
    """Bytes that an audit of so many rows needs at most: a batch a thread, and what is held of each row.

    The texts are in a file and count for nothing.

    >>> from tamis.recipe import load
    >>> [round(needed(rows, load("default"), 2) / 1e9, 2) for rows in (0, 500_000, 2_000_000)]
    [0.85, 1.42, 3.15]
    """
    search = max([0, *(_search(name, options, rows) for name, options in recipe.signals.items())])
    judged = JUDGED + (40 * _kept(rows) if search else 0)
    return PROGRAM + THREAD * threads + rows * max(HELD + search, judged)


def _kept(rows: int) -> int:
    """Pairs of a row: what it keeps at most, or the few that rows have where families are small, and with centres."""
    return min(most_pairs(rows), 4) + 4


def _search(name: str, options: Mapping[str, Any], rows: int) -> int:
    """Bytes a row of a signal that compares rows; those of one signal are let go before the next begins."""
    signal = get(name)
    if "corpus" not in signal.inputs:
        return 0
    pairs = PAIR * _kept(rows) if signal.scope == "pairs" else 0
    if "embedder" not in signal.options:
        return LEXICAL + pairs
    asked = {**signal.options, **options}
    sides = 2 if asked.get("field", "conversation") == "conversation" else 1
    width = sides * WIDTHS.get(str(asked["embedder"]), WIDEST)
    return MEANING + pairs + (width + 4 * sides if signal.scope == "pairs" else VECTORS * width)


@dataclass(frozen=True)
class Room:
    """What an audit will need; `size` is how many bytes of text there are to read, where that is known."""

    recipe: Recipe
    threads: int
    size: int | None = None

    @classmethod
    def of(cls, recipe: Recipe, files: Sequence[Mapping[str, Any]], threads: int | None) -> Room:
        """For a recipe on files, the size of which says how many rows there are once some have been read."""
        known = [file["bytes"] for file in files if file.get("format") in TEXT and not file.get("compression")]
        return cls(recipe, threads or os.cpu_count() or 1, sum(known) if len(known) == len(files) else None)

    def check_share(self, rows: int, consumed: int) -> None:
        """As `check`, of all rows there will be, if so many bytes had so many."""
        if self.size and consumed:
            self.check(round(rows * max(1.0, self.size / consumed)))

    def check(self, rows: int) -> None:
        """An error that says what is needed and what to do, where there is less."""
        if rows < FEW:
            return
        need, there = needed(rows, self.recipe, self.threads), memory.available()
        if there is not None and need > there:
            raise TamisError(
                f"{rows:,} rows need about {need / 1e9:.1f} GB of memory, and there are {there / 1e9:.1f} GB: free "
                "some, give fewer rows at a time, take a recipe that compares no rows, or go on all the same with "
                f"{memory.VARIABLE}=any"
            )
