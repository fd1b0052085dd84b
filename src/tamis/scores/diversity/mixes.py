"""What a dataset is made of, seen from several sides: one label a row and side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from tamis.packed import Packed
from tamis.scores.diversity.formats import formats
from tamis.scores.diversity.hill import Mix, mix
from tamis.scores.diversity.requests import requests
from tamis.scores.diversity.task_types import task_types

COLUMNS: Final[Mapping[str, str]] = {
    "prompt tokens": "prompt_tokens",
    "answer tokens": "response_tokens",
    "turns": "turn_count",
    "prompt language": "prompt_language",
    "answer language": "response_language",
    "schema": "source_schema",
    "source": "by",
}
"""Sides that a column of the rows tells, where it is there."""
SIDES: Final = ("task type", "verb", "verb and object", "format", *COLUMNS)
_LENGTHS: Final = ("prompt tokens", "answer tokens")
_MANY_TURNS: Final = 10
_PIECE: Final = 1 << 14  # answers that are looked at together


def mixes(rows: pl.DataFrame, prompts: Packed, responses: Packed) -> dict[str, pl.Series]:
    """The label of each row on each of `SIDES`, null where it has none.

    `rows` has signals and may have `context` and `tools`, not null where a row has its own text to work on or defines
    tools. Token counts are labelled by powers of two, so that lengths of two datasets compare. Equal prompts are
    labelled once. O(bytes).

    >>> rows = pl.DataFrame({"turn_count": [2, 2], "prompt_tokens": [5, 300]})
    >>> found = mixes(rows, Packed.of(["Write a poem.", "Why?"]), Packed.of(["Roses are red.", ""]))
    >>> {side: labels.to_list() for side, labels in found.items() if side in ("task type", "format", "prompt tokens")}
    {'task type': ['fiction', 'explanation'], 'format': ['short answer', 'empty'], 'prompt tokens': ['4-7', '256-511']}
    """
    found = dict(zip(SIDES[:3], _asked(rows, prompts), strict=True))
    found["format"] = _in_parts(responses)
    for side, column in COLUMNS.items():
        if column in rows.columns and rows[column].null_count() < rows.height:
            found[side] = _labelled(side, rows[column])
    return found


def mix_of(labels: pl.Series, reference: pl.Series | None = None, *, size: int | None = None, seed: int = 0) -> Mix:
    """The `mix` of labels, beside those of a reference; rows without a label do not count.

    >>> mix_of(pl.Series(["code", "list", "code", None])).counts
    {'code': 2, 'list': 1}
    """
    return mix(_counts(labels), None if reference is None else _counts(reference), size=size, seed=seed)


def deciles(values: pl.Series) -> list[float]:
    """The nine values that part numbers into ten equal shares, by linear interpolation; empty for no numbers.

    >>> deciles(pl.Series(range(101)))[::4]
    [10.0, 50.0, 90.0]
    """
    known = values.drop_nulls().to_numpy()
    return np.quantile(known, np.arange(1, 10) / 10).tolist() if len(known) else []


def _counts(labels: pl.Series) -> dict[str, int]:
    counted = labels.drop_nulls().cast(pl.String).alias("label").value_counts()
    return dict(counted.iter_rows())


def _asked(rows: pl.DataFrame, prompts: Packed) -> list[pl.Series]:
    """Task type, verb, and verb with object of each prompt; the same text with the same fields is looked at once."""
    given = {
        name: rows[name].is_not_null() if name in rows.columns else pl.repeat(False, rows.height, eager=True)
        for name in ("context", "tools")
    }
    asked = pl.DataFrame({"text": prompts.series(), **given})
    distinct = asked.unique(maintain_order=True)
    packed = Packed.of(distinct["text"])
    told = requests(packed).select("verb", pair=pl.col("verb") + " " + pl.col("object"))
    kinds = task_types(packed, distinct["context"].to_numpy(), distinct["tools"].to_numpy())
    labelled = distinct.with_columns(kinds.alias("kind"), *told)
    joined = asked.join(labelled, on=["text", "context", "tools"], how="left", maintain_order="left")
    return [joined["kind"], joined["verb"], joined["pair"]]


def _in_parts(responses: Packed) -> pl.Series:
    parts = [formats(part) for _, part in responses.parts(_PIECE)]
    return pl.concat(parts) if parts else pl.Series(dtype=pl.String)


def _labelled(side: str, values: pl.Series) -> pl.Series:
    value = pl.col("value")
    if side in _LENGTHS:
        low = 2 ** value.clip(1).log(2).floor().cast(pl.Int64)
        label = (
            pl.when(value > 0)
            .then(pl.format("{}-{}", low, 2 * low - 1))
            .otherwise(pl.when(value == 0).then(pl.lit("0")))
        )
    elif side == "turns":
        many = pl.lit(f"{_MANY_TURNS} or more")
        label = pl.when(value < _MANY_TURNS).then(value.cast(pl.String)).when(value >= _MANY_TURNS).then(many)
    else:
        label = value.cast(pl.String)
    return values.to_frame("value").select(label.alias(side)).to_series()
