from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import codepoints
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check

_MARKED = st.text(
    "ab\x00\t\x7f\x80\x9f\xad\ufffd\ufffe\uffff\u200b\u200c\u200d\u200e\u200f\u202a\u2061\u2069\ufeff"
    "\u0e01\u1000\u1780\u064a\u0915\u0d9a\u2764\ufe0f👩漢é"
)
_TEXTS = st.lists(st.one_of(strategies.text, _MARKED), max_size=6)


@EXAMPLES
@given(_TEXTS)
def test_control_characters(texts: list[str]) -> None:
    check(codepoints.control_characters, lambda text: len(naive.CONTROL.findall(text)), texts)


@EXAMPLES
@given(_TEXTS)
def test_replacement_characters(texts: list[str]) -> None:
    check(codepoints.replacement_characters, lambda text: text.count("\ufffd"), texts)


@EXAMPLES
@given(_TEXTS)
def test_zero_width_characters(texts: list[str]) -> None:
    check(codepoints.zero_width_characters, naive.zero_width_characters, texts)
