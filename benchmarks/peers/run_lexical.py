"""tamis: rows that are near-duplicates of another, from a polars Series of strings to a verdict a row.

python run_lexical.py DATA FOLDER [FIELD] [THRESHOLD]

Pairs at the threshold, every one verified; guard and template discount are off, as the peers have none.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from protocol import timed

from tamis.neighbours.lexical import near_pairs
from tamis.packed import Packed


def duplicates(texts: pl.Series, threshold: float) -> tuple[int, dict[str, int]]:
    """Rows, and how many are alike to an earlier one; `sketch_ms` is from strings to the keys of all bands."""
    start, done, sketched = time.perf_counter(), 0, 0.0

    def tell(_size: int, rows: int) -> None:
        nonlocal done, sketched
        done += rows
        if done == len(texts):
            sketched = time.perf_counter() - start

    found = near_pairs([Packed.of(texts)], floor=threshold, guard=False, template_share=None, on_progress=tell)
    alike = np.zeros(len(texts), bool)
    alike[found.pairs.right] = True
    return len(texts), {
        "duplicates": int(alike.sum()),
        "pairs": len(found.pairs),
        "compared": found.compared,
        "limited": found.limited,
        "sketch_ms": round(1000 * sketched),
    }


if __name__ == "__main__":
    field = sys.argv[3] if len(sys.argv) > 3 else "output"
    least = float(sys.argv[4]) if len(sys.argv) > 4 else 0.7
    rows = pl.read_ndjson(sys.argv[1])[field].rechunk()
    timed(lambda _: duplicates(rows, least), Path(sys.argv[1]))
