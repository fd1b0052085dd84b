"""Princeton WordNet as text to train on: its definitions and example sentences, those of common words first."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from texts import Neighbours, Texts, replaced

LICENCE = "WordNet 3.0 (permissive; notice in docs/models/wordnet-licence.md)"
LONGEST = 140
"""Characters of a definition or an example at most: a word is worth more in a short text."""

_QUOTED = re.compile(r'"([^"]{4,})"')


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: the words that have it, what it is, how it is used."""

    words: list[str]
    definition: str
    examples: list[str]


def synsets(folder: Path) -> Iterator[Synset]:
    """Every meaning in the four data files of a WordNet 3.0 folder (Debian: `wordnet-base`, /usr/share/wordnet)."""
    for kind in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{kind}").read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                continue
            facts, _, gloss = line.partition(" | ")
            parts = facts.split()
            count = int(parts[3], 16)
            words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in parts[4 : 4 + 2 * count : 2]]
            examples = [found.strip() for found in _QUOTED.findall(gloss)]
            definition = gloss.split('"')[0].strip(" ;:")
            yield Synset(words, definition, [text for text in examples if len(text.split()) > 2 and text[0].isalnum()])


def common_first(found: Iterator[Synset], vocabulary: list[str]) -> list[Synset]:
    """Meanings in the order of their commonest word; a word of several pieces counts as rarer than any of one."""
    rank = {piece: i for i, piece in enumerate(vocabulary)}
    last = len(vocabulary)

    def place(meaning: Synset) -> int:
        return min(
            min(rank.get(word.lower(), last) for word in meaning.words),
            last + max(max(rank.get(part, last) for part in word.lower().split()) for word in meaning.words),
        )

    return sorted(found, key=place)


def example_groups(meanings: list[Synset], near: Neighbours, most: int, rng: random.Random) -> Texts:
    """Example sentences; one in three with the same beside it but for one word: a synonym or a near one."""
    texts = Texts()
    pairs = [(text, meaning) for meaning in meanings for text in meaning.examples if len(text) <= LONGEST]
    for number, (text, meaning) in enumerate(pairs[:most]):
        if number % 3:
            texts.add(text)
        else:
            texts.add(text, exchanged(text, meaning.words, rng) or replaced(text, near, rng))
    return texts


def exchanged(text: str, words: list[str], rng: random.Random) -> str:
    """The text with the word it illustrates exchanged for a synonym; empty if there is none or it is inflected.

    >>> exchanged("a big house", ["big", "large"], random.Random(0))
    'a large house'
    """
    for word in words:
        others = [other for other in words if other != word]
        if others and re.search(rf"\b{re.escape(word)}\b", text):
            return re.sub(rf"\b{re.escape(word)}\b", rng.choice(others).replace("\\", ""), text, count=1)
    return ""


def definition_groups(meanings: list[Synset], most: int, rng: random.Random) -> Texts:
    """Definitions; one in three with its word before it as well."""
    texts = Texts()
    short = [meaning for meaning in meanings if 8 < len(meaning.definition) <= LONGEST]
    for number, meaning in enumerate(short[:most]):
        if number % 3:
            texts.add(meaning.definition)
        else:
            texts.add(meaning.definition, f"{rng.choice(meaning.words)}: {meaning.definition}")
    return texts


def counts(folder: Path) -> dict[str, dict[str, int]]:
    """How often each word was seen as noun (n) and verb (v) and otherwise (o) in WordNet's tagged text."""
    found: dict[str, dict[str, int]] = {}
    for line in (folder / "cntlist.rev").read_text(encoding="utf-8").splitlines():
        key, _, number = line.split()
        word, _, rest = key.partition("%")
        seen = found.setdefault(word, {"n": 0, "v": 0, "o": 0})
        seen[{"1": "n", "2": "v"}.get(rest[0], "o")] += int(number)
    return found


def kinds(folder: Path, vocabulary: list[str]) -> dict[str, list[str]]:
    """Words of one piece by the kind ("n18" is a person, "v38" motion) of their commonest meaning, common words first.

    A word counts as what it is most often seen as: "out" is neither noun nor verb.
    """
    rank, seen = {piece: i for i, piece in enumerate(vocabulary)}, counts(folder)
    found: dict[str, list[str]] = {}
    for name, letter in (("noun", "n"), ("verb", "v")):
        lines = (folder / f"data.{name}").read_text(encoding="utf-8").splitlines()
        number = {line[:8]: line[9:11] for line in lines if not line.startswith("  ")}
        for line in (folder / f"index.{name}").read_text(encoding="utf-8").splitlines():
            parts = line.split()
            most = seen.get(parts[0], {})
            if parts[0] in rank and len(parts[0]) > 2 and most and most[letter] == max(most.values()):
                found.setdefault(letter + number[parts[-int(parts[2])]], []).append(parts[0])
    return {kind: sorted(words, key=rank.__getitem__) for kind, words in found.items()}


def present(verbs: list[str], vocabulary: list[str]) -> list[str]:
    """The -ing forms of those verbs whose form is a piece."""
    known = set(vocabulary)
    forms = ((verb + "ing", verb.rstrip("e") + "ing", verb + verb[-1] + "ing") for verb in verbs)
    return [form for three in forms for form in [next((form for form in three if form in known), "")] if form]
