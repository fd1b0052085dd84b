from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import loops
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check


@EXAMPLES
@given(strategies.texts)
def test_sentence_repeats_count_the_most_frequent_sentence(texts: list[str]) -> None:
    check(loops.sentence_repeats, naive.sentence_repeats, texts)


@EXAMPLES
@given(strategies.texts)
def test_trailing_repeats_count_the_shortest_period(texts: list[str]) -> None:
    check(loops.trailing_repeats, naive.trailing_repeats, texts)


@EXAMPLES
@given(strategies.text)
def test_a_repeated_sentence_is_where_its_span_says(text: str) -> None:
    span = loops.repeated_sentence_span(text)
    counts = Counter(naive.sentences(text))
    if not counts or max(counts.values()) < 2:
        assert span is None
    else:
        sentence = counts.most_common(1)[0][0]
        assert span is not None
        assert text[slice(*span)].startswith(sentence)
        assert text[slice(*span)].endswith(sentence)


@EXAMPLES
@given(strategies.text)
def test_a_trailing_loop_is_where_its_span_says(text: str) -> None:
    span, repeats = loops.trailing_loop_span(text), naive.trailing_repeats(text)
    if repeats < 2:
        assert span is None
    else:
        assert span is not None
        assert span[1] == len(text.rstrip())
        assert naive.trailing_repeats(text[slice(*span)]) == repeats


@pytest.mark.parametrize("find", [loops.repeated_sentence_span, loops.trailing_loop_span])
def test_a_lone_surrogate_is_a_character_like_any_other(find: object) -> None:
    assert callable(find)
    assert find("\ud800. " + "we are stuck here. " * 3) == (3, 59)


@EXAMPLES
@given(st.integers(1, 70), st.integers(1, 12), st.integers(0, 400), st.sampled_from(["a", "word", "漢字"]))
def test_loops_at_the_end_of_long_texts(period: int, repeats: int, before: int, stem: str) -> None:
    head = " ".join(f"once{i}" for i in range(before))
    piece = " ".join(f"{stem}{i}" for i in range(period))
    check(loops.trailing_repeats, naive.trailing_repeats, [f"{head} {' '.join([piece] * repeats)}"])
