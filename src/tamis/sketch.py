"""What corpus signals see of a row: three 128-bit hashes and its lengths, never its text."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from tamis.inputs import Inputs, Texts
from tamis.kernels.counting import words
from tamis.kernels.hashing import combine, content_hash
from tamis.packed import Packed

Hashes = NDArray[np.uint64]


def sketch(inputs: Inputs) -> list[pl.Series]:
    """The columns `conversation_hash`, `prompt_hash`, `response_hash` (null where a row has none) and sizes.

    A conversation's hash covers every role, text, thought, tool call, definition and label. Texts count as
    equal when they differ in white space alone.
    """
    n = len(inputs.records)
    asked = inputs.turns.select(
        "row", "turn", "text", keep=pl.col("side").is_null() & ~pl.col("role").is_in(["assistant", "text"])
    ).filter("keep")
    prompts = Texts(asked["text"], asked["row"].to_numpy(), asked["turn"].to_numpy())
    responses = inputs.responses
    sizes = np.zeros(n, np.int64)
    np.add.at(sizes, inputs.turns["row"].to_numpy(), inputs.turns["text"].str.len_bytes().fill_null(0).to_numpy())
    response_words = np.zeros(n, np.int64)
    np.add.at(response_words, responses.row, words(responses.packed.offsets, responses.packed.data))
    return [
        _binary("conversation_hash", _conversations(inputs), np.ones(n, np.bool_)),
        _binary("prompt_hash", *_by_row(prompts, n)),
        _binary("response_hash", *_by_row(responses, n)),
        pl.Series("size", sizes),
        pl.Series("answer_words", response_words),
    ]


def _hash(texts: Packed, seed: int) -> Hashes:
    return content_hash(texts.offsets, texts.data, seed)


def _by_row(texts: Texts, n: int) -> tuple[Hashes, NDArray[np.bool_]]:
    """One hash a row over its texts in order; False where the row has none, or only empty ones."""
    hashes = _hash(texts.packed, 0)
    offsets = np.searchsorted(texts.row, np.arange(n + 1)).astype(np.int64)
    filled = np.zeros(n, np.bool_)
    filled[texts.row[(texts.stripped.str.len_bytes() > 0).to_numpy()]] = True
    return combine(hashes, offsets), filled


def _conversations(inputs: Inputs) -> Hashes:
    turns, rows, n = inputs.turns, inputs.rows, len(inputs.records)
    parts = [
        _column(turns[name], seed) for seed, name in enumerate(("role", "text", "side", "reasoning", "tool_calls"))
    ]
    interleaved = np.stack(parts, axis=1).reshape(-1, 2)
    offsets = np.searchsorted(turns["row"].to_numpy(), np.arange(n + 1)).astype(np.int64) * len(parts)
    whole = combine(np.ascontiguousarray(interleaved), offsets)
    ends = [whole, _column(rows["tools"], 11), _column(rows["label"], 12)]
    every = np.arange(n + 1, dtype=np.int64) * len(ends)
    return combine(np.ascontiguousarray(np.stack(ends, axis=1).reshape(-1, 2)), every)


def _column(values: pl.Series, seed: int) -> Hashes:
    if values.null_count() == len(values):  # most turns have no thought or call: hash the absence once
        return np.repeat(_hash(Packed.of([None]), seed), len(values), axis=0)
    return _hash(Packed.of(values), seed)


def _binary(name: str, hashes: Hashes, valid: NDArray[np.bool_]) -> pl.Series:
    flat = np.ascontiguousarray(hashes)
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(flat), [None, pa.py_buffer(flat)])
    column = pl.Series(name, pl.from_arrow(array), dtype=pl.Binary)
    return column if valid.all() else column.set(pl.Series(~valid), None)
