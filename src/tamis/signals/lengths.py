"""How long the prompt, the answer and the conversation are."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.inputs import Texts
from tamis.registry import signal


@signal(unit="characters", source="own", reduce="sum")
def prompt_characters(prompts: Texts) -> NDArray[np.int64]:
    """Characters (code points) that the user writes, over all turns; null for a row without a user turn."""
    return prompts.characters


@signal(unit="words", source="own", reduce="sum")
def prompt_words(prompts: Texts) -> NDArray[np.int64]:
    """Words that the user writes, over all turns; null for a row without a user turn."""
    return prompts.words


@signal(unit="tokens", source="own", reduce="sum")
def prompt_tokens(prompts: Texts) -> NDArray[np.int64]:
    """Estimated tokens that the user writes, over all turns; null for a row without a user turn."""
    return prompts.tokens


@signal(unit="characters", source="own", reduce="sum")
def response_characters(responses: Texts) -> NDArray[np.int64]:
    """Characters (code points) of the answers of a row; null for a row without an answer."""
    return responses.characters


@signal(unit="words", source="own", reduce="sum")
def response_words(responses: Texts) -> NDArray[np.int64]:
    """Words of the answers of a row; null for a row without an answer."""
    return responses.words


@signal(unit="tokens", source="own", reduce="sum")
def response_tokens(responses: Texts) -> NDArray[np.int64]:
    """Estimated tokens of the answers of a row; null for a row without an answer."""
    return responses.tokens


@signal(unit="tokens", source="own", reduce="sum")
def thought_tokens(thoughts: Texts) -> NDArray[np.int64]:
    """Estimated tokens of the reasoning that stands apart from the answers; null for a row without any."""
    return thoughts.tokens


@signal(unit="count", source="own")
def turn_count(turns: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Turns of the conversation, system and tool turns included, a rejected answer not; never null."""
    spoken = turns.filter(pl.col("side").is_null())
    return np.bincount(spoken["row"].to_numpy(), minlength=rows.height).astype(np.int64)
