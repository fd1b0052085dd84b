"""Makes the table by which `tamis.models.language` tells languages, from the profiles that langdetect carries.

python -m training.language_profiles            writes src/tamis/models/language/profiles.npz

A profile counts the n-grams of 1 to 3 characters in a Wikipedia. Only n-grams that part languages of one script are
taken: where a script has one language the script alone tells, and only its number is kept.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.kernels.language import LANES, SCALE, SPACE

TARGET: Final = Path(__file__).parent.parent / "src" / "tamis" / "models" / "language" / "profiles.npz"

SMOOTHING: Final = 0.5 / 10_000
"""langdetect's own: what is added to every share of an n-gram."""
ORDERS: Final = (0.5, 0.5, 1.0)
"""What the logarithm of an n-gram of 1, 2 and 3 characters counts; a longer one repeats what the shorter ones say."""
SCRIPTS: Final[dict[str, tuple[str, ...]]] = {
    "LATIN": (
        "af", "ca", "cs", "cy", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "lt", "lv", "nl",
        "no", "pl", "pt", "ro", "sk", "sl", "so", "sq", "sv", "sw", "tl", "tr", "vi",
    ),
    "CYRILLIC": ("bg", "mk", "ru", "uk"), "ARABIC": ("ar", "fa", "ur"), "DEVANAGARI": ("hi", "mr", "ne"),
    "CJK": ("ja", "zh"), "HANGUL": ("ko",), "GREEK": ("el",), "HEBREW": ("he",), "THAI": ("th",), "BENGALI": ("bn",),
    "TAMIL": ("ta",), "TELUGU": ("te",), "KANNADA": ("kn",), "MALAYALAM": ("ml",), "GUJARATI": ("gu",),
    "GURMUKHI": ("pa",), "ARMENIAN": ("hy",), "GEORGIAN": ("ka",), "KHMER": ("km",), "LAO": ("lo",), "MYANMAR": ("my",),
    "SINHALA": ("si",),
}  # fmt: skip
"""The scripts, numbered from 1, and the languages that are told apart in each; those after pa have no profile."""
WEIGHTS: Final = {"LATIN": 1, "CJK": 3, "HANGUL": 3}
OTHER_WEIGHT: Final = 2
"""What a letter counts when the script of a text is decided: Han, kana and Hangul stand for a syllable or a word, and
Latin words stand in texts of all scripts (langdetect takes a text for Latin where a third of its letters is)."""
OTHER: Final = 31
"""The number of all other scripts, of which no language is known."""
_SAME_SCRIPT: Final = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK"}
_PARTS: Final = {"zh": ("zh-cn", "zh-tw")}
_SIZE_OF: Final = {"cy": "af", "no": "da"}
"""Whose size counts: that of Welsh is given as half that of English, which its Wikipedia never had, and Danish and
Norwegian are too alike for the one to begin ahead."""
_AHEAD: Final = {"en": 3.5}
"""What a language begins ahead of the others by: most instruction data is English. With 2 twice as many short English
answers are called something else; with 4 French and Portuguese sentences begin to be called English."""
_UPPER: Final = 1 << 31


@dataclass(frozen=True)
class Profile:
    """How often the Wikipedia of a language has each n-gram, and how many n-grams of 1, 2 and 3 characters it has."""

    grams: Counter[str]
    sizes: NDArray[np.int64]


def read_profiles() -> dict[str, Profile]:
    """The profiles that langdetect 1.0.9 carries, by language; those of simplified and traditional Chinese as one."""
    folder = resources.files("langdetect") / "profiles"
    profiles = {}
    for language in sorted({one for known in SCRIPTS.values() for one in known}):
        files = [folder / part for part in _PARTS.get(language, (language,))]
        parts = [json.loads(file.read_text("utf-8")) for file in files if file.is_file()]
        if parts:
            grams = sum((Counter(part["freq"]) for part in parts), Counter[str]())
            profiles[language] = Profile(grams, np.sum([part["n_words"] for part in parts], axis=0))
    return profiles


