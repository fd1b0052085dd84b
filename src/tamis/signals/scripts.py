"""Letters of a script that the prompt gives no reason for."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels, tasks
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.patterns import quick
from tamis.registry import Span, signal

FEW: Final = 4  # letters of a script that may be a name or a quoted word
_FIRST_FOREIGN: Final = 2  # of kernels.scripts.SCRIPTS, after Latin and Greek
_ASIDE: Final = (  # in brackets or quotation marks: what a thing is called in its own language
    r"\([^()\n]{1,200}\)|（[^（）\n]{1,200}）|\"[^\"\n]{1,100}\"|“[^”\n]{1,100}”|«[^»\n]{1,100}»|「[^」\n]{1,100}」"
    r"|《[^》\n]{1,100}》"
)
_ABOUT_LANGUAGE: Final = quick(
    r"(?i)\b(?:languages?|alphabets?|scripts?|characters?|letters?|words?|names?|kanji|hiragana|katakana|pinyin"
    r"|hanzi|unicode"
    r"|emoji|pronounc\w*|spell\w*|transliterat\w*|calligraphy|bilingual|polyglot|greetings?|hello|etymolog\w*"
    r"|mean(?:s|ing)?|say"
    r"|english|french|german|spanish|italian|portuguese|dutch|russian|ukrainian|bulgarian|serbian|greek|turkish"
    r"|arabic|hebrew|persian|farsi"
    r"|urdu|hindi|sanskrit|bengali|tamil|thai|vietnamese|chinese|mandarin|cantonese|japanese|korean|mongol\w*|jewish"
    r"|islam\w*|muslim|quran"
    r"|china|japan|korea|russia|ukraine|israel|india|thailand|greece|taiwan|hong kong|arab\w*|iran|pakistan"
    r"|bangladesh|nepal|egypt"
    r"|anime|manga|sushi|haiku|zen|tao\w*|dao\w*|confuci\w*|buddh\w*|kung fu|hindu\w*|yoga|torah|bible)\b"
)


def _stray(text: str) -> Span | None:
    """The first run of letters of a script that is neither Latin nor Greek."""
    start = next((place for place, letter in enumerate(text) if _is_foreign(letter)), None)
    if start is None:
        return None
    stop = next((place for place in range(start, len(text)) if not _is_foreign(text[place])), len(text))
    return start, stop


def _is_foreign(letter: str) -> bool:
    return letter >= "\u0400" and kernels.scripts.script_of(ord(letter)) >= _FIRST_FOREIGN


@signal(
    unit="ratio",
    source="open-instruct's filter of Han in answers",
    severity="medium",
    reduce="max",
    locate=_stray,
)
def unexpected_script_ratio(
    responses: Texts, questions: Texts, prompts: Texts, systems: Texts, results: Texts
) -> NDArray[np.float64]:
    """Letters of an answer in scripts that its prompts have none of, over all its letters, in [0, 1].

    Null for an answer without letters. Prompts are all user and system turns and tool results of the row. Latin
    always counts as given, and Greek, which mathematics uses, and Han beside kana and Hangul. Letters in brackets
    or quotation marks do not count, nor up to four letters of a script. 0 where the question names a language or a
    country that writes in another script, or asks for a translation, a word or a name.

    False positives: a term given in its own script which the question does not announce.
    """
    letters = responses.scripts.sum(axis=1)
    ratio = np.where(letters > 0, 0.0, np.nan)
    many = responses.scripts > FEW
    many[:, :_FIRST_FOREIGN] = False
    found = np.flatnonzero(many.any(axis=1))
    expected = _expected(responses.row[found], (prompts, systems, results))
    beyond = (many[found] & ~expected).any(axis=1)
    found, expected = found[beyond], expected[beyond]
    if not len(found):
        return ratio
    stray = _scripts(responses.text.gather(found).str.replace_all(_ASIDE, ""))
    stray = np.where(stray > FEW, stray, 0)
    stray[:, :_FIRST_FOREIGN] = 0
    asked = questions.text.gather(found).str.contains(rf"{_ABOUT_LANGUAGE}|{tasks.TRANSLATION}").to_numpy()
    ratio[found] = np.where(expected, 0, stray).sum(axis=1) / letters[found] * ~asked
    return ratio


def _expected(rows: NDArray[np.int64], said: tuple[Texts, ...]) -> NDArray[np.bool_]:
    """Which scripts the texts of each row hold, shape (rows, scripts); Han wherever there is kana or Hangul."""
    distinct, back = np.unique(rows, return_inverse=True)
    counts = np.zeros((len(distinct), len(kernels.scripts.SCRIPTS)), np.int64)
    for texts in said:
        here = np.flatnonzero(np.isin(texts.row, distinct))
        np.add.at(counts, np.searchsorted(distinct, texts.row[here]), _scripts(texts.text.gather(here)))
    expected = counts > 0
    han, kana, hangul = (kernels.scripts.SCRIPTS.index(name) for name in ("Han", "kana", "Hangul"))
    expected[:, han] |= expected[:, kana] | expected[:, hangul]
    return expected[back]


def _scripts(text: pl.Series) -> NDArray[np.int64]:
    packed = Packed.of(text)
    return kernels.scripts.script_letters(packed.offsets, packed.data)
