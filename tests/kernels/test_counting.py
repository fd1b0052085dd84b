from hypothesis import given

from tamis.kernels import counting
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check

_CLASSES = ("run", "letter", "digit", "mark", "marks", "gap", "unspaced", "two", "long")
_WEIGHTS = dict(zip(_CLASSES, counting._MILLITOKENS.tolist(), strict=False))
_MEMBERS = {*counting.FUNCTION_WORDS.split(), *counting.CODE_WORDS.split()}


@EXAMPLES
@given(strategies.texts)
def test_characters_are_code_points(texts: list[str]) -> None:
    check(counting.characters, len, texts)


@EXAMPLES
@given(strategies.texts)
def test_words_are_runs_or_single_characters(texts: list[str]) -> None:
    check(counting.words, lambda text: len(naive.words(text)), texts)


@EXAMPLES
@given(strategies.texts)
def test_estimated_tokens_weigh_classes(texts: list[str]) -> None:
    check(counting.estimated_tokens, lambda text: naive.estimated_tokens(text, _WEIGHTS), texts)


@EXAMPLES
@given(strategies.texts)
def test_looks_english_by_script_and_function_words(texts: list[str]) -> None:
    check(counting.looks_english, lambda text: naive.looks_english(text, _MEMBERS), texts)


def test_code_in_fences_is_left_out() -> None:
    foreign = "Der Hund und die Katze liegen zusammen auf dem warmen Ofen und schlafen bis zum Abend."
    check(counting.looks_english, lambda text: text[0] != "D", [foreign, f"```\n{foreign}\n```", f"1 ```{foreign}"])
