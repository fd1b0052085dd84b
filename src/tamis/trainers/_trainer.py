"""What a trainer is, what it can do to a row, and how much of a long one it keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tamis.masking import mask

Row = dict[str, Any]
Severity = Literal["rejected", "blanked", "masked", "truncated", "warning"]
SEVERITIES: Final[tuple[Severity, ...]] = ("rejected", "blanked", "masked", "truncated", "warning")
"""What happens to a row: it is refused or left out, an empty one takes its place, nothing of it is learnt, it is cut,
or there is a doubt."""
LOST: Final = frozenset({"rejected", "blanked", "masked"})
"""The severities of which a row teaches the model nothing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that goes wrong: `what` says what the trainer does; `stops` whether its whole run ends there."""

    code: str
    severity: Severity
    what: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an example in the order that the model sees; `answer` is what it learns to say.

    `added` counts the tokens that a template puts around the text.
    """

    text: str
    answer: bool
    added: int = 0


Example = list[Piece]
HEAD, TAIL = 3, 2
"""Tokens that ChatML and Llama 3 put before a turn's text (a mark, the role, a mark or line break) and after it."""


@dataclass
class Reading:
    """What was found in one row: problems, and the examples that it becomes (two for a preference pair)."""

    problems: list[tuple[Kind, str]] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    is_split: bool = False  # a long text becomes several examples, so that none is too long

    def add(self, kind: Kind, message: str) -> None:
        """Note a problem, in plain words."""
        self.problems.append((kind, message))

    @property
    def is_lost(self) -> bool:
        """Whether the trainer learns nothing of the row."""
        return any(kind.severity in LOST for kind, _ in self.problems)


TooLong = Callable[[Sequence[int], Sequence[bool], int], tuple[Kind, str]]
"""Given the tokens of an example's pieces, which of them are answers, and the limit: what the trainer does."""


@dataclass(frozen=True)
class Shape:
    """A form of rows that a trainer reads: the columns it needs, its checks, and how the user asks for it.

    `too_long` is what happens to long rows of this form where it is not what happens to all others.
    """

    name: str
    needs: tuple[str, ...]
    read: Callable[[Row, Reading], None]
    setting: str = ""
    too_long: TooLong | None = None


@dataclass(frozen=True)
class Trainer:
    """A trainer: its forms of data, what it does with long rows, and the release that the rules were taken from.

    `release` is None where there is none to read, and the rules are those of a published guide.
    `default_length` is the limit that holds where the user sets none. `mixed` and `mixed_inside` are what a column,
    or a field inside one, means that has not one type in all rows; `merged_arguments` what differing tool arguments
    mean. `trains_with` names another trainer that reads some of the forms.
    """

    name: str
    title: str
    release: str | None
    shapes: tuple[Shape, ...]
    too_long: TooLong
    unfit: Kind
    length_option: str
    default_length: int | None = None
    at_least: int = 1
    too_few: Kind | None = None
    mixed: Kind | None = None
    mixed_inside: Kind | None = None
    merged_arguments: Kind | None = None
    trains_with: str | None = None

    def shape_of(self, rows: Sequence[Any]) -> Shape | None:
        """The form whose columns most rows have, null or not, the first of several; None where no row has any."""
        objects = [row for row in rows if isinstance(row, dict)]

        def fit(shape: Shape) -> tuple[int, int]:
            present = sum(all(name in row for name in shape.needs) for row in objects)
            filled = sum(any(row.get(name) is not None for name in shape.needs) for row in objects)
            return present, min(present, filled)

        best = max(self.shapes, key=fit)
        return best if fit(best)[0] else None

    def read(self, row: Row, shape: Shape | None) -> Reading:
        """What the trainer makes of a row."""
        reading = Reading()
        if shape is None:
            reading.add(self.unfit, f"columns {names(row)}; {self.title} reads {self.wanted()}")
        else:
            shape.read(row, reading)
        return reading

    def wanted(self) -> str:
        """The columns that the trainer reads, for an error message."""
        return " | ".join(dict.fromkeys("+".join(shape.needs) for shape in self.shapes))


def names(row: Row, most: int = 6) -> str:
    """The names of a row's columns.

    >>> names({"a": 1, "b": 2})
    'a, b'
    """
    first = ", ".join(mask(str(name)[:200])[:40] for name in list(row)[:most])
    return (first + (", ..." if len(row) > most else "")) or "(none)"


def shown(value: Any) -> str:
    """A value of the data as it may be printed: short, and without personal data or secrets.

    >>> shown("critic")
    "'critic'"
    """
    return f"'{mask(str(value)[:200])[:40]}'"


def kind_of(value: Any) -> str:
    """What a value is, in words.

    >>> kind_of(None), kind_of([1]), kind_of({}), kind_of("")
    ('null', 'a list', 'an object', 'text')
    """
    kinds = {type(None): "null", list: "a list", dict: "an object", str: "text", bool: "true or false"}
    return kinds.get(type(value), "a number")


def keep_start(masked: Kind, cut: Kind, why_masked: str) -> TooLong:
    """Truncation that keeps the first tokens: without an answer token left, the row teaches nothing."""

    def too_long(lengths: Sequence[int], answers: Sequence[bool], limit: int) -> tuple[Kind, str]:
        total = sum(lengths)
        asked = sum(length for length, answer in zip(lengths, answers, strict=True) if answer)
        kept, at = 0, 0
        for length, answer in zip(lengths, answers, strict=True):
            kept += max(0, min(length, limit - at)) if answer else 0
            at += length
        if asked and not kept:
            first = sum(lengths[: list(answers).index(True)])
            return (
                masked,
                f"the answer starts at token {first + 1:,} of {total:,}, behind the limit of {limit:,}: {why_masked}",
            )
        lost = f", {asked - kept:,} of them the answer's" if asked else ""
        return cut, f"{total:,} tokens, {total - limit:,} over the limit of {limit:,}{lost}"

    return too_long
