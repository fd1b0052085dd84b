"""The quality score: its laws, its weights, and what it can and cannot tell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tamis
from benchmarks import quality as measured
from tamis.measure import compute
from tamis.models import embedders
from tamis.quality.features import FEATURES, MOST_WORDS, features
from tamis.quality.model import WEIGHTS, load_model
from tamis.registry import get
from tamis.signals.quality import exchange_of, explain_quality
from tests.rows import ANSWERS, QUESTIONS
from tests.signals.chats import asked, assistant, inputs_of, of_answer, user, value
from training import judged
from training.judged import Pair
from training.quality import Settings, fit, model_of

said = st.sampled_from(ANSWERS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
questions = st.sampled_from(QUESTIONS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
pairs = st.lists(st.tuples(questions, said), min_size=1, max_size=8)

SKY = "Explain why the sky is blue."
BLUE = (
    "Air scatters short waves of light more than long ones. The sun's rays hold all colours, and on their way through "
    "the atmosphere the blue ones are thrown in every direction, so that they reach our eyes from the whole sky."
)
CAKE = "Mix flour, sugar and butter, add three eggs, and bake the dough for forty minutes in an oven at medium heat."


def score(question: str, answer: str) -> float:
    return float(of_answer("quality", answer, question))


@given(pairs)
def test_it_is_a_share_and_depends_on_no_other_row(rows: list[tuple[str, str]]) -> None:
    chats = [asked(*row) for row in rows]
    together = compute(get("quality"), inputs_of(chats), {}).values.to_list()
    assert together == [value("quality", chat) for chat in chats]
    assert all(each is None or 0 <= each <= 1 for each in together)


@given(pairs)
def test_features_are_shares(rows: list[tuple[str, str]]) -> None:
    given_questions, answers = (list(side) for side in zip(*rows, strict=True))
    found = features(exchange_of(given_questions, answers, [""] * len(rows), load_model().centre))
    assert found.shape == (len(rows), len(FEATURES))
    assert ((found >= 0) & (found <= 1)).all()


@given(questions, said)
def test_an_explanation_adds_up_to_the_score(question: str, answer: str) -> None:
    found = value("quality", asked(question, answer))
    if found is not None:
        total = explain_quality(question, answer)["contribution"].sum()
        assert found == pytest.approx(1 / (1 + np.exp(-total)))


def test_weights_have_the_signs_that_are_claimed() -> None:
    weights = load_model().weights
    assert all(w * f.direction >= 0 for w, f in zip(weights, FEATURES.values(), strict=True))
    assert load_model().embedder == embedders.load().name
    assert WEIGHTS.stat().st_size < 50_000


def test_more_of_a_fault_never_scores_higher() -> None:
    model = load_model()
    rng = np.random.default_rng(1)
    rows = rng.random((200, len(FEATURES)))
    for place, feature in enumerate(FEATURES.values()):
        worse = rows.copy()
        worse[:, place] = np.clip(worse[:, place] - 0.3 * feature.direction, 0, 1)
        if feature.direction:
            assert (model.scores(worse) <= model.scores(rows)).all()


def test_faults_cost() -> None:
    whole = score(SKY, BLUE)
    assert score(SKY, SKY) < whole
    assert score(SKY, CAKE) < whole
    assert score(SKY, BLUE + " It is like that because of the") < whole
    assert score(SKY, "The sky is blue because it is blue. " * 12) < whole
    assert score(SKY, "Because air scatters short waves more.") < whole


def test_words_beyond_a_bound_tell_nothing() -> None:
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(2 * MOST_WORDS)]
    short, long = (explain_quality(SKY, " ".join(words[:n])) for n in (MOST_WORDS, 2 * MOST_WORDS))
    assert short["value"][1] == long["value"][1] == 1


def test_what_is_not_english_or_empty_is_null() -> None:
    german = "Der Himmel ist blau, weil die Luft kurze Wellen stärker streut als lange, und zwar in jede Richtung."
    assert value("quality", asked("Warum ist der Himmel blau?", german)) is None
    assert value("quality", asked(SKY, " \n")) is None
    assert value("quality", [user(SKY)]) is None


def test_a_row_has_the_mean_of_its_answers() -> None:
    chat = [user(SKY), assistant(BLUE), user("How do I bake a cake?"), assistant(CAKE)]
    both = score(SKY, BLUE), score("How do I bake a cake?", CAKE)
    assert value("quality", chat) == pytest.approx(sum(both) / 2)


def test_a_keep_policy_may_rank_by_it() -> None:
    rows = pl.DataFrame({"prompt": [SKY] * 2, "completion": [BLUE + " And so it is because of the", BLUE]})
    rules = {"alike": {"signal": "near_duplicate_similarity", "at_least": 0.7, "action": "drop"}}
    options = {"near_duplicate_similarity": {"guard": False}}
    recipe = tamis.recipe.parse({"compute": [], "rules": rules, "signals": options})
    for policy, kept in (("highest:quality", 1), ("lowest:quality", 0)):
        found = tamis.audit(rows, recipe=recipe.set([f"keep={policy}"]))
        assert found.findings["other"].to_list() == [kept]
    own = rows.with_columns(quality=pl.Series([2, 1]))
    found = tamis.audit(own, recipe=recipe.set(["keep=highest:quality"]))
    assert found.findings["other"].to_list() == [0]  # the data's own column comes first
    with pytest.raises(tamis.TamisError, match="compares rows"):
        recipe.set(["keep=highest:near_duplicate_similarity"])


def test_it_is_in_no_recipe() -> None:
    assert all("quality" not in tamis.load_recipe(name).signals for name in tamis.recipe.built_in())


def test_the_fit_is_that_of_a_logistic_regression() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(3)
    signs = np.array([feature.direction or 1 for feature in FEATURES.values()])
    differences = rng.normal(size=(400, len(FEATURES)))
    better = rng.random(400) < 1 / (1 + np.exp(-differences @ (signs * rng.random(len(signs)) * 2 + signs)))
    differences[~better] *= -1
    both, labels = np.concatenate([differences, -differences]), np.repeat([1, 0], 400)
    expected = (
        linear.LogisticRegression(C=0.5, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(both, labels).coef_[0]
    )
    assert fit(differences, np.ones(400), 1.0) == pytest.approx(expected, abs=1e-4)


def test_training_gives_what_the_script_gives() -> None:
    made = [
        Pair(question, "", BLUE if question == SKY else CAKE, question) for question in (SKY, "How is a cake made?")
    ]
    made += [
        Pair(question, "", CAKE, "Yes. " * n) for n, question in enumerate(["How do I bake?", "Name a recipe."], 3)
    ]
    model = model_of({"fixture": made}, Settings())
    assert model == model_of({"fixture": made}, Settings())
    assert list(model["weights"]) == list(FEATURES)
    assert model["weights"]["new_words"] > 0
    assert model["weights"]["same_as_prompt"] < 0


@pytest.mark.data
def test_the_weights_in_the_package_are_those_of_the_script(data: Path) -> None:
    sets = {name: read(data / "judged") for name, read in judged.MAY_TRAIN.items()}
    assert {*sets} == {"PandaLM", "LLMBar natural"}  # the others may not be trained on
    made, kept = model_of(sets, Settings()), json.loads(WEIGHTS.read_text("utf-8"))
    assert made.keys() == kept.keys()
    assert made["weights"] == pytest.approx(kept["weights"], abs=2e-3)
    assert made["centre"] == pytest.approx(kept["centre"], abs=2e-4)


@pytest.mark.data
@pytest.mark.parametrize("name", ["AlpacaEval alpaca-7b", "dpo demo"])
def test_an_answer_scores_higher_than_an_answer_to_another_question(name: str, data: Path) -> None:
    model, some = load_model(), measured.evaluation_sets(data / "judged")[name]
    own, other = measured.logits(model.weights, judged.shuffled(some, 1), model.centre)
    assert measured.wins(own, other).mean() > 0.85


@pytest.mark.data
def test_no_prompt_is_in_two_folds(data: Path) -> None:
    some = judged.pandalm(data / "judged")
    found = pl.DataFrame({"prompt": [pair.prompt for pair in some], "fold": measured.folds_of(some)})
    assert found["fold"].n_unique() == measured.FOLDS
    assert found.group_by("prompt").agg(pl.col("fold").n_unique())["fold"].max() == 1
