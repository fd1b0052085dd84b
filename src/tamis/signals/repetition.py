"""The repetition measures of Gopher, over answers, as numbers; on request: no rule for instruction data needs them.

The thirteen took 29 % of the time of all row signals (9.0 of 30.8 ms per MB).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.inputs import Texts
from tamis.registry import signal

_SOURCE: Final = "Rae et al. 2021 (Gopher), table A1; datatrove gopher_repetition_filter.py"
_NOTES: Final = """

Null for a row without an answer. All thirteen are computed in one pass and shared. Gopher's thresholds
({threshold} here) were made for web pages and are no default: the recipe `gopher` sets them.

False positives: lists, tables, code, verse and drills repeat themselves by nature."""


def _measure(name: str, summary: str, threshold: float) -> Callable[[Texts], NDArray[np.float64]]:
    def measure(responses: Texts) -> NDArray[np.float64]:
        return responses.repetition_of(name)

    measure.__name__ = measure.__qualname__ = name
    measure.__doc__ = summary + _NOTES.format(threshold=threshold)
    return signal(unit="ratio", source=_SOURCE, reduce="max", on_request=True)(measure)


def _top(n: int, threshold: float) -> Callable[[Texts], NDArray[np.float64]]:
    return _measure(
        f"top_{n}gram_character_ratio",
        f"Share of an answer's characters that its most common run of {n} words covers, in [0, 1].",
        threshold,
    )


def _duplicate(n: int, threshold: float) -> Callable[[Texts], NDArray[np.float64]]:
    return _measure(
        f"duplicate_{n}gram_character_ratio",
        f"Share of an answer's characters in runs of {n} words seen before in it, in [0, 1].",
        threshold,
    )


duplicate_line_ratio = _measure(
    "duplicate_line_ratio", "Share of an answer's lines that equal an earlier line, in [0, 1].", 0.30
)
duplicate_line_character_ratio = _measure(
    "duplicate_line_character_ratio",
    "Share of an answer's characters in lines that equal an earlier one, in [0, 1].",
    0.20,
)
duplicate_paragraph_ratio = _measure(
    "duplicate_paragraph_ratio", "Share of an answer's paragraphs that equal an earlier one, in [0, 1].", 0.30
)
duplicate_paragraph_character_ratio = _measure(
    "duplicate_paragraph_character_ratio",
    "Share of an answer's characters in paragraphs that equal an earlier one, in [0, 1].",
    0.20,
)
top_2gram_character_ratio = _top(2, 0.20)
top_3gram_character_ratio = _top(3, 0.18)
top_4gram_character_ratio = _top(4, 0.16)
duplicate_5gram_character_ratio = _duplicate(5, 0.15)
duplicate_6gram_character_ratio = _duplicate(6, 0.14)
duplicate_7gram_character_ratio = _duplicate(7, 0.13)
duplicate_8gram_character_ratio = _duplicate(8, 0.12)
duplicate_9gram_character_ratio = _duplicate(9, 0.11)
duplicate_10gram_character_ratio = _duplicate(10, 0.10)
