"""Embeddings where the texts are: by a pool of actors, each with a model of its own, on graphics cards if any.

The static table, which each worker loads in a moment, is read by plain tasks: those have begun already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tamis.corpus import Progress, cache_folder
from tamis.engines.ray.rows import Texts
from tamis.engines.ray.session import Session, failures
from tamis.engines.ray.taking import Sides, packed, texts_of
from tamis.errors import TamisError
from tamis.models.embedders import CachedEmbedder, Embedder, Known, SentenceEmbedder, StaticEmbedder, Truncation, load
from tamis.packed import Packed

VECTORS: Final = pa.schema(
    [
        ("rows", pa.int64()),
        ("vectors", pa.list_(pa.large_binary())),  # a side each
        ("told", pa.list_(pa.list_(pa.int64()))),
        ("error", pa.string()),
    ]
)
Told = list[int]
"""What adds up over the blocks of a side: characters and unknown ones, or what a model cut off; see `_facts`."""


class Embed:
    """An actor that embeds; its model is loaded with the first block."""

    def __init__(self) -> None:
        self._embedder: Embedder | None = None

    def __call__(self, table: pa.Table, model: Any, sides: Sides) -> pa.Table:
        """A line of `VECTORS` for a block of texts."""
        line: dict[str, Any] = {"rows": 0, "vectors": [], "told": [], "error": None}
        try:
            if self._embedder is None:
                self._embedder = load(model, cache=cache_folder() if isinstance(model, str) else None)
            encoded = [_encoded(self._embedder, packed(texts_of(table, side))) for side in sides]
            line |= {"rows": len(encoded[0][0]), "told": [told for _, told in encoded]}
            line["vectors"] = [vectors.tobytes() for vectors, _ in encoded]
        except TamisError as error:
            line["error"] = str(error)
        return pa.Table.from_pylist([line], schema=VECTORS)


def _encoded(embedder: Embedder, texts: Packed) -> tuple[NDArray[np.float32], Told]:
    if isinstance(embedder, StaticEmbedder):
        vectors, known = embedder.encode_and_tell(texts)
        return vectors, [int(known.characters.sum()), int(known.unknown.sum())]
    vectors = embedder.encode(texts)
    model = embedder.inner if isinstance(embedder, CachedEmbedder) else embedder
    if not isinstance(model, SentenceEmbedder):
        return vectors, []
    cut = model.truncation(texts)
    return vectors, [cut.texts, cut.cut, cut.tokens, cut.most_tokens or 0]


def embed_static(block: pa.Table, sides: Sides) -> list[Any]:
    """The vectors of each side of a block, and last what is told of them."""
    encoded = [_encoded(load("static", threads=1), packed(texts_of(block, side))) for side in sides]
    return [*(vectors for vectors, _ in encoded), [told for _, told in encoded]]


def embedded(
    session: Session, texts: Texts, sides: Sides, model: Any, progress: Progress
) -> tuple[list[list[Any]], dict[str, Any]]:
    """For each side references to the vectors of each block, float32 (rows, d); and what a report says of them."""
    found, done = [], 0
    blocks = (_static if model == "static" else _pooled)(session, texts, sides, model)
    for size, block in zip(texts.sizes, blocks, strict=True):
        found.append(block)
        done += size
        progress("embedding", done / sum(texts.sizes))
    told = [one for _, one in found]
    facts: dict[str, Any] = {}
    for number, side in enumerate(sides):
        facts |= _facts(side, [one[number] for one in told if one[number]])
    return [[vectors[number] for vectors, _ in found] for number in range(len(sides))], facts


Block = tuple[Sequence[Any], list[Told]]
"""References to the vectors of each side of a block, and what is told of each."""


def _static(session: Session, texts: Texts, sides: Sides, _model: Any) -> Iterator[Block]:
    calls = [session.call(embed_static, block, sides, returns=len(sides) + 1) for block in texts.blocks]
    for *vectors, told in calls:
        yield vectors, session.results([told])[0]


def _pooled(session: Session, texts: Texts, sides: Sides, model: Any) -> Iterator[Block]:
    import ray.data

    most = min(len(texts.blocks), session.gpus or session.workers)
    blocks = ray.data.from_arrow_refs(texts.blocks).map_batches(
        Embed,
        fn_kwargs={"model": model, "sides": sides},
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, most)),
        num_gpus=1 if session.gpus else 0,
        num_cpus=1,
        batch_format="pyarrow",
        batch_size=None,
    )
    with failures():
        for bundle in blocks.iter_internal_ref_bundles():
            for block in bundle.block_refs:
                told, error = session.results([session.call(_told, block)])[0]
                if error is not None:
                    raise TamisError(error)
                yield [session.call(_vectors, block, number) for number in range(len(sides))], told


def _told(block: pa.Table) -> tuple[list[Told], str | None]:
    return block["told"][0].as_py(), block["error"][0].as_py()


def _vectors(block: pa.Table, side: int) -> NDArray[np.float32]:
    numbers = np.frombuffer(block["vectors"][0].values[side].as_buffer(), np.float32)
    return numbers.reshape(block["rows"][0].as_py(), -1)


def _facts(side: str, told: Sequence[Told]) -> dict[str, Any]:
    if not told:
        return {}
    sums = np.array(told, np.int64).sum(axis=0)
    if len(sums) == 2:
        return {f"{side}_unknown_ratio": Known(sums[:1], sums[1:]).unknown_ratio}
    said = Truncation(int(sums[0]), int(sums[1]), int(sums[2]), told[0][3] or None).sentence()
    return {f"{side}_truncation": said} if said else {}
