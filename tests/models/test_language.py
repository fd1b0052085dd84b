"""How often the default detector is right on real sentences, pieces of them, and English answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import language as measured

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _where_the_sets_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "DATA", data)


def test_sentences_and_pieces_of_them_are_told_right_in_28_languages() -> None:
    texts = measured.cases()
    scores = {
        kind: measured.scored(texts[kind], measured.detected("tamis", [text for _, text in texts[kind]]))
        for kind in ("sentences", "10-50 characters")
    }
    assert len(scores["sentences"]["by_language"]) == 28
    assert scores["sentences"]["likeliest"] >= 0.98
    assert scores["10-50 characters"]["right_of_answered"] >= 0.95
    assert scores["10-50 characters"]["answered"] >= 0.85


def test_under_two_percent_of_english_answers_of_any_length_are_called_something_else() -> None:
    files = sorted((measured.DATA / "instructions").glob("*.json"))
    rows = measured.english(measured.strings_of(files, ("output", "response")))
    answers, wrong = (np.array([row[key] for row in rows]) for key in ("answers", "wrong"))
    assert (answers > 150).all()
    assert (wrong < 0.02 * answers).all()


def test_an_answer_that_nobody_read_counts_as_wrong() -> None:
    french = "Le vieux moulin au bord de la rivière a été construit par les moines, qui élevaient aussi des abeilles."
    english = "The old mill by the river was built by the monks, who also kept bees and brewed beer."
    row = measured.english([french, english, english, ""])[3]
    assert (row["least"], row["answers"], row["wrong"], row["en"], row["another"]) == (100, 1, 1, 0, 0)
    assert measured.english([english])[2]["en"] == 1
