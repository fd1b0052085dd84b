"""The texts the teacher is asked about: corpus pieces, edits of them, made-up sentences, phrases, single pieces."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from sentences import SLOTS, TEMPLATES

Neighbours = dict[str, list[str]]
"""For a word, the words the teacher finds nearest to it."""

_WORD = re.compile(r"[A-Za-z]{3,}")
GROUPS_OF_CORPUS = {"toxicity": 5000, "grade-school": 5000, "codegen": 4500, "roleplay": 9000, "toolformer": 4000}
"""Pieces taken of a large file at most, by a word in its name; other files give 7,000 at most."""


@dataclass(slots=True)
class Texts:
    """Texts with a group each: the members of one are trained in the same batch and compared with each other."""

    text: list[str] = field(default_factory=list)
    group: list[int] = field(default_factory=list)

    def add(self, *members: str) -> None:
        """One more group."""
        number = self.group[-1] + 1 if self.group else 0
        distinct = dict.fromkeys(member for member in members if member.strip())
        self.text.extend(distinct)
        self.group.extend([number] * len(distinct))

    def part(self, start: int, stop: int | None = None) -> Texts:
        """These texts only."""
        return Texts(self.text[start:stop], [number - self.group[start] for number in self.group[start:stop]])


def replaced(text: str, near: Neighbours, rng: random.Random) -> str:
    """One or two content words exchanged for words near them, or (one in four) for any word."""
    words = [match for match in _WORD.finditer(text) if match.group().lower() in near]
    for match in sorted(rng.sample(words, min(len(words), rng.choice((1, 1, 2)))), key=lambda m: -m.start()):
        word = match.group().lower()
        other = rng.choice(near[word]) if rng.random() < 0.75 else rng.choice(list(near[rng.choice(near[word])]))
        text = text[: match.start()] + other + text[match.end() :]
    return text


def dropped(text: str, rng: random.Random) -> str:
    """Between one word and half of them left out, the others in order."""
    words = text.split()
    keep = max(1, round(len(words) * rng.uniform(0.5, 1.0)) - 1)
    return " ".join(words[i] for i in sorted(rng.sample(range(len(words)), keep)))


def spliced_with_any(text: str, others: list[str], rng: random.Random) -> str:
    """The start of one text and the end of another."""
    first, second = text.split(), rng.choice(others).split()
    return " ".join(first[: rng.randint(1, len(first))] + second[-rng.randint(1, len(second)) :])


def chosen(found: dict[str, list[str]], rng: random.Random) -> dict[str, list[str]]:
    """The pieces to train on: short ones first (a word is worth more in a short text), large files capped."""
    kept = {}
    for path, pieces in found.items():
        most = next((size for name, size in GROUPS_OF_CORPUS.items() if name in path), 7000)
        short = [piece for piece in pieces if 15 < len(piece) <= 160]
        kept[path] = rng.sample(short, min(most, len(short)))
    return kept


def corpus_groups(pieces: list[str], near: Neighbours, rng: random.Random) -> Texts:
    """Corpus pieces; one in four, if short, with two edits beside it."""
    texts = Texts()
    for number, piece in enumerate(pieces):
        if number % 4 or len(piece) > 100:
            texts.add(piece)
            continue
        edits: list[Callable[[], str]] = [
            partial(replaced, piece, near, rng),
            partial(dropped, piece, rng),
            partial(spliced_with_any, piece, pieces, rng),
        ]
        texts.add(piece, *(edit() for edit in rng.sample(edits, 2)))
    return texts


def made_up(near: Neighbours, count: int, strange: float, rng: random.Random) -> Texts:
    """Groups of sentences from templates: one, another wording of the same, and one with a word or two exchanged.

    `strange` is the chance that a slot takes a word near the listed one instead of it.
    """
    texts = Texts()
    for _ in range(count):
        wordings = rng.choice(TEMPLATES)
        filling = {
            slot: [near_word(rng.choice(words), near, strange, rng) for _ in range(2)] for slot, words in SLOTS.items()
        }
        first = filled(rng.choice(wordings), filling)
        texts.add(first, filled(rng.choice(wordings), filling), replaced(first, near, rng))
    return texts


def near_word(word: str, near: Neighbours, chance: float, rng: random.Random) -> str:
    """The word itself or, with this chance, one near it."""
    return rng.choice(near[word]) if word in near and rng.random() < chance else word


def filled(wording: str, filling: dict[str, list[str]]) -> str:
    """A wording with its slots filled: {thing} takes the first word of its kind, {thing2} the second."""
    words = {slot + ("2" if i else ""): word for slot, both in filling.items() for i, word in enumerate(both)}
    return wording.format_map(words)


def phrases(near: Neighbours, count: int, rng: random.Random) -> Texts:
    """Two or three words, and the same with one of them exchanged for a near one; every word comes first in turn."""
    texts = Texts()
    words = sorted(near)
    rng.shuffle(words)
    for number in range(count):
        word, other = words[number % len(words)], rng.choice(words)
        texts.add(f"{word} {other}", f"{rng.choice(near[word])} {other}")
    return texts


def interleaved(sets: list[list[str]], size: int) -> Iterator[list[str]]:
    """Chunks of all sets in turn, so that a run stopped early has some of each."""
    longest = max(len(texts) for texts in sets)
    for start in range(0, longest, size):
        for texts in sets:
            if start < len(texts):
                yield texts[start : start + size]
