"""What can go wrong that the user can mend: one line each, saying what, where and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TamisError(Exception):
    """An error the user can fix; the command line prints it as one line and exits with 2."""


def one_line(text: str) -> str:
    r"""A text that a terminal may show: line breaks, control characters and marks of direction are replaced.

    >>> one_line("a\nb\x1b[2J.jsonl")
    'a�b�[2J.jsonl'
    """
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def unknown(kind: str, name: str, known: Iterable[str]) -> TamisError:
    """An error for a name that does not exist, naming the nearest one that does.

    >>> str(unknown("rule", "too_similer", ["too_similar", "empty"]))
    "unknown rule 'too_similer'; did you mean 'too_similar'?"
    >>> str(unknown("rule", "x", ["too_similar", "empty"]))
    "unknown rule 'x'; known: empty, too_similar"
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    advice = f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(names)
    return TamisError(f"unknown {kind} '{name}'; {advice}")
