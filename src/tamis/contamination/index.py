"""The n-grams of all test items in a table, and a file that keeps the items to be used again."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import polars as pl
import xxhash
from numpy.typing import NDArray

from tamis.contamination.items import PARTS, Benchmark
from tamis.errors import TamisError
from tamis.kernels.matching import GRAM, SENTENCE, VERBATIM, Index, Parts
from tamis.kernels.shingle_counts import table_of
from tamis.kernels.tokens import grams_of, tokens_of
from tamis.packed import Packed
from tamis.workspace import whole_file

MAGIC: Final = b"tamis index "
VERSION: Final = 1
HEAVIEST: Final = 4.0
"""The most that a word can weigh: that of one in 2 % of a benchmark's items. Rarer ones are no better evidence."""
SHORTEST: Final = {"question": 1, "passage": 13, "answer": 20}
"""Tokens of a part that is looked for by itself: short answers and passages are anybody's."""
SURE_ANSWER: Final = 0.9
"""What an answer asks for at least: solutions of small tasks are like one another, in code above all."""
COMMON: Final = 64
"""An n-gram of more parts than that nominates none of them, unless they have too few others."""
CHOSEN: Final = 20
"""Tokens of a question and its choices together, from which they are looked for together."""
ASKED: Final = ((VERBATIM, 1.0), (13, 0.92), (21, 0.70), (50, 0.65))
"""Share of the weight that a part of so many tokens asks for, linear between them. At two thirds of that
some 50,000 rows without an item gave a dozen hits, all of them like problems with other numbers or things."""
NOMINATING: Final = (0.4, 0.2)
"""Share of its n-grams that nominates a part of up to 20 tokens, and a longer one: what asks for more leaves more."""


