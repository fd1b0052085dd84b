"""Thoughts in `<think>` tags: what is left of them in the text, and what stands on one side of them only.

The reader takes a whole `<think>...</think>` that opens an answer into the turn's reasoning; a tag that is still in the
text is one that it could not pair, or that stands elsewhere.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import first_match, signal

THINK_TAG: Final = r"(?m)^[ \t]*</?think>|</think>[ \t]*$"
"""A tag at the edge of a line; within a line it is mentioned, or stands in other markup."""
PROMPT_THOUGHT: Final = r"\A\s*<think>"
_ABOUT_TAGS: Final = r"(?i)</?think|think(?:ing)?[- ]?tags?"
_HINT: Final = "think>"
_VISIBLE: Final = r"[^\s\p{Cc}\p{Cf}]"
_QUOTED: Final = re.compile(r"(?ms)^[ \t]*(```|~~~).*?(?:^[ \t]*\1|\Z)|`[^`\n]*`")
_TAG: Final = re.compile(r"</?think>")
_EDGE: Final = re.compile(THINK_TAG)
_LEADING: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_SOURCE: Final = "open-instruct; NeMo tutorial"


@signal(unit="flag", source=_SOURCE, severity="high", reduce="any", locate=lambda text: _first_tag(text))
def malformed_thought(responses: Texts, questions: Texts) -> pl.Series:
    """Whether an answer holds `<think>` tags that do not pair up, or not at its start; null without an answer.

    A thought that never ends was cut off; one that never began lost its opening to a chat template. Tags in code, in
    backticks or within a line do not count, nor do pairs where the question is about the tags.

    False positives: an explanation of the tags that shows a lone one on a line of its own, outside code.
    """
    hint = responses.text.str.contains(_HINT, literal=True)
    unpaired = responses.judged(hint, lambda text: not _paired(_tags(text)))
    astray = responses.judged(hint, lambda text: bool(_tags(_LEADING.sub("", text, count=1)))).cast(pl.Boolean)
    return unpaired.cast(pl.Boolean) | responses.unasked(astray, questions, _ABOUT_TAGS)


@signal(unit="flag", source=_SOURCE, severity="low", reduce="any")
def empty_thought(thoughts: Texts) -> pl.Series:
    """Whether the reasoning before an answer holds nothing to read; null for a row without reasoning apart.

    False positives: sets for models that can think or not, in which an empty thought says "do not" (Qwen 3).
    """
    return ~thoughts.text.str.contains(_VISIBLE)


@signal(unit="flag", source=_SOURCE, severity="high", reduce="any")
def thought_without_answer(thoughts: Texts, turns: pl.DataFrame) -> pl.Series:
    """Whether an assistant turn thinks and then says nothing; null for a row without reasoning apart.

    A tool call, an image or another assistant turn straight after it counts as an answer.

    False positives: none known, but sets made to train the thoughts alone.
    """
    if not len(thoughts):
        return pl.Series(dtype=pl.Boolean)
    spoken = turns.filter(pl.col("side").is_null())
    goes_on = (pl.col("row") == pl.col("row").shift(-1)) & pl.col("role").shift(-1).is_in(["assistant", "tool"])
    says = (
        pl.col("text").str.contains(_VISIBLE)
        | pl.col("tool_calls").is_not_null()
        | (pl.col("media").fill_null(0) > 0)
        | goes_on.fill_null(False)
    )
    return pl.Series(~thoughts.at(spoken.filter(says.fill_null(False))))


@signal(unit="flag", source=_SOURCE, severity="medium", reduce="any", locate=first_match(PROMPT_THOUGHT))
def thought_in_prompt(prompts: Texts) -> pl.Series:
    """Whether a user turn opens with `<think>`, as only a model's turn does; null for a row without a user turn.

    Prompts that ask for the tags, or quote a model's answer further on, are not meant.

    False positives: a prompt that starts with a thought of its own to have it continued or graded.
    """
    return prompts.text.str.contains(PROMPT_THOUGHT)


def _tags(text: str) -> list[str]:
    """The tags in the order they come, where one of them stands at the edge of a line; none otherwise."""
    plain = _QUOTED.sub("", text)
    return _TAG.findall(plain) if _EDGE.search(plain) else []


def _paired(tags: list[str]) -> bool:
    """Whether openings and endings take turns."""
    return len(tags) % 2 == 0 and tags == ["<think>", "</think>"] * (len(tags) // 2)


def _first_tag(text: str) -> tuple[int, int] | None:
    found = _EDGE.search(text)
    return found.span() if found else None
