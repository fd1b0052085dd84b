"""Near-duplicates of texts in the cluster: rows meet in shards of the bands' keys, and pairs are verified in groups.

It is `tamis.neighbours.lexical.near_pairs` cut where rows meet. A bucket is never divided, so who is paired with whom
in one that is too big is decided as there; pairs are the same, and so is their similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tamis.corpus import Progress
from tamis.engines.ray.lexical_template import template_of
from tamis.engines.ray.rows import Texts as Blocks
from tamis.engines.ray.session import Session
from tamis.engines.ray.taking import Sides, joined, packed, requests, texts_of
from tamis.kernels.band_pairs import band_pairs, first_equal, mark_late
from tamis.kernels.shingle_counts import table_of
from tamis.neighbours.lexical import CHARACTERS, Few, LexicalPairs, Verified, in_order, rules_for
from tamis.neighbours.lexical_bands import Banding, Texts, bands_for, best_first, sketch
from tamis.neighbours.lexical_verify import verify
from tamis.neighbours.pairs import Pairs, most_pairs
from tamis.packed import Packed

BUCKET_LIMIT: Final = 64
SHARD_BYTES: Final = 128 << 20  # of 8 bytes for each row and band
GROUP_BYTES: Final = 64 << 20  # text that one task verifies
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Search:
    """How texts are compared: what makes a shingle, what is left out, and in which bands rows meet."""

    sides: Sides
    words: int
    template: NDArray[np.uint64]  # a table of `kernels.shingle_counts`
    floor: float
    guard: bool

    def texts(self, sides: Sequence[Packed]) -> Texts:
        """Some of the texts, as the searches want them."""
        return Texts(sides, rules_for(len(sides), self.words, CHARACTERS), self.template)


def near_pairs(  # noqa: PLR0913 - where the texts are, and the options of the signal
    session: Session,
    texts: Blocks,
    sides: Sides,
    order: Ints,
    progress: Progress,
    *,
    floor: float,
    words: int,
    guard: bool,
    share: float | None,
) -> LexicalPairs:
    """As `tamis.neighbours.lexical.near_pairs`, of blocks of texts."""
    template = template_of(session, texts, sides, words, share)
    search = Search(sides, words, table_of(template), floor, guard)
    bands, lanes = bands_for(floor)
    sketched = [session.call(sketch_block, block, search, returns=3) for block in texts.blocks]
    hashes = session.results([words for _, words, _ in sketched])
    progress("near-duplicates", 0.3)
    lengths = np.concatenate([np.zeros(0, np.int64), *session.results([length for _, _, length in sketched])])
    same_as, rows = _distinct(np.concatenate([np.zeros(0, np.uint64), *hashes]), order)
    left, right, limited = _met(session, [keys for keys, _, _ in sketched], rows, same_as, bands)
    progress("near-duplicates", 0.6)
    verified = _verified(session, texts, search, (left, right), lengths)
    copies = same_as[verified[1]] != verified[1]
    few = Few.of(rows, len(same_as), floor, most_pairs(len(same_as)))
    found = in_order([_only(verified, copies), few.kept(_only(verified, ~copies))], len(same_as))
    return LexicalPairs(
        pairs=Pairs(found[0], found[1], found[2], floor),
        effective=found[3],
        same_as=same_as,
        bands=bands,
        lanes=lanes,
        words=words,
        characters=CHARACTERS,
        template=template,
        compared=len(left),
        limited=limited,
        left_out=few.left_out,
    )


def _only(found: Verified, chosen: NDArray[np.bool_]) -> Verified:
    return found[0][chosen], found[1][chosen], found[2][chosen], found[3][chosen]


def sketch_block(block: pa.Table, search: Search) -> tuple[NDArray[np.uint32], NDArray[np.uint64], Ints]:
    """The band keys of a block's rows, the hashes of their words, and the bytes of their texts."""
    sides = [packed(texts_of(block, side)) for side in search.sides]
    bands, lanes = bands_for(search.floor)
    with ThreadPoolExecutor(1) as pool:
        keys, words = sketch(search.texts(sides), Banding(bands, lanes, 0, BUCKET_LIMIT, None), pool, _tell)
    return keys, words, sum((np.diff(side.offsets) for side in sides), np.zeros(len(words), np.int64))


def _tell(_size: int, _rows: int) -> None:
    """Progress is told block by block."""


def _distinct(words: NDArray[np.uint64], order: Ints) -> tuple[Ints, Ints]:
    """For each row the first of the same words; and those that are the first and not blank, from best to worst."""
    same_as = first_equal(words)
    blank = words == 0
    same_as[blank] = np.flatnonzero(blank)
    rows = best_first(same_as, order)
    return same_as, rows[~blank[rows]]


