"""Scores of words and bytes against naive versions, published packages and what must hold of any texts."""

from __future__ import annotations

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.packed import Packed
from tamis.scores.diversity import lexical as scores
from tamis.scores.diversity.catalogue import LEXICAL
from tamis.scores.diversity.lexical import duplicated, lexical, lexical_estimates, shuffled
from tamis.scores.diversity.phrases import common_closers, common_openers, common_templates, template_rate
from tamis.scores.diversity.words import FUNCTION_WORDS, Words
from tests.conftest import ROOT
from tests.scores import naive_diversity as naive

VALIDITY = ROOT / "benchmarks" / "results" / "diversity_validity.json"
UNIGRAM = ("distinct_1", "hdd")
word = st.sampled_from(["the", "of", "is", "a", "cat", "dog", "sat", "on", "mat", "purred"])
text = st.lists(word, max_size=14).map(" ".join)
texts = st.lists(text, min_size=2, max_size=8)

# Sentences of the public domain (Carroll, Melville, Austen, Dickens), one of them twice, in lower case without marks.
SENTENCES = [
    "alice was beginning to get very tired of sitting by her sister on the bank and of having nothing to do",
    "call me ishmael some years ago never mind how long precisely having little or no money in my purse",
    "it is a truth universally acknowledged that a single man in possession of a good fortune must want a wife",
    "it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness",
    "alice was beginning to get very tired of sitting by her sister on the bank and of having nothing to do",
    "it was the best of books it was the worst of books",
]

PUBLISHED = {
    "ngram_diversity_joined": 2.662,
    "self_repetition": 1.517958963866847,
    "self_bleu": [1.0, 0.011488177632088462, 0.012673718536830811, 0.29456425448249246, 1.0, 0.35382030231619127],
    "mtld_all": 45.280249110320284,
    "hdd_all": 0.7053798813290431,
}


def scored(values: list[str]) -> dict[str, float]:
    packed = Packed.of(values)
    return lexical(packed, Words.of(packed), np.arange(len(values)))


def split(values: list[str]) -> list[list[str]]:
    return [value.split() for value in values]


def test_the_catalogue_names_what_is_scored() -> None:
    assert list(scored(SENTENCES)) == list(LEXICAL)


def test_scores_are_trusted_that_move_right_from_end_to_end() -> None:
    """Of the committed benchmark, so that neither is changed without the other."""
    wrong = set()
    for row in json.loads(VALIDITY.read_text("utf-8"))["rows"]:
        assert (row["moves right"] == "no") == bool(row["wrong"])
        if f"{row['steps'][0]} to {row['steps'][-1]}" in row["wrong"]:
            wrong.add(row["score"])
    assert wrong & set(LEXICAL) == {name for name, score in LEXICAL.items() if not score.trusted}


def test_published_packages_find_the_same() -> None:
    """diversity 0.3.1 (self_repetition_score), nltk 3.10.4 (sentence_bleu, method1), lexicalrichness 0.5.1."""
    words = Words.of(Packed.of(SENTENCES))
    joined = Words.of(Packed.of([" ".join(SENTENCES)]))
    runs = words.runs(4)
    assert scores.self_repetition(words, runs[-1]) == pytest.approx(PUBLISHED["self_repetition"])
    assert scores.self_bleu(words, runs) == pytest.approx(PUBLISHED["self_bleu"])
    assert scores.mtld(joined) == pytest.approx(PUBLISHED["mtld_all"])
    assert scores.hdd(joined) == pytest.approx(PUBLISHED["hdd_all"])
    one_text = [different / (runs >= 0).sum() for runs, different in joined.runs(4)]
    assert round(sum(one_text), 3) == PUBLISHED["ngram_diversity_joined"]


