"""rensa: rows that are near-duplicates of another, from a list of str to a verdict a row.

python run_rensa.py DATA FOLDER [FIELD] [THRESHOLD] [--verify]

Shingles of three words, split at white space as in rensa's README, made with `zip` and `map(" ".join)`: on long answers
as fast as rensa's `hash_token_sets` on words with NumPy making shingles of the hashes (5.0 and 4.6 CPU seconds with
the signatures). Signatures in one batch call, 128 lanes in 32 bands, which finds a pair of similarity 0.7 with
probability 0.999. The verdict is `query_duplicate_flags_matrix_one_shot`, which verifies nothing; with `--verify` it is
that of `RMinHashDeduplicator`, which compares the signatures of candidates.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from protocol import timed
from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH

LANES, BANDS, SEED = 128, 32, 42


def shingles(text: str) -> list[str]:
    """Three words in a row, all of them where there are fewer."""
    words = text.lower().split()
    return list(map(" ".join, zip(words, words[1:], words[2:], strict=False))) if len(words) >= 3 else [" ".join(words)]


def duplicates(texts: list[str], threshold: float, verify: bool) -> tuple[int, dict[str, int]]:
    """Rows, and how many share a band with another or, verified, were taken for duplicates of an earlier one."""
    start = time.perf_counter()
    token_sets = [shingles(text) for text in texts]
    split = time.perf_counter()
    if verify:
        keeper = RMinHashDeduplicator(threshold, LANES, True, BANDS, SEED)
        kept = keeper.add_pairs((str(row), tokens) for row, tokens in enumerate(token_sets))
        return len(texts), {"duplicates": len(texts) - sum(kept), "shingle_ms": round(1000 * (split - start))}
    matrix = RMinHash.digest_matrix_from_token_sets(token_sets, LANES, SEED)
    digested = time.perf_counter()
    flags = RMinHashLSH(threshold, LANES, BANDS).query_duplicate_flags_matrix_one_shot(matrix)
    stages = {"shingle_ms": split - start, "digest_ms": digested - split, "bands_ms": time.perf_counter() - digested}
    return len(texts), {"duplicates": sum(flags), **{name: round(1000 * value) for name, value in stages.items()}}


if __name__ == "__main__":
    options = [argument for argument in sys.argv[3:] if argument != "--verify"]
    field, least = options[0] if options else "output", float(options[1]) if len(options) > 1 else 0.7
    with Path(sys.argv[1]).open(encoding="utf-8") as lines:
        rows = [json.loads(line)[field] for line in lines]
    timed(lambda _: duplicates(rows, least, "--verify" in sys.argv), Path(sys.argv[1]))
