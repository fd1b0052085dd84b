"""Answers that give the question back."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.registry import signal

_GRAM: Final = 5
_BRIEF: Final = 40
_WORD: Final = re.compile(r"\w+")
_NEARLY_ALL: Final = 0.9
"""From here on a restated question is told from an echo: the quality model was trained on the plain ratio below."""


@signal(unit="ratio", source="own; containment of Broder 1997", reduce="max")
def prompt_echo_ratio(responses: Texts, questions: Texts) -> NDArray[np.float64]:
    """How much an answer and its question share: the smaller of the two 5-gram containments, in [0, 1].

    Null for a row without an answer, and where answer or question has fewer than five words. 0 where one is
    more than twice as long as the other: quoting a sentence of a long passage is what an extraction task
    asks for, and no echo. 0 as well where nearly all is shared and yet each text has a word which the other lacks,
    in fewer than forty words: they turn the question into a sentence ("Nauru is the smallest country that ...").

    False positives: tasks that edit, correct, copy or set in capitals a text that makes up most of the prompt; a
    greeting returned.
    """
    shorter, longer = np.minimum(responses.words, questions.words), np.maximum(responses.words, questions.words)
    shared = np.where(shorter < _GRAM, np.nan, 0.0)
    alike = np.flatnonzero((shorter >= _GRAM) & (2 * shorter >= longer))
    answer, asked = Packed.of(responses.text.gather(alike)), Packed.of(questions.text.gather(alike))
    forth = kernels.overlap.ngram_containment(answer.offsets, answer.data, asked.offsets, asked.data, _GRAM)
    back = kernels.overlap.ngram_containment(asked.offsets, asked.data, answer.offsets, answer.data, _GRAM)
    shared[alike] = np.minimum(forth, back)
    shared[_restated(shared, shorter, responses.text, questions.text)] = 0
    return shared


def _restated(
    shared: NDArray[np.float64], shorter: NDArray[np.int64], said: pl.Series, asked: pl.Series
) -> NDArray[np.int64]:
    """Where nearly all is shared because a short question was answered in a full sentence."""
    rows = np.flatnonzero((shared >= _NEARLY_ALL) & (shorter < _BRIEF))
    words = [[set(_WORD.findall(text.lower())) for text in texts.gather(rows)] for texts in (said, asked)]
    both_add = [not (one <= other or other <= one) for one, other in zip(*words, strict=True)]
    return rows[np.array(both_add, np.bool_)]


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
