"""The embedded screen: what its table says of sets it was not trained on."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import toxicity as measured
from tamis.errors import TamisError
from tamis.models.toxicity import load, load_screen
from tamis.models.toxicity.screen import TABLE
from tamis.packed import Packed

TRAINING = Path(__file__).parents[2] / "training"


@pytest.fixture(autouse=True)
def _where_the_sets_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "DATA", data)


def scores(texts: list[str]) -> np.ndarray:
    return load_screen().score(Packed.of(texts))[:, 0]


@pytest.mark.data
@pytest.mark.parametrize(("name", "least"), [("surge-ai", 0.89), ("OLID test", 0.825), ("Wikipedia test", 0.88)])
def test_it_tells_toxic_from_other_text(name: str, least: float) -> None:
    texts, toxic = measured.SETS[name]()
    assert measured.auc(toxic, scores(texts)) >= least


@pytest.mark.data
def test_a_mention_of_an_identity_does_not_score() -> None:
    texts, toxic = measured.surge()
    reached = float(np.median(scores(texts)[toxic]))
    texts, toxic = measured.madlibs()
    found = measured.identities(texts, toxic, scores(texts), reached)
    assert len(found) > 40
    assert {term: each["above"] for term, each in found.items() if each["above"] >= 0.05} == {}


def test_the_decision_function_is_that_of_a_logistic_regression() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    pytest.importorskip("scipy")
    sys.path.insert(0, str(TRAINING))
    try:
        spec = importlib.util.spec_from_file_location("toxicity_training", TRAINING / "toxicity.py")
        assert spec is not None
        assert spec.loader is not None
        training = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = training
        spec.loader.exec_module(training)
    finally:
        sys.path.remove(str(TRAINING))
    kernel = training.kernel
    texts = ["you idiot, you sh*t", "a kind person said so", "the river runs north", "stupid stupid idiot person"] * 5
    labels = [1, 0, 0, 1] * 5
    found = training.features(kernel.words(text.encode()) for text in texts)
    matrix = training.sparse.hstack([found.words, found.pairs, found.grams]).tocsr()
    model = linear.LogisticRegression(C=5).fit(matrix, labels)
    weights = model.coef_[0].tolist()
    names = [kernel.word_key(word) for word in found.word_places]
    names += [kernel.pair_key(*pair) for pair in found.pair_places]
    names += [kernel.gram_key(gram) for gram in found.gram_places]
    table = kernel.table_of(np.array(names, np.uint32), np.array(weights, np.float16).astype(np.float32))
    packed = Packed.of(texts)
    logits = kernel.score(packed.offsets, packed.data, table) + model.intercept_[0]
    assert logits == pytest.approx(model.decision_function(matrix), abs=2e-3)


def test_an_empty_text_scores_nothing_and_any_text_between_0_and_1() -> None:
    found = scores(["", " \n", "!?", "Good morning.", "you fucking idiot " * 400, "\ufffd"])
    assert (found[:3] == 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "toxicity.npz"
    broken.write_bytes(TABLE.read_bytes()[:200])
    with pytest.raises(TamisError, match="is no toxicity table"):
        load_screen(broken)


def test_a_model_that_does_not_exist_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(TamisError, match="did you mean 'unbiased'"):
        load("unbiast")
