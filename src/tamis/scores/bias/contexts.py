"""The sentences that mention someone, and the words and occupations beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.identity import Lexicon
from tamis.identity.sentences import sentences
from tamis.packed import Packed

_PART: Final = 4096  # texts whose sentences are held at a time
SENTENCE: Final = ""
"""Stands for a word that every sentence has."""


def mentioning(
    texts: Packed, masks: NDArray[np.int64], units: NDArray[np.int64], lexicon: Lexicon
) -> Iterator[pl.DataFrame]:
    """The sentences that mention a group, a run of texts at a time: `unit`, `text` and `mask`, the groups it mentions.

    `masks` says which groups each whole text mentions; the other texts are not looked at. `units` numbers what a text
    belongs to and counts once: texts of one unit follow each other. A sentence that other texts repeat is given once,
    or copied text would pass for evidence.
    """
    seen: set[int] = set()
    rows = np.flatnonzero(masks)
    rows = rows[np.argsort(units[rows], kind="stable")]
    for first in range(0, len(rows), _PART):
        chosen = rows[first : first + _PART]
        cut = _unseen(sentences(pl.Series(texts.strings(chosen.tolist()))), seen)
        found = lexicon.mentions(packed := Packed.of(cut["text"]))
        mask = np.zeros(len(packed), np.int64)
        np.bitwise_or.at(mask, found[:, 0], np.int64(1) << lexicon.group[found[:, 3]])
        placed = cut.with_columns(unit=pl.Series(units[chosen])[cut["row"]], mask=pl.Series(mask))
        yield placed.select("unit", "text", "mask").filter(pl.col("mask") != 0)


def _unseen(cut: pl.DataFrame, seen: set[int]) -> pl.DataFrame:
    """The sentences whose hash is new; notes those it gives."""
    fresh = cut.with_columns(key=pl.col("text").hash()).unique("key", keep="first", maintain_order=True)
    fresh = fresh.filter(pl.Series([key not in seen for key in fresh["key"]], dtype=pl.Boolean))
    seen.update(fresh["key"])
    return fresh


def words_beside(said: pl.DataFrame, bits: int, without: Sequence[str]) -> pl.DataFrame:
    """In how many units each word stands in sentences that mention which groups of an axis.

    `said` is a run of `mentioning`, and `bits` masks the groups of the axis. A line is a word (`SENTENCE` stands in
    every sentence), `alone` the groups that one or more of a unit's sentences with the word mention and no other of the
    axis, `every` the groups that all of them mention, and the `units` where it is so. A word counts once a unit: units
    are independent, words are not.
    """
    axis = said.with_columns(pl.col("mask") & bits).filter(pl.col("mask") != 0)
    words = pl.col("text").str.to_lowercase().str.extract_all(r"\p{L}{2,}")
    spread = axis.select("unit", "mask", word=pl.concat_list(words, pl.lit(SENTENCE))).explode("word")
    spread = spread.filter(~pl.col("word").is_in(list(without)))
    single = pl.col("mask") & (pl.col("mask") - 1) == 0
    by_unit = spread.group_by("unit", "word").agg(
        alone=pl.col("mask").filter(single).bitwise_or().fill_null(0), every=pl.col("mask").bitwise_and()
    )
    return by_unit.group_by("word", "alone", "every").agg(units=pl.len())


def occupations_beside(said: pl.DataFrame, occupations: Lexicon, female: int, male: int) -> pl.DataFrame:
    """In how many units each occupation shares a sentence with female terms alone, and with male terms alone.

    `said` is a run of `mentioning`; `female` and `male` are the bits of the groups. A plural counts as its singular. A
    sentence with both tells nothing. Columns: `occupation`, `female`, `male`.
    """
    gendered = said.with_columns(female=pl.col("mask") & female != 0, male=pl.col("mask") & male != 0)
    gendered = gendered.filter(pl.col("female") != pl.col("male"))
    found = occupations.mentions(Packed.of(gendered["text"]))
    names = pl.Series(list(occupations.groups), dtype=pl.String)
    hits = (
        gendered[found[:, 0]]
        .select("unit", "female", "male")
        .with_columns(occupation=names[occupations.group[found[:, 3]]])
    )
    by_unit = hits.group_by("unit", "occupation").agg(pl.col("female", "male").any())
    return by_unit.group_by("occupation").agg(pl.col("female", "male").sum().cast(pl.Int64))
