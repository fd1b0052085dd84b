"""Chosen and rejected answers, and the labels that take their place."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis import kernels
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.registry import signal

_VISIBLE: Final = r"[^\s\p{Cc}\p{Cf}]"
_SAYS_MORE: Final = pl.col("tool_calls").is_not_null() | pl.col("reasoning").is_not_null() | (pl.col("media") > 0)
_REJECTED: Final = (pl.col("side") == "rejected").fill_null(False)
_NEITHER: Final = '{"better":null}'
"""The label of a judged pair without a better answer: which one is called chosen is then arbitrary."""
_SOURCE: Final = "llm-sanitizer; modelbrew"


@signal(unit="flag", source=_SOURCE, severity="high", reduce="any")
def chosen_equals_rejected(turns: pl.DataFrame) -> pl.Series:
    """Whether the chosen and the rejected answer are the same but for white space; null without a rejected one.

    Compared are roles, texts, thoughts and tool calls. Nothing can be learnt from such a pair.

    False positives: none by definition; answers that differ in images alone are not told apart.
    """
    answers = _answers(turns)
    hashed = answers.with_columns(_hashes(answers[name]) for name in ("text", "reasoning", "tool_calls"))
    whole = pl.struct("role", "text", "reasoning", "tool_calls")
    sides = hashed.group_by("row").agg(chosen=whole.filter(~_REJECTED), rejected=whole.filter(_REJECTED))
    return _at_rejected(turns, sides.select("row", value=pl.col("chosen") == pl.col("rejected")))


@signal(unit="flag", source=_SOURCE, severity="high", reduce="any")
def empty_rejection(rejections: Texts, turns: pl.DataFrame) -> pl.Series:
    """Whether a rejected answer holds nothing: no visible character, tool call, reasoning or media.

    Null for a row without a rejected answer. An empty chosen answer is found by `empty_response`.

    False positives: sets that teach on purpose that silence is worse.
    """
    return ~rejections.text.str.contains(_VISIBLE) & ~pl.Series(rejections.at(turns.filter(_SAYS_MORE)))


@signal(unit="flag", source=_SOURCE, severity="high", reduce="any")
def prompt_mismatch(turns: pl.DataFrame) -> pl.Series:
    """Whether the chosen and the rejected conversation have different prompts; null without a rejected answer.

    Conversations may part at an assistant's turn, and go on with other user turns; where they part at a user's or a
    system turn, the two answers answer different questions, and their difference is no preference.

    False positives: prompts that differ in a few characters of mark-up alone.
    """
    other = turns.filter(_REJECTED).group_by("row", maintain_order=True).agg(pl.col("role").first())
    return _at_rejected(turns, other.select("row", value=pl.col("role").is_in(["user", "system", "developer"])))


@signal(unit="flag", source="TRL KTOTrainer", severity="high")
def label_not_boolean(rows: pl.DataFrame) -> pl.Series:
    """Whether the label of a KTO row is something else than true or false; null for a row without such a label.

    TRL asks whether a label *is* true or false, so that a row with 1 or 0 counts as neither. Judged are `kto_tag`, and
    1 and 0 under `label` beside a `completion`; a label in words may be one of a class.

    False positives: completions that bear the class 0 or 1 of a classification.
    """
    kto = pl.col("source_schema").is_in(["kto", "kto-messages"])
    return rows.select(pl.when(kto).then(~pl.col("label").is_in(["true", "false"]))).to_series()


@signal(unit="flag", source=_SOURCE, severity="high")
def step_labels_mismatch(rows: pl.DataFrame) -> pl.Series:
    """Whether a stepwise row has more steps than labels, or fewer; null for a row of another schema.

    False positives: none by definition; a set that labels only its last step needs another trainer.
    """
    stepwise = pl.col("source_schema") == "stepwise"
    return rows.select(pl.when(stepwise).then(pl.col("label").str.starts_with("{"))).to_series()


@signal(unit="flag", source="TRL unpaired preference")
def desirable(rows: pl.DataFrame) -> pl.Series:
    """Whether the row's answer is labelled as a desirable one (KTO); null for a row without a label true or false.

    False positives: labels that mean something else.
    """
    told = pl.col("label").is_in(["true", "false"])
    return rows.select(pl.when(told).then(pl.col("label") == "true")).to_series()


@signal(unit="characters", source="own")
def chosen_characters(rows: pl.DataFrame, turns: pl.DataFrame) -> pl.Series:
    """Characters of the chosen answer, earlier turns left out; null for a row without a rejected one, or a verdict."""
    judged = ~pl.col("label").fill_null("").str.contains(_NEITHER, literal=True)
    lengths = _lengths(rows, turns, ~_REJECTED)
    return rows.select(pl.when(judged).then(lengths)).to_series()


@signal(unit="characters", source="own")
def rejected_characters(rows: pl.DataFrame, turns: pl.DataFrame) -> pl.Series:
    """Characters of the rejected answer; null for a row without one."""
    return _lengths(rows, turns, _REJECTED)


def _answers(turns: pl.DataFrame) -> pl.DataFrame:
    """The turns of both answers, by row: the run of assistant turns that ends each side."""
    paired = turns.filter(_REJECTED)["row"].unique()
    if paired.is_empty():
        return turns.clear()
    kept = turns.filter(pl.col("row").is_in(paired.implode()))
    others = (~pl.col("role").is_in(["assistant"])).cast(pl.Int32)
    after = others.cum_sum(reverse=True).over("row", _REJECTED.alias("other"))
    return kept.filter(after == 0)


def _hashes(texts: pl.Series) -> pl.Series:
    """128-bit hashes of texts, the same for texts that differ in white space alone; as a struct of two halves."""
    packed = Packed.of(texts)
    halves = kernels.hashing.content_hash(packed.offsets, packed.data, 0)
    return pl.DataFrame({"low": halves[:, 0], "high": halves[:, 1]}).to_struct(texts.name)


def _lengths(rows: pl.DataFrame, turns: pl.DataFrame, side: pl.Expr) -> pl.Series:
    said = _answers(turns)
    characters = said.filter(side).group_by("row").agg(value=pl.col("text").str.len_chars().sum().cast(pl.Int64))
    return _at_rows(rows, characters)


def _at_rejected(turns: pl.DataFrame, values: pl.DataFrame) -> pl.Series:
    """The values of rows at the turns of their rejected side, null at all others."""
    if values.is_empty():
        return pl.repeat(None, turns.height, dtype=pl.Boolean, eager=True)
    joined = turns.select("row", "side").join(values, on="row", how="left", maintain_order="left")
    return joined.select(pl.when(_REJECTED).then("value").alias("value")).to_series()


def _at_rows(rows: pl.DataFrame, values: pl.DataFrame) -> pl.Series:
    """The values by row, null for the rows that have none."""
    every = pl.DataFrame({"row": pl.int_range(rows.height, eager=True)})
    return every.join(values, on="row", how="left", maintain_order="left")["value"]