def script_of(character: str) -> str | None:
    """The script of a letter or mark, by its name in Unicode; None for what no language is told by."""
    if unicodedata.category(character)[0] not in "LM":
        return None
    words = unicodedata.name(character, "").split()
    name = next((word for word in words[:2] if word in SCRIPTS or word in _SAME_SCRIPT), None)
    return _SAME_SCRIPT.get(name or "", name)


def grams_of(profiles: Mapping[str, Profile], script: str) -> dict[str, NDArray[np.float64]]:
    """Logarithms of the smoothed share of each n-gram of that script's letters in each of its languages."""
    chosen = [profiles[language] for language in SCRIPTS[script]]
    known = sorted({gram for profile in chosen for gram in profile.grams if 1 <= len(gram) <= 3 and gram != " "})
    return {
        gram: ORDERS[len(gram) - 1]
        * np.log(np.array([one.grams[gram] / one.sizes[len(gram) - 1] for one in chosen]) + SMOOTHING)
        for gram in known
        if all(character == " " or script_of(character) == script for character in gram)
    }


def codes_of(letters: Mapping[str, int]) -> NDArray[np.uint32]:
    """`codes` of `tamis.kernels.language.Profiles`: what langdetect takes each code point for."""
    from langdetect.utils.ngram import NGram

    scripts = {script: number for number, script in enumerate(SCRIPTS, 1)}
    codes = np.zeros(1 << 16, np.uint32)
    for code in range(1 << 16):
        letter = NGram.normalize(chr(code))
        if letter != " " and unicodedata.category(letter)[0] in "LM":
            script = scripts.get(script_of(letter) or "", OTHER)
            codes[code] = (_UPPER if letter.isupper() else 0) | script << 16 | letters.get(letter, 0)
    return codes


def prior_of(language: str, profiles: Mapping[str, Profile]) -> float:
    """The logarithm that a language begins with: of the square root of its Wikipedia's size, half-way to all alike."""
    if language not in profiles:
        return 0.0
    return 0.5 * float(np.log(profiles[_SIZE_OF.get(language, language)].sizes[0])) + _AHEAD.get(language, 0.0)


def make() -> dict[str, NDArray[Any]]:
    """The arrays of the table: `tamis.models.language.profiles.load` says what they are."""
    profiles = read_profiles()
    grams = {
        gram: logs
        for script in SCRIPTS
        if len(SCRIPTS[script]) > 1
        for gram, logs in grams_of(profiles, script).items()
    }
    letters = {
        letter: number for number, letter in enumerate(sorted({c for gram in grams for c in gram} - {" "}), SPACE + 1)
    }
    keys, rows = np.zeros(len(grams), np.uint64), np.zeros((len(grams), LANES), np.int16)
    for i, gram in enumerate(grams):
        total = sum(grams[part] for part in (gram, gram[1:], gram[2:]) if part in grams)
        rows[i, : len(total)] = np.round((total - total.max()) * SCALE)
        for character in gram:
            keys[i] = int(keys[i]) << 11 | (SPACE if character == " " else letters[character])
    languages = [language for known in SCRIPTS.values() for language in known]
    counts = [0, 0, *(len(known) for known in SCRIPTS.values())]
    counts += [0] * (OTHER + 2 - len(counts))
    return {
        "languages": np.array(languages),
        "priors": np.array([prior_of(language, profiles) for language in languages]),
        "first": np.cumsum(counts),
        "weights": np.array(
            [0, *(WEIGHTS.get(script, OTHER_WEIGHT) for script in (*SCRIPTS, *[""] * (OTHER - len(SCRIPTS))))]
        ),
        "codes": codes_of(letters),
        "grams": keys,
        "rows": rows,
    }


if __name__ == "__main__":
    arrays = make()
    np.savez_compressed(TARGET, **arrays)
    print(f"{TARGET.stat().st_size:,} bytes, {len(arrays['grams']):,} n-grams, {len(arrays['languages'])} languages")
