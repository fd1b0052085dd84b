"""Who speaks, and in which order."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis.records.table import ROLES
from tamis.registry import signal

_SPOKEN: Final = pl.col("side").is_null()
_SYSTEM: Final = pl.col("role").is_in(["system", "developer"])
_SOURCE: Final = "FastChat optional_clean; LLaMA-Factory converter"


@signal(unit="count", source="axolotl issue 325", severity="high", reduce="sum")
def unknown_roles(turns: pl.DataFrame) -> pl.Series:
    """Turns whose role is none of system, developer, user, assistant and tool; null for a row without turns.

    Trainers stop at such a row or leave the turn out without a word.

    False positives: none, but a role may only need mapping (`--map`).
    """
    return _where_spoken(turns, ~pl.col("role").is_in(ROLES))


@signal(unit="count", source=_SOURCE, severity="medium", reduce="sum")
def role_order_faults(turns: pl.DataFrame) -> pl.Series:
    """Turns out of order: user and assistant alternate, a tool answers an assistant; null without an answer.

    System turns are left out first (see `misplaced_systems`). An assistant may follow an assistant where
    one of the two calls a tool. A turn of an unknown role, and the one after it, are not judged here;
    how the conversation starts and ends is judged by `leading_assistant` and `trailing_user`.

    False positives: chats in which somebody really wrote twice in a row.

    >>> chat = pl.DataFrame({"row": 0, "side": None, "role": ["user", "user", "assistant"], "tool_calls": None})
    >>> role_order_faults(chat).to_list()
    [False, True, False]
    """
    here, before, calls = pl.col("role"), pl.col("role").shift(1), pl.col("tool_calls").is_not_null()
    follows = ~_opens()
    known = here.is_in(ROLES) & (~follows | before.is_in(ROLES))
    fault = (
        (follows & (here == "user") & (before != "assistant"))
        | (follows & (here == "assistant") & (before == "assistant") & ~calls & ~calls.shift(1))
        | ((here == "tool") & ~(follows & before.is_in(["assistant", "tool"])))
    )
    judged = turns.with_row_index("place").filter(_SPOKEN & ~_SYSTEM)
    faults = judged.filter(known & fault)["place"]
    return _judged_with(turns, "assistant", faults)


@signal(unit="flag", source=_SOURCE, severity="low", reduce="any")
def leading_assistant(turns: pl.DataFrame) -> pl.Series:
    """Whether the assistant speaks first (system turns aside); null for a row in which no user speaks.

    False positives: dialogues that an agent opens with a greeting; some chat templates refuse them.
    """
    spoken = turns.with_row_index("place").filter(_SPOKEN & ~_SYSTEM)
    first = spoken.filter(_opens() & (pl.col("role") == "assistant"))["place"]
    return _judged_with(turns, "user", first)


@signal(unit="flag", source=_SOURCE, severity="low", reduce="any")
def trailing_user(turns: pl.DataFrame) -> pl.Series:
    """Whether the user has the last word, so that nothing is learnt from it; null without an assistant turn.

    False positives: a dialogue that ends in thanks; cutting the last turn mends it.
    """
    spoken = turns.with_row_index("place").filter(_SPOKEN)
    closes = (pl.col("row") != pl.col("row").shift(-1)).fill_null(True)
    last = spoken.filter(closes & (pl.col("role") == "user"))["place"]
    return _judged_with(turns, "assistant", last)


@signal(unit="count", source="llm-sanitizer chat.py", severity="medium", reduce="sum")
def misplaced_systems(turns: pl.DataFrame) -> pl.Series:
    """System or developer turns that do not stand first in their conversation; null for a row without turns.

    A second system turn counts, since it cannot be first. One developer turn after a system turn does not.

    False positives: data made for templates that allow instructions in mid-conversation.
    """
    second = _opens().shift(1) & (pl.col("role").shift(1) == "system") & (pl.col("role") == "developer")
    spoken = turns.with_row_index("place").filter(_SPOKEN)
    wrong = spoken.filter(_SYSTEM & ~_opens() & ~second.fill_null(False))["place"]
    return _where_spoken(turns.with_row_index("place"), pl.col("place").is_in(wrong.implode()))


def _opens() -> pl.Expr:
    """Whether a turn is the first of its row in the frame at hand."""
    return (pl.col("row") != pl.col("row").shift(1)).fill_null(True)


def _where_spoken(turns: pl.DataFrame, fault: pl.Expr) -> pl.Series:
    """The fault at each turn of the conversation, null at the turns of a rejected answer."""
    return turns.select(pl.when(_SPOKEN).then(fault).alias("fault")).to_series()


def _judged_with(turns: pl.DataFrame, role: str, places: pl.Series) -> pl.Series:
    """True at `places`, null at the turns of rows in which `role` never speaks and of a rejected answer."""
    rows = turns.filter(_SPOKEN & (pl.col("role") == role))["row"].unique()
    judged = _SPOKEN & pl.col("row").is_in(rows.implode())
    flag = pl.col("place").is_in(places.implode())
    return turns.with_row_index("place").select(pl.when(judged).then(flag).alias("fault")).to_series()
