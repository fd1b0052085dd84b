"""Answers that stop in the middle of a sentence."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import Span, signal

_NEVER_LAST: Final = "[Aa]|[Aa]n|[Tt]he|and|or|but|nor|whose|because|if|their|your|my|its|our|such|very|[(“]"
_SELDOM_LAST: Final = (
    "[Tt]his|these|of|with|from|into|for|by|to|in|on|at|as|that|which|who|than|when|while|where|his|is|are|was|were|be"
    "|been|has|have|had|will|would|can|could|should|may|might|must|also|between|through|during|within|without|not"
)
_OPEN: Final = r"[\w)”\"'’*][,:]"
UNFINISHED: Final = rf"(?:{_OPEN}|\s(?:{_NEVER_LAST}|{_SELDOM_LAST}))\s*$"
"""The last characters of a text that nobody ends on: a comma, an opening mark, a function word."""

_UNFINISHED: Final = re.compile(UNFINISHED)
_SURELY: Final = re.compile(rf"(?:{_OPEN}|\s(?:{_NEVER_LAST}))\s*$")
_FULL_STOP: Final = re.compile(r"[^\W\d_][\"'”’)*]*[.!?…][\"'”’)*]*\s")
_CODE: Final = re.compile(r"[{}=;|<>\\]|\w\(\w*[\"'\])]|\":|^\s*[\"'\[(]|^(?: {4}|\t)|\b(?:SELECT|def|import|return)\b")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FEWEST_WORDS: Final = 6
_SHORT_LINE: Final = 60


@signal(
    unit="flag",
    source="own definition, after AlpacaDataCleaned",
    severity="high",
    reduce="any",
    language="English",
    locate=lambda text: cut_off(text),
)
def truncated(responses: Texts, turns: pl.DataFrame) -> pl.Series:
    """Whether an answer stops in mid-sentence, on a comma or a word such as "the"; null where not English.

    The last line must be prose of at least six words: labels, lists, verse, tables, code, JSON and
    anything inside an open code fence are left alone (see `unbalanced_fences`), and raw text, which may be
    cut on purpose, is null. A preposition or a verb, on which a sentence may end ("the country you are in"),
    counts where a full stop ends another sentence of the answer: without one, the last lacks it too. An answer that
    stops on another word is not found: precision before recall.

    False positives: sentence starters and fill-in texts that were asked for, letters cut before the name, a last
    sentence that ends in a preposition and alone lacks the full stop ("the chair I sat on").
    """
    unfinished = responses.text.str.contains(UNFINISHED)
    broken = responses.judged(unfinished, lambda text: cut_off(text) is not None) > 0
    raw = responses.at(turns.filter(pl.col("role") == "text"))
    return responses.if_english(broken).set(pl.Series(raw), None)


def cut_off(text: str) -> Span | None:
    """The end of an answer that breaks off, or None where it may be whole.

    >>> cut_off("There are three things that matter here: the weather, the road and the")
    (30, 70)
    >>> cut_off("Paris, the")
    """
    last = text.rstrip()
    start = last.rfind("\n") + 1
    line = last[start:]
    if not _UNFINISHED.search(line) or len(_WORD.findall(line)) < _FEWEST_WORDS:
        return None
    if not _SURELY.search(line) and not _FULL_STOP.search(last):
        return None
    if _CODE.search(line) or last.count("```") % 2 or _may_be_verse(last, start):
        return None
    return max(start, len(last) - 40), len(last)


def _may_be_verse(text: str, start: int) -> bool:
    """Whether the last line is short and follows a short one without a blank line: verse, a list, an address."""
    before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start].strip()
    return 0 < len(before) < _SHORT_LINE and len(text) - start < _SHORT_LINE
