"""What deduplicators agree on: the rows that each kept, judged by Jaccard similarities reckoned here from the texts.

python -m benchmarks.dedup_agreement FILES KEPT RECIPE        prints JSON; a step of benchmarks.dedup

FILES holds the rows with their numbers, KEPT a folder for each tool, RECIPE is what tamis did. The similarities are
those of Python sets of three words in a row: nothing of tamis is used for them.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

FIELD, THRESHOLD, WORDS = "output", 0.8, 3
SAMPLE, SEED = 200, 0
_WORD = re.compile(r"[^\W_]+")
Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """The runs of three words of a text; all of it where it has fewer, nothing where it has none."""
    words = _WORD.findall(text.lower())
    if len(words) < WORDS:
        return frozenset([tuple(words)] if words else [])
    return frozenset(zip(*(words[at:] for at in range(WORDS)), strict=False))


def jaccard(left: Shingles, right: Shingles) -> float:
    """What two sets share of what both hold."""
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared) if shared else 0.0


def kept_rows(folder: Path) -> set[int]:
    """The numbers of the rows that a tool wrote, in JSON lines or as an Arrow stream."""
    return {int(each) for file in sorted(folder.iterdir()) for each in _ids(file)}


def _ids(file: Path) -> Iterator[str]:
    if file.suffix == ".jsonl":
        yield from (row["id"] for row in _rows(file))
    elif file.suffix == ".arrow":
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as batches:
            for batch in batches:
                yield from batch["id"].to_pylist()


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        yield from map(orjson.loads, lines)


def our_pairs(files: Sequence[Path], recipe: Path, texts: Sequence[str]) -> tuple[list[tuple[int, int]], int]:
    """Rows that tamis drops with the kept ones they repeat, if that is verified here; and how many it named."""
    import tamis

    found = tamis.audit([str(file) for file in files], recipe=str(recipe)).findings
    pairs = list(found.select("row", "other").iter_rows())
    alike = [(a, b) for a, b in pairs if jaccard(shingles(texts[a]), shingles(texts[b])) >= THRESHOLD]
    return alike, len(pairs)


def matches(rows: Iterable[int], texts: Sequence[str]) -> tuple[dict[int, set[int]], dict[int, float]]:
    """Of each of some rows all others at the threshold, and the highest similarity to any; every row is looked at."""
    wanted = {row: shingles(texts[row]) for row in rows}
    holders: dict[tuple[str, ...], list[int]] = {}
    for row, held in wanted.items():
        for each in held:
            holders.setdefault(each, []).append(row)
    alike: dict[int, set[int]] = {row: set() for row in wanted}
    best = dict.fromkeys(wanted, 0.0)
    for other, text in enumerate(texts):
        held = shingles(text)
        shared = Counter(row for each in held & holders.keys() for row in holders[each])
        for row, count in shared.items():
            similarity = count / (len(held) + len(wanted[row]) - count)
            if row != other:
                best[row] = max(best[row], similarity)
                if similarity >= THRESHOLD:
                    alike[row].add(other)
    return alike, best


def agreement(files: Path, kept: Path, recipe: Path) -> dict[str, Any]:
    """By tool: rows kept, how many of our pairs it parted, and what the rows are that only it removed."""
    parts = sorted(files.iterdir())
    texts = [row[FIELD] for part in parts for row in _rows(part)]
    rows = {folder.name: kept_rows(folder) for folder in sorted(kept.iterdir())}
    pairs, found = our_pairs(parts, recipe, texts)
    ours = rows["tamis"]
    only = {name: sorted(ours - theirs) for name, theirs in rows.items()}
    sampled = {name: random.Random(SEED).sample(more, min(SAMPLE, len(more))) for name, more in only.items()}
    alike, best = matches({row for sample in sampled.values() for row in sample}, texts)
    told: dict[str, Any] = {"pairs": {"found": found, "verified": len(pairs)}}
    for name, theirs in rows.items():
        sample = sampled[name]
        unlike = [row for row in sample if not alike[row]]
        told[name] = {
            "kept": len(theirs),
            "pairs_parted": sum(not (left in theirs and right in theirs) for left, right in pairs),
            "only_theirs": {
                "rows": len(only[name]),
                "sampled": len(sample),
                "missed_by_tamis": sum(bool(alike[row] & ours) for row in sample),
                "other_of_the_pair": sum(bool(alike[row]) and not alike[row] & ours for row in sample),
                "unlike": len(unlike),
                "unlike_highest": round(statistics.median(best[row] for row in unlike), 3) if unlike else None,
            },
        }
    return told


if __name__ == "__main__":
    print(json.dumps(agreement(*map(Path, sys.argv[1:4]))))
