"""Which rows are equal, or share a prompt or an answer.

Texts are equal when they differ in white space alone (compared by 128-bit hashes). A corpus signal gives
each row a value and a group: rows of one group stand in the relation that the value counts.
"""

from __future__ import annotations

import polars as pl

from tamis.registry import signal


def _grouped(sketches: pl.DataFrame, key: str, value: pl.Expr, applies: pl.Expr | None = None) -> pl.DataFrame:
    """Columns `value` and `group`: a group is named by its first row; null where the row has no key."""
    valid = pl.col(key).is_not_null() if applies is None else pl.col(key).is_not_null() & applies
    return sketches.select(
        value=pl.when(valid).then(value.over(key)),
        group=pl.when(valid).then(pl.col("row").min().over(key)),
    )


@signal(unit="rows", source="exact match; SemHash, text-dedup, finelint", severity="medium", scope="corpus")
def row_copies(sketches: pl.DataFrame) -> pl.DataFrame:
    """Rows with this very conversation, itself included: roles, texts, thoughts, calls, tools and label.

    A rule that drops on it keeps one row of each group: see the recipe's `keep`.

    False positives: none by definition; fields outside the conversation (an id, a source) may differ.
    """
    return _grouped(sketches, "conversation_hash", pl.len())


@signal(unit="rows", source="exact match; SemHash", scope="corpus")
def prompt_copies(sketches: pl.DataFrame) -> pl.DataFrame:
    """Rows with this very prompt (system, user and tool turns in order), itself included; null without one.

    False positives: sets that answer each prompt several times on purpose.
    """
    return _grouped(sketches, "prompt_hash", pl.len())


@signal(unit="rows", source="exact match; SemHash", scope="corpus")
def response_copies(sketches: pl.DataFrame) -> pl.DataFrame:
    """Rows with this very answer, itself included; null without one.

    False positives: short answers (yes, a label) are shared by right.
    """
    return _grouped(sketches, "response_hash", pl.len())


@signal(unit="count", source="Self-Instruct; finelint: conflicting targets", severity="low", scope="corpus")
def prompt_answers(sketches: pl.DataFrame) -> pl.DataFrame:
    """Different answers that rows with this very prompt give; null where the row has no prompt or no answer.

    False positives: open questions have many good answers, and sampled or judged sets repeat prompts on purpose.
    """
    answers = pl.col("response_hash")
    return _grouped(sketches, "prompt_hash", answers.drop_nulls().n_unique(), answers.is_not_null())


@signal(unit="count", source="boilerplate-answer: samey; own", severity="low", scope="corpus")
def response_prompts(sketches: pl.DataFrame, *, answer_words: int = 8) -> pl.DataFrame:
    """Different prompts that get this very answer; null for answers of fewer than `answer_words` words.

    False positives: a fixed policy text, or a greeting, that is meant to be given to many.
    """
    long_enough = pl.col("answer_words") >= answer_words
    asked = pl.col("prompt_hash")
    return _grouped(sketches, "response_hash", asked.drop_nulls().n_unique(), long_enough & asked.is_not_null())
