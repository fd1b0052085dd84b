"""Whether the fields of a file have one type in all rows, as `datasets` must know before a trainer sees a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tamis.trainers._trainer import Row, kind_of

DEPTH = 6
"""Levels of fields inside fields that are looked at: messages, tool_calls, function and arguments are four."""
Runs = list[list[int]]


@dataclass
class Types:
    """The types that each field was seen with, and in which rows: runs of row numbers, as nearly all rows agree."""

    seen: dict[str, dict[str, Runs]] = field(default_factory=dict)
    arguments: dict[str, list[frozenset[str]]] = field(default_factory=dict)

    def see(self, row: Row, number: int) -> None:
        """Note the types of a row's fields."""
        for name, value in row.items():
            self._see(str(name), value, number, DEPTH)

    def _see(self, path: str, value: Any, number: int, depth: int) -> None:
        if value is None or not depth:
            return
        kinds = self.seen.setdefault(path, {})
        _note(kinds.setdefault(kind_of(value), []), number)
        if type(value) is dict:
            if path.endswith("arguments"):
                found = frozenset(value)
                every, some = self.arguments.get(path, (found, found))
                self.arguments[path] = [every & found, some | found]
                return
            for name, inner in value.items():
                self._see(f"{path}.{name}", inner, number, depth - 1)
        elif type(value) is list:
            for inner in value:
                self._see(f"{path}[]", inner, number, depth - 1)

    def mixed(self) -> Iterator[tuple[str, str, str, list[int]]]:
        """Fields of several types: the field, the type that most rows have, another, and the rows that have it."""
        for path, kinds in self.seen.items():
            if len(kinds) > 1 and "tools[]" not in path:
                usual = max(kinds, key=lambda kind: sum(stop - start for start, stop in kinds[kind]))
                for kind, runs in kinds.items():
                    if kind != usual:
                        yield path, usual, kind, [row for start, stop in runs for row in range(start, stop)]

    def merged(self) -> list[str]:
        """Names of arguments that some calls of tools have and others have not."""
        return sorted({name for every, some in self.arguments.values() for name in some - every})


def _note(runs: Runs, number: int) -> None:
    """Add a row to runs of consecutive rows."""
    if runs and runs[-1][1] >= number:
        runs[-1][1] = number + 1
    else:
        runs.append([number, number + 1])