@given(texts)
def test_scores_are_those_of_the_naive_version(values: list[str]) -> None:
    told, words = scored(values), split(values)
    for n in range(1, 5):
        assert told[f"distinct_{n}"] == pytest.approx(naive.distinct(words, n), nan_ok=True)
    assert told["self_repetition"] == pytest.approx(naive.self_repetition(words))
    each = [naive.bleu(one, words[:i] + words[i + 1 :]) for i, one in enumerate(words)]
    assert told["self_bleu"] == pytest.approx(np.mean(each))
    pool = [one for line in words for one in line]
    assert told["hdd"] == pytest.approx(naive.hdd(pool) if len(pool) >= 42 else math.nan, nan_ok=True)
    assert told["template_rate"] == pytest.approx(naive.template_rate(words, FUNCTION_WORDS))
    assert told["same_opener"] == pytest.approx(naive.alike([tuple(one[:3]) for one in words if one]), nan_ok=True)
    assert told["same_closer"] == pytest.approx(naive.alike([tuple(one[-3:]) for one in words if one]), nan_ok=True)


@given(text.filter(bool))
def test_stretches_are_those_of_the_naive_version(value: str) -> None:
    assert scores.mtld(Words.of(Packed.of([value]))) == pytest.approx(naive.mtld(value.split()))


@given(texts, st.randoms(use_true_random=False))
def test_the_order_of_texts_changes_nothing(values: list[str], random: object) -> None:
    told = scored(values)
    random.shuffle(values)  # type: ignore[attr-defined]
    again = scored(values)
    for name in set(told) - {"mtld", "compression_ratio"}:  # these two read the texts as one
        assert again[name] == pytest.approx(told[name], nan_ok=True), name


@given(texts)
def test_case_and_marks_change_no_score_of_words(values: list[str]) -> None:
    told, dressed = scored(values), scored([value.title().replace(" ", ", ") + "!" for value in values])
    for name in set(told) - {"compression_ratio"}:
        assert dressed[name] == pytest.approx(told[name], nan_ok=True), name


@given(texts)
def test_copies_are_less_varied_by_every_score_that_can_see_them(values: list[str]) -> None:
    once, thrice = scored(values), scored(values * 3)
    for n in range(1, 5):
        if once[f"distinct_{n}"] > 0:
            assert thrice[f"distinct_{n}"] == pytest.approx(once[f"distinct_{n}"] / 3)
    for name in ("self_repetition", "self_bleu", "template_rate"):
        assert thrice[name] >= once[name] - 1e-12, name


def test_texts_that_say_one_thing_are_all_alike() -> None:
    told = scored(["the cat sat on the mat and it purred"] * 30)
    assert told["self_bleu"] == told["same_opener"] == told["same_closer"] == told["template_rate"] == 1
    assert told["compression_ratio"] > 10
    assert told["distinct_4"] == pytest.approx(1 / 30)


@given(texts)
def test_shuffled_words_change_no_score_of_single_words(values: list[str]) -> None:
    packed = Packed.of(values)
    words, rows = Words.of(packed), np.arange(len(values))
    told, dealt = lexical(packed, words, rows), shuffled(packed, words, rows)
    for name in UNIGRAM:
        assert dealt[name] == pytest.approx(told[name], nan_ok=True)


@given(st.lists(st.text("ab \n\té", max_size=9), max_size=6), st.integers(0, 9))
def test_dealing_keeps_every_piece(values: list[str], seed: int) -> None:
    raw = "\n".join(values).encode()
    dealt = scores._dealt(raw, np.random.default_rng(seed))
    assert sorted(dealt.split()) == sorted(raw.split())
    assert len(dealt) == len(raw)


def test_anchors_hold_the_set_between_them() -> None:
    """On prose: shuffled words repeat less than the texts do, a tenth of them ten times over repeats more."""
    random, said = np.random.default_rng(0), " ".join(SENTENCES[:4]).split()
    prose = [" ".join(said[at] for at in (random.integers(len(said) - 6) + np.arange(6)).tolist()) for _ in range(100)]
    packed = Packed.of(prose)
    words, rows = Words.of(packed), np.arange(len(prose))
    told, dealt, copied = (measure(packed, words, rows) for measure in (lexical, shuffled, duplicated))
    for name in ("distinct_3", "distinct_4", "ngram_diversity"):
        assert dealt[name] > told[name] > copied[name]
    for name in ("self_repetition", "self_bleu", "compression_ratio"):
        assert dealt[name] < told[name] < copied[name]


