"""What every toxicity scorer is."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tamis.packed import Packed

FIRST: Final = "toxicity"
"""The label that signals read; detoxify's models give more beside it."""


@runtime_checkable
class ToxicityScorer(Protocol):
    """Texts to scores from 0 to 1. `name` says which model and version; `labels` what each column is about.

    The first label is `toxicity`; an empty text scores 0.
    """

    @property
    def name(self) -> str:
        """Which scores these are, for a report."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """What each column is about."""
        ...

    def score(self, texts: Packed) -> NDArray[np.float32]:
        """One row a text: float32 of shape (n, labels)."""
        ...
