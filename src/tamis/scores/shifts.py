"""How the kinds of rows shifted between two datasets: which shares grew or shrank by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from tamis.scores.statistics import share_difference, with_significance


def shifts(before: Mapping[str, int], after: Mapping[str, int], totals: tuple[int, int]) -> pl.DataFrame:
    """A line a kind: `rows` and `share` in each set, the `difference` of the shares with its 95 % interval.

    `totals` are the rows of which the kinds were counted. `differs` is told at a false-discovery rate of 5 % over all
    kinds, as if the sets were independent samples: of a set and a part of it, that is on the safe side.

    >>> found = shifts({"en": 900, "de": 100}, {"en": 890, "de": 10}, (1000, 900))
    >>> found.select("kind", "rows_before", "rows_after", "differs").rows()
    [('en', 900, 890, True), ('de', 100, 10, True)]
    """
    told = []
    for kind in dict.fromkeys([*before, *after]):
        was, now = before.get(kind, 0), after.get(kind, 0)
        difference, low, high, p = share_difference(now, totals[1], was, totals[0])
        line = {"kind": kind, "rows_before": was, "share_before": was / max(1, totals[0])}
        line |= {"rows_after": now, "share_after": now / max(1, totals[1])}
        told.append({**line, "difference": difference, "low": low, "high": high, "p": p})
    return pl.DataFrame(with_significance(told), schema=SCHEMA).sort("rows_before", "kind", descending=[True, False])


SCHEMA = pl.Schema(
    {
        "kind": pl.String,
        "rows_before": pl.Int64,
        "share_before": pl.Float64,
        "rows_after": pl.Int64,
        "share_after": pl.Float64,
        "difference": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "p": pl.Float64,
        "differs": pl.Boolean,
    }
)


def counted(values: pl.Series) -> dict[str, int]:
    """How many rows have each value; those without one are not counted.

    >>> counted(pl.Series(["en", None, "en"]))
    {'en': 2}
    """
    return {str(value): rows for value, rows in values.drop_nulls().value_counts(sort=True).iter_rows()}


def masked(masks: pl.Series, names: Iterable[str]) -> dict[str, int]:
    """How many rows have each bit of a mask, by the name of the bit.

    >>> masked(pl.Series([1, 3, 0]), ["she", "he"])
    {'she': 2, 'he': 1}
    """
    values = masks.drop_nulls().to_numpy()
    return {name: int(((values >> place) & 1).sum()) for place, name in enumerate(names)}
