"""Vectors on a plane: principal components, or t-SNE by openTSNE. The one importer of openTSNE."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown

METHODS: Final = {"pca": "principal components", "tsne": "t-SNE"}
COMPONENTS: Final = 50
"""Principal components that t-SNE starts from."""


def check(method: str) -> None:
    """An error where there is no such method, or what it needs is missing.

    >>> check("pca")
    """
    if method not in METHODS:
        raise unknown("projection", method, METHODS)
    if method == "tsne" and not _has_open_tsne():
        raise TamisError('--projection tsne needs openTSNE: pip install "tamis[map]"; or use --projection pca')


def _has_open_tsne() -> bool:
    try:
        return find_spec("openTSNE") is not None
    except ValueError:  # a module without a specification: blocked
        return False


def project(vectors: NDArray[np.float32], method: str = "pca") -> tuple[NDArray[np.float64], dict[str, float]]:
    """Points of shape (n, 2) for vectors of shape (n, d), and what must be said of them.

    `pca` keeps distances as far as two numbers can, and tells which share of the variance they hold; `tsne` keeps
    neighbours together and says nothing by its distances. Both are seeded.

    >>> points, facts = project(np.eye(3, 5, dtype=np.float32) * 2)
    >>> points.shape, round(facts["variance"], 2)
    ((3, 2), 1.0)
    """
    check(method)
    wanted = COMPONENTS if method == "tsne" else 2
    points, variance = _principal(vectors.astype(np.float64), wanted)
    if method == "pca" or len(points) < 8:
        return points[:, :2], {"variance": float(variance[:2].sum())}
    return _tsne(points), {"perplexity": _perplexity(len(points))}


def _principal(vectors: NDArray[np.float64], wanted: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates on the first principal components, and the share of the variance of each."""
    centred = vectors - vectors.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    values, axes = np.maximum(values[::-1], 0), axes[:, ::-1][:, :wanted]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1, 1)  # one sign for all
    points = centred @ axes
    return np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1])))), values[:wanted] / max(values.sum(), 1e-12)


def _tsne(points: NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        from openTSNE import TSNE
    except ImportError:
        raise TamisError(
            '--projection tsne needs openTSNE: pip install "tamis[map]"; or use --projection pca'
        ) from None
    model = TSNE(perplexity=_perplexity(len(points)), initialization="pca", random_state=0, n_jobs=1)
    return np.asarray(model.fit(points), np.float64)


def _perplexity(n: int) -> float:
    """openTSNE's own default, as far as so few points allow."""
    return min(30.0, (n - 1) / 3)
