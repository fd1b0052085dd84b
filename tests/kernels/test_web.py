import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.web import MEASURES, web
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, sliced

_PIECES = st.sampled_from(
    ["the ", "be", "don't", "3.5", "1,000", "'", "’", "a.", ".", "...", "....", "…", "#", "- ", "• ", "\n", " ", "_",
     "é", "字", "x" * 31, "?", "。", "!\n"]
)  # fmt: skip
_PAGES = st.lists(_PIECES, max_size=50).map("".join)


@EXAMPLES
@given(st.lists(st.one_of(strategies.text, _PAGES), max_size=4))
def test_the_measures_are_those_of_the_naive_version(texts: list[str]) -> None:
    packed = sliced(texts)
    found = web(packed.offsets, packed.data)
    assert found.shape == (len(texts), len(MEASURES))
    expected = np.array([naive.web(text) for text in texts]).reshape(found.shape)
    assert np.array_equal(found, expected, equal_nan=True)


def test_a_text_without_a_word_has_no_mean_length() -> None:
    packed = sliced(["", " # "])
    assert all(math.isnan(value) for value in web(packed.offsets, packed.data)[:, 1])
