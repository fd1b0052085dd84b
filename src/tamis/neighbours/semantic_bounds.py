"""An upper bound of the cosine from few numbers a row, so that most pairs never cost a whole product.

Rotated to its principal axes, a row is its first m numbers and a rest of which the length alone is kept. By
Cauchy-Schwarz a cosine is at most the product of the first parts plus the product of those lengths: a product of
m + 1 numbers, which no pair at or above the floor escapes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tamis.neighbours.semantic_rows import CHUNK, Rows

SLACK: Final = 2e-5
"""What float32 products may be off by, ten times over; pairs within it of the floor are verified as all others."""
ROUNDING: Final = 4e-6
"""Added to the square of a rest: the squares of 256 rotated float32 numbers sum to 1 within a quarter of it."""
WIDTHS: Final = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512)
PRODUCT_NS, SCAN_NS, VERIFY_NS = 0.02, 0.12, 0.25
"""Of one multiplication, of looking at one bound, and of one number of a verified pair, as measured on two cores."""
LEARN_ROWS: Final = 16_384
TRY_ROWS: Final = 1_024


def bounds(rows: Rows, chosen: NDArray[np.int64], floor: float, seed: int) -> NDArray[np.float32]:
    """The numbers whose product bounds the similarity of the chosen rows: float32 (len(chosen), m + 1).

    m is what a seeded sample says is cheapest: fewer numbers to multiply against more pairs to verify. It has no
    influence on what is found.
    """
    generator = np.random.default_rng(seed)
    sample = rows.gather(chosen[np.sort(generator.permutation(len(chosen))[:LEARN_ROWS])])
    axes = np.linalg.eigh(sample.astype(np.float64).T @ sample.astype(np.float64))[1][:, ::-1]
    turned = sample[generator.permutation(len(sample))[: 2 * TRY_ROWS]] @ axes.astype(np.float32)
    width = _cheapest(turned, floor)
    if width == rows.width:
        return np.concatenate([rows.gather(part) for part in _chunks(chosen)])
    first = np.ascontiguousarray(axes[:, :width], np.float32)
    out = np.empty((len(chosen), width + 1), np.float32)
    for start, part in zip(range(0, len(chosen), CHUNK), _chunks(chosen), strict=True):
        whole = rows.gather(part)
        out[start : start + CHUNK] = _shortened(whole @ first, np.einsum("ij,ij->i", whole, whole, dtype=np.float64))
    return out


def _chunks(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _shortened(first: NDArray[np.float32], squares: NDArray[np.float64]) -> NDArray[np.float32]:
    """The first numbers and the length of the rest, rounded up: a rest of nearly 0 is known badly in float32."""
    rest = np.sqrt(np.maximum(squares - np.einsum("ij,ij->i", first, first, dtype=np.float64), 0) + ROUNDING)
    return np.concatenate([first, rest[:, None].astype(np.float32)], axis=1)


def _cheapest(turned: NDArray[np.float32], floor: float) -> int:
    """How many numbers make search cheapest; all of them where the bound does not pay."""
    width = int(turned.shape[1])
    half = len(turned) // 2
    squares = np.einsum("ij,ij->i", turned, turned, dtype=np.float64)
    costs: dict[int, float] = {}
    for m in [*(m for m in WIDTHS if m < 0.9 * width), width]:
        short = _shortened(turned[:, :m], squares)
        share = float((short[:half] @ short[half:].T >= floor - SLACK).mean()) if half else 0.0
        costs[m] = (m + 1) * PRODUCT_NS + SCAN_NS + share * width * VERIFY_NS
    return min(costs, key=lambda m: costs[m])