def _met(session: Session, keys: Sequence[Any], rows: Ints, same_as: Ints, bands: int) -> tuple[Ints, Ints, int]:
    """Pairs of rows that share a band's key, and what the bound on buckets leaves out."""
    n = len(same_as)
    rank = np.full(n, -1, np.int64)
    rank[rows] = np.arange(len(rows))
    shards = max(1, min(8 * bands * len(rows) // SHARD_BYTES + 1, 1_000))
    if n:
        shards = max(shards, min(session.workers, 8))
    starts = np.cumsum([0, *session.results([session.call(_height, block) for block in keys])])
    routed = [
        session.call(route, block, rank[start:stop], shards, returns=shards)
        for block, start, stop in zip(keys, starts[:-1], starts[1:], strict=True)
    ]
    by_shard = [[parts[shard] if shards > 1 else parts for parts in routed] for shard in range(shards)]
    met = session.results([session.call(meet, bands, *parts) for parts in by_shard])
    ranked = np.unique(np.concatenate([np.zeros(0, np.uint64), *(pairs for pairs, _ in met)]))
    one, other = rows[(ranked >> _HALF).astype(np.int64)], rows[(ranked & _LOW).astype(np.int64)]
    copies = np.flatnonzero(same_as != np.arange(n))
    left, right = np.append(np.minimum(one, other), same_as[copies]), np.append(np.maximum(one, other), copies)
    both = np.lexsort((right, left))
    return left[both], right[both], sum(limited for _, limited in met)


def _height(keys: NDArray[np.uint32]) -> int:
    return int(keys.shape[1])


Routed = tuple[Ints, NDArray[np.uint32], NDArray[np.uint32]]
"""Of a shard: entries of each band, and of each entry the key and the row's rank."""


def route(keys: NDArray[np.uint32], rank: Ints, shards: int) -> Any:
    """The entries of a block, divided by key: those of one key, in whatever block, go to the same shard."""
    kept = np.flatnonzero(rank >= 0)
    flat = keys[:, kept].ravel()
    ranks = np.tile(rank[kept].astype(np.uint32), len(keys))
    band = np.repeat(np.arange(len(keys)), len(kept))
    shard = flat % np.uint32(shards)
    order = np.argsort(shard, kind="stable")  # so that bands stay in order
    ends = np.searchsorted(shard[order], np.arange(shards + 1))
    parts = []
    for start, stop in pairwise(ends):
        mine = order[start:stop]
        parts.append((np.bincount(band[mine], minlength=len(keys)), flat[mine], ranks[mine]))
    return parts if shards > 1 else parts[0]


def meet(bands: int, *parts: Routed) -> tuple[NDArray[np.uint64], int]:
    """The pairs of a shard as ranks, the better one << 32 | the other, each once; and how many the bound left out."""
    found, limited = [np.zeros(0, np.uint64)], 0
    ends = [np.cumsum([0, *counts]) for counts, _, _ in parts]
    for band in range(bands):
        cut = [slice(end[band], end[band + 1]) for end in ends]
        keys = np.concatenate([part[1][mine] for part, mine in zip(parts, cut, strict=True)])
        ranks = np.concatenate([part[2][mine] for part, mine in zip(parts, cut, strict=True)])
        order = np.argsort(ranks)
        keys, ranks = keys[order], ranks[order].astype(np.uint64)
        late, here = np.zeros(len(keys), np.uint8), np.arange(len(keys))
        limited += int(mark_late(keys, here, BUCKET_LIMIT, late))
        pairs = band_pairs(keys, here, late[None, :], np.zeros((len(keys), 1), np.uint32), 0, 0)
        found.append((ranks[(pairs >> _HALF).astype(np.int64)] << _HALF) | ranks[(pairs & _LOW).astype(np.int64)])
    return np.unique(np.concatenate(found)), limited


def _verified(session: Session, texts: Blocks, search: Search, pairs: tuple[Ints, Ints], lengths: Ints) -> Verified:
    """The pairs that reach the floor, with their similarity and the effective one; compared in groups of pairs."""
    left, right = pairs
    size = np.cumsum(lengths[left] + lengths[right]) if len(left) else np.zeros(0, np.int64)
    cuts = np.flatnonzero(np.diff(size // GROUP_BYTES)) + 1
    groups = [(one, other) for one, other in zip(np.split(left, cuts), np.split(right, cuts), strict=True) if len(one)]
    members = [np.unique(np.concatenate(group)) for group in groups]
    asked = requests(session, texts, members, search.sides)
    compared = [
        session.call(compare, search, np.searchsorted(rows, one), np.searchsorted(rows, other), *parts)
        for rows, (one, other), parts in zip(members, groups, asked, strict=True)
    ]
    empty = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    found = [empty]
    for rows, (one, other, similarity, effective) in zip(members, session.results(compared), strict=True):
        found.append((rows[one], rows[other], similarity, effective))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))  # type: ignore[return-value]


def compare(search: Search, left: Ints, right: Ints, *parts: pa.Table) -> Verified:
    """Verify pairs of the rows that the tables hold one after the other."""
    with ThreadPoolExecutor(1) as pool:
        sides = joined(parts, search.sides)
        return verify(search.texts(sides), (left, right), search.floor, pool, guard=search.guard)
