"""Tokens with their places, alignment, and the parts that texts hold, against plain versions of each."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.contamination.index import ItemIndex
from tamis.contamination.items import PARTS, Benchmark
from tamis.kernels.alignment import align
from tamis.kernels.matching import held, match
from tamis.kernels.tokens import tokens_of
from tamis.packed import Packed
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, sliced

WORDS = st.lists(st.sampled_from(["ant", "bee", "cat", "dog", "eel", "fox"]), min_size=1, max_size=9)


def tokens(text: str) -> list[str]:
    packed = Packed.of([text])
    _, _, starts, stops = tokens_of(packed.offsets, packed.data)
    return [packed.data[a:b].tobytes().decode() for a, b in zip(starts, stops, strict=True)]


def index_of(*questions: str) -> ItemIndex:
    rows = [("b", i, i + 1, None, "question", text) for i, text in enumerate(questions)]
    return ItemIndex.of(pl.DataFrame(rows, PARTS, orient="row"), [Benchmark("b", len(rows), 0)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop_me now!", ["Don", "t", "stop", "me", "now"]),
        ("2x + 5 = 15", ["2x", "+", "5", "=", "15"]),
        ("16 - 3, 3*2, 7/8 and a==b", ["16", "-", "3", "3", "*", "2", "7", "/", "8", "and", "a", "==", "b"]),
        (
            "**bold** well-known and/or a - dash, 46% of",
            ["bold", "well", "known", "and", "or", "a", "dash", "46", "of"],
        ),
        ("猫が好き Été", ["猫", "が", "好", "き", "Été"]),
        ("+", []),
        ("", []),
    ],
)
def test_tokens_are_words_and_the_operators_that_compute(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@EXAMPLES
@given(st.lists(strategies.text, max_size=5))
def test_tokens_lie_in_their_text_in_order_and_case_does_not_matter(texts: list[str]) -> None:
    for packed in (Packed.of(texts), sliced(texts)):
        ends, _, starts, stops = tokens_of(packed.offsets, packed.data)
        assert len(ends) == len(texts) + 1
        for i in range(len(texts)):
            own = slice(ends[i], ends[i + 1])
            edges = np.stack([starts[own], stops[own]], axis=1).ravel()
            assert (np.diff(edges) >= 0).all()
            assert not len(edges) or (edges[0] >= packed.offsets[i] and edges[-1] <= packed.offsets[i + 1])
    ascii_only = [text.encode("ascii", "ignore").decode() for text in texts]
    one, other = Packed.of(ascii_only), Packed.of([text.upper() for text in ascii_only])
    assert (tokens_of(one.offsets, one.data)[1] == tokens_of(other.offsets, other.data)[1]).all()


def naive_score(text: list[str], item: list[str], weights: list[float]) -> float:
    """The heaviest matches in order, a match after a match worth a quarter more; near neighbours alone count."""
    n, m = len(item), len(text)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best[i][j] = max(best[i][j - 1], best[i - 1][j])
            if item[i - 1] == text[j - 1]:
                run = i > 1 and j > 1 and item[i - 2] == text[j - 2]
                best[i][j] = max(best[i][j], best[i - 1][j - 1] + weights[i - 1] * (1.25 if run else 1.0))
    matched, i, j = {}, n, m
    while i and j:
        run = i > 1 and j > 1 and item[i - 2] == text[j - 2]
        gain = weights[i - 1] * (1.25 if run else 1.0)
        if item[i - 1] == text[j - 1] and best[i][j] == best[i - 1][j - 1] + gain:
            matched[i - 1], i, j = j - 1, i - 1, j - 1
        elif best[i - 1][j] >= best[i][j - 1]:
            i -= 1
        else:
            j -= 1
    near = [
        i
        for i, j in matched.items()
        if (i - 1 in matched and j - matched[i - 1] <= 2) or (i + 1 in matched and matched[i + 1] - j <= 2)
    ]
    return sum(weights[i] for i in near) / sum(weights)


@EXAMPLES
@given(WORDS, WORDS, st.data())
def test_alignment_is_that_of_the_plain_version(text: list[str], item: list[str], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.sampled_from([1.0, 2.0, 4.0]), min_size=len(item), max_size=len(item)))
    one, other = Packed.of([" ".join(text)]), Packed.of([" ".join(item)])
    mine, theirs = tokens_of(one.offsets, one.data)[1:], tokens_of(other.offsets, other.data)[1:]
    with np.errstate(over="ignore"):
        found = align(one.data, mine, (0, len(text)), other.data, theirs, (0, len(item)), np.array(weights))
    assert found[0] == pytest.approx(naive_score(text, item, weights))


def test_a_word_one_letter_off_counts_for_less_and_numbers_never() -> None:
    def score(text: str, item: str) -> float:
        one, other = Packed.of([text]), Packed.of([item])
        mine, theirs = tokens_of(one.offsets, one.data)[1:], tokens_of(other.offsets, other.data)[1:]
        sizes, weights = (len(mine[0]), len(theirs[0])), np.ones(len(theirs[0]))
        return float(align(one.data, mine, (0, sizes[0]), other.data, theirs, (0, sizes[1]), weights)[0])

    assert score("the Eifel tower", "the Eiffel tower") == pytest.approx(2.8 / 3)
    assert score("the eifffel tower", "the Eiffel tower") == pytest.approx(2.8 / 3)
    assert score("the Eiffel cat", "the Eiffel car") == pytest.approx(2 / 3)  # three letters are too few
    assert score("since 18890 it is", "since 18891 it is") == pytest.approx(2 / 4)  # "since" stands alone


@EXAMPLES
@given(st.lists(strategies.text, min_size=1, max_size=4), WORDS, WORDS)
def test_an_item_that_stands_in_a_text_is_found_where_it_stands(
    texts: list[str], before: list[str], after: list[str]
) -> None:
    questions = [f"{' '.join(after)} number {i}: what do {i + 2} lions, {i} tigers and a whale eat?" for i in range(5)]
    index = index_of(*questions)
    for packed_of in (Packed.of, sliced):
        packed = packed_of([*texts, f"{' '.join(before)}. {questions[3]} {' '.join(after)}"])
        found, scores = match(packed.offsets, packed.data, *index.tables)
        hit = [row for row, score in zip(found.tolist(), scores, strict=True) if row[:2] == [len(texts), 3]]
        assert len(hit) == 1
        assert scores[found.tolist().index(hit[0])] == 1.0
        text = packed.data[packed.offsets[-2] :].tobytes()
        assert text[hit[0][3] : hit[0][4]].decode() + "?" == questions[3]


@EXAMPLES
@given(st.lists(strategies.text, min_size=1, max_size=6))
def test_each_text_is_judged_for_itself(texts: list[str]) -> None:
    index = index_of("How many legs have four dogs and three hens?", "What is it?", *texts)
    packed = Packed.of([*texts, "How many legs have four dogs and three hens?"])
    together = match(packed.offsets, packed.data, *index.tables)[0]
    assert together[:, 0].max() == len(texts)
    for i in range(len(packed)):
        alone = Packed.of(packed.strings([i]))
        assert (match(alone.offsets, alone.data, *index.tables)[0][:, 1:] == together[together[:, 0] == i][:, 1:]).all()


def test_held_finds_short_parts_token_by_token() -> None:
    index = index_of("18", "at noon")
    texts = Packed.of(["It is 18.", "It is 180.", "We met at NOON!"])
    assert held(texts.offsets, texts.data, index.tables[1], np.array([0, 0, 1])).tolist() == [1.0, 0.0, 1.0]
