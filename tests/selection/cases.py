"""Vectors to select from."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from numpy.typing import NDArray


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows of unit length."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@st.composite
def clouds(draw: st.DrawFn, least: int = 2, most: int = 24) -> NDArray[np.float32]:
    """Unit vectors that differ, in clusters of random width."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = draw(st.integers(least, most)), draw(st.integers(2, 9))
    centres = random.normal(size=(draw(st.integers(1, 4)), d))
    return unit(centres[random.integers(len(centres), size=n)] + random.normal(size=(n, d)) * draw(st.floats(0.1, 2)))


@st.composite
def budgets(draw: st.DrawFn, n: int) -> tuple[list[int], list[int], list[int]]:
    """What rows cost, who pays, and what there is to spend."""
    groups = draw(st.integers(1, 3))
    cost = draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))
    group = draw(st.lists(st.integers(0, groups - 1), min_size=n, max_size=n))
    return cost, group, draw(st.lists(st.integers(0, 12), min_size=groups, max_size=groups))
