"""Near-duplicates the obvious way: words by regular expressions, shingles as tuples, every pair of rows compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from tests.naive import NOT_WORD, UNSPACED

Shingles = set[tuple[str, ...]]

_WORD = re.compile(f"[{UNSPACED}]|(?:(?![{UNSPACED}{NOT_WORD}])[0-9A-Za-z\x80-\U0010ffff])+")
_CASED = re.compile("[A-Z\xc0-\u017f\u0391-\u03ab\u0400-\u0556\u1e00-\u1e95\u1ea0-\u1eff\uff21-\uff3a]")


def words(text: str) -> list[str]:
    found = _WORD.findall(_CASED.sub(lambda match: lower(match.group()), text))
    signs = "".join(text.split())
    return found or ([signs] if signs else [])


def lower(character: str) -> str:
    """The small letter, where it is one code point."""
    small = character.lower()
    return small if len(small) == 1 else character


def shingles(text: str, n: int, characters: int) -> list[tuple[str, ...]]:
    """The runs of words, each named by its last one: so many where that is an unspaced code point, n otherwise."""
    said = words(text)
    runs = []
    for end in range(1, len(said) + 1):
        size = characters if re.fullmatch(f"[{UNSPACED}]", said[end - 1]) else n
        if end >= size:
            runs.append(tuple(said[end - size : end]))
    return runs or ([("all of it", *said)] if said else [])


def template(texts: Sequence[str], n: int, characters: int, share: float, least: int) -> Shingles:
    """The shingles of more than a share of the distinct texts, texts being distinct if their words are."""
    distinct = {tuple(words(text)): set(shingles(text, n, characters)) for text in texts if words(text)}
    counts = Counter(shingle for held in distinct.values() for shingle in held)
    return {shingle for shingle, count in counts.items() if count > share * len(distinct) and count >= least}


def kept(text: str, n: int, characters: int, dropped: Shingles) -> tuple[Shingles, int]:
    """The set that stands for a text, and its size in tokens."""
    runs = shingles(text, n, characters)
    rest = [run for run in runs if run not in dropped]
    if not rest:
        return set(runs), len(words(text))
    return set(rest), len(words(text)) - (len(runs) - len(rest))


def jaccard(one: Shingles, other: Shingles) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def passes(similarity: float, tokens: int, threshold: float) -> bool:
    """decon's guard, as a question."""
    if tokens <= 20:
        return similarity >= 1.0
    if tokens >= 50:
        return similarity >= threshold
    return similarity >= 1.0 - (1.0 - threshold) * (tokens - 20) / 30


def near_pairs(
    sides: Sequence[Sequence[str]], floor: float, n: int, characters: int, dropped: Sequence[Shingles]
) -> dict[tuple[int, int], tuple[float, list[tuple[float, int]]]]:
    """Every pair at or above the floor: its similarity, and that of each side with the shorter text's tokens."""
    sets = [
        [kept(text, n, characters, left_out) for text in side] for side, left_out in zip(sides, dropped, strict=True)
    ]
    pairs = {}
    for left, right in combinations(range(len(sides[0])), 2):
        if all(not side[left][0] for side in sets):
            continue
        parts = [(jaccard(side[left][0], side[right][0]), min(side[left][1], side[right][1])) for side in sets]
        similarity = min(part[0] for part in parts)
        if similarity >= floor:
            pairs[left, right] = similarity, parts
    return pairs


def stars(order: Sequence[int], pairs: set[tuple[int, int]]) -> list[int]:
    """The rows that stay: in their order, each that is not like one that stays already."""
    stay: list[int] = []
    for row in order:
        if not any((min(row, other), max(row, other)) in pairs for other in stay):
            stay.append(row)
    return stay
