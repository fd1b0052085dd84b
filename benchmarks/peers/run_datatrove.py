"""datatrove: Gopher repetition, Gopher quality and C4 quality, chained with their defaults, on two processes.

python run_datatrove.py DATA FOLDER [--plain-words]

datatrove gives one file to one task, so two processes take every other row of it. A document is all the text
of a row, the parts joined by blank lines; a document that one filter drops does not reach the next.

Its own choice for English is spaCy's blank pipeline, which it makes forget every word after every text; most
of the time goes there. `--plain-words` gives the same filters one regular expression instead: datatrove at
its fastest, so that a slow tokenizer is not taken for slow filters.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import orjson
from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.filters.base_filter import get_filter_result
from datatrove.utils.word_tokenizers import WordTokenizer
from protocol import timed

PROCESSES = 2
FILTERS = (GopherRepetitionFilter, GopherQualityFilter, C4QualityFilter)
WORD = re.compile(r"\w+|[^\w\s]+")
SENTENCE = re.compile(r"[^.!?]+[.!?]*")


class PlainWords(WordTokenizer):
    """Runs of letters or of signs are words; a sentence goes up to its full stop."""

    def word_tokenize(self, text: str) -> list[str]:
        return WORD.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [sentence for match in SENTENCE.findall(text) if (sentence := match.strip())]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in SENTENCE.finditer(text)] or [(0, len(text))]


def documents(data: Path, part: int) -> Iterator[Document]:
    with data.open("rb") as file:
        for number, line in enumerate(islice(file, part, None, PROCESSES)):
            yield Document(text=text_of(orjson.loads(line)), id=str(number))


def text_of(row: dict[str, object]) -> str:
    turns = row.get("conversations")
    if isinstance(turns, list):
        return "\n\n".join(turn["value"] for turn in turns)
    return "\n\n".join(str(row[name]) for name in ("instruction", "input", "output") if row.get(name))


def count_drops(part: int, data: Path) -> Counter[str]:
    """Rows, and rows dropped by filter and reason, of one process's share."""
    words = PlainWords() if "--plain-words" in sys.argv else "eng"
    filters = [make(language=words) for make in FILTERS]
    counts: Counter[str] = Counter()
    for document in documents(data, part):
        counts["rows"] += 1
        for check in filters:
            kept, reason = get_filter_result(check.filter(document))
            if not kept:
                counts.update(["dropped", f"{type(check).__name__.removesuffix('Filter')}: {reason}"])
                break
    return counts


def filter_all(data: Path) -> tuple[int, Counter[str]]:
    with multiprocessing.Pool(PROCESSES) as pool:
        counts = sum(pool.map(partial(count_drops, data=data), range(PROCESSES)), Counter[str]())
    return counts.pop("rows"), counts


if __name__ == "__main__":
    timed(filter_all, Path(sys.argv[1]))
