"""The screen and a head on MiniLM's vectors added up: right more often than the screen, and far slower.

`training/toxicity_head.py` makes the head; docs/models/toxicity.md says what it can do.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

import numpy as np
import xxhash
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.models.toxicity._protocol import FIRST
from tamis.models.toxicity.screen import ToxicityScreen, load_screen
from tamis.packed import Packed

if TYPE_CHECKING:  # its package brings numba, and signals are known without it
    from tamis.models.embedders import Embedder

HEAD: Final = Path(__file__).parents[1] / "toxicity_table" / "minilm.npz"


@dataclass(frozen=True)
class MinilmScorer:
    """The screen's decision function and that of a logistic regression over the vector of a text's first 256 tokens."""

    name: str
    screen: ToxicityScreen
    vectors: Embedder
    weights: NDArray[np.float32]
    intercept: float
    labels: tuple[str, ...] = (FIRST,)
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def score(self, texts: Packed) -> NDArray[np.float32]:
        """Score each text: float32 of shape (n, 1); one without words 0."""
        logits = self.screen.logits(texts).astype(np.float64)
        said = np.flatnonzero(np.isfinite(logits))
        with self._asking:  # torch has threads of its own
            vectors = self.vectors.encode(Packed.of(texts.strings(said)))
        logits[said] += vectors.astype(np.float64) @ self.weights + self.intercept
        with np.errstate(over="ignore"):  # of minus infinity, where there is no word
            shares = 1 / (1 + np.exp(-logits))
        return shares.astype(np.float32)[:, None]


def load_minilm() -> MinilmScorer:
    """Load the screen, MiniLM and the head.

    Raises
    ------
    TamisError
        If the extra `minilm` is not installed, or the head in the package is missing or damaged.
    """
    vectors, screen = load_vectors(), load_screen()
    try:
        with HEAD.open("rb") as opened, np.load(opened, allow_pickle=False) as archive:
            weights, intercept = archive["weights"], float(archive["intercept"])
    except (OSError, KeyError, ValueError, BadZipFile, EOFError) as error:
        raise TamisError(
            f"{HEAD} is no toxicity head (weights, intercept in an npz): {error}; reinstall tamis"
        ) from None
    digest = xxhash.xxh3_128(weights.tobytes() + np.float64(intercept).tobytes()).hexdigest()
    return MinilmScorer(f"minilm-{digest[:12]}({screen.name}, {vectors.name})", screen, vectors, weights, intercept)


def load_vectors() -> Embedder:
    """MiniLM in float32: what else is faster depends on the machine, and would change the scores with it."""
    from tamis.models.embedders import ModelOptions
    from tamis.models.embedders.finding import MINILM, find_model, minilm_folder

    if minilm_folder() is None or find_spec("sentence_transformers") is None:
        raise TamisError("toxicity model 'minilm' needs MiniLM: pip install 'tamis[minilm]'; or use 'screen'")
    return find_model(MINILM[0], ModelOptions(precision="float32"))
