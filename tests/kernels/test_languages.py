from hypothesis import given

from tamis.kernels import languages
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check

_LISTS = [set(words.split()) for words in (languages.GERMAN, languages.FRENCH, languages.SPANISH, languages.OTHERS)]


@EXAMPLES
@given(strategies.texts)
def test_speaks_by_function_words_and_share_of_han(texts: list[str]) -> None:
    check(languages.speaks, lambda text: naive.speaks(text, _LISTS), texts)


def test_words_with_letters_beyond_ascii_are_known_in_either_case() -> None:
    french = "Être ou ne pas être là où la mer est à la fois plus calme et plus belle, voilà ce que je veux."
    check(languages.speaks, lambda _: True, [french, french.upper()])


def test_five_languages_and_not_their_neighbours() -> None:
    spoken = [
        "Die Katze lag auf der Matte und schnurrte laut, weil wir alle endlich wieder zu Hause waren.",
        "Le chat dort sur le tapis et la pluie tombe sur le toit de la maison pendant que nous lisons.",
        "El gato duerme en la alfombra y la lluvia cae sobre el tejado de la casa mientras leemos.",
        "猫睡在地毯上，雨落在房顶上，我们都在家里安静地看书，等着春天早点到来。",
    ]
    foreign = [
        "Il gatto dorme sul tappeto e la pioggia cade sul tetto della casa mentre noi leggiamo un libro.",
        "De kat ligt op de mat en spint, want wij zijn allemaal weer thuis en het regent op het dak.",
        "O gato dorme no tapete e a chuva cai no telhado da casa, enquanto os meninos não voltam para casa.",
        "Кошка спит на ковре, и дождь падает на крышу дома, пока мы все вместе читаем книги.",
        "猫はマットの上で眠っていて、雨が屋根に降っている間、私たちは本を読んでいます。",
    ]
    check(languages.speaks, lambda text: text in spoken, [*spoken, *foreign])
