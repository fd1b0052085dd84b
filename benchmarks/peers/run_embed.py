"""tamis' static embedder: strings to unit vectors, in threads.

python run_embed.py DATA FIELD [VECTORS.npy [THREADS]]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import orjson
from protocol import timed

from tamis.models.embedders import load
from tamis.packed import Packed


def strings(data: Path, field: str) -> list[str]:
    """One field of every row, as Python strings: what the rival needs, so both start from them."""
    with data.open("rb") as file:
        return [orjson.loads(line)[field] for line in file]


if __name__ == "__main__":
    texts = strings(Path(sys.argv[1]), sys.argv[2])
    embedder = load(threads=int(sys.argv[4]) if len(sys.argv) > 4 else None)
    embedder.encode(Packed.of(["warm up: é"]))  # the tables of characters are built for the first such text
    kept: list[np.ndarray] = []

    def embed(_: Path) -> tuple[int, dict[str, int]]:
        """Rows, and bytes of text."""
        packed = Packed.of(texts)
        kept.append(embedder.encode(packed))
        return len(texts), {"text_bytes": len(packed.data)}

    timed(embed, Path(sys.argv[1]))
    if len(sys.argv) > 3:
        np.save(sys.argv[3], kept[0])
