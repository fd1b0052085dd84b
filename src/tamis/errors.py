"""What can go wrong that the user can mend: one line each, saying what, where and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TamisError(Exception):
    """An error the user can fix; the command line prints it as one line and exits with 2."""


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
