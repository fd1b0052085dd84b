"""tamis' semantic duplicates: strings -> static vectors -> verified pairs at 0.9 -> a kept row for each dropped one.

python run_semantic.py DATA FOLDER FIELD           what is timed; leaves FOLDER/semantic.json like run_semhash.py
python run_semantic.py DATA FOLDER FIELD --check   accounts for every row that FOLDER/semhash.json removes
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from protocol import timed

from tamis.models.embedders.static import load_static
from tamis.neighbours.semantic import SemanticPairs, pairs_above
from tamis.packed import Packed

THRESHOLD = 0.9


def texts_of(data: Path, field: str) -> list[str]:
    """One field of each row."""
    with data.open("rb") as file:
        return [json.loads(line)[field] for line in file]


def search(texts: list[str]) -> tuple[np.ndarray, SemanticPairs]:
    """Vectors and verified pairs."""
    vectors = load_static().encode(Packed.of(texts))
    return vectors, pairs_above(vectors, floor=THRESHOLD)


def verdicts(found: SemanticPairs) -> list[tuple[int, int, float]]:
    """Dropped row, the kept row it matches, similarity: first rows first, no chains."""
    kept_by: dict[int, tuple[int, float]] = {}
    pairs = found.pairs
    for left, right, similarity in zip(
        pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.tolist(), strict=True
    ):
        if left not in kept_by and similarity > kept_by.get(right, (0, 0.0))[1]:
            kept_by[right] = (left, similarity)
    return [(row, *kept) for row, kept in sorted(kept_by.items())]


def deduplicate(texts: list[str], folder: Path) -> dict[str, int]:
    """Rows dropped; verdicts go to a file, as SemHash's runner leaves them."""
    _, found = search(texts)
    dropped = verdicts(found)
    (folder / "semantic.json").write_text(json.dumps(dropped))
    return {"removed": len(dropped), "pairs": len(found.pairs), "left_out": found.left_out}


def account(texts: list[str], folder: Path) -> dict[str, int]:
    """What became of each row SemHash removed: dropped here too, or why not; and whether its pair was found.

    A removal is true when the text is the same, or the cosine of the two rows in float64 reaches the threshold.
    """
    vectors, found = search(texts)
    dropped = {row: kept for row, kept, _ in verdicts(found)}
    known = set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))
    fates: Counter[str] = Counter()
    theirs = [(int(row), int(other)) for row, other, _ in json.loads((folder / "semhash.json").read_text())]
    for row, other in theirs:
        cosine = float(vectors[row].astype(np.float64) @ vectors[other].astype(np.float64))
        fates[
            fate(texts[row] == texts[other], cosine, (min(row, other), max(row, other)) in known, row in dropped)
        ] += 1
    fates["dropped here, kept by SemHash"] = len(dropped.keys() - {row for row, _ in theirs})
    return dict(sorted(fates.items()))


def fate(same: bool, cosine: float, is_known: bool, is_dropped: bool) -> str:
    """In words."""
    here = "dropped" if is_dropped else "kept"
    if is_known:
        return f"pair found, row {here}"  # kept: the row it matches is itself dropped here
    if same and cosine == 0:
        return f"same text, nothing of it known, row {here}"
    if same or cosine >= THRESHOLD:
        return f"true pair NOT FOUND, row {here}"
    return f"not a pair at the threshold, row {here}" + (" (rounding)" if cosine > THRESHOLD - 1e-4 else "")


if __name__ == "__main__":
    data, folder, field = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    texts = texts_of(data, field)
    load_static()
    if "--check" in sys.argv:
        print(json.dumps(account(texts, folder), indent=1))
    else:
        timed(lambda _: (len(texts), deduplicate(texts, folder)), data)
