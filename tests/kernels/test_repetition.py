from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.repetition import MEASURES, repetition
from tamis.packed import Packed
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check

_FEW_WORDS = st.lists(st.sampled_from(["a", "b", "ab", "é", "longer-word", "\n", "\n\n"]), max_size=120).map(" ".join)
_PARAGRAPHS = st.lists(st.sampled_from(["a", "a b", "\n", "\n\n", "\n\n\n", " ", "é"]), max_size=40).map("".join)


@EXAMPLES
@given(st.lists(st.one_of(strategies.text, _FEW_WORDS, _PARAGRAPHS), max_size=4))
def test_repetition_is_what_datatrove_computes(texts: list[str]) -> None:
    check(repetition, naive.repetition, texts)


def test_every_measure_has_a_name() -> None:
    packed = Packed.of(["x"])
    assert repetition(packed.offsets, packed.data).shape == (1, len(MEASURES))
