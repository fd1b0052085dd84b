"""What is known of each score of diversity: the docs and the reports read it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tamis.scores.diversity.catalogue.kinds import KINDS, SIDES_KNOWN
from tamis.scores.diversity.catalogue.meaning import MEANING, REFERENCE
from tamis.scores.diversity.catalogue.score import Score
from tamis.scores.diversity.catalogue.words import LEXICAL

SCORES: Final[Mapping[str, Score]] = {**LEXICAL, **MEANING, **REFERENCE, **KINDS}
"""All scores; those of `REFERENCE` are told beside a reference, those of `KINDS` of every side in `SIDES_KNOWN`."""

__all__ = ["KINDS", "LEXICAL", "MEANING", "REFERENCE", "SCORES", "SIDES_KNOWN", "Score"]
