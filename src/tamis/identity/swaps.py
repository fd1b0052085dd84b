"""The same text about someone else: identity terms exchanged, with case, number and article kept. English only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import numpy as np

from tamis.identity import Lexicon, lists, word_list
from tamis.packed import Packed

PRONOUNS: Final = {"she": "he", "him": "her", "hers": "his", "mrs": "mr"}
TITLES: Final = frozenset(word_list("titles"))
"""Part of a name where a capitalised word follows: "King Lear" stays."""
PROPER: Final = frozenset(word_list("proper"))
_NOT_A_NOUN: Final = frozenset(word_list("never_possessed"))
"""A "her" before one of these is an object, and a "his" stands alone."""
_NEXT_WORD: Final = re.compile(r"[ \n]([\"'(]?[^\W_]+(?:[-'’][^\W_]+)*)")


@cache
def replacements(axis: str) -> dict[str, str]:
    """What each term of an axis is replaced by; of `her` and `his` the text decides.

    >>> replacements("gender")["wives"], replacements("religion")["christian"]
    ('husbands', 'muslim')
    """
    pairs = dict(PRONOUNS) if axis == "gender" else {}
    for line in re.split(r"[|\n]", lists()["swaps"][axis]["lines"]):
        terms = line.split()
        for at, term in enumerate(terms):
            pairs.setdefault(term, terms[(at + 1) % len(terms)])
            if axis == "gender":  # pairs hold both ways
                pairs.setdefault(terms[(at + 1) % len(terms)], term)
    return pairs | ({"her": "him", "his": "her"} if axis == "gender" else {})


def axes() -> list[str]:
    """The axes whose terms can be exchanged."""
    return list(lists()["swaps"])


@cache
def _lexicon(axis: str) -> Lexicon:
    return Lexicon.of({axis: list(replacements(axis))})


def swapped(texts: Sequence[str], axis: str) -> list[str]:
    """The texts with every term of the axis exchanged for its counterpart; as they are where there is none.

    "her" becomes "his" before a word that can be possessed, else "him"; "his" becomes "her", or "hers" where it stands
    alone. Titles that open a name stay, and so do names, words in other languages and all that the lists lack.

    >>> swapped(["She gave her her book back.", "A Christian and AN AMERICAN."], "gender")
    ['He gave him his book back.', 'A Christian and AN AMERICAN.']
    >>> swapped(["An American wrote it."], "nationality")
    ['A British wrote it.']
    """
    packed, lexicon, pairs = Packed.of(texts), _lexicon(axis), replacements(axis)
    found = lexicon.mentions(packed)
    first = np.searchsorted(found[:, 0], np.arange(len(texts) + 1))
    changed = list(texts)
    for i in np.unique(found[:, 0]):
        data = packed.data[packed.offsets[i] : packed.offsets[i + 1]].tobytes()
        spans = found[first[i] : first[i + 1]] - [0, packed.offsets[i], packed.offsets[i], 0]
        terms = [(int(start), int(stop), lexicon.terms[term]) for _, start, stop, term in spans]
        changed[i] = "".join(_pieces(data, terms, pairs))
    return changed


def _pieces(data: bytes, terms: list[tuple[int, int, str]], pairs: dict[str, str]) -> Iterator[str]:
    at = 0
    for start, stop, term in terms:
        before, old = data[at:start].decode("utf-8", "replace"), data[start:stop].decode("utf-8", "replace")
        after = data[stop : stop + 60].decode("utf-8", "ignore")
        new = _new_term(term, after, pairs)
        if (term in TITLES and re.match(r" [A-Z]", after)) or (term == "ms" and old != "Ms"):  # "100 ms", "MS Word"
            yield before + old
        else:
            yield _with_article(before, old, new) + _in_case(old, new)
        at = stop
    yield data[at:].decode("utf-8", "replace")


def _new_term(term: str, after: str, pairs: dict[str, str]) -> str:
    if term not in ("her", "his") or "she" not in pairs:
        return pairs[term]
    following = _NEXT_WORD.match(after)
    alone = following is None or following[1].lower() in _NOT_A_NOUN
    if term == "her":
        return "him" if alone else "his"
    return "hers" if alone else "her"


def _in_case(old: str, new: str) -> str:
    """The new term with the capitals of the old one, and its hyphens."""
    words = new.split("-")
    cased = old.split("-" if "-" in old else " ")
    if old.isupper() and len(old) > 1:
        return ("-" if "-" in old else " ").join(words).upper()
    shown = [
        word.capitalize() if word in PROPER or cased[min(at, len(cased) - 1)][:1].isupper() else word
        for at, word in enumerate(words)
    ]
    return ("-" if "-" in old else " ").join(shown)


def _with_article(before: str, old: str, new: str) -> str:
    """The text before a term, its "a" or "an" made to agree with the new term."""
    if _opens_with_a_vowel(old) == _opens_with_a_vowel(new):
        return before
    article = re.search(r"(?<!\w)(an?|An?|AN)( )$", before)
    if article is None:
        return before
    right = {"a": "an", "an": "a", "A": "An", "An": "A", "AN": "A"}[article[1]]
    return before[: article.start()] + right + " "


def _opens_with_a_vowel(term: str) -> bool:
    return term[:1].lower() in "aeiou" and not term.lower().startswith("eu")
