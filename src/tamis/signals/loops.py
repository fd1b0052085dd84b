"""Answers that got stuck and say the same thing again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tamis import kernels
from tamis.inputs import Texts
from tamis.registry import signal

_SOURCE = "open-instruct's repetition filter"


@signal(
    unit="count",
    source=_SOURCE,
    severity="high",
    reduce="max",
    locate=lambda text: kernels.loops.repeated_sentence_span(text),
)
def sentence_repeats(responses: Texts) -> NDArray[np.int64]:
    """How often the most repeated sentence of an answer occurs; null for a row without an answer.

    False positives: refrains, drills ("write it fifty times"), tables and logs with equal lines.
    """
    return kernels.loops.sentence_repeats(responses.packed.offsets, responses.packed.data)


@signal(
    unit="count",
    source=_SOURCE,
    severity="high",
    reduce="max",
    locate=lambda text: kernels.loops.trailing_loop_span(text),
)
def trailing_repeats(responses: Texts) -> NDArray[np.int64]:
    """How often the piece of text that an answer ends in is repeated there; null for a row without an answer.

    A model that fell into a loop goes on until it is cut off, so that the loop reaches the end.

    False positives: rows of a table, rulers of dashes, long numbers, chants that were asked for.
    """
    return kernels.loops.trailing_repeats(responses.packed.offsets, responses.packed.data)