@dataclass(frozen=True)
class ItemIndex:
    """Test items to match texts with. `parts` is as `PARTS`, with `tokens`, how many each has."""

    parts: pl.DataFrame
    benchmarks: Sequence[Benchmark]
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: pl.DataFrame, benchmarks: Sequence[Benchmark]) -> ItemIndex:
        """Index the parts of items; questions that several items share are looked for with their choices.

        >>> parts = pl.DataFrame([("b", 0, 1, None, "question", "To be or not to be?")], PARTS, orient="row")
        >>> index = ItemIndex.of(parts, [Benchmark("b", 1, 0)])
        >>> index.parts["tokens"].to_list(), index.looked_for.tolist()
        ([6], [0])
        """
        return cls(_told_apart(parts), benchmarks)

    @cached_property
    def packed(self) -> Packed:
        """The texts of all parts."""
        return Packed.of(self.parts["text"])

    @cached_property
    def _tokens(self) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
        return tokens_of(self.packed.offsets, self.packed.data)

    @cached_property
    def looked_for(self) -> NDArray[np.int64]:
        """The parts that texts are searched for: questions, and answers and passages that are long enough."""
        least = pl.col("part").replace_strict(SHORTEST, default=None, return_dtype=pl.Int64)
        return (
            self.parts.select((pl.col("tokens") >= least).fill_null(False))
            .to_series()
            .arg_true()
            .to_numpy()
            .astype(np.int64)
        )

    @cached_property
    def answers(self) -> dict[tuple[str, int], list[int]]:
        """By benchmark and item: the parts that answer its question."""
        found: dict[tuple[str, int], list[int]] = {}
        told = self.parts.select("benchmark", "item", "part", "tokens").iter_rows()
        for place, (benchmark, item, part, tokens) in enumerate(told):
            if part in ("answer", "final") and tokens:
                found.setdefault((benchmark, item), []).append(place)
        return found

    @cached_property
    def thresholds(self) -> NDArray[np.float64]:
        """The share of its weight that each part asks for."""
        lengths, shares = zip(*ASKED, strict=True)
        asked: NDArray[np.float64] = np.interp(self.parts["tokens"].to_numpy(), lengths, shares)
        answer = (self.parts["part"] == "answer").to_numpy()
        asked[answer] = np.maximum(asked[answer], SURE_ANSWER)
        return asked

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """What each token weighs: the logarithm of how rare it is among the items of its benchmark, at most 4."""
        ends, hashes, _, _ = self._tokens
        group = self.parts.select(pl.struct("benchmark", "part").rank("dense"))["benchmark"].to_numpy()
        of = np.repeat(np.arange(len(self.parts)), np.diff(ends))
        frame = pl.DataFrame({"group": group[of], "token": hashes, "item": self.parts["item"].to_numpy()[of]})
        seen = frame.unique()
        items = seen.group_by("group").agg(items=pl.col("item").n_unique())
        held = seen.group_by("group", "token").agg(held=pl.len()).join(items, on="group")
        rarity = frame.join(held, on=["group", "token"], how="left", maintain_order="left")
        rare = rarity.select((pl.col("items") / pl.col("held")).log1p().clip(upper_bound=HEAVIEST))
        return np.asarray(rare.to_series(), np.float64)

    @cached_property
    def tables(self) -> tuple[Index, Parts]:
        """What the kernel takes."""
        ends, hashes, starts, stops = self._tokens
        keys = grams_of(ends, hashes, GRAM)
        of = np.repeat(np.arange(len(self.parts)), np.diff(ends))
        chosen = np.zeros(len(self.parts), np.bool_)
        chosen[self.looked_for] = True
        places = np.flatnonzero((keys != 0) & chosen[of])
        places = places[np.argsort(keys[places], kind="stable")]
        places = places[_seeds(places, _run_lengths(keys[places]), of[places], len(self.parts))]
        lengths = _run_lengths(keys[places])
        first = np.flatnonzero(np.diff(keys[places], prepend=np.uint64(0)))
        table = table_of(keys[places[first]])
        slots = _slot_of(table, keys[places[first]])
        begins = np.zeros(len(table) + 1, np.int64)
        begins[slots + 1] = lengths[first]
        places = places[np.argsort(np.repeat(slots, lengths[first]), kind="stable")]
        index = (table, np.cumsum(begins), of[places], places - ends[of[places]], _bits(keys[places]))
        needed = np.bincount(of[places], minlength=len(self.parts))
        tokens = self.parts["tokens"].to_numpy()
        share = np.where(tokens <= VERBATIM, 1.0, np.where(tokens <= 20, *NOMINATING))
        needed = np.maximum(np.ceil(share * needed), np.minimum(needed, 2)).astype(np.int64)
        weights = np.ascontiguousarray(self.weights, np.float64)
        return index, (self.packed.data, (hashes, starts, stops), ends, np.maximum(needed, 1), weights, self.thresholds)

    def save(self, path: Path) -> None:
        """Write the items to one file: a line with version, checksum and benchmarks, then an Arrow table."""
        held = io.BytesIO()
        self.parts.select(PARTS.names()).write_ipc(held, compression="zstd")
        facts = {
            "version": VERSION,
            "xxh3_128": xxhash.xxh3_128(held.getvalue()).hexdigest(),
            "benchmarks": [asdict(one) for one in self.benchmarks],
        }
        writing = whole_file(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with writing as part:
                part.write_bytes(MAGIC + orjson.dumps(facts) + b"\n" + held.getvalue())
        except OSError as error:
            raise TamisError(f"{path}: cannot be written ({error.strerror or error})") from None


def is_index(path: Path) -> bool:
    """Whether a file is a saved index."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def load_index(path: Path) -> tuple[pl.DataFrame, list[Benchmark]]:
    """The items of a saved index, checked."""
    head, _, body = path.read_bytes().removeprefix(MAGIC).partition(b"\n")
    try:
        facts = orjson.loads(head)
        version, digest = facts["version"], facts["xxh3_128"]
        benchmarks = [Benchmark(**one) for one in facts["benchmarks"]]
    except (ValueError, KeyError, TypeError):
        raise TamisError(f"{path}: a damaged index (its first line cannot be read); make it again") from None
    if version != VERSION:
        raise TamisError(f"{path}: an index of version {version}, this tamis reads {VERSION}; make it again")
    if xxhash.xxh3_128(body).hexdigest() != digest:
        raise TamisError(f"{path}: a damaged index (its checksum differs); make it again")
    return pl.read_ipc(io.BytesIO(body)).select(pl.col(name).cast(kind) for name, kind in PARTS.items()), benchmarks


def _told_apart(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts with their tokens. A short question, or one of several items, is looked for with its choices, where
    both together are long enough; one of several items that has none goes, unless it is long."""
    texts = Packed.of(parts["text"])
    ends, hashes, _, _ = tokens_of(texts.offsets, texts.data)
    whole = [xxhash.xxh3_64_intdigest(hashes[a:b].tobytes()) for a, b in itertools.pairwise(ends)]
    known = parts.with_columns(whole=pl.Series(whole, dtype=pl.UInt64), tokens=np.diff(ends))
    choices = known.filter(pl.col("part") == "choices").select("benchmark", "item", choices="text", beside="tokens")
    known = known.join(choices, on=["benchmark", "item"], how="left", maintain_order="left")
    question = pl.col("part") == "question"
    shared = question & (pl.col("item").n_unique().over("benchmark", "part", "whole") > 1)
    chosen = (shared | (question & (pl.col("tokens") <= SENTENCE))) & (pl.col("tokens") + pl.col("beside") >= CHOSEN)
    known = known.with_columns(shared=shared, chosen=chosen.fill_null(False))
    known = known.filter(~pl.col("shared") | pl.col("chosen") | (pl.col("tokens") > VERBATIM))
    text = pl.when("chosen").then(pl.concat_str("text", pl.lit("\n"), "choices")).otherwise("text")
    told = known.select(*(name for name in PARTS if name != "text"), text=text).select(PARTS.names())
    told = told.filter(pl.col("part") != "choices")
    packed = Packed.of(told["text"])
    return told.with_columns(tokens=np.diff(tokens_of(packed.offsets, packed.data)[0]))


def _run_lengths(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How often each of some sorted keys, none of them 0, occurs: shape of `keys`."""
    first = np.flatnonzero(np.diff(keys, prepend=np.uint64(0)))
    lengths = np.diff(first, append=len(keys))
    return np.repeat(lengths, lengths)


def _seeds(
    places: NDArray[np.int64], count: NDArray[np.int64], of: NDArray[np.int64], n_parts: int
) -> NDArray[np.bool_]:
    """Which n-grams nominate their part: those that few parts have, and of each part the rarest third at least."""
    order = np.lexsort((places, count, of))
    sizes = np.bincount(of, minlength=n_parts)
    rank = np.empty(len(of), np.int64)
    rank[order] = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return (count <= COMMON) | (rank < np.maximum(2, sizes[of] // 3))


def _slot_of(table: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where a table holds some sorted keys, all that it has."""
    filled = np.flatnonzero(table)
    slots = np.empty(len(keys), np.int64)
    slots[np.searchsorted(keys, table[filled])] = filled
    return slots


def _bits(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One bit in 16 or fewer set for the n-grams there are, so that most others need no look at the table."""
    size = 64
    while size < 16 * len(keys):
        size *= 2
    flags = np.zeros(size, np.uint8)
    flags[(keys >> np.uint64(3)) & np.uint64(size - 1)] = 1
    return np.packbits(flags, bitorder="little").view(np.uint64)
