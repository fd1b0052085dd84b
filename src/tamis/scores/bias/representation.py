"""Who is mentioned, how often, and whether she or he is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis import kernels
from tamis.identity import Lexicon
from tamis.packed import Packed
from tamis.scores.statistics import Z_95, wilson

FEWEST: Final = 10
"""Rows that must mention a group before a rate is told."""
SHE: Final = ("she", "her", "hers", "herself")
HE: Final = ("he", "him", "his", "himself")
_PART: Final = 1 << 14


@dataclass(frozen=True)
class Mentions:
    """What n texts mention: a bit mask of groups a text, shape (n,); how often each term stands in all texts; how many
    of `SHE` and of `HE` each text has, shape (n, 2); and the estimated tokens of all texts."""

    masks: NDArray[np.int64]
    terms: NDArray[np.int64]
    pronouns: NDArray[np.int32]
    tokens: int


def mentions(texts: Packed, lexicon: Lexicon) -> Mentions:
    """Count the mentions of a lexicon's groups in texts, a run of texts after the other."""
    masks, pronouns = np.zeros(len(texts), np.int64), np.zeros((len(texts), 2), np.int32)
    terms, tokens = np.zeros(len(lexicon.terms), np.int64), 0
    column = np.array([0 if term in SHE else 1 if term in HE else -1 for term in lexicon.terms])
    for first, part in texts.parts(_PART):
        found = lexicon.mentions(part)
        row, term = found[:, 0] + first, found[:, 3]
        np.bitwise_or.at(masks, row, np.int64(1) << lexicon.group[term])
        terms += np.bincount(term, minlength=len(terms))
        spoken = column[term] >= 0
        np.add.at(pronouns, (row[spoken], column[term][spoken]), 1)
        tokens += int(kernels.counting.words_and_tokens(part.offsets, part.data)[1].sum())
    return Mentions(masks, terms, pronouns, tokens)


def representation(found: Mentions, lexicon: Lexicon, units: int) -> list[dict[str, Any]]:
    """Of each group, the rows that mention it, their share with Wilson's interval, and mentions per thousand tokens.

    `units` is how many of the rows are independent: the interval is as wide as that many observations make it. A
    group that fewer than `FEWEST` rows mention has `rows` alone.
    """
    n, told = len(found.masks), []
    listed = lexicon.group >= 0  # the others only keep terms inside them from being found
    by_group = np.bincount(lexicon.group[listed], found.terms[listed], len(lexicon.groups)).astype(np.int64)
    for place, group in enumerate(lexicon.groups):
        rows = int(((found.masks >> place) & 1).sum())
        facts: dict[str, Any] = {"group": group, "rows": rows}
        if rows >= FEWEST:
            count = int(by_group[place])
            facts |= {"share": rows / n, "interval": wilson(rows * units / n, units), "mentions": count}
            facts["per_thousand_tokens"] = 1000 * count / max(1, found.tokens)
        told.append(facts)
    return told


def pronoun_ratio(pronouns: NDArray[np.int64] | NDArray[np.int32]) -> dict[str, Any]:
    """Pronouns of hers to one of his, with a 95 % interval that knows that pronouns come in runs.

    `pronouns` counts both in each unit, shape (n, 2). With A and B the sums of all a_i and b_i, the variance of log(A
    / B) is the sum of (a_i / A - b_i / B)^2: the delta method for a ratio of totals over units (Cochran 1977), so a
    long story counts as one observation. Without `ratio` where fewer than `FEWEST` units have either.

    >>> facts = pronoun_ratio(np.array([[2, 0], [0, 1]] * 50))
    >>> facts["she"], facts["he"], facts["ratio"], [round(bound, 2) for bound in facts["interval"]]
    (100, 50, 2.0, [1.35, 2.96])
    """
    she, he = pronouns[:, 0].astype(np.float64), pronouns[:, 1].astype(np.float64)
    facts: dict[str, Any] = {"she": int(she.sum()), "he": int(he.sum())}
    if min(int((she > 0).sum()), int((he > 0).sum())) >= FEWEST:
        logarithm = math.log(she.sum() / he.sum())
        half = Z_95 * math.sqrt(float(((she / she.sum() - he / he.sum()) ** 2).sum()))
        facts |= {"ratio": math.exp(logarithm), "interval": (math.exp(logarithm - half), math.exp(logarithm + half))}
    return facts
