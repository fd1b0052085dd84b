"""Answers that give the question back."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.inputs import Texts
from tamis.kernels import overlap
from tamis.registry import signal

_GRAM: Final = 5


@signal(unit="ratio", source="field notes 9.8 answer-echoes-prompt; Broder 1997 (containment)", reduce="max")
def prompt_echo_ratio(responses: Texts, questions: Texts) -> NDArray[np.float64]:
    """How much of answer and question is shared: the smaller of the two 5-gram containments, in [0, 1].

    Null for a row without an answer, and where either has fewer than five words. The smaller one, so that
    quoting a sentence of a long passage, which is what an extraction task asks for, does not count.

    False positives: tasks that edit, correct or copy a text that makes up most of the prompt.
    """
    answer, asked = responses.packed, questions.packed
    forth = overlap.ngram_containment(answer.offsets, answer.data, asked.offsets, asked.data, _GRAM)
    back = overlap.ngram_containment(asked.offsets, asked.data, answer.offsets, answer.data, _GRAM)
    return np.minimum(forth, back)


@signal(unit="flag", source="Self-Instruct input-equals-output", severity="medium", reduce="any")
def response_equals_prompt(responses: Texts, questions: Texts, contexts: Texts) -> pl.Series:
    """Whether an answer is its question, or the separate input field, word for word; null without an answer.

    White space and punctuation at the ends are set aside, case and indents are not: to mend them may be the
    task. An empty answer does not count.

    False positives: "correct this sentence" where nothing is wrong, "repeat after me", sorting what is sorted.
    """
    said = _bare(responses.text)
    frame = pl.DataFrame({"row": responses.row, "said": said, "asked": _bare(questions.text)})
    given = pl.DataFrame({"row": contexts.row, "given": _bare(contexts.text)})
    frame = frame.join(given, on="row", how="left", maintain_order="left")
    same = (pl.col("said") == pl.col("asked")) | (pl.col("said") == pl.col("given")).fill_null(False)
    return frame.select(same & (pl.col("said") != "")).to_series()


def _bare(text: pl.Series) -> pl.Series:
    return text.str.strip_chars(" \t\r\n.!?\"'`*“”。！？")
