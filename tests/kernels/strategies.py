"""Texts that kernels find hard, and how many of them to try."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import polars as pl
from hypothesis import settings
from hypothesis import strategies as st

from tamis.packed import Packed

JIT = os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
EXAMPLES = settings(max_examples=100 if JIT else 50, deadline=None)

_PIECES = st.sampled_from(
    ["the ", "of\n", "\n\n", " ", "\u3000", "a", "ab ", "b ", "so it goes. ", "Was it so?\n", "世界。", "世", "한국 ",
     "ไทย", "é", "naïve ", "```", "...", "\u200b", "\u200d", "\u200f", "\ufeff", "\ufffd", "\x85", "\x1c", "😀", "می",
     "12", "Never say never again! ", "\u00ad", "x\u0301", "!", "，"]
)  # fmt: skip
_BUILT = st.lists(_PIECES, max_size=60).map("".join)
_LOOPED = st.tuples(_BUILT, st.lists(_PIECES, max_size=6).map("".join), st.integers(0, 12)).map(
    lambda parts: parts[0] + parts[1] * parts[2]
)
text = st.one_of(st.text(), st.text("ab \n", max_size=80), _BUILT, _LOOPED)
texts = st.lists(text, max_size=6)


def sliced(values: list[str]) -> Packed:
    """The texts as a slice of a longer column, so that the first offset is not zero."""
    packed = Packed.of(pl.Series(["before ", *values, " after"], dtype=pl.String).slice(1, len(values)))
    if len(packed.offsets) > 1 and packed.offsets[0] == 0:
        packed = Packed(packed.offsets + 3, np.concatenate([np.frombuffer(b"xyz", np.uint8), packed.data]))
    return packed


def check(kernel: Callable[..., np.ndarray], naive: Callable[[str], object], values: list[str]) -> None:
    """Compare a kernel with its naive version, on whole and on sliced columns."""
    expected = [naive(value) for value in values]
    for packed in (Packed.of(values), sliced(values)):
        found = kernel(packed.offsets, packed.data)
        assert len(found) == len(values)
        assert found.tolist() == expected
