"""Fenced code blocks that do not close, or hold nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import Span, signal

FENCE: Final = (
    r"(?m)^[ \t>]*(?:[-*+] |\d+[.)] )?(?P<mark>`{3,}|~{3,})(?P<info>[^\n`]*)$"
    r"|^[^\n]*[^`\n](?P<late>`{3,})[ \t]*$"
)
"""A line that opens or closes a block, or that ends in the mark that closes one."""
_FENCE: Final = re.compile(FENCE)
_HINT: Final = "```|~~~"
_ADJACENT: Final = r"(?:```|~~~)[^\n`]*\n\s*(?:```|~~~)"
_MARKDOWN: Final = r"(?i)markdown|back ?ticks?|\bfence|`{3}"
_SOURCE: Final = "CommonMark 0.31 section 4.5; castwright, cleanllm"


@signal(unit="flag", source=_SOURCE, severity="medium", reduce="any", locate=lambda text: unclosed_fence(text))
def unbalanced_fences(responses: Texts, questions: Texts) -> pl.Series:
    """Whether a fenced code block of an answer is never closed; null for a row without an answer.

    A fence closes with the same character, at least as long, as in CommonMark; the indent may be any, as
    inside a list. Closed is also what closes out of place, with the code whole: at the end of a line of code, or
    with a sentence after it. Mostly an answer that was cut off inside its code.

    False positives: an answer that shows how to write a fence; questions about Markdown are left out.
    """
    fenced = responses.text.str.contains(_HINT).arg_true()
    lines = responses.text.gather(fenced).str.extract_all(FENCE).to_list()
    unclosed = pl.repeat(False, len(responses), eager=True)
    unclosed = unclosed.scatter(fenced, [_left_open(_FENCE.match(line) for line in found) for found in lines])
    return responses.unasked(unclosed, questions, _MARKDOWN)


@signal(
    unit="count",
    source="AlpacaDataCleaned 'empty code examples'",
    severity="medium",
    reduce="sum",
    locate=lambda text: next(iter(_empty(text)), None),
)
def empty_fences(responses: Texts, questions: Texts) -> pl.Series:
    """Fenced code blocks of an answer that hold only white space; null for a row without an answer.

    False positives: a blank block left for the reader to fill in.
    """
    hinted = responses.matches(_ADJACENT, hint=_HINT)
    counts = responses.judged(hinted, lambda text: len(_empty(text)))
    return responses.unasked(counts, questions, _MARKDOWN)


def unclosed_fence(text: str) -> Span | None:
    """The opening fence that nothing closes.

    >>> unclosed_fence("```python" + chr(10) + "print(1)")
    (0, 9)
    """
    opening = _pair(_FENCE.finditer(text), [])
    return opening.span() if opening else None


def _left_open(fences: Iterable[re.Match[str] | None]) -> bool:
    return _pair((fence for fence in fences if fence), []) is not None


def _empty(text: str) -> list[Span]:
    pairs: list[tuple[re.Match[str], re.Match[str]]] = []
    _pair(_FENCE.finditer(text), pairs)
    return [
        (opening.start(), closing.end())
        for opening, closing in pairs
        if not text[opening.end() : closing.start("late" if closing["late"] else 0)].strip()
    ]


def _pair(fences: Iterable[re.Match[str]], pairs: list[tuple[re.Match[str], re.Match[str]]]) -> re.Match[str] | None:
    """Append the opening and closing fence of each block to `pairs`; give the opening that is left."""
    opening: re.Match[str] | None = None
    for fence in fences:
        if opening is None:
            opening = fence if fence["mark"] else None
        elif (fence["mark"] or fence["late"]).startswith(opening["mark"]) and _may_close(fence):
            pairs.append((opening, fence))
            opening = None
    return opening


def _may_close(fence: re.Match[str]) -> bool:
    """Whether nothing or a whole sentence follows the mark, but not the one word that names a language."""
    info = (fence["info"] or "").strip()
    return not info or " " in info