def test_compression_sees_a_copy_farther_back_than_gzip_does() -> None:
    """gzip looks back 32 kB, so that to it a set of 200 kB that stands twice is as varied as the set."""
    once = np.random.default_rng(0).integers(97, 123, 200_000, np.uint8).tobytes()
    assert len(once * 2) / len(gzip.compress(once * 2)) == pytest.approx(len(once) / len(gzip.compress(once)), rel=0.01)
    assert scores.compression_ratio(once * 2) == pytest.approx(2 * scores.compression_ratio(once), rel=0.01)
    assert scores.compression_ratio(once) == pytest.approx(math.log(256) / math.log(26), rel=0.03)  # nothing to find


def test_nothing_to_score_is_not_a_number() -> None:
    told = scored(["", "..."])
    assert told["self_repetition"] == told["self_bleu"] == told["template_rate"] == 0
    assert all(math.isnan(told[name]) for name in ("distinct_1", "ngram_diversity", "mtld", "hdd", "same_opener"))
    packed = Packed.of([])
    for measure in (lexical, shuffled, duplicated):
        assert all(math.isnan(value) for value in measure(packed, Words.of(packed), np.arange(0)).values())


def test_estimates_do_not_depend_on_threads() -> None:
    packed = Packed.of([f"{one} {i % 7} {i % 5}" for i, one in enumerate(SENTENCES * 20)])
    words = Words.of(packed)
    one, two = (lexical_estimates(packed, words, size=50, seed=3, threads=threads) for threads in (1, 2))
    assert one == two
    assert one["distinct_2"]["set"].size == 50
    assert one["distinct_2"]["set"].draws == 20
    assert one["self_bleu"]["shuffled"].value < one["self_bleu"]["set"].value < one["self_bleu"]["duplicated"].value


def test_openers_and_closers_are_as_long_as_they_are_shared() -> None:
    values = [f"Sure! Here's a list of {thing}. I hope this helps." for thing in ("cats", "dogs", "birds")]
    values += ["Sure! Here's one.", "No", "", "no"]
    packed = Packed.of(values)
    words = Words.of(packed)
    openers = [(found.words, found.texts, found.row, found.seen) for found in common_openers(packed, words)]
    assert openers == [("sure here s", 4, 0, "Sure! Here's"), ("no", 2, 4, "No")]
    [closer, short] = common_closers(packed, words)
    assert (closer.words, closer.texts, closer.share) == ("i hope this helps", 3, 3 / 7)
    assert short.words == "no"


@given(texts)
def test_a_template_is_held_by_as_many_texts_as_it_says(values: list[str]) -> None:
    packed = Packed.of(values)
    held = [{" ".join(frame) for frame in naive.skeletons(words, set(FUNCTION_WORDS))} for words in split(values)]
    for found in common_templates(packed, Words.of(packed)):
        assert found.texts == sum(found.words in one for one in held) > 1
        assert found.words in held[found.row]
        assert found.seen in values[found.row]


def test_only_function_words_stay_in_a_template() -> None:
    packed = Packed.of(["The capital of France is Paris", "the mayor of Rome is Ann", "世界 the of is"])
    [found] = common_templates(packed, Words.of(packed))
    assert (found.words, found.texts, found.seen) == ("the _ of _ is", 2, "The capital of France is")
    assert template_rate(Words.of(packed)) == pytest.approx(2 / 3)
    assert len(FUNCTION_WORDS) == len(set(FUNCTION_WORDS)) < 256  # a byte each, 0 for a slot
