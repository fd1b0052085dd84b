"""The kernel against an obvious scorer on strings and dictionaries."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import toxicity
from tamis.packed import Packed
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, JIT

VOCABULARY = ["you", "idiot", "kind", "sh*t", "don't", "the", "a", "stupid", "person", "漢字", "élan", "x"]
VOCABULARY += [
    "seventh",
    "eighthly",
    "extraordinarily",
    "incomprehensible",
    "incomprehensibly",
    "antidisestablishmentarians",
]
_ADDRESS = re.compile(r"(?:\bhttps?|\bwww)(?=[:.])\S*")


def table() -> tuple[dict[str, float], toxicity.Table]:
    """Random weights for words, pairs and n-grams, by what they stand for and as the kernel has them."""
    rng = np.random.default_rng(5)
    weights: dict[str, float] = {}
    keys: dict[int, float] = {}
    for word in VOCABULARY:
        named = {f"word {word}": toxicity.word_key(word.encode())}
        named |= {f"pair {word} {o}": toxicity.pair_key(word.encode(), o.encode()) for o in VOCABULARY[::3]}
        padded = b" " + word.encode() + b" "
        for start in range(len(padded)):
            for size in (2, 3, 4, 5):
                piece = padded[start : start + size]
                if len(piece) == size:
                    named[f"gram {piece!r}"] = toxicity.gram_key(piece)
        for name, key in named.items():
            weights[name] = keys[key] = float(np.float32(rng.normal()))
    built = toxicity.table_of(np.array(list(keys), np.uint32), np.array(list(keys.values()), np.float32))
    return weights, built


WEIGHTS, TABLE = table()


COMPILED = pytest.mark.skipif(not JIT, reason="fields of a record are attributes in compiled code only")


def scores(texts: list[str]) -> list[float]:
    packed = Packed.of(texts)
    return toxicity.score(packed.offsets, packed.data, TABLE).tolist()


some_words = st.sampled_from(
    [*VOCABULARY, "YOU", "Idiot!", "sh*tt", "@you", "www.x.y", "http://a", "—", "\n", "looool", "’", "it’s"]
)
made_up = st.text("aeidtusYO01'*!.:-@é", min_size=1, max_size=20)
sentences = st.lists(some_words, max_size=140).map(" ".join)
crowds = st.lists(st.one_of(some_words, made_up), max_size=200).map(" ".join)
"""More different words than a short text's memo of words has records."""


@EXAMPLES
@given(strategies.texts)
def test_words_of_any_text(texts: list[str]) -> None:
    assert [toxicity.words(text.encode()) for text in texts] == [
        [word.encode() for word in naive.toxicity_words(text)] for text in texts
    ]


@COMPILED
@EXAMPLES
@given(st.lists(st.one_of(sentences, crowds), max_size=5))
def test_scores_are_those_of_the_naive_scorer(texts: list[str]) -> None:
    assert scores(texts) == pytest.approx([naive.toxicity(text, WEIGHTS) for text in texts], abs=1e-4)


@COMPILED
@EXAMPLES
@given(st.lists(st.one_of(sentences, crowds), min_size=1, max_size=5))
def test_a_text_scores_the_same_alone_and_among_others(texts: list[str]) -> None:
    assert scores(texts) == [scores([text])[0] for text in texts]


@COMPILED
@EXAMPLES
@given(st.lists(st.lists(st.one_of(sentences, crowds), max_size=3), min_size=2, max_size=4))
def test_a_text_scores_the_same_whatever_was_scored_before_it(batches: list[list[str]]) -> None:
    memo = toxicity.memo_for(0)
    for texts in batches:
        packed = Packed.of(texts)
        known = toxicity.score(packed.offsets, packed.data, TABLE, memo)
        assert known.tolist() == scores(texts)


@COMPILED
def test_a_word_whose_record_another_took_is_still_one_of_the_48_before() -> None:
    others = [f"word{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(400)]
    for gap in (toxicity.WINDOW - 2, toxicity.WINDOW - 1, toxicity.WINDOW, toxicity.WINDOW + 1):
        crowd = [*others, *(word for other in others[::gap] for word in ["idiot", *others[:gap]])]
        text = " ".join([*crowd, "idiot"])
        assert scores([text]) == pytest.approx([naive.toxicity(text, WEIGHTS)], abs=1e-4)


@COMPILED
def test_a_long_text_scores_as_its_worst_stretch() -> None:
    rude = " ".join(["idiot"] * toxicity.WINDOW)
    filler = " ".join(["x"] * 480)
    assert scores([f"{filler} {rude} {filler}"])[0] >= scores([filler])[0]


def test_a_name_an_address_and_marks() -> None:
    text = "Don’t @you_2: SH*T happeeened, see https://a.b/you! fuuuuck www.x.y a 'quoted' **bold** b*tch*"
    assert [word.decode() for word in toxicity.words(text.encode())] == (
        ["don't", "sh*t", "happeened", "see", "fuuck", "a", "quoted", "bold", "b*tch"]
    )
