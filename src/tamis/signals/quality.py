"""How good an answer is likely to be, by a small additive model."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.inputs import Texts
from tamis.quality.features import FEATURES, Exchange, features
from tamis.quality.model import load_model
from tamis.records.table import TURNS
from tamis.registry import signal


@signal(unit="ratio", source="own model, trained on PandaLM and LLMBar", on_request=True, language="English")
def quality(
    rows: pl.DataFrame, responses: Texts, questions: Texts, contexts: Texts, turns: pl.DataFrame
) -> NDArray[np.float64]:
    """How good the row's answers are likely to be, from 0 to 1, their mean; null without an English answer.

    A logistic model of eleven features of the answer beside its question (docs/quality.md): new words, lines,
    nearness in meaning, loops, echoes, unfinished sentences. It ranks rows and is no verdict: between two fluent
    answers to one question it is little better than a coin, and it cannot tell a right answer from a wrong one.

    False positives: labels, numbers and other short answers score low without being bad, and so does text that must
    repeat its prompt.
    """
    model = load_model()
    found = model.scores(features(Exchange(responses, questions, contexts, turns, model.centre)))
    read = responses.english & (responses.stripped.str.len_bytes() > 0).to_numpy()
    sums = np.bincount(responses.row[read], found[read], rows.height)
    counts = np.bincount(responses.row[read], minlength=rows.height)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def explain_quality(question: str, answer: str) -> pl.DataFrame:
    """What the score of one answer is made of: a line a feature with its value, weight and share of the log-odds.

    The first line is the intercept; the score is 1 / (1 + exp(-sum of contributions)).

    >>> made = explain_quality("Name three rivers.", "Name three rivers.")
    >>> made.filter(pl.col("feature") == "same_as_prompt")["value"].item()
    1.0
    >>> made["contribution"].sum() < 0
    True
    """
    model = load_model()
    found = features(exchange_of([question], [answer], [""], model.centre))
    return pl.DataFrame(
        {
            "feature": ["intercept", *FEATURES],
            "value": [1.0, *found[0]],
            "weight": [model.intercept, *model.weights],
            "contribution": [model.intercept, *model.contributions(found)[0]],
        }
    )


def exchange_of(questions: list[str], answers: list[str], contexts: list[str], centre: NDArray[np.float32]) -> Exchange:
    """Single questions and answers as the model sees a batch; `contexts` are separate inputs, empty for none."""
    n = np.arange(len(answers))

    def texts(strings: list[str], rows: NDArray[np.int64], turn: int) -> Texts:
        return Texts(pl.Series(strings, dtype=pl.String), rows, np.full(len(rows), turn, np.int32))

    given = np.flatnonzero([bool(context) for context in contexts])
    beside = texts([contexts[row] for row in given], given, 0)
    return Exchange(texts(answers, n, 1), texts(questions, n, 0), beside, pl.DataFrame(schema=TURNS), centre)
