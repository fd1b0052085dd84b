"""A detector of languages made of any function from strings to codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from tamis.errors import TamisError
from tamis.models.language._protocol import DETECTED
from tamis.packed import Packed

Answer = str | tuple[str | None, float | None] | None
Function = Callable[[list[str]], Sequence[Answer]]


@dataclass(frozen=True)
class OwnDetector:
    """Calls a function with a list of strings, which returns a code for each, a code and a confidence, or None."""

    function: Function

    def detect(self, texts: Packed) -> pl.DataFrame:
        """What the function says; a code without a confidence counts as certain.

        >>> OwnDetector(lambda texts: ["en" for _ in texts]).detect(Packed.of(["Hello"])).row(0)
        ('en', 1.0)
        """
        answers = list(self.function(texts.strings()))
        if len(answers) != len(texts):
            raise TamisError(f"the language model gave {len(answers)} answers for {len(texts)} texts")
        pairs = [(one, None if one is None else 1.0) if one is None or isinstance(one, str) else one for one in answers]
        try:
            return pl.DataFrame(pairs, DETECTED, orient="row")
        except (TypeError, pl.exceptions.PolarsError) as error:
            raise TamisError(f"the language model must give a code, or a code and a confidence: {error}") from None
