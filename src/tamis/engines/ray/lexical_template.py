"""Template shingles of texts in the cluster, counted where the texts are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tamis.engines.ray.rows import Texts
from tamis.engines.ray.session import Session
from tamis.engines.ray.taking import Sides, packed, taken, texts_of
from tamis.kernels.band_pairs import first_equal
from tamis.kernels.shingle_counts import count_texts
from tamis.kernels.shingles import Rule
from tamis.neighbours.lexical import CHARACTERS, TEMPLATE_LEAST, rules_for
from tamis.neighbours.lexical_template import Keys, frequent, named_in_sample, sample_rows

Ints = NDArray[np.int64]


def template_of(session: Session, texts: Texts, sides: Sides, words: int, share: float | None) -> Keys:
    """As `tamis.neighbours.lexical` finds them, of all sides."""
    if share is None:
        return np.zeros(0, np.uint64)
    rules = rules_for(len(sides), words, CHARACTERS)
    return np.unique(
        np.concatenate([_of_side(session, texts, side, rule, share) for side, rule in zip(sides, rules, strict=True)])
    )


def _of_side(session: Session, texts: Texts, side: str, rule: Rule, share: float) -> Keys:
    n = sum(texts.sizes)
    size = sum(session.results([session.call(_bytes, block, side) for block in texts.blocks]))
    rows = sample_rows(n, size)
    sample = taken(session, texts, [rows], (side,))[0][0]
    table, settled = named_in_sample(sample, rule, share, TEMPLATE_LEAST, whole=len(rows) == n)
    if settled or len(table) == 1:
        return table if settled else table[:0]
    counted = session.results([session.call(count, block, side, rule, table, None) for block in texts.blocks])
    words = np.concatenate([hashes for _, hashes in counted])
    copies = first_equal(words) != np.arange(n)
    parts = np.split(copies, np.cumsum(texts.sizes)[:-1])
    twice = session.results(
        [
            session.call(count, block, side, rule, table, np.flatnonzero(mine))
            for block, mine in zip(texts.blocks, parts, strict=True)
        ]
    )
    counts = sum((c for c, _ in counted), np.zeros(len(table), np.int64)) - sum(c for c, _ in twice)
    return frequent(table, counts, int(n - copies.sum() - (words == 0).any()), share, TEMPLATE_LEAST)


def _bytes(block: pa.Table, side: str) -> int:
    offsets = packed(texts_of(block, side)).offsets
    return int(offsets[-1] - offsets[0])


def count(block: pa.Table, side: str, rule: Rule, table: Keys, rows: Ints | None) -> tuple[Ints, Keys]:
    """In how many of some texts of a block (None: of all) each slot's shingle is found, and hashes of their words."""
    texts = packed(texts_of(block, side))
    chosen = np.arange(len(texts)) if rows is None else rows
    return count_texts(texts.offsets, texts.data, chosen, rule, table)
