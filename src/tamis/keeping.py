"""Which of several duplicates stays: the policies, as an order of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown
from tamis.registry import SIGNALS

POLICIES: Final = ("fewest", "longest", "first", "last")
BY_COLUMN: Final = ("highest", "lowest", "order")


@dataclass(frozen=True)
class Keep:
    """A policy, and the column of the data that it looks at, if it does; `values` are its values, best first."""

    policy: str
    column: str | None = None
    values: tuple[str, ...] = ()

    @property
    def signal(self) -> str | None:
        """The signal of that name, which counts where the data has no such column."""
        return self.column if self.column in SIGNALS else None


def parse_keep(text: str) -> Keep:
    """A policy as it is written in a recipe.

    `fewest` (findings, then the longest), `longest`, `first`, `last`; `highest:COLUMN` or `lowest:COLUMN`, by number
    or, where a value is none, by text, so that `highest:date` keeps the newest; `order:COLUMN=a,b`. Where the data
    has no such column it may be a signal that looks at one row alone, as in `highest:quality`.

    >>> parse_keep("order:source=human,gpt-4")
    Keep(policy='order', column='source', values=('human', 'gpt-4'))
    """
    policy, colon, rest = text.partition(":")
    if policy not in (*POLICIES, *BY_COLUMN):
        raise unknown("keep policy", policy, (*POLICIES, *BY_COLUMN))
    if policy in POLICIES:
        if colon:
            raise TamisError(f"keep policy {policy} takes no column, found '{text}'")
        return Keep(policy)
    column, _, values = rest.partition("=")
    if not column or (policy == "order") != bool(values):
        raise TamisError(f"keep policy '{text}': write highest:COLUMN, lowest:COLUMN or order:COLUMN=BEST,NEXT")
    if column in SIGNALS and SIGNALS[column].scope != "row":
        raise TamisError(f"keep policy '{text}': {column} compares rows, and is known only after duplicates are")
    return Keep(policy, column, tuple(value.strip() for value in values.split(",") if value))


def keep_order(rows: pl.DataFrame, findings: pl.DataFrame, policy: str) -> NDArray[np.int64]:
    """The places of all rows, those to keep first; rows that are equal to the policy as `fewest` has it."""
    keep = parse_keep(policy)
    counts = findings.group_by("row").len("findings")
    own = keep.signal is None or rows["keep"].null_count() < rows.height
    ranked = rows.select("row", "size", keep="keep" if own else keep.signal)
    placed = ranked.with_row_index("place").join(counts, on="row", how="left")
    placed = placed.with_columns(pl.col("findings").fill_null(0), rank=_rank(placed["keep"], keep))
    by, descending = {
        "longest": (["size", "row"], [True, False]),
        "first": (["row"], [False]),
        "last": (["row"], [True]),
    }.get(keep.policy, (["rank", "findings", "size", "row"], [keep.policy == "highest", False, True, False]))
    ordered = placed.sort(by, descending=descending, nulls_last=True)
    return ordered["place"].cast(pl.Int64).to_numpy()


def _rank(values: pl.Series, keep: Keep) -> pl.Series:
    """The column's values as something to sort by."""
    if keep.column is None:
        return pl.zeros(len(values), pl.Int8, eager=True)
    if keep.policy == "order":
        places = {value: i for i, value in enumerate(keep.values)}
        return values.replace_strict(places, default=len(places), return_dtype=pl.Int64)
    numbers = values.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == values.null_count() else values
