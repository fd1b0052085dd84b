"""Exact similarities of pairs of rows, and what the guard for short texts makes of them."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tamis.kernels.jaccard import Sets, jaccard, room_for_sets, write_sets
from tamis.neighbours.lexical_bands import Texts, spans

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRICT, FREE = 20, 50
"""Tokens up to which a text must match perfectly, and from which on the threshold alone counts (AllenAI's decon)."""
BLOCK_BYTES = 32 << 20
"""Text whose shingles are held at a time; two such blocks are compared, of some eight bytes of shingles per word."""


SPAN = 2048
"""Rows whose shingles are made, and whose texts are given back, at a time: one that lies alone brings 64 kB."""


def effective_similarity(similarity: Floats, tokens: Ints) -> Floats:
    """The highest threshold at which a pair counts as alike, when the shorter text has so many tokens.

    At n tokens a threshold t asks for a similarity of 1 (n up to 20), of t (50 or more), and between the two of
    1 - (1 - t)(n - 20) / 30, as decon does; this is that solved for t, and 0 where no threshold would do.

    >>> effective_similarity(np.array([0.9, 0.9, 0.9, 1.0]), np.array([20, 35, 50, 5])).round(3).tolist()
    [0.0, 0.8, 0.9, 1.0]
    """
    room = np.clip((tokens - STRICT) / (FREE - STRICT), 0.0, 1.0)
    missing = 1.0 - similarity
    with np.errstate(divide="ignore", invalid="ignore"):  # no room at all: decided by the last line
        solved = np.where(room == 1.0, similarity, np.maximum(1.0 - missing / room, 0.0))
    return np.where(similarity >= 1.0, 1.0, np.where(room > 0.0, solved, 0.0))


def verify(
    texts: Texts, pairs: tuple[Ints, Ints], floor: float, pool: Executor, *, guard: bool
) -> tuple[Ints, Ints, Floats, Floats]:
    """Compare pairs exactly: left, right, similarity and effective similarity of those that reach the floor.

    Each is the smallest of all sides; and where shingles are left out as template, of the texts without and with
    them, because what little is left of two texts may agree by chance.
    """
    left, right = pairs
    similarity, effective = _similarities(texts, left, right, pool)
    kept = similarity >= floor
    left, right, similarity, effective = left[kept], right[kept], similarity[kept], effective[kept]
    if len(texts.template) > 1:
        whole = replace(texts, template=texts.template[:1] * np.uint64(0))
        with_template, effective_with = _similarities(whole, left, right, pool)
        kept = with_template >= floor
        left, right = left[kept], right[kept]
        similarity = np.minimum(similarity, with_template)[kept]
        effective = np.minimum(effective, effective_with)[kept]
    return left, right, similarity, effective if guard else similarity


def _similarities(texts: Texts, left: Ints, right: Ints, pool: Executor) -> tuple[Floats, Floats]:
    """Similarity and effective similarity of each pair.

    The shingles of the rows named are made anew, in blocks, so that memory does not grow with the corpus; rows of one
    family are in one block, or nearly so, so that time does not either.
    """
    similarity, effective = np.ones(len(left)), np.ones(len(left))
    if len(left) == 0:
        return similarity, effective
    block = _blocks(texts, left, right)
    group = np.minimum(*block).astype(np.int64) * (int(max(block[0].max(), block[1].max())) + 1) + np.maximum(*block)
    del block
    order = np.argsort(group, kind="stable")
    starts = [0, *(np.flatnonzero(np.diff(group[order])) + 1), len(left)]
    for start, stop in pairwise(starts):
        chosen = order[start:stop]
        similarity[chosen], effective[chosen] = _compare(texts, left[chosen], right[chosen], pool)
        texts.let_go()
    return similarity, effective


def _blocks(texts: Texts, left: Ints, right: Ints) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The block of text that each row of each pair is in."""
    named = np.zeros(len(texts), np.bool_)
    named[left] = named[right] = True
    rows = np.flatnonzero(named)
    place = np.empty(len(texts), np.int32)  # a place a row, not a sorted pair of all: a seventh of the memory
    place[rows] = np.arange(len(rows))
    one, other = place[left], place[right]
    family = np.arange(len(rows), dtype=np.int32)
    np.minimum.at(family, other, one)
    order = np.argsort(family, kind="stable")
    lengths = sum(side.offsets[rows + 1] - side.offsets[rows] for side in texts.sides)
    block = np.empty(len(rows), np.int32)
    block[order] = np.cumsum(np.asarray(lengths)[order]) // BLOCK_BYTES
    return block[one], block[other]


def _compare(texts: Texts, left: Ints, right: Ints, pool: Executor) -> tuple[Floats, Floats]:
    rows, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    one, other = place[: len(left)], place[len(left) :]
    similarity, effective = np.ones(len(left)), np.ones(len(left))
    pieces = spans(len(left), max(1024, len(left) // 64 + 1))
    for number in range(len(texts.sides)):
        sets = _sets(texts, number, rows, pool)
        tokens = sets[2]
        for (start, stop), found in zip(
            pieces,
            pool.map(lambda piece, s=sets: jaccard(s, one[slice(*piece)], other[slice(*piece)]), pieces),
            strict=True,
        ):
            shorter = np.minimum(tokens[one[start:stop]], tokens[other[start:stop]])
            similarity[start:stop] = np.minimum(similarity[start:stop], found)
            effective[start:stop] = np.minimum(effective[start:stop], effective_similarity(found, shorter))
    return similarity, effective


def _sets(texts: Texts, number: int, rows: Ints, pool: Executor) -> Sets:
    side, rule = texts.sides[number], texts.rules[number]
    sets = room_for_sets(side.offsets[rows + 1] - side.offsets[rows])
    starts, sizes, tokens, shingles = sets

    def write(span: tuple[int, int]) -> None:
        part = slice(*span)
        own = (starts[part], sizes[part], tokens[part], shingles)
        write_sets(side.offsets, side.data, rows[part], rule, texts.template, own)
        side.let_go()

    list(pool.map(write, spans(len(rows), SPAN)))
    return sets
