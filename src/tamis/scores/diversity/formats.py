"""In which form an answer is given: prose, a list, a table, code, a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.kernels.layout import CODE, FENCED, ITEMS, LINES, ROWS
from tamis.packed import Packed

FORMATS: Final[Mapping[str, str]] = {
    "empty": "nothing but white space",
    "number": "a number, with its unit or sign",
    "word": "one word or letter",
    "short answer": "one line of 2 to 8 words",
    "json": "an object or array that parses as JSON",
    "code": "at least half of the lines fenced, or ending as lines of code do",
    "table": "at least half of the lines are rows between bars",
    "list": "two items or more, at least half of the lines",
    "maths": "formulas set in LaTeX",
    "mixed": "prose with code, a table or two list items in fewer than half of the lines",
    "prose": "anything else",
}
"""The labels with what they mean, the first that holds; an answer has one."""
_SHORT: Final = 8
_NUMBER: Final = r"^\W*[$€£]?[-+]?\d[\d,. ]*(?:/\d+)?(?:\s?[%°$€£]?[a-zA-Z]{0,3}\d?)\W*$"
_OPENS: Final = (
    r"^\s*(?:#!/|SELECT |WITH \w+ AS|<!DOCTYPE|<html|#include|import \w+[\w.]*;?\n|from \w+ import|def \w+\()"
)
_LATEX: Final = r"\\frac|\\\(|\\\[|\$\$|\\sqrt|\\begin\{"


def formats(responses: Packed) -> pl.Series:
    """The form of each answer, one of `FORMATS`.

    >>> given = ["42", "Yes", "- a\\n- b", '{"a": 1}', "It is raining, and it has been since Monday."]
    >>> formats(Packed.of(given)).to_list()
    ['number', 'word', 'list', 'json', 'prose']
    """
    text = responses.series()
    counts = kernels.layout.layout(responses.offsets, responses.data)
    lines, items, rows, fenced, code = (counts[:, kind] for kind in (LINES, ITEMS, ROWS, FENCED, CODE))
    words, number = np.full(len(text), _SHORT + 1), np.zeros(len(text), np.bool_)
    single = np.flatnonzero(lines == 1)
    line = Packed.of(text.gather(single))
    words[single] = kernels.counting.words_and_tokens(line.offsets, line.data)[0]
    number[single] = line.series().str.contains(_NUMBER).to_numpy()
    one = words <= _SHORT
    maths = text.str.contains(_LATEX).to_numpy()
    half = np.maximum(lines, 1)
    rules = [
        (lines == 0, "empty"),
        (number, "number"),
        (one & (words <= 1), "word"),
        (_json(text), "json"),
        (text.str.contains(_OPENS).to_numpy() | (2 * (fenced + code) >= half), "code"),
        (one, "short answer"),
        ((2 * rows >= half) & (rows > 1), "table"),
        ((2 * items >= half) & (items > 1), "list"),
        (maths, "maths"),
        ((fenced > 1) | (rows > 1) | (items > 1), "mixed"),
    ]
    return pl.Series(np.select([holds for holds, _ in rules], [name for _, name in rules], "prose"), dtype=pl.String)


def _json(texts: pl.Series) -> NDArray[np.bool_]:
    """Which answers are one JSON object or array; only those that open and close as one are parsed."""
    found = np.zeros(len(texts), np.bool_)
    likely = texts.str.contains(r"^\s*[\[{]").arg_true()
    for row, text in zip(likely, texts.gather(likely), strict=True):
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        found[row] = True
    return found
