"""What the quality model looks at: measures of an answer beside its question, each in [0, 1]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels, tasks
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.registry import get

Column = NDArray[np.float64]

MOST_WORDS: Final = 200
"""New words beyond this number tell nothing more: a longer answer is not for that a better one."""
_MOST_LINES: Final = 20
_CLOSE: Final = 0.25
"""A cosine beyond which an answer is not more relevant, only more like an echo."""
_MOST_REPEATS: Final = 20
BRIEF: Final = (
    r"(?i)\b(?:brief\w*|short|concise\w*|one (?:sentence|word|line)|in (?:a few|one|two) (?:words?|sentences?|lines?)"
    r"|summar\w*|shorten|tl;?dr|headline|title)\b"
)
"""Questions that ask for few words."""


@dataclass(frozen=True)
class Exchange:
    """The answers of a batch, their questions, the separate input fields, and all turns."""

    responses: Texts
    questions: Texts
    contexts: Texts
    turns: pl.DataFrame
    centre: NDArray[np.float32]
    """The mean vector of questions, of shape (d,): what all have in common is no sign that two belong together."""

    def signal(self, name: str) -> Column:
        """A built-in signal's value of each answer, 0 where it is null."""
        found = get(name)
        values = pl.Series(found.function(*(getattr(self, asked) for asked in found.inputs)))
        return values.cast(pl.Float64).fill_nan(None).fill_null(0.0).to_numpy()

    @cached_property
    def new_words(self) -> Column:
        """The logarithm of the number of different words that the question does not have, to `MOST_WORDS`."""
        said, asked = self.responses.packed, self.questions.packed
        counts = kernels.novelty.new_words(said.offsets, said.data, asked.offsets, asked.data)
        return _logarithm(counts, MOST_WORDS)

    @cached_property
    def layout(self) -> NDArray[np.int64]:
        """Lines by kind, as `tamis.kernels.layout`."""
        return kernels.layout.layout(self.responses.packed.offsets, self.responses.packed.data)

    @property
    def lines(self) -> NDArray[np.int64]:
        """Lines that are not blank."""
        return self.layout[:, kernels.layout.LINES]

    @cached_property
    def relevance(self) -> Column:
        """How near in meaning answer and question are, the centre taken off; a half where either is unknown."""
        said, asked = self._vectors(self.responses.packed), self._vectors(self.questions.packed)
        known = said.any(axis=1) & asked.any(axis=1)
        return np.where(known, np.clip(np.einsum("ij,ij->i", said, asked), 0, _CLOSE) / _CLOSE, 0.5)

    def _vectors(self, texts: Packed) -> NDArray[np.float32]:
        from tamis.models import embedders

        vectors = embedders.load(threads=1).encode(texts)
        known = vectors.any(axis=1)
        vectors[known] -= self.centre
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(lengths > 0, lengths, 1)
        return vectors

    def asked(self, pattern: str) -> NDArray[np.bool_]:
        """Which questions match a pattern."""
        return self.questions.text.str.contains(pattern).to_numpy()


@dataclass(frozen=True)
class Feature:
    """One thing that the model looks at; `direction` is the sign that its weight may have, 0 for either."""

    direction: int
    means: str
    measure: Callable[[Exchange], Column]


FEATURES: Final[Mapping[str, Feature]] = {
    "new_words": Feature(
        1, f"different words that the question has not, to {MOST_WORDS} (logarithm)", lambda x: x.new_words
    ),
    "new_words_where_brief": Feature(
        0,
        "the same, where few words or a choice are asked for",
        lambda x: x.new_words * (x.asked(BRIEF) | x.asked(tasks.CHOICE)),
    ),
    "lines": Feature(1, f"lines, to {_MOST_LINES} (logarithm)", lambda x: _logarithm(x.lines - 1, _MOST_LINES)),
    "relevance": Feature(
        1, f"cosine of answer and question less what all questions share, to {_CLOSE}", lambda x: x.relevance
    ),
    "unasked_code": Feature(-1, "share of lines of code, where none is asked for", lambda x: _unasked_code(x)),
    "echo": Feature(-1, "`prompt_echo_ratio`", lambda x: x.signal("prompt_echo_ratio")),
    "same_as_prompt": Feature(-1, "`response_equals_prompt`", lambda x: x.signal("response_equals_prompt")),
    "sentence_repeats": Feature(
        -1, f"`sentence_repeats`, to {_MOST_REPEATS} (logarithm)", lambda x: _repeats(x.signal("sentence_repeats"))
    ),
    "trailing_repeats": Feature(
        -1, f"`trailing_repeats`, to {_MOST_REPEATS} (logarithm)", lambda x: _repeats(x.signal("trailing_repeats"))
    ),
    "truncated": Feature(-1, "`truncated`", lambda x: x.signal("truncated")),
    "speaks_as_ai": Feature(-1, "`ai_self_reference`", lambda x: x.signal("ai_self_reference")),
}
"""By name, in the order of the matrix."""


def features(exchange: Exchange) -> Column:
    """The features of each answer: float64 of shape (n, len(FEATURES)), in [0, 1]."""
    return np.stack([feature.measure(exchange) for feature in FEATURES.values()], axis=1)


def _logarithm(counts: NDArray[np.integer] | Column, most: int) -> Column:
    """0 for 0, 1 from `most` on, and the logarithm between."""
    return np.asarray(np.log1p(np.clip(counts, 0, most)) / np.log1p(most), np.float64)


def _repeats(counts: Column) -> Column:
    return _logarithm(counts - 1, _MOST_REPEATS - 1)


def _unasked_code(exchange: Exchange) -> Column:
    code = exchange.layout[:, kernels.layout.FENCED] + exchange.layout[:, kernels.layout.CODE]
    return code / np.maximum(exchange.lines, 1) * ~exchange.asked(tasks.CODE)
