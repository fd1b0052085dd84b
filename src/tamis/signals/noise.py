"""Answers that are no text at all."""

from __future__ import annotations

import polars as pl

from tamis.inputs import Texts
from tamis.registry import Span, signal


@signal(
    unit="count",
    source="own; Zheng et al. 2024 (null models)",
    severity="high",
    reduce="max",
    locate=lambda text: first_unopened(text),
)
def surplus_braces(responses: Texts) -> pl.Series:
    """Closing braces of an answer beyond its opening ones; null for a row without an answer.

    Text found by searching over tokens, to deceive a judge, and text of a model that broke down is full of pieces of
    code whose other halves are missing; people and programs close what they open.

    False positives: the second half of a long program; symbols drawn at random.
    """
    closing = responses.text.str.count_matches("}", literal=True).cast(pl.Int64)
    return (closing - responses.text.str.count_matches("{", literal=True).cast(pl.Int64)).clip(lower_bound=0)


def first_unopened(text: str) -> Span | None:
    """The first closing brace that no brace before it opens.

    >>> first_unopened("{a} b}")
    (5, 6)
    >>> first_unopened("{a}")
    """
    open_braces = 0
    for at, character in enumerate(text):
        open_braces += (character == "{") - (character == "}")
        if open_braces < 0:
            return at, at + 1
    return None
