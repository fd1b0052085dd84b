"""datasketch: rows that are near-duplicates of another, from a list of str to a verdict a row.

python run_datasketch.py DATA FOLDER [FIELD] [THRESHOLD]

Shingles of three words, `MinHash.bulk` with 128 permutations, `MinHashLSH` with 32 bands of 4; a row is a duplicate
if it is alike, by its signature, to one that was kept.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH
from protocol import timed


def shingles(text: str) -> list[bytes]:
    """Three words in a row, all of them where there are fewer."""
    words = text.lower().encode().split()
    return (
        list(map(b" ".join, zip(words, words[1:], words[2:], strict=False))) if len(words) >= 3 else [b" ".join(words)]
    )


def duplicates(texts: list[str], threshold: float) -> tuple[int, dict[str, int]]:
    """Rows, and how many are duplicates of a kept one."""
    start = time.perf_counter()
    signatures = MinHash.bulk(map(shingles, texts), num_perm=128, seed=42)
    digested = time.perf_counter()
    index, dropped = MinHashLSH(threshold=threshold, num_perm=128, params=(32, 4)), 0
    for row, signature in enumerate(signatures):
        if any(signature.jaccard(signatures[int(other)]) >= threshold for other in index.query(signature)):
            dropped += 1
        else:
            index.insert(str(row), signature)
    return len(texts), {"duplicates": dropped, "digest_ms": round(1000 * (digested - start))}


if __name__ == "__main__":
    field = sys.argv[3] if len(sys.argv) > 3 else "output"
    least = float(sys.argv[4]) if len(sys.argv) > 4 else 0.7
    with Path(sys.argv[1]).open(encoding="utf-8") as lines:
        rows = [json.loads(line)[field] for line in lines]
    timed(lambda _: duplicates(rows, least), Path(sys.argv[1]))
