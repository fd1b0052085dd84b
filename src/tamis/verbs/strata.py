"""Parts of the data that a selection divides its budget over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown
from tamis.selection.budget import Numbers
from tamis.verbs.table import Column, Table, column_of, is_measure

NONE = "(none)"
FEW, MOST = 20, 1_000
"""Values that a signal which counts, and any other column, may have."""


@dataclass(frozen=True)
class Quota:
    """Which share of the budget values of a column are to have."""

    column: str
    shares: Mapping[str, float]


def parse_quota(text: str) -> Quota:
    """A quota as it is written: `COLUMN=VALUE:SHARE,...`, shares as numbers or percentages.

    >>> parse_quota("source=human:50%,gpt-4:0.2")
    Quota(column='source', shares={'human': 0.5, 'gpt-4': 0.2})
    """
    column, equals, rest = text.partition("=")
    shares = {}
    try:
        for part in rest.split(",") if equals else []:
            value, _, share = part.rpartition(":")
            shares[value.strip()] = float(share.strip().removesuffix("%")) / (100 if "%" in share else 1)
    except ValueError:
        shares = {}
    if not column or not shares or "" in shares:
        raise TamisError(f"quota '{text}': write it as COLUMN=VALUE:SHARE,VALUE:SHARE, for instance source=human:50%")
    if min(shares.values()) < 0 or sum(shares.values()) > 1 + 1e-9:
        raise TamisError(f"quota '{text}': shares are not below 0, and make 1 at most")
    return Quota(column.strip(), shares)


@dataclass(frozen=True)
class Strata:
    """The part that each row belongs to; `asked` is the share that a part is to have, where a quota says so."""

    label: Numbers  # (n,)
    values: pl.DataFrame  # a line a part, a column for each that divides
    asked: NDArray[np.float64] | None  # (parts,): NaN where the quota does not name its value

    @property
    def names(self) -> pl.Series:
        """The name of each row's part."""
        return self.values.select(pl.concat_str(pl.all(), separator=" / ")).to_series().gather(self.label)

    def weight(self, cost: Numbers) -> NDArray[np.float64]:
        """What each part is to have of the budget: its share of the data, or what the quota leaves to it."""
        whole: NDArray[np.float64] = np.asarray(np.bincount(self.label, cost, len(self.values)), np.float64)
        if self.asked is None:
            return whole
        named = ~np.isnan(self.asked)
        value = self.values.to_series(-1).to_numpy()
        weight = np.zeros(len(whole))
        for one in np.unique(value[named]):
            mine = value == one
            weight[mine] = self.asked[mine] * whole[mine] / whole[mine].sum()
        left = 1 - sum(self.asked[value == one][0] for one in np.unique(value[named]))
        if (~named).any() and left > 1e-9:
            weight[~named] = left * whole[~named] / whole[~named].sum()
        return weight

    def told(self, picked: Numbers, cost: Numbers) -> pl.DataFrame:
        """Each part's share of all rows and of those picked (of tokens, where these are what is counted)."""
        whole, mine = (np.bincount(self.label[some], cost[some], len(self.values)) for some in (slice(None), picked))
        named = self.values.select(stratum=pl.concat_str(pl.all(), separator=" / "))
        counts = {"rows": np.bincount(self.label, minlength=len(whole)), "share": whole / whole.sum()}
        counts |= {"selected": np.bincount(self.label[picked], minlength=len(whole))}
        counts |= {"selected_share": mine / max(1, mine.sum())}
        return named.with_columns(**{name: pl.Series(values) for name, values in counts.items()}).sort(
            "rows", "stratum", descending=[True, False]
        )


def strata_of(table: Table, stratify: Sequence[Column], quota: Quota | None) -> Strata | None:
    """The parts that the columns divide the rows into; None without one.

    Raises
    ------
    TamisError
        For a column with too many values, and a quota for a value that no row has.
    """
    columns = [*stratify, *([column_of(quota.column)] if quota else [])]
    if not columns:
        return None
    for column in columns:
        different = table.rows[column.key].n_unique()
        if different > (FEW if is_measure(column) else MOST):
            raise TamisError(f"{column.name}: has {different:,} different values, too many to divide rows by")
    keyed = table.rows.select(
        pl.col(column.key).cast(pl.String).fill_null(NONE).alias(f"{i} {column.key}")
        for i, column in enumerate(columns)
    )
    values = keyed.unique(maintain_order=True).sort(pl.all())
    label = keyed.join(values.with_row_index("label"), on=keyed.columns, maintain_order="left")["label"]
    asked = None
    if quota is not None:
        have = values.to_series(-1)
        for value in quota.shares:
            if value not in have:
                raise unknown(f"value of {quota.column} in the quota", value, have.unique())
        asked = have.replace_strict(quota.shares, default=np.nan, return_dtype=pl.Float64).to_numpy()
    return Strata(label.cast(pl.Int64).to_numpy(), values, asked)
