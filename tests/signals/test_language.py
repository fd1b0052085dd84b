"""Languages of prompts and answers, and the unit of signals that tell codes."""

from __future__ import annotations

import polars as pl
import pytest

import tamis
from tamis.errors import TamisError
from tamis.inputs import Languages
from tamis.measure import commonest_by_row, compute
from tamis.recipe import parse
from tamis.registry import get, signal
from tests.signals.chats import asked, assistant, inputs_of, of_answer, user, value, values

ENGLISH = "The old mill by the river was built by the monks, who also kept bees and brewed beer."
GERMAN = "Die alte Mühle am Fluss wurde von den Mönchen gebaut, die auch Bienen hielten und Bier brauten."
FRENCH = "Le vieux moulin au bord de la rivière a été construit par les moines, qui élevaient aussi des abeilles."
CHINESE = "河边的老磨坊是由僧侣们建造的，他们还养蜂和酿造啤酒。"
ASK = "Tell me something about the old mill that stands by the river, please."
FRAGE = "Erzähl mir bitte etwas über die alte Mühle, die unten am Fluss steht."


def test_prompts_and_answers_have_a_language_each() -> None:
    chat = asked(FRAGE, ENGLISH)
    assert value("prompt_language", chat) == "de"
    assert value("response_language", chat) == "en"
    assert 0.8 < value("response_language_confidence", chat) <= 1


def test_the_commonest_language_of_several_turns_counts_and_the_first_of_two() -> None:
    chat = [user("Hm?"), assistant(GERMAN), user("?"), assistant(ENGLISH), user("!"), assistant(GERMAN)]
    assert value("response_language", chat) == "de"
    assert value("response_language", chat[2:]) == "en"


@pytest.mark.parametrize("text", ["", "42", "Yes", "x = 1", "```\nthe quick brown fox jumps over\n```"])
def test_no_language_is_named_where_nothing_tells(text: str) -> None:
    assert of_answer("response_language", text) is None


@pytest.mark.parametrize(
    ("question", "answer", "mismatch"),
    [
        (ASK, GERMAN, True),
        (FRAGE, ENGLISH, True),
        (ASK, CHINESE, True),
        (ASK, ENGLISH, False),
        (f"Translate: {ENGLISH}", GERMAN, False),
        (f"{ASK} Answer in German.", GERMAN, False),
        (f"Übersetze bitte diesen Satz: {GERMAN}", ENGLISH, False),
        (f"请把下面的句子翻译一下：{CHINESE}", ENGLISH, False),
        (f"{ASK}\n\n{FRENCH}\n{FRENCH}\n{FRENCH}", ENGLISH, False),
        (f"{FRENCH}\n{FRENCH}\n\n{ASK}", ENGLISH, False),
        (ASK, "Ja.", None),
        ("?", ENGLISH, None),
        (ASK, "```python\nfor one in range(10): print(one)\n```", None),
    ],
)  # fmt: skip
def test_an_answer_in_another_language_is_found_unless_it_was_asked_for(
    question: str, answer: str, mismatch: bool | None
) -> None:
    assert of_answer("language_mismatch", answer, question) is mismatch


@pytest.mark.parametrize(
    "names",
    [
        "- La Cocina Latina\n- Los Bobos\n- Mi Nopito\n- Casa Amarosa\n- Pura Aventura\n- La Tienda Latina\n- Muy Bien",
        "Paris, Lyon, Marseille, Nice, Bordeaux, Toulouse, Strasbourg, Montpellier, Nantes, Lille, Toulon, Reims",
    ],
)
def test_a_list_of_names_is_in_no_language(names: str) -> None:
    question = "Which ones do you know in this part of the world?"
    assert of_answer("language_mismatch", names, question) is None
    inputs = inputs_of([asked(question, names)])
    assert compute(get("unexpected_language"), inputs, {"expected": "de"}).values.to_list() == [None]


def test_expected_languages_are_an_option() -> None:
    inputs = inputs_of([asked(ASK, GERMAN), asked(ASK, ENGLISH), asked(ASK, FRENCH), asked(ASK, "42")])
    unexpected = get("unexpected_language")
    assert compute(unexpected, inputs, {"expected": "en, DE"}).values.to_list() == [False, False, True, None]
    assert compute(unexpected, inputs, {}).values.to_list() == [None] * 4


