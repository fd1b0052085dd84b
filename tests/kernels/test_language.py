"""The kernel and its table against langdetect's own n-grams and probabilities, all of them counted."""

from __future__ import annotations

import math
import unicodedata
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.kernels.language import LANES, SCALE, SPACE, add_grams, read_letters, worth_of_words
from tamis.models.language import load
from tamis.models.language.profiles import load_profiles
from tamis.models.language.reference import load_langdetect
from tamis.packed import Packed
from tests.kernels import strategies
from tests.kernels.strategies import JIT, sliced

LATIN = [
    "af", "ca", "cs", "cy", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "lt", "lv", "nl", "no",
    "pl", "pt", "ro", "sk", "sl", "so", "sq", "sv", "sw", "tl", "tr", "vi",
]  # fmt: skip
"""The languages of the table's first script, in the order of their numbers."""
ORDERS = (0.5, 0.5, 1.0)
SENTENCES = {
    "en": "The committee will meet again on Thursday to discuss what should be done about the old bridge.",
    "de": "Der Ausschuss trifft sich am Donnerstag wieder, um über die Zukunft der alten Brücke zu beraten.",
    "fr": "Le comité se réunira de nouveau jeudi pour discuter de ce qu'il faut faire du vieux pont.",
    "es": "El comité volverá a reunirse el jueves para discutir qué se debe hacer con el puente viejo.",
    "pl": "Komitet spotka się ponownie w czwartek, aby omówić, co należy zrobić ze starym mostem.",
    "vi": "Ủy ban sẽ họp lại vào thứ Năm để thảo luận về những gì nên làm với cây cầu cũ.",
    "ru": "Комитет снова соберётся в четверг, чтобы обсудить, что делать со старым мостом.",
    "uk": "Комітет знову збереться у четвер, щоб обговорити, що робити зі старим мостом.",
    "ar": "ستجتمع اللجنة مرة أخرى يوم الخميس لمناقشة ما يجب فعله بشأن الجسر القديم.",
    "fa": "این کمیته روز پنجشنبه دوباره تشکیل جلسه می‌دهد تا درباره پل قدیمی گفتگو کند.",
    "hi": "समिति पुराने पुल के बारे में चर्चा करने के लिए गुरुवार को फिर से बैठक करेगी।",
    "zh": "委员会将于星期四再次开会，讨论应该如何处理这座旧桥。",
    "ja": "委員会は木曜日に再び会合を開き、古い橋をどうすべきか話し合います。",
    "ko": "위원회는 오래된 다리를 어떻게 할지 논의하기 위해 목요일에 다시 모입니다.",
    "el": "Η επιτροπή θα συνεδριάσει ξανά την Πέμπτη για να συζητήσει τι πρέπει να γίνει.",
    "th": "คณะกรรมการจะประชุมอีกครั้งในวันพฤหัสบดีเพื่อหารือเกี่ยวกับสะพานเก่า",
}


@cache
def probabilities() -> tuple[dict[str, list[float]], list[str]]:
    """langdetect's own table: the share of each n-gram in each language."""
    factory = load_langdetect().factory
    return factory.word_lang_prob_map, factory.langlist


def of_script(gram: str, script: str) -> bool:
    return all(c == " " or script in unicodedata.name(c, "").split()[:2] for c in gram)


def grams_of(text: str) -> list[str]:
    """The n-grams that langdetect takes from a text with a word break at its end."""
    detector = load_langdetect().factory.create()
    detector.append(text + " ")
    return detector._extract_ngrams()


def expected(text: str) -> list[float]:
    """The logarithm of naive Bayes for each Latin language but for a constant, all n-grams counted."""
    known, languages = probabilities()
    places = [languages.index(language) for language in LATIN]
    grams = [
        gram for gram in grams_of(text) if any(known[gram][place] for place in places) and of_script(gram, "LATIN")
    ]
    return [sum(ORDERS[len(g) - 1] * math.log(known[g][place] + 0.5 / 10_000) for g in grams) for place in places]


def counted(text: str) -> tuple[np.ndarray, int]:
    data, table = np.frombuffer(text.encode(), np.uint8), load_profiles().table
    letters, sums = np.zeros(513, np.uint32), np.zeros(LANES, np.int32)
    n, _ = read_letters(data, 0, len(data), table.codes, letters)
    with np.errstate(over="ignore"):
        return sums, add_grams(letters, n, 1, table, sums)


WORDS = st.sampled_from(
    ["the", "of", "and", "der", "die", "Katze", "café", "naïve", "été", "USA", "NATO", "A", "I", "Ich", "łódź", "şi",
     "Übung", "coração", "mañana", "viết", "xx", "q", "zzz", "12", "3rd", "d'été", "São Paulo", "A.B", "ÅBO", "eX",
     "McDonald", "TVs"]
)  # fmt: skip


