"""The measures of Gopher, C4 and FineWeb beside repetition, over answers, as numbers; for web pages, so on request."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.inputs import Texts
from tamis.registry import Unit, signal

_GOPHER: Final = "Rae et al. 2021 (Gopher), table A1; datatrove gopher_quality_filter.py"
_FINEWEB: Final = "Penedo et al. 2024 (FineWeb); datatrove fineweb_quality_filter.py"
_C4: Final = "Raffel et al. 2020 (C4); datatrove c4_filters.py"
_NOTES: Final = """

Null for a row without an answer. The threshold ({threshold}) was made for web pages in English and is no
default: the recipe `{recipe}` sets it.

False positives: {wrong}."""


def _measure(name: str, measure: str, summary: str, notes: tuple[str, str, str], unit: Unit = "ratio") -> None:
    """Make a signal of one column of `Texts.web`; `notes` are the recipe, its threshold, and where it errs."""
    recipe, threshold, wrong = notes

    def measured(responses: Texts) -> NDArray[np.float64]:
        return responses.web_of(measure)

    measured.__name__ = measured.__qualname__ = name
    measured.__doc__ = summary + _NOTES.format(recipe=recipe, threshold=threshold, wrong=wrong)
    source = _GOPHER if recipe == "gopher" else _FINEWEB
    signal(unit=unit, source=source, reduce="sum" if measure == "words" else "max", on_request=True)(measured)


_measure(
    "gopher_words",
    "words",
    "Words of the answers of a row, as Gopher's filter counts them: without marks.",
    ("gopher", "50 to 100,000", "labels, numbers, one-line answers; text without spaces is one word"),
    "words",
)
_measure(
    "mean_word_length",
    "mean_word_length",
    "Characters in a word of an answer, on average; null without a word.",
    ("gopher", "3 to 10", "formulas, code, lists of names; German and text without spaces"),
    "characters",
)
_measure(
    "hash_word_ratio",
    "hash_ratio",
    "Hash signs in an answer for each word or mark, in [0, 1].",
    ("gopher", "above 0.1", "headings of Markdown, comments, hashtags that were asked for"),
)
_measure(
    "ellipsis_word_ratio",
    "ellipsis_ratio",
    "Ellipses in an answer for each word or mark, in [0, 1].",
    ("gopher", "above 0.1", "dialogue, blanks to fill in"),
)
_measure(
    "alphabetic_word_ratio",
    "alphabetic_ratio",
    "Share of the words and marks of an answer that hold a letter, in [0, 1].",
    (
        "gopher",
        "below 0.8",
        "Markdown, code, arithmetic, short sentences with many commas: a third of ordinary answers",
    ),
)
_measure(
    "stop_word_count",
    "stop_words",
    "How many of the, be, to, of, and, that, have, with occur in an answer.",
    ("gopher", "below 2", "labels, code, every other language"),
    "count",
)
_measure(
    "bullet_line_ratio",
    "bullet_line_ratio",
    "Share of an answer's lines that begin with a bullet or a hyphen, in [0, 1].",
    ("gopher", "above 0.9", "lists that were asked for"),
)
_measure(
    "ellipsis_line_ratio",
    "ellipsis_line_ratio",
    "Share of an answer's lines that end in an ellipsis, in [0, 1].",
    ("gopher", "above 0.3", "verse, dialogue"),
)
_measure(
    "terminal_line_ratio",
    "terminal_line_ratio",
    "Share of an answer's lines that end in a full stop or another terminal mark, in [0, 1]; blank ones aside.",
    ("fineweb", "below 0.12", "labels, lists, code, tables, verse"),
)
_measure(
    "short_line_ratio",
    "short_line_ratio",
    "Share of an answer's lines of at most 30 characters, in [0, 1]; blank ones aside.",
    ("fineweb", "above 0.67", "labels, lists, code, verse"),
)
_measure(
    "newline_word_ratio",
    "newline_ratio",
    "Line feeds in an answer for each word or mark.",
    ("fineweb", "above 0.3", "lists of single words, tables"),
)


@signal(unit="ratio", source=_FINEWEB, reduce="max", on_request=True)
def repeated_line_character_ratio(responses: Texts) -> NDArray[np.float64]:
    """Share of an answer's characters, line feeds aside, in lines that equal an earlier one, in [0, 1].

    Null for a row without an answer. The threshold (above 0.01) was made for web pages and is no default: the
    recipe `fineweb` sets it. Lines of white space alone count as lines, in datatrove they do not.

    False positives: code, tables, refrains, lists with equal items.
    """
    characters = responses.characters
    feeds = responses.text.str.count_matches("\n", literal=True).to_numpy()
    repeated = responses.repetition_of("duplicate_line_character_ratio") * characters
    return np.asarray(repeated / np.maximum(characters - feeds, 1))


_CITATION: Final = r"(?:\[[0-9]*\]|\[edit\]|\[citation needed\])+$"
_POLICY: Final = r"(?i)terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
_MARKS: Final = r"[.!?]+[\"'”’)\]]*"
_LONGEST_WORD: Final = 1000


def _readable(responses: Texts, terminal_punctuation: bool) -> pl.LazyFrame:
    """The lines that C4 looks into (three words or more, and an end mark), and whether it keeps each."""
    line, cited = pl.col("line"), pl.col("line").str.replace(_CITATION, "")
    long = pl.when(line.str.len_bytes() > _LONGEST_WORD).then(line).str.split(" ")
    read = long.list.eval(pl.element().str.len_chars()).list.max().fill_null(0) <= _LONGEST_WORD
    if terminal_punctuation:
        ended = pl.any_horizontal(cited.str.ends_with(mark) for mark in (".", "?", "!", '"', "'"))
        read &= ended & ~cited.str.ends_with("...")
    script = line.str.contains("(?i)javascript")
    return (
        responses.lines.lazy()
        .filter(line.str.contains(r"\S\s+\S+\s+\S"))
        .filter(read)
        .with_columns(
            lorem=line.str.contains("(?i)lorem ipsum"),
            bracket=line.str.contains("{", literal=True) & ~script,
            kept=~script & ~line.str.contains(_POLICY),
        )
    )


def _summed(responses: Texts, value: pl.Expr, terminal_punctuation: bool) -> NDArray[np.float64]:
    """The sum of a value over the lines of each text that C4 looks into."""
    sums = _readable(responses, terminal_punctuation).group_by("text").agg(value.sum().alias("sum")).collect()
    by_text = np.zeros(len(responses))
    by_text[sums["text"].to_numpy()] = sums["sum"].to_numpy()
    return by_text


@signal(unit="count", source=_C4, reduce="sum", on_request=True)
def c4_sentences(responses: Texts, *, terminal_punctuation: bool = True) -> NDArray[np.float64]:
    """Sentences in the lines of the answers that C4 would keep: it takes out single lines, tamis drops rows.

    Null for a row without an answer. C4 keeps lines of at least three words that end in a full stop, a question
    or exclamation mark or a quotation mark, name neither JavaScript nor a policy, and have no word above 1,000
    characters; `terminal_punctuation = false` keeps lines that end in no mark too, as FineWeb does. The threshold
    (below 5) was made for web pages and is no default: the recipe `c4` sets it.

    False positives: short answers, lists, code, verse, answers about JavaScript.
    """
    rest = pl.col("line").str.contains(f"{_MARKS}$").not_()
    sentences = pl.col("line").str.count_matches(rf"{_MARKS}(?:\s|$)") + rest
    return _summed(responses, pl.col("kept") * sentences, terminal_punctuation)


@signal(unit="ratio", source=_C4, reduce="max", on_request=True)
def c4_line_ratio(responses: Texts, *, terminal_punctuation: bool = True) -> NDArray[np.float64]:
    """Share of an answer's lines that C4 would keep, in [0, 1], blank ones aside; `c4_sentences` says which.

    Null for a row without an answer, 0 for an empty one. No recipe has a rule on it: C4 removes the lines alone.

    False positives: headings, lists, code and verse have no full stops.
    """
    lines = responses.lines.lazy().filter(pl.col("line") != "").group_by("text").len().collect()
    count = np.ones(len(responses))
    count[lines["text"].to_numpy()] = lines["len"].to_numpy()
    return _summed(responses, pl.col("kept"), terminal_punctuation) / count


@signal(unit="count", source=_C4, reduce="sum", on_request=True)
def c4_brackets(responses: Texts, *, terminal_punctuation: bool = True) -> NDArray[np.float64]:
    """Lines of the answers with a curly bracket among those that C4 looks into: one drops a page.

    Null for a row without an answer. Lines that C4 takes out for another reason do not count.

    False positives: code, JSON, LaTeX, sets.
    """
    return _summed(responses, pl.col("bracket"), terminal_punctuation)


@signal(unit="count", source=_C4, reduce="sum", on_request=True)
def c4_lorem_ipsum(responses: Texts, *, terminal_punctuation: bool = True) -> NDArray[np.float64]:
    """Lines of the answers with "lorem ipsum" among those that C4 looks into: one drops a page.

    Null for a row without an answer. Lines that C4 takes out for another reason do not count.

    False positives: templates and page layouts that were asked for.
    """
    return _summed(responses, pl.col("lorem"), terminal_punctuation)
