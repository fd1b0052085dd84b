"""Which words stand beside one group more than beside the other groups of its axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.scores.bias.contexts import SENTENCE
from tamis.scores.statistics import benjamini_hochberg, two_sided_p

FEWEST: Final = 50
"""Units with a sentence about the group, and units with one about the others, before words are compared."""
FEWEST_WORDS: Final = 10
"""Units in which a word must stand, beside any group of the axis."""
PRIOR: Final = 500.0
"""The prior's weight, in words: as if this many words had been seen beside each side, used as the axis uses them."""

Counts = NDArray[np.int64]


def log_odds(one: Counts, other: Counts, prior: float = PRIOR) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much more often each word is used on one side than on the other: log-odds ratio and its z-score, shape (n,).

    Monroe, Colaresi and Quinn 2008, with their informative Dirichlet prior: alpha_w is `prior` times the word's share
    of both sides together, so that a rare word must be very one-sided to stand out. The variance has all four terms,
    not only those of the word itself, which would be too small for a frequent one.

    >>> delta, z = log_odds(np.array([30, 100]), np.array([10, 100]))
    >>> delta.round(2).tolist(), z.round(1).tolist()
    ([0.19, -0.19], [1.3, -1.3])
    """
    if len(one) < 2:  # the only word there is has no odds
        return np.zeros(len(one)), np.zeros(len(one))
    together = one + other
    alpha = prior * together / max(1, together.sum())
    total = alpha.sum()
    first, second = one + alpha, other + alpha
    rest_first, rest_second = one.sum() + total - first, other.sum() + total - second
    delta = np.log(first / rest_first) - np.log(second / rest_second)
    return delta, delta / np.sqrt(1 / first + 1 / second + 1 / rest_first + 1 / rest_second)


def npmi(both: Counts, word: Counts, group: int, n: int) -> NDArray[np.float64]:
    """Normalised pointwise mutual information of a word and a group, in [-1, 1]: Bouma 2009; -1 where never together.

    Of `n` units, `group` are about the group, `word` have the word, and `both` are and have.

    >>> npmi(np.array([5, 0]), np.array([5, 5]), 5, 10).round(2).tolist()
    [1.0, -1.0]
    """
    seen = np.maximum(both, 1)
    joint = seen / n
    information = np.log(joint / (word / n * (group / n)))
    with np.errstate(divide="ignore", invalid="ignore"):
        normalised = np.where(joint < 1, information / -np.log(joint), 0.0)
    return np.where(both > 0, normalised, -1.0)


def association(counts: pl.DataFrame, bits: Mapping[str, int]) -> list[dict[str, Any]]:
    """The words of each group of an axis: `group`, `units`, `other_units` and a frame `words` where they suffice.

    `counts` is what `words_beside` says of all units, `bits` the bit of each group. Units with a sentence that mentions
    the group alone are held against units with a sentence that mentions others and not it. `words` has the columns
    `word`, `units`, `other_units`, `log_odds`, `z`, `npmi` and the two-sided `p`; `significant` tells which hold.
    """
    told = []
    for group, bit in bits.items():
        inside, beside = pl.col("alone") & bit != 0, pl.col("every") & bit == 0
        sides = counts.group_by("word").agg(
            units=pl.col("units").filter(inside).sum(), other_units=pl.col("units").filter(beside).sum()
        )
        sides = sides.filter(pl.col("units") + pl.col("other_units") > 0)  # the rest stand in mixed sentences alone
        whole = sides.filter(pl.col("word") == SENTENCE)
        n, others = (int(whole[name].sum()) for name in ("units", "other_units"))
        facts: dict[str, Any] = {"group": group, "units": n, "other_units": others}
        if n >= FEWEST and others >= FEWEST:
            facts["words"] = _compared(sides.filter(pl.col("word") != SENTENCE).sort("word"), n, others)
        told.append(facts)
    return told


def _compared(sides: pl.DataFrame, n: int, others: int) -> pl.DataFrame:
    one, other = (sides[name].cast(pl.Int64).to_numpy() for name in ("units", "other_units"))
    delta, z = log_odds(one, other)
    found = sides.with_columns(
        log_odds=pl.Series(delta),
        z=pl.Series(z),
        npmi=pl.Series(npmi(one, one + other, n, n + others)),
        p=pl.Series([two_sided_p(score) for score in z], dtype=pl.Float64),
    )
    return found.filter(pl.col("units") + pl.col("other_units") >= FEWEST_WORDS)


def significant(told: list[dict[str, Any]], rate: float = 0.05) -> list[dict[str, Any]]:
    """The same, with the words alone that hold at a false-discovery rate over all words of all groups given.

    Benjamini and Hochberg 1995; `tested` says how many words were compared. The largest z comes first.
    """
    tested = [facts for facts in told if "words" in facts]
    p = np.concatenate([np.zeros(0), *(facts["words"]["p"].to_numpy() for facts in tested)])
    adjusted, at, kept = benjamini_hochberg(p), 0, {}
    for facts in tested:
        words = facts["words"].with_columns(q=pl.Series(adjusted[at : at + facts["words"].height]))
        at += words.height
        kept[facts["group"]] = {
            "tested": words.height,
            "words": words.filter(pl.col("q") <= rate).sort("z", "word", descending=[True, False]),
        }
    return [facts | kept.get(facts["group"], {}) for facts in told]
