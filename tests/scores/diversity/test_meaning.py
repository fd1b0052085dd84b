"""All figures of a sample together, and the two anchors."""

from __future__ import annotations

import numpy as np
import pytest

from tamis.models.embedders import load
from tamis.packed import Packed
from tamis.scores.diversity.catalogue import MEANING, REFERENCE
from tamis.scores.diversity.coverage import Reference
from tamis.scores.diversity.estimate import estimates
from tamis.scores.diversity.meaning import duplicated, semantic, semantic_estimates, shuffled, shuffled_words
from tests.scores.diversity.unit import unit_rows

TOPICS = ("bake the bread in the oven", "integrate the function", "the senate passed the law", "a goal in extra time")
TEXTS = [f"{topic} {number}" for number in range(60) for topic in TOPICS]


def test_the_figures_are_those_of_the_catalogue() -> None:
    rows = unit_rows(200, 16, 0)
    assert list(semantic(rows)(np.arange(200))) == list(MEANING)
    assert list(semantic(rows, reference=Reference.of(rows))(np.arange(200))) == [*MEANING, *REFERENCE]


def test_copies_lower_every_figure_that_sees_them() -> None:
    measure, rows = semantic(unit_rows(400, 16, 0)), np.arange(400)
    own, copied = measure(rows), duplicated(measure)(rows)
    for name, value in own.items():
        assert copied[name] <= value * 1.05 if name == "remote_clique" else copied[name] < value, name


def test_rows_of_zeros_are_left_out_and_too_few_rows_have_no_figure() -> None:
    rows = unit_rows(30, 8, 0)
    padded = np.vstack([rows, np.zeros((5, 8), np.float32)])
    assert semantic(padded)(np.arange(35)) == semantic(rows)(np.arange(30))
    told = semantic(padded, reference=Reference.of(rows))(np.arange(30, 35))
    assert told.pop("coverage") == 0
    assert all(np.isnan(value) for value in told.values())


def test_threads_change_no_digit() -> None:
    rows = unit_rows(1_500, 64, 0)
    reference = Reference.of(rows, 30)
    one, two = (semantic(rows, reference=reference, threads=threads)(np.arange(1_500)) for threads in (1, 3))
    assert one == two


def test_shuffling_keeps_words_and_lengths() -> None:
    texts = ["one two three", "", "four", "five  six\nseven one"]
    dealt = shuffled_words(texts, np.random.default_rng(1))
    assert [len(text.split()) for text in dealt] == [3, 0, 1, 4]
    assert sorted(" ".join(dealt).split()) == sorted(" ".join(texts).split())
    assert dealt == shuffled_words(texts, np.random.default_rng(1)) != texts


def test_shuffled_topics_are_closer_together() -> None:
    texts, embedder = Packed.of(TEXTS), load("static")
    rows = np.arange(len(TEXTS))
    own = semantic(embedder.encode(texts))(rows)
    dealt = shuffled(texts, embedder)(rows)
    assert dealt["remote_clique"] < own["remote_clique"]


def test_the_estimates_have_their_anchors() -> None:
    texts, embedder = Packed.of(TEXTS), load("static")
    vectors = embedder.encode(texts)
    found = semantic_estimates(texts, embedder, vectors, reference=Reference.of(vectors, 4), size=100)
    assert list(found) == [*MEANING, *REFERENCE]
    assert found["vendi"]["set"] == estimates(semantic(vectors), len(TEXTS), 100)["vendi"]
    assert {name: told.draws for name, told in found["vendi"].items()} == {"set": 20, "shuffled": 5, "duplicated": 5}
    assert found["nearest_distance"]["duplicated"].value == pytest.approx(0, abs=1e-6)
