"""What corpus signals see of a row: three 128-bit hashes and its lengths, never its text."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from tamis import kernels
from tamis.inputs import Inputs
from tamis.packed import Packed

Hashes = NDArray[np.uint64]


def sketch(inputs: Inputs) -> list[pl.Series]:
    """The columns `conversation_hash`, `prompt_hash`, `response_hash` (null where a row has none) and sizes.

    A conversation's hash covers every role, text, thought, tool call, definition and label. Texts count as
    equal when they differ in white space alone.
    """
    n, turns = len(inputs.records), inputs.turns
    row = turns["row"].to_numpy()
    texts = Packed.of(turns["text"])
    hashes = kernels.hashing.content_hash(texts.offsets, texts.data, 0)
    said = turns["role"].is_in(["assistant", "text"]).to_numpy()
    main = turns["side"].is_null().to_numpy()
    sizes = np.zeros(n, np.int64)
    np.add.at(sizes, row, np.diff(texts.offsets))
    answer_words = np.zeros(n, np.int64)
    np.add.at(answer_words, inputs.responses.row, inputs.responses.words)
    return [
        _binary("conversation_hash", _conversations(inputs, hashes), np.ones(n, np.bool_)),
        _binary("prompt_hash", *_by_row(hashes, row, main & ~said, n)),
        _binary("response_hash", *_by_row(hashes, row, main & said, n)),
        pl.Series("answered", np.bincount(row[main & said], minlength=n) > 0),
        pl.Series("size", sizes),
        pl.Series("answer_words", answer_words),
    ]


def conversation_hash(inputs: Inputs) -> pl.Series:
    """The hash of each conversation alone, as `sketch` has it."""
    texts = Packed.of(inputs.turns["text"])
    hashes = kernels.hashing.content_hash(texts.offsets, texts.data, 0)
    return _binary("conversation_hash", _conversations(inputs, hashes), np.ones(len(inputs.records), np.bool_))


def _by_row(
    hashes: Hashes, row: NDArray[np.int64], chosen: NDArray[np.bool_], n: int
) -> tuple[Hashes, NDArray[np.bool_]]:
    """One hash a row over its chosen texts in order; False where the row has none, or only empty ones."""
    hashes, row = hashes[chosen], row[chosen]
    filled = np.zeros(n, np.bool_)
    filled[row[(hashes != _absent()).any(axis=1)]] = True
    return kernels.hashing.combine(hashes, np.searchsorted(row, np.arange(n + 1)).astype(np.int64)), filled


def _conversations(inputs: Inputs, texts: Hashes) -> Hashes:
    turns, rows, n = inputs.turns, inputs.rows, len(inputs.records)
    beside = [_column(turns[name]) for name in ("role", "side", "reasoning", "tool_calls")]
    whole = _combined([texts, *beside], np.searchsorted(turns["row"].to_numpy(), np.arange(n + 1)))
    return _combined([whole, _column(rows["tools"]), _column(rows["label"])], np.arange(n + 1))


def _combined(columns: list[Hashes], offsets: NDArray[np.int64]) -> Hashes:
    """One hash a group over the hashes of several columns, line by line; `offsets` counts lines."""
    interleaved = np.stack(columns, axis=1).reshape(-1, 2)
    return kernels.hashing.combine(np.ascontiguousarray(interleaved), (offsets * len(columns)).astype(np.int64))


def _column(values: pl.Series) -> Hashes:
    """A hash a value, each distinct value hashed once: few turns have a thought or a call, and roles repeat."""
    distinct = values.unique(maintain_order=True)
    packed = Packed.of(distinct)
    hashes = kernels.hashing.content_hash(packed.offsets, packed.data, 0)
    if len(distinct) == 1:
        return np.repeat(hashes, len(values), axis=0)
    codes = values.to_frame("value").join(
        distinct.to_frame("value").with_row_index("code"),
        on="value",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return np.asarray(hashes[codes["code"].to_numpy()])


@cache
def _absent() -> Hashes:
    """The hash of an empty text."""
    return np.asarray(kernels.hashing.content_hash(np.zeros(2, np.int64), np.zeros(0, np.uint8), 0)[0])


def _binary(name: str, hashes: Hashes, valid: NDArray[np.bool_]) -> pl.Series:
    flat = np.ascontiguousarray(hashes)
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(flat), [None, pa.py_buffer(flat)])
    column = pl.Series(name, pl.from_arrow(array), dtype=pl.Binary)
    return column if valid.all() else column.set(pl.Series(~valid), None)
