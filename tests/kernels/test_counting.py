from hypothesis import given

from tamis.kernels import counting
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check

_WEIGHTS = {**counting.WEIGHTS, "mark": 0}
_MEMBERS = {*counting.FUNCTION_WORDS.split(), *counting.CODE_WORDS.split()}


@EXAMPLES
@given(strategies.texts)
def test_characters_are_code_points(texts: list[str]) -> None:
    check(counting.characters, len, texts)


@EXAMPLES
@given(strategies.texts)
def test_words_are_runs_or_single_characters(texts: list[str]) -> None:
    check(lambda *texts: counting.words_and_tokens(*texts)[0], lambda text: len(naive.words(text)), texts)


@EXAMPLES
@given(strategies.texts)
def test_estimated_tokens_weigh_classes(texts: list[str]) -> None:
    check(
        lambda *texts: counting.words_and_tokens(*texts)[1], lambda text: naive.estimated_tokens(text, _WEIGHTS), texts
    )


@EXAMPLES
@given(strategies.texts)
def test_looks_english_by_script_and_function_words(texts: list[str]) -> None:
    check(counting.looks_english, lambda text: naive.looks_english(text, _MEMBERS), texts)


def test_what_comes_late_in_a_long_text_is_not_asked_what_language_it_is() -> None:
    english = "The cat sat on the mat, and it purred at all of us there. " * 20
    foreign = "Der Hund und die Katze liegen zusammen auf dem warmen Ofen und schlafen bis zum Abend. " * 200
    check(counting.looks_english, lambda text: naive.looks_english(text, _MEMBERS), [english + foreign, foreign])


def test_code_in_fences_is_left_out() -> None:
    foreign = "Der Hund und die Katze liegen zusammen auf dem warmen Ofen und schlafen bis zum Abend."
    check(counting.looks_english, lambda text: text[0] != "D", [foreign, f"```\n{foreign}\n```", f"1 ```{foreign}"])
