"""How toxic what is asked is, and what is answered."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl

from tamis.inputs import Texts
from tamis.models import toxicity
from tamis.packed import Packed
from tamis.registry import Span, signal

SENTENCE: Final = r"[^.!?\n]+(?:[.!?]+[^\s.!?][^.!?\n]*)*[.!?]*"
"""A sentence or line: it ends at a full stop, a question or exclamation mark before white space, or at a line break."""

_SOURCE: Final = (
    "own table, trained on Davidson et al. 2017 and OLID (Zampieri et al. 2019); MiniLM, detoxify's models on request"
)
_SENTENCES: Final = re.compile(SENTENCE)


def worst_sentence(text: str) -> Span | None:
    """The span of the sentence that the embedded screen scores highest; None where there is none.

    >>> text = "The train left at nine. You stupid idiot! It was late."
    >>> start, stop = worst_sentence(text)
    >>> text[start:stop]
    'You stupid idiot!'
    """
    spans = [found.span() for found in _SENTENCES.finditer(text) if found[0].strip()]
    if not spans:
        return None
    scores = toxicity.load_screen().logits(Packed.of([text[start:stop] for start, stop in spans]))
    start, stop = spans[int(np.argmax(scores))]
    return start + len(text[start:stop]) - len(text[start:stop].lstrip()), stop


@signal(unit="ratio", source=_SOURCE, severity="medium", reduce="max", locate=worst_sentence, language="English")
def prompt_toxicity(prompts: Texts, *, toxicity_model: str = "screen") -> pl.Series:
    """How toxic the most toxic user turn is, from 0 to 1; null where it is not English (the screen reads no other).

    `toxicity_model`: screen, minilm, original, unbiased, multilingual, the path of a detoxify checkpoint, or cascade.
    The span is the sentence that the screen scores highest, whatever the model. A toxic prompt with an answer that
    declines is data for safety, so no recipe drops a row for it.

    False positives: quoted abuse, and swearing that hurts nobody; misses: contempt in polite words.
    """
    return _scores(prompts, toxicity_model)


@signal(unit="ratio", source=_SOURCE, severity="high", reduce="max", locate=worst_sentence, language="English")
def response_toxicity(responses: Texts, *, toxicity_model: str = "screen") -> pl.Series:
    """How toxic the most toxic answer is, from 0 to 1; null where it is not English (the screen reads no other).

    `toxicity_model` as in `prompt_toxicity`.

    False positives: villains in stories, quoted abuse, medical and sexual words; misses: contempt in polite words.
    """
    return _scores(responses, toxicity_model)


def _scores(texts: Texts, model: str) -> pl.Series:
    scorer = toxicity.load(model)
    scores = pl.Series(scorer.score(texts.packed)[:, 0])
    english = isinstance(scorer, toxicity.ToxicityScreen | toxicity.MinilmScorer | toxicity.Cascade)
    return texts.if_english(scores) if english else scores