@pytest.mark.parametrize(
    "answer",
    [
        "Albert Einstein was wikipedia('Albert Einstein')",
        "Where do you guys acquire your exchange rate?",
        "fasciculate judicature presto",
    ],
)
def test_a_few_words_that_could_be_english_are_not_taken_for_another_language(answer: str) -> None:
    inputs = inputs_of([asked(ASK, answer)])
    assert compute(get("unexpected_language"), inputs, {"expected": "en"}).values.to_list() == [False]
    inputs = inputs_of([asked(ASK, "我的名字是小明，很高兴认识你。")])
    assert compute(get("unexpected_language"), inputs, {"expected": "en"}).values.to_list() == [True]


def test_rows_in_a_language_that_is_not_expected_are_dropped_where_that_is_wanted() -> None:
    frame = pl.DataFrame({"instruction": [ASK, ASK], "output": [ENGLISH, GERMAN]})
    found = tamis.audit(frame, recipe="one-language")
    assert found.kept.to_list() == [0]
    assert found.rows["response_language"].to_list() == ["en", "de"]
    other = tamis.audit(frame, recipe="one-language", set=["unexpected_language.expected=de"])
    assert other.kept.to_list() == [1]
    assert {"name": "de", "rows": 1, "share": 0.5} in found.summary()["languages"]
    assert "50.0 % de, 50.0 % en" in str(found)


RULE = {"signal": "response_characters", "at_least": 1, "action": "drop"}


def test_a_rule_looks_at_a_code_in_its_where() -> None:
    recipe = parse({"rules": {"foreign": {**RULE, "where": "response_language <> 'en'"}}, "compute": []})
    frame = pl.DataFrame({"instruction": [ASK] * 3, "output": [ENGLISH, GERMAN, "42"]})
    assert tamis.audit(frame, recipe=recipe).dropped.to_list() == [1]


def test_a_rule_on_a_code_itself_is_an_error() -> None:
    with pytest.raises(TamisError, match="tells codes, not numbers"):
        parse({"rules": {"foreign": {"signal": "response_language", "at_least": 1}}})
    with pytest.raises(TamisError, match="where cannot be computed"):
        parse({"rules": {"foreign": {**RULE, "where": "response_language > 3"}}})


def test_codes_are_reduced_in_their_own_way() -> None:
    with pytest.raises(TamisError, match="codes alone"):

        @signal(unit="code", source="test", reduce="max")
        def some_code(responses: object) -> pl.Series:
            """Null never."""
            return pl.Series([str(responses)])


def test_rows_without_a_code_are_null() -> None:
    row = pl.Series([0, 0, 0, 2, 3, 3]).to_numpy()
    codes = pl.Series(["en", "de", "de", None, "fr", "es"])
    assert commonest_by_row(codes, row, 5).to_list() == ["de", None, None, "fr", None]


def test_a_detector_of_the_users_own_is_asked_instead() -> None:
    frame = pl.DataFrame({"instruction": [ASK, ASK], "output": [ENGLISH, GERMAN]})

    def own(texts: list[str]) -> list[tuple[str, float] | None]:
        return [("xx", 0.9) if "the" in text else None for text in texts]

    found = tamis.audit(frame, recipe="report-only", language_model=own)
    assert found.rows["response_language"].to_list() == ["xx", None]
    assert found.rows["prompt_language_confidence"].to_list() == [0.9, 0.9]
    with pytest.raises(TamisError, match="2 answers for 1 texts"):
        Languages(lambda texts: [*texts, "en"]).of(inputs_of([asked(ASK, ENGLISH)]).responses, "own")
    with pytest.raises(TamisError, match="not saved"):
        Languages().detector("own")


def test_langdetect_itself_may_be_asked() -> None:
    inputs = inputs_of([asked(ASK, GERMAN), asked(ASK, CHINESE), asked(ASK, "42")])
    for _ in range(2):
        found = compute(get("response_language"), inputs, {"language_model": "langdetect"}).values
        assert found.to_list() == ["de", "zh", None]


def test_an_unknown_language_model_is_named() -> None:
    with pytest.raises(TamisError, match="did you mean 'langdetect'"):
        compute(get("response_language"), inputs_of([asked(ASK, GERMAN)]), {"language_model": "langdetct"})


def test_values_are_those_of_each_chat_alone() -> None:
    chats = [asked(ASK, GERMAN), asked(FRAGE, "42"), [user(ASK)]]
    assert values("response_language", chats) == ["de", None, None]


def test_the_summary_says_of_how_many_rows_the_languages_speak() -> None:
    code = "for (i = 0; i < 9; i++) { x[i] = y[i]; }"
    frame = pl.DataFrame({"instruction": [ASK] * 4, "output": [ENGLISH, code, code, code]})
    assert "100.0 % en (of the 25.0 % that tell)" in str(tamis.audit(frame))
    assert "100.0 % en ·" in str(tamis.audit(frame.head(1)))
