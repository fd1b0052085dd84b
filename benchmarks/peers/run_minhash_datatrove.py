"""datatrove: the four steps of its MinHash pipeline on two local workers, from JSONL files to JSONL files.

python run_minhash_datatrove.py DATA FOLDER FIELD SHINGLE [--plain-words]

DATA is a folder of files, of which datatrove gives each to one task. 11 buckets of 11 hashes: by its own formula,
(1 / buckets) ** (1 / hashes), the threshold is 0.80. `--plain-words` gives it one regular expression in place of
spaCy's blank English pipeline, which is its own choice and where most of its time goes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.word_tokenizers import WordTokenizer

WORKERS, BUCKETS, HASHES = 2, 11, 11
WORD = re.compile(r"\w+")


class PlainWords(WordTokenizer):
    """Runs of letters are words; sentences are not asked for."""

    def word_tokenize(self, text: str) -> list[str]:
        return WORD.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def deduplicate(data: Path, folder: Path, field: str, shingle: int, words: str | WordTokenizer) -> None:
    """Signatures, pairs of equal buckets, clusters, and the rows that stay; each step waits for the one before."""
    config = MinhashConfig(n_grams=shingle, num_buckets=BUCKETS, hashes_per_bucket=HASHES)
    signatures, pairs, removed = (str(folder / name) for name in ("signatures", "pairs", "removed"))
    files = len(list(data.glob("*.jsonl")))

    def reader() -> JsonlReader:
        return JsonlReader(str(data), text_key=field)

    def executor(name: str, tasks: int, *steps: object) -> LocalPipelineExecutor:
        workers = min(WORKERS, tasks)
        return LocalPipelineExecutor(list(steps), tasks=tasks, workers=workers, logging_dir=str(folder / "logs" / name))

    executor("sign", files, reader(), MinhashDedupSignature(signatures, config, words)).run()
    executor("pair", BUCKETS, MinhashDedupBuckets(signatures, pairs, config=config)).run()
    executor("cluster", 1, MinhashDedupCluster(pairs, removed, config)).run()
    kept = JsonlWriter(str(folder / "kept"), compression=None)
    executor("filter", files, reader(), MinhashDedupFilter(removed), kept).run()


if __name__ == "__main__":
    words = PlainWords() if "--plain-words" in sys.argv else "eng"
    deduplicate(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), words)