@settings(max_examples=60 if JIT else 15, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), st.sampled_from([" ", ", ", "\n", " 7 "]))
def test_all_ngrams_are_counted_as_langdetect_weighs_them(words: list[str], between: str) -> None:
    text = between.join(words)
    sums, _ = counted(text)
    wanted = np.array(expected(text))
    found = sums[: len(LATIN)] / SCALE
    assert np.abs((found - found.max()) - (wanted - wanted.max())).max() < 0.002 * max(1, len(text))


@pytest.mark.parametrize("language", [key for key in SENTENCES if key in LATIN])
def test_a_sentence_has_the_sums_of_the_naive_version(language: str) -> None:
    sums, used = counted(SENTENCES[language])
    wanted = np.array(expected(SENTENCES[language]))
    assert used > 50
    assert LATIN[int(sums[: len(LATIN)].argmax())] == LATIN[int(wanted.argmax())] == language
    assert np.abs((sums[: len(LATIN)] / SCALE - sums[: len(LATIN)].max() / SCALE) - (wanted - wanted.max())).max() < 0.2


def test_the_numbers_of_the_latin_languages_are_those_of_this_test() -> None:
    assert list(load_profiles().names[: len(LATIN)]) == LATIN
    assert SPACE == 1


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_told(language: str) -> None:
    found = load().detect(Packed.of([SENTENCES[language]]))
    assert found["language"].to_list() == [language]
    assert found["confidence"][0] > 0.8


@pytest.mark.parametrize(
    "text",
    ["", "42", "...", "x", "OK", "😀", "https://www.example.com/this/is/a/path", "someone@example.com",
     "```python\nfor line in open(path): print(line)\n```", "`the name of this`", "a = b * (c + d) / e;",
     "$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$", "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ"],
)  # fmt: skip
def test_it_abstains_where_nothing_tells(text: str) -> None:
    confidence = load().detect(Packed.of([text]))["confidence"][0]
    assert confidence is None or confidence < 0.5


@pytest.mark.parametrize(
    "names",
    ["Name: Mango Banana Smoothie", "Saudi Arabia, Senegal, Suriname", "Tokyo, Osaka, Kyoto, Nagoya", "Luminosity"],
)
def test_words_with_a_capital_tell_less_for_they_may_be_names(names: str) -> None:
    titled, plain = load().detect(Packed.of([names, names.lower()]))["confidence"]
    assert titled < 0.5 < 0.7 < plain


@pytest.mark.parametrize(
    ("text", "worth"),
    [("it is so", 1.0), ("It is so", 1.0), ("It Is so", 1 - 1 / 6), ("It Is So", 0.5), ("It Is so far", 1.0),
     ("USA and NATO, EU, UN", 0.7), ("", 1.0), ("3 Men", 0.5)],
)  # fmt: skip
def test_what_ngrams_count_falls_from_the_half_of_words_that_begin_with_a_capital(text: str, worth: float) -> None:
    data, letters = np.frombuffer(text.encode() or b" ", np.uint8), np.zeros(513, np.uint32)
    n, _ = read_letters(data, 0, len(data), load_profiles().table.codes, letters)
    assert worth_of_words(letters, n, 1) == pytest.approx(worth)


def test_code_and_addresses_are_set_aside() -> None:
    plain = "Hier steht, wie man es macht."
    around = f"{plain} ```\nprint('the quick brown fox')\n``` <br> https://the.quick/brown/fox the.fox@example.org"
    texts = Packed.of([plain, around])
    found = load().detect(texts)
    assert found["language"].to_list() == ["de", "de"]
    assert counted(plain)[0].tolist() == counted(around)[0].tolist()


def test_marks_may_be_written_apart() -> None:
    text = SENTENCES["vi"]
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    found = load().detect(Packed.of([text, apart, "abc"]))
    assert found.row(0) == found.row(1)


@given(strategies.texts)
def test_a_text_has_the_same_language_alone_and_among_others(texts: list[str]) -> None:
    detector = load()
    together = detector.detect(Packed.of(texts)).rows()
    assert detector.detect(sliced(texts)).rows() == together
    assert [detector.detect(Packed.of([text])).row(0) for text in texts] == together
    assert all(0 < sure <= 1 and code in load_profiles().names for code, sure in together if sure is not None)


def test_the_table_in_the_package_is_what_the_script_makes() -> None:
    from training.language_profiles import TARGET, make

    with np.load(TARGET) as stored:
        for name, array in make().items():
            assert np.array_equal(array, stored[name]), name
