"""The embedded screen: weights of words, pairs and n-grams from a table inside the package, read by a kernel."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import xxhash
from numpy.typing import NDArray

from tamis import kernels
from tamis.errors import TamisError
from tamis.models.toxicity._protocol import FIRST
from tamis.packed import Packed

_MUCH: Final = 1_000_000
"""Bytes from which on it pays to keep the words for the next texts."""
TABLE: Final = Path(__file__).parents[1] / "toxicity_table" / "toxicity.npz"


@dataclass(frozen=True)
class ToxicityScreen:
    """A logistic regression over words, pairs of words and n-grams; see `tamis.kernels.toxicity`."""

    name: str
    table: kernels.toxicity.Table
    intercept: float
    labels: tuple[str, ...] = (FIRST,)
    _known: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    def score(self, texts: Packed) -> NDArray[np.float32]:
        """Score each text: float32 of shape (n, 1); a long one by its highest stretch, one without words 0.

        >>> kind, rude = load_screen().score(Packed.of(["Thank you, that helps.", "You stupid idiot."]))[:, 0]
        >>> bool(kind < 0.1), bool(rude > 0.8)
        (True, True)
        """
        with np.errstate(over="ignore"):  # of minus infinity, where there is no word
            shares = 1 / (1 + np.exp(-self.logits(texts).astype(np.float64)))
        return shares.astype(np.float32)[:, None]

    def logits(self, texts: Packed) -> NDArray[np.float32]:
        """The decision function of each text: float32 of shape (n,), minus infinity without words."""
        memo = self._memo() if len(texts.data) > _MUCH else None
        return kernels.toxicity.score(texts.offsets, texts.data, self.table, memo) + np.float32(self.intercept)

    def _memo(self) -> NDArray[np.void]:
        """What this thread knows of words: a fifth of the time is spent on words that an earlier batch held."""
        if not hasattr(self._known, "memo"):
            self._known.memo = kernels.toxicity.memo_for(sys.maxsize)
        memo: NDArray[np.void] = self._known.memo
        return memo


@cache
def load_screen(path: Path | None = None) -> ToxicityScreen:
    """Load the table of the package, or another of the same format (`keys`, `weights`, `intercept` in an npz).

    Raises
    ------
    TamisError
        If there is no such table, or it cannot be one.

    Examples
    --------
    >>> load_screen().name.startswith("screen-")
    True
    """
    file = TABLE if path is None else path
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as archive:
            keys, weights, intercept = (archive[key] for key in ("keys", "weights", "intercept"))
    except FileNotFoundError:
        raise TamisError(f"no toxicity table at {file}; reinstall tamis") from None
    except (OSError, KeyError, ValueError, BadZipFile, EOFError) as error:
        raise TamisError(f"{file} is no toxicity table (keys, weights, intercept in an npz): {error}") from None
    wide = np.asarray(weights, np.float32)
    if keys.dtype != np.uint32 or keys.shape != wide.shape or keys.ndim != 1 or not np.isfinite(wide).all():
        raise TamisError(f"{file}: wants uint32 keys and as many finite weights, found {keys.dtype} {keys.shape}")
    if len(np.unique(keys)) != len(keys) or (keys == 0).any():
        raise TamisError(f"{file}: keys are 0 or not different")
    digest = xxhash.xxh3_128(keys.tobytes() + wide.tobytes() + np.float64(intercept).tobytes()).hexdigest()
    return ToxicityScreen(f"screen-{digest[:12]}", kernels.toxicity.table_of(keys, wide), float(intercept))
