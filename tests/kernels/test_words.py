"""Words and runs of words as numbers, against dictionaries."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import runs as runs_kernel
from tamis.kernels.words import number_words
from tamis.packed import Packed
from tests.kernels.strategies import EXAMPLES, sliced, texts
from tests.neighbours import naive_lexical

numbers = st.lists(st.lists(st.integers(-1, 4), max_size=12), max_size=6)


def spelled(packed: Packed) -> list[list[str]]:
    stops, found, ends, data = number_words(packed.offsets, packed.data)
    vocabulary = Packed(ends, data).strings()
    assert len(set(vocabulary)) == len(vocabulary)
    return [[vocabulary[number] for number in found[a:b]] for a, b in pairwise(stops)]


def naively(text: str) -> list[str]:
    """The words of near-duplicates, without the signs that stand for a text that has none."""
    words = naive_lexical.words(text)
    return [] if words == ["".join(text.split())] and not naive_lexical._WORD.search(text) else words


@EXAMPLES
@given(texts)
def test_words_are_those_that_duplicates_are_found_by(values: list[str]) -> None:
    expected = [naively(value) for value in values]
    assert spelled(Packed.of(values)) == spelled(sliced(values)) == expected


def test_a_large_vocabulary_outgrows_its_table() -> None:
    values = [" ".join(str(i * j % 30_011) for i in range(3000)) for j in range(1, 9)]
    assert spelled(Packed.of(values)) == [value.split() for value in values]


@EXAMPLES
@given(st.lists(st.one_of(st.integers(-3, 5), st.integers(0, 2**63 - 1)), max_size=40))
def test_keys_are_numbered_as_they_come(keys: list[int]) -> None:
    found, firsts = runs_kernel.number_keys(np.array(keys, np.int64))
    order = list(dict.fromkeys(key for key in keys if key >= 0))
    assert found.tolist() == [order.index(key) if key >= 0 else -1 for key in keys]
    assert firsts.tolist() == [keys.index(key) for key in order]


def flat(values: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.cumsum([0, *map(len, values)]), np.array([one for line in values for one in line], np.int32)


@EXAMPLES
@given(numbers)
def test_texts_are_counted_once_each(values: list[list[int]]) -> None:
    texts, elsewhere = runs_kernel.count_texts(*flat(values), 5)
    held = [set(line) - {-1} for line in values]
    assert texts.tolist() == [sum(run in one for one in held) for run in range(5)]
    assert elsewhere.tolist() == [sum(int(texts[run]) - 1 for run in one) for one in held]


@EXAMPLES
@given(numbers)
def test_matches_are_clipped_by_the_text_that_has_most(values: list[list[int]]) -> None:
    counts = [Counter(run for run in line if run >= 0) for line in values]
    expected = []
    for i, own in enumerate(counts):
        others = counts[:i] + counts[i + 1 :]
        expected.append(sum(min(count, max((o[run] for o in others), default=0)) for run, count in own.items()))
    assert runs_kernel.count_matches(*flat(values), 5).tolist() == expected


@EXAMPLES
@given(st.lists(st.integers(0, 9), max_size=60), st.sampled_from([0.5, 0.72, 0.9]))
def test_a_stretch_ends_where_its_share_of_different_words_falls(words: list[int], floor: float) -> None:
    count, stretch = 0.0, list[int]()
    for word in words:
        stretch.append(word)
        if len(set(stretch)) / len(stretch) <= floor:
            count, stretch = count + 1, []
    if stretch:
        count += (1 - len(set(stretch)) / len(stretch)) / (1 - floor)
    assert runs_kernel.count_stretches(np.array(words, np.int32), 10, floor) == count
