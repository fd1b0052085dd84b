"""Near-duplicates by their words: MinHash and banded LSH find pairs, exact Jaccard similarities judge them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.kernels.shingle_counts import table_of
from tamis.kernels.shingles import Rule
from tamis.kernels.similarity import thin
from tamis.neighbours.lexical_bands import Banding, Buckets, Texts, bands_for, buckets, spans
from tamis.neighbours.lexical_template import template_shingles
from tamis.neighbours.lexical_verify import verify
from tamis.neighbours.pairs import Pairs, levels_reached, most_pairs
from tamis.packed import Packed

TEMPLATE_LEAST = 100
"""Distinct texts that must hold a shingle before it can count as template, whatever their share."""
CHARACTERS = 5
"""Code points of a shingle in scripts without spaces, where nothing else is said."""
STRIPE = 1 << 16
"""Rows that are compared with better ones at a time: what is held of pairs that are not verified yet."""
_SIDE_SALT = 0x632BE59BD9B4E019


Met = tuple[NDArray[np.int64], NDArray[np.int64]]
Verified = tuple[NDArray[Any], NDArray[Any], NDArray[np.float64], NDArray[np.float64]]  # rows as 64 or 32 bits


@dataclass(frozen=True)
class LexicalPairs:
    """Pairs of rows that are alike in their words, and how they were found.

    Rows of the same words are found once: each is in `pairs` with the first of them, `same_as`, and only that one
    is paired with others, which holds for its copies too.
    """

    pairs: Pairs  # exact Jaccard similarity, the smaller one of two sides
    effective: NDArray[np.float64]  # shape (pairs,): what a threshold is compared with; the similarity, less the guard
    same_as: NDArray[np.int64]  # shape (n,): the first row of the same words; the row itself where there is none before
    bands: int
    lanes: int  # hashes in a band: a pair of similarity J is met with probability 1 - (1 - J**lanes)**bands
    words: int
    characters: int
    template: NDArray[np.uint64]  # hashes of the shingles that were left out, sorted
    compared: int  # pairs whose similarity was computed
    limited: int  # pairs that shared a bucket too big to compare all, counted in each bucket
    left_out: int  # pairs at or above the floor, of families larger than `most` that no star cluster needs

    def alike(self, threshold: float) -> Pairs:
        """The pairs that count as duplicates at a threshold, which is at least the floor, guard included.

        >>> found = near_pairs([Packed.of(["to be or not to be that is it", "to be or not to be that is"])])
        >>> len(found.pairs), len(found.alike(0.7))
        (1, 0)
        """
        if threshold < self.pairs.floor:
            raise TamisError(f"threshold {threshold:g} is below the floor {self.pairs.floor:g} that pairs were kept to")
        chosen = self.effective >= threshold
        pairs = self.pairs
        return Pairs(pairs.left[chosen], pairs.right[chosen], pairs.similarity[chosen], max(pairs.floor, threshold))


def near_pairs(  # noqa: PLR0913 - options, by keyword
    sides: Sequence[Packed],
    *,
    floor: float = 0.6,
    words: int = 3,
    characters: int = CHARACTERS,
    guard: bool = True,
    template_share: float | None = 0.05,
    bucket_limit: int = 64,
    most: int | None = None,
    order: NDArray[np.int64] | None = None,
    threads: int | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> LexicalPairs:
    """Find rows whose shingles have a Jaccard similarity of at least `floor`; each pair compared exactly.

    A row is one text, or two (a prompt and its answer), which must both be alike: the similarity of a pair is that
    of its less similar side. A shingle is `words` words in a row, lower-cased and without punctuation, or
    `characters` code points of a script without spaces; a text of fewer is one shingle. An empty side is like an
    empty one only, and a row that is blank on all sides is like none.

    `guard` asks more of short texts (see `effective_similarity`), which lowers `effective` and leaves the
    similarity alone. `template_share` leaves out shingles that more than this share of a side's distinct texts
    hold, and at least 100 of them; a text that has no others keeps them. That may only lower a similarity: a pair
    is as alike as it is with the template or without it, whichever is less. None turns it off. A pair at the floor
    is missed with probability 0.01, more similar ones far less; never is one reported that is below. Of a bucket
    of more than `bucket_limit` rows each is compared with the first so many, in `order`: all rows from best to
    worst, None for row order, rows of the same words at the place of the best. So going through the rows in that
    order (a star cluster a row) finds what they are like in big families too. `limited` counts what was left out.

    The answer is the same for any number of `threads`. `on_progress` is told of bytes and rows as they are done.
    O(bytes + n bands + pairs), 180 bytes a row and the shingles of two blocks of 64 MB of text.

    Examples
    --------
    >>> text = "Name three primary colours that a painter mixes all the others from"
    >>> rows = Packed.of([text, "Name two primary colours!", "", text.upper() + ", please."])
    >>> found = near_pairs([rows])
    >>> found.pairs.left.tolist(), found.pairs.right.tolist(), found.pairs.similarity.round(2).tolist()
    ([0], [3], [0.91])
    >>> found.effective.tolist()
    [0.0]
    """
    _check(sides, floor=floor, words=words, characters=characters, share=template_share, limit=bucket_limit)
    if order is not None and not np.array_equal(np.sort(order), np.arange(len(sides[0]))):
        raise TamisError(f"order must name each of the {len(sides[0])} rows once, from best to worst")
    rules = rules_for(len(sides), words, characters)
    plain = [Packed(np.asarray(side.offsets), np.asarray(side.data)) for side in sides]
    bands, lanes = bands_for(floor)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        template = _template(plain, rules, template_share, pool)
        texts = Texts(plain, rules, table_of(template))
        banding = Banding(bands, lanes, seed, bucket_limit, order)
        met = buckets(texts, banding, pool, on_progress or (lambda _size, _rows: None))
        judged = Judged(texts, met, floor, guard, most_pairs(len(texts)) if most is None else most)
        left, right, similarity, effective = judged.run(pool)
    return LexicalPairs(
        pairs=Pairs(left, right, similarity, floor),
        effective=effective,
        same_as=met.same_as,
        bands=bands,
        lanes=lanes,
        words=words,
        characters=characters,
        template=template,
        compared=judged.compared,
        limited=met.limited,
        left_out=judged.left_out,
    )


def rules_for(sides: int, words: int, characters: int) -> list[Rule]:
    """What makes a shingle of each side; equal shingles of two sides have different hashes."""
    return [(words, characters, np.uint64(_SIDE_SALT * number)) for number in range(sides)]


@dataclass
class Few:
    """Which pairs are kept of families larger than `most`, said of the rows from best to worst."""

    rank: NDArray[np.int64]
    taken: NDArray[np.int32]
    covered: NDArray[np.uint32]
    floor: float
    most: int
    left_out: int = 0

    @classmethod
    def of(cls, rows: NDArray[np.int64], n: int, floor: float, most: int) -> Few:
        """For these of n rows, the best first."""
        rank = np.empty(n, np.int64)
        rank[rows] = np.arange(len(rows))
        return cls(rank, np.zeros(len(rows), np.int32), np.zeros(len(rows), np.uint32), floor, most)

    def kept(self, found: Verified) -> Verified:
        """What `thin` keeps of pairs whose worse rows all come after those of the pairs before."""
        n = len(self.taken)
        one, other = self.rank[found[0]], self.rank[found[1]]
        earlier, later = np.minimum(one, other), np.maximum(one, other)
        order = np.argsort(later * n + earlier)  # no two are equal
        reached = levels_reached(found[3][order], self.floor)
        kept = order[thin(earlier[order], later[order], reached, self.taken, self.covered, n, self.most)]
        self.left_out += len(order) - len(kept)
        return found[0][kept].astype(np.int32), found[1][kept].astype(np.int32), found[2][kept], found[3][kept]


def in_order(parts: Sequence[Verified], n: int) -> Verified:
    """Pairs of n rows, sorted by left, then right; one column after the other, so that few are held twice."""
    both = np.concatenate([left.astype(np.int64) * n + right for left, right, _, _ in parts])
    order = np.argsort(both)
    left, right = np.divmod(both[order], n)
    similarity, effective = (np.concatenate([part[column] for part in parts])[order] for column in (2, 3))
    return left, right, similarity, effective


@dataclass
class Judged:
    """Rows that have met, compared a stripe after the other, from the best row to the worst."""

    texts: Texts
    met: Buckets
    floor: float
    guard: bool
    most: int
    compared: int = 0
    left_out: int = 0

    def run(self, pool: Executor) -> Verified:
        """All pairs at or above the floor, less those that `thin` leaves out: sorted by left, then right."""
        few = Few.of(self.met.rows, len(self.texts), self.floor, self.most)
        parts = [verify(self.texts, self._counted(self.met.copies()), self.floor, pool, guard=self.guard)]
        for start, stop in spans(len(self.met.rows), STRIPE):
            pairs = self._counted(self.met.pairs(start, stop, pool))
            parts.append(few.kept(verify(self.texts, pairs, self.floor, pool, guard=self.guard)))
        self.left_out = few.left_out
        return in_order(parts, len(self.texts))

    def _counted(self, pairs: Met) -> Met:
        self.compared += len(pairs[0])
        return pairs


def _template(
    sides: Sequence[Packed], rules: Sequence[Rule], share: float | None, pool: Executor
) -> NDArray[np.uint64]:
    if share is None:
        return np.zeros(0, np.uint64)
    found = [
        template_shingles(side, rule, share, TEMPLATE_LEAST, pool) for side, rule in zip(sides, rules, strict=True)
    ]
    return np.unique(np.concatenate(found))


def _check(
    sides: Sequence[Packed], *, floor: float, words: int, characters: int, share: float | None, limit: int
) -> None:
    """Refuse what cannot be meant, before anything is read."""
    if len(sides) not in (1, 2):
        raise TamisError(f"near_pairs compares one or two sides of each row, not {len(sides)}")
    if len({len(side) for side in sides}) > 1:
        raise TamisError(f"the sides have different numbers of rows: {', '.join(str(len(side)) for side in sides)}")
    if not 0.2 <= floor <= 1.0:
        raise TamisError(f"floor must be from 0.2 to 1, not {floor:g}")
    if words < 1 or characters < 1 or limit < 1:
        raise TamisError("words, characters and bucket_limit must be at least 1")
    if share is not None and not 0.0 < share <= 1.0:
        raise TamisError(f"template_share must be above 0 and at most 1, or None for off, not {share:g}")
