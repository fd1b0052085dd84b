"""Embeddings by a pool of actors, each with a model of its own, on graphics cards where there are any."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tamis.corpus import Progress, cache_folder
from tamis.engines.ray.rows import Texts
from tamis.engines.ray.session import Session, failures
from tamis.engines.ray.taking import packed, texts_of
from tamis.errors import TamisError
from tamis.models.embedders import CachedEmbedder, Embedder, Known, SentenceEmbedder, StaticEmbedder, Truncation, load

VECTORS = pa.schema(
    [("vectors", pa.large_binary()), ("rows", pa.int64()), ("told", pa.list_(pa.int64())), ("error", pa.string())]
)


class Embed:
    """An actor that embeds one side of rows; its model is loaded with the first."""

    def __init__(self) -> None:
        self._embedder: Embedder | None = None

    def __call__(self, table: pa.Table, model: Any, side: str) -> pa.Table:
        """The vectors of a block's rows, as bytes, and what must be told of them (see `_facts`)."""
        if self._embedder is None:
            self._embedder = load(model, cache=cache_folder() if isinstance(model, str) else None, threads=1)
        texts, embedder = packed(texts_of(table, side)), self._embedder
        told: list[int] = []
        try:
            if isinstance(embedder, StaticEmbedder):
                vectors, known = embedder.encode_and_tell(texts)
                told = [int(known.characters.sum()), int(known.unknown.sum())]
            else:
                vectors = embedder.encode(texts)
                model = embedder.inner if isinstance(embedder, CachedEmbedder) else embedder
                if isinstance(model, SentenceEmbedder):
                    cut = model.truncation(texts)
                    told = [cut.texts, cut.cut, cut.tokens, cut.most_tokens or 0]
        except TamisError as error:
            line = {"vectors": b"", "rows": 0, "told": [], "error": str(error)}
        else:
            line = {"vectors": vectors.tobytes(), "rows": len(vectors), "told": told, "error": None}
        return pa.Table.from_pylist([line], schema=VECTORS)


def embedded(
    session: Session, texts: Texts, side: str, model: Any, progress: Progress
) -> tuple[list[Any], dict[str, Any]]:
    """References to a side's vectors, float32 of shape (rows, d) for each block; and what a report says of them."""
    import ray.data

    on_cards = session.gpus if model != "static" else 0
    pool = ray.data.ActorPoolStrategy(min_size=1, max_size=min(len(texts.blocks), on_cards or session.workers) or 1)
    blocks = ray.data.from_arrow_refs(texts.blocks).map_batches(
        Embed,
        fn_kwargs={"model": model, "side": side},
        compute=pool,
        num_gpus=1 if on_cards else 0,
        num_cpus=1,
        batch_format="pyarrow",
        batch_size=None,
    )
    vectors, told, done, n = list[Any](), list[list[int]](), 0, sum(texts.sizes)
    with failures():
        for bundle in blocks.iter_internal_ref_bundles():
            for block in bundle.block_refs:
                line = session.results([session.call(_told, block)])[0]
                if line["error"] is not None:
                    raise TamisError(line["error"])
                vectors.append(session.call(_vectors, block))
                told.append(line["told"])
                done += line["rows"]
                progress(f"embedding {side}s", done / max(1, n))
    return vectors, _facts(side, [one for one in told if one])


def _told(block: pa.Table) -> dict[str, Any]:
    line: dict[str, Any] = block.select(["rows", "told", "error"]).to_pylist()[0]
    return line


def _vectors(block: pa.Table) -> NDArray[np.float32]:
    numbers = np.frombuffer(block["vectors"][0].as_buffer(), np.float32)
    return numbers.reshape(block["rows"][0].as_py(), -1)


def _facts(side: str, told: list[list[int]]) -> dict[str, Any]:
    sums = np.array(told, np.int64).sum(axis=0) if told else np.zeros(0, np.int64)
    if len(sums) == 2:
        return {f"{side}_unknown_ratio": Known(sums[:1], sums[1:]).unknown_ratio}
    if len(sums) == 4:
        most = max(one[3] for one in told) or None
        said = Truncation(int(sums[0]), int(sums[1]), int(sums[2]), most).sentence()
        return {f"{side}_truncation": said} if said else {}
    return {}
