"""What several kernels on vectors share."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import kernel

VECTOR = types.Array(types.float32, 1, "C", readonly=True)
VECTORS = types.Array(types.float32, 2, "C", readonly=True)


@kernel(types.float64(VECTOR, VECTOR))
def dot(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The inner product of two vectors in float64, in one fixed order, whatever the machine and its threads.

    >>> dot(np.array([3, 4], np.float32), np.array([4, 3], np.float32))
    24.0
    """
    whole = len(one) - len(one) % 4
    a = b = c = d = 0.0  # four sums, since one would wait for itself at every step
    for k in range(0, whole, 4):
        a += np.float64(one[k]) * np.float64(other[k])
        b += np.float64(one[k + 1]) * np.float64(other[k + 1])
        c += np.float64(one[k + 2]) * np.float64(other[k + 2])
        d += np.float64(one[k + 3]) * np.float64(other[k + 3])
    for k in range(whole, len(one)):
        a += np.float64(one[k]) * np.float64(other[k])
    return (a + b) + (c + d)
