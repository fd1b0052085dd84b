"""Words that another text does not have, against Python's sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.novelty import new_words
from tamis.packed import Packed
from tests.kernels.strategies import EXAMPLES
from tests.neighbours import naive_lexical

words = st.lists(st.sampled_from(["red", "Red", "blue,", "GREEN", "日本", "日", "n'a", "É", "é", "3", "-", ""])).map(
    " ".join
)
texts = words | st.text(max_size=30)


def naively(answer: str, question: str) -> int:
    return len(_words(answer) - _words(question))


def _words(text: str) -> set[str]:
    return set(naive_lexical.words(text)) if naive_lexical._WORD.search(text) else set()


@EXAMPLES
@given(st.lists(st.tuples(texts, texts)))
def test_new_words_are_those_of_a_difference_of_sets(pairs: list[tuple[str, str]]) -> None:
    answers, questions = (Packed.of([pair[side] for pair in pairs]) for side in (0, 1))
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        counted = new_words(answers.offsets, answers.data, questions.offsets, questions.data).tolist()
    assert counted == [naively(*pair) for pair in pairs]
