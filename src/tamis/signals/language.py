"""In which language prompts and answers are written, and whether an answer is in another one than its prompt."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tamis.inputs import Languages, Texts
from tamis.packed import Packed
from tamis.registry import signal

_SOURCE: Final = "langdetect's profiles (Shuyo 2010), all n-grams"
_NAMES: Final = (
    "afrikaans|arabic|bengali|bulgarian|catalan|chinese|mandarin|cantonese|croatian|czech|danish|dutch|english|estonian"
    "|finnish|french|german|greek|gujarati|hebrew|hindi|hungarian|indonesian|italian|japanese|kannada|korean|latin"
    "|latvian|lithuanian|macedonian|malay|malayalam|marathi|nepali|norwegian|persian|farsi|polish|portuguese|punjabi"
    "|romanian|russian|serbian|slovak|slovene|slovenian|somali|spanish|swahili|swedish|tagalog|filipino|tamil|telugu"
    "|thai|turkish|ukrainian|urdu|vietnamese|welsh|esperanto"
    # the same in some of these languages: English, and the language itself
    "|englisch|deutsch|französisch|spanisch|italienisch|anglais|français|allemand|espagnol|italien|inglés|francés"
    "|español|alemán|inglese|italiano|francese|tedesco|spagnolo|inglês|português|francês|engels|nederlands|duits|engelska"
    "|svenska|engelsk|norsk|dansk|angielski|polski|английск|русск|англійськ|українськ|ingilizce|türkçe|bahasa|tiếng"
)
_SHARED: Final = (
    "英语|英文|中文|汉语|英語|日本語|中国語|翻译|翻訳|譯|"
    "영어|한국어|번역|अंग्रेज|हिन्दी|हिंदी|अनुवाद|الإنجليزية|العربية|ترجم|انگلیسی|فارسی|ترجمه"
)
EXEMPT: Final = (
    rf"(?i)translat|übersetz|traduc|traduire|traduz|tradu[çc]|vertaal|översätt|oversett|oversæt|przetłumacz|перевед"
    rf"|перевод|переклад|çevir|terjemah|dịch|\b(?:{_NAMES})|{_SHARED}"
)
"""A question that asks for a translation or names a language may be answered in another one."""
NOT_LATIN: Final = tuple(
    "ar bg bn el fa gu he hi hy ja ka km kn ko lo mk ml mr my ne pa ru si ta te th uk ur zh".split()  # noqa: SIM905
)
"""The languages that are not written in Latin letters."""
_WORD: Final = r"\p{L}+"
_LOWER: Final = r"\b\p{Ll}+"
_NAMES_ONLY: Final = 1 / 3
_LINE: Final = r"^\s*([^\n]+)"
_LAST_LINE: Final = r"([^\n]+)\s*$"


@signal(unit="code", source=_SOURCE, reduce="commonest")
def prompt_language(
    prompts: Texts, languages: Languages, *, language_model: str = "profiles", least: float = 0.5
) -> pl.Series:
    """The language of the user's turns, an ISO 639-1 code; null where less than `least` sure, and without a prompt.

    Code, addresses and formulas are set aside, the script is decided first, and the first 256 letters are read.
    Of several turns the commonest language counts. Chinese is `zh` in both forms, Norwegian `no`. `language_model`
    is `profiles`, or `langdetect` for the Python package itself.

    False positives: lists of names, words of one script in a language that is not known (Malay comes out as `id`,
    Serbian in Latin letters as `hr`); docs/language.md has the languages and how often each is right.
    """
    return languages.certain(prompts, language_model, least)


@signal(unit="ratio", source=_SOURCE, reduce="max")
def prompt_language_confidence(prompts: Texts, languages: Languages, *, language_model: str = "profiles") -> pl.Series:
    """How sure the likeliest language of the user's turns is, in [0, 1]; null for text without letters.

    Of what it is 0.5 to 0.6 sure of, 73 % are right, from 0.8 on 99 % (single words, pieces and sentences of 28
    languages); the largest of several turns.

    False positives: see prompt_language.
    """
    return languages.of(prompts, language_model)["confidence"]


@signal(unit="code", source=_SOURCE, reduce="commonest")
def response_language(
    responses: Texts, languages: Languages, *, language_model: str = "profiles", least: float = 0.5
) -> pl.Series:
    """The language of the answers, an ISO 639-1 code; null where less than `least` sure, and without an answer.

    As prompt_language.

    False positives: see prompt_language.
    """
    return languages.certain(responses, language_model, least)


@signal(unit="ratio", source=_SOURCE, reduce="max")
def response_language_confidence(
    responses: Texts, languages: Languages, *, language_model: str = "profiles"
) -> pl.Series:
    """How sure the likeliest language of the answers is, in [0, 1]; null for text without letters.

    As prompt_language_confidence.

    False positives: see prompt_language.
    """
    return languages.of(responses, language_model)["confidence"]


@signal(unit="flag", source="own; field-specific", reduce="any")
def language_mismatch(
    responses: Texts,
    questions: Texts,
    languages: Languages,
    *,
    language_model: str = "profiles",
    least: float = 0.9,
) -> pl.Series:
    """Whether an answer is in another language than its question; null where that is not sure.

    Sure is what is `least` sure on both sides, or half sure where one of them is in Latin script and the other not.
    False where the question names a language or asks for a translation, in English or in some twenty other
    languages, where its first or last line is in the language of the answer (a passage may be in another one), and
    where the function words of both could be English: names and terms make short texts look Welsh or Tagalog. Null
    where under a third of the words of an answer in Latin letters begin with a small one: a list of names is in no
    language.

    False positives: words sorted or invented, an example that was to be in another language; a question that asks
    for another language in words that are not listed; Norwegian and Danish taken for each other.
    """
    said, asked = (languages.certain(texts, language_model, 0.5) for texts in (responses, questions))
    sure = pl.Series(np.ones(len(said), np.bool_))
    for texts in (responses, questions):
        sure &= (languages.of(texts, language_model)["confidence"] >= least).fill_null(False)
    differ = (said != asked).set(~sure & (said.is_in(NOT_LATIN) == asked.is_in(NOT_LATIN)), None)
    differ = differ.set(differ.fill_null(False) & pl.Series(responses.english & questions.english), False)
    differ = responses.unasked(differ, questions, EXEMPT)
    rows = differ.fill_null(False).arg_true()
    for line in (_LINE, _LAST_LINE):
        lines = Packed.of(questions.text.gather(rows).str.extract(line))
        in_line = languages.detector(language_model).detect(lines)["language"]
        differ = differ.scatter(rows.filter((in_line == said.gather(rows)).fill_null(False)), False)
    return differ.scatter(_lists_of_names(responses, said, differ), None)


@signal(unit="flag", source=_SOURCE, reduce="any", on_request=True)
def unexpected_language(
    responses: Texts,
    languages: Languages,
    *,
    expected: str = "",
    language_model: str = "profiles",
    least: float = 0.8,
) -> pl.Series:
    """Whether an answer is in a language that is not among the `expected` ones, codes parted by commas ("en,de").

    Null where nothing is expected, where the language is less than `least` sure, and for lists of names (see
    language_mismatch). Where English is expected, false for Latin letters that could be English by their function
    words, or are too few to tell: "Albert Einstein was ..." looks German.

    False positives: see prompt_language.
    """
    codes = [code.strip().lower() for code in expected.split(",") if code.strip()]
    if not codes:
        return pl.Series(np.full(len(responses), np.nan))
    said = languages.certain(responses, language_model, least)
    foreign = ~said.is_in(codes)
    if "en" in codes:
        perhaps_english = pl.Series(responses.english) & ~said.is_in(NOT_LATIN).fill_null(False)
        foreign = foreign.set(foreign.fill_null(False) & perhaps_english, False)
    return foreign.scatter(_lists_of_names(responses, said, foreign), None)


def _lists_of_names(responses: Texts, said: pl.Series, suspects: pl.Series) -> pl.Series:
    """Those of the suspects that are in Latin letters, and of whose words under a third begin with a small one."""
    rows = suspects.fill_null(False).arg_true()
    answers = responses.text.gather(rows)
    few = answers.str.count_matches(_LOWER) < _NAMES_ONLY * answers.str.count_matches(_WORD)
    return rows.filter(few & ~said.gather(rows).is_in(NOT_LATIN))
