"""What every detector of languages is."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

import polars as pl

from tamis.packed import Packed

DETECTED: Final = pl.Schema({"language": pl.String, "confidence": pl.Float64})
"""A line a text: an ISO 639-1 code (Chinese is `zh`, both forms of Norwegian `no`) and how sure that is, in [0, 1]."""


@runtime_checkable
class Detector(Protocol):
    """Texts to languages; each text for itself, so that neither batches nor threads change the answer."""

    def detect(self, texts: Packed) -> pl.DataFrame:
        """The likeliest language of each text, as `DETECTED`; nulls where nothing in the text tells."""
        ...
