"""Words that name who people are, by axis and group, and where texts use them.

`terms.toml` says where the lists come from and what was left out of them. English only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tamis import kernels
from tamis.packed import Packed


@dataclass(frozen=True)
class Lexicon:
    """Named lists of words and phrases; `groups` are their names and term t belongs to group `group[t]`."""

    groups: tuple[str, ...]
    terms: tuple[str, ...]
    group: NDArray[np.int64]

    @classmethod
    def of(cls, lists: Mapping[str, Sequence[str]], without: Sequence[str] = ()) -> Lexicon:
        """A lexicon of word lists; a hyphen in a term stands for a space or a hyphen.

        The longest term wins, so a phrase in `without` keeps the terms inside it from being found; it is in no group.

        >>> lexicon = Lexicon.of({"female": ["she", "her"], "french": ["french"]}, without=["french-toast"])
        >>> lexicon.counts(Packed.of(["Her French toast was not French."])).tolist()
        [[1, 1]]
        """
        placed = {term: place for place, terms in enumerate(lists.values()) for term in terms}
        placed |= dict.fromkeys(without, -1)
        return cls(tuple(lists), tuple(placed), np.array(list(placed.values()), np.int64))

    @cached_property
    def _table(self) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint8]]:
        packed = Packed.of(self.terms)
        texts = packed.offsets, packed.data
        return *kernels.terms.term_table(*texts), kernels.terms.openings(*texts)

    def mentions(self, texts: Packed) -> NDArray[np.int64]:
        """Every mention in the texts, in order: int64 of shape (n, 4) with text, first and last byte, term."""
        found = kernels.terms.find_terms(texts.offsets, texts.data, *self._table)
        return found[self.group[found[:, 3]] >= 0]

    def counts(self, texts: Packed) -> NDArray[np.int64]:
        """How often each text uses each group's terms: int64 of shape (texts, groups).

        >>> lexicon = Lexicon.of({"female": ["she", "her"], "male": ["he"]})
        >>> lexicon.counts(Packed.of(["She and her dog", "the"])).tolist()
        [[2, 0], [0, 0]]
        """
        found = self.mentions(texts)
        counted = np.zeros((len(texts), len(self.groups)), np.int64)
        np.add.at(counted, (found[:, 0], self.group[found[:, 3]]), 1)
        return counted


@cache
def lists() -> dict[str, Any]:
    """The tables of `lists.toml`: occupations, hedges, stop words, and the terms that replace each other."""
    return tomllib.loads((resources.files(__name__) / "lists.toml").read_text("utf-8"))


def word_list(name: str) -> list[str]:
    """The words of one list of `lists.toml`.

    >>> "nurse" in word_list("occupations")
    True
    """
    return str(lists()[name]["terms"]).split()


@cache
def _terms() -> dict[str, Any]:
    return tomllib.loads((resources.files(__name__) / "terms.toml").read_text("utf-8"))


def identity_lexicon() -> Lexicon:
    """The groups of `terms.toml`, each named `axis.group`.

    >>> identity_lexicon().groups[:2]
    ('gender.female', 'gender.male')
    """
    listed = {
        f"{axis}.{group}": [*facts.get("terms", "").split(), *_before_persons(facts.get("before_persons", ""))]
        for axis, groups in _terms().items()
        if axis not in ("persons", "without")
        for group, facts in groups.items()
    }
    return Lexicon.of(listed, str(_terms()["without"]["terms"]).split())


def _before_persons(adjectives: str) -> list[str]:
    """Phrases of an adjective and each noun that it must stand before to count as a mention."""
    persons = str(_terms()["persons"]["terms"]).split()
    return [f"{adjective}-{person}" for adjective in adjectives.split() for person in persons]
