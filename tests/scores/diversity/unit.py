"""Vectors to measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit_rows(n: int, d: int, seed: int) -> NDArray[np.float32]:
    """Seeded directions, float32 (n, d)."""
    rows = np.random.default_rng(seed).normal(size=(n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
