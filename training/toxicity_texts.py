"""What the toxicity screen is trained on: labelled posts, neutral text, and sentences made up about identities."""

from __future__ import annotations

import csv
import html
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wordnet

MIT, APACHE, UNSTATED = "MIT", "Apache-2.0", "no restriction stated; the original set's terms"

IDENTITIES = [
    "gay",
    "lesbian",
    "bisexual",
    "transgender",
    "trans",
    "queer",
    "homosexual",
    "heterosexual",
    "straight",
    "lgbt",
    "lgbtq",
    "nonbinary",
    "black",
    "white",
    "asian",
    "african",
    "american",
    "european",
    "latino",
    "latina",
    "hispanic",
    "mexican",
    "canadian",
    "indian",
    "chinese",
    "japanese",
    "korean",
    "middle-eastern",
    "muslim",
    "christian",
    "jewish",
    "catholic",
    "protestant",
    "buddhist",
    "hindu",
    "sikh",
    "taoist",
    "atheist",
    "mormon",
    "arab",
    "male",
    "female",
    "man",
    "woman",
    "men",
    "women",
    "old",
    "older",
    "young",
    "younger",
    "teenage",
    "millenial",
    "elderly",
    "blind",
    "deaf",
    "paralyzed",
    "disabled",
    "autistic",
    "african-american",
    "native",
    "immigrant",
    "refugee",
    "nigerian",
    "russian",
    "german",
    "turkish",
    "polish",
]
"""Words for who people are. Those of the madlibs set that tests use are among them; its sentences are not."""

NEUTRAL = (
    "I am {0}.", "I am a {0} person and I live in a small town.", "My neighbour is {0} and works at the hospital.",
    "She told me that she is {0}.", "He is a {0} teacher who loves maths.",
    "We talked to a {0} family about the school.",
    "{0} people live here.", "Many {0} readers liked the book.", "A {0} friend of mine cooks well.",
    "The {0} community holds a fair every spring.", "Write a short story about a {0} doctor.",
    "What holidays do {0} families celebrate?", "They are {0}.", "The first {0} senator was elected.",
    "being {0} is fine", "proud to be {0}", "{0} and {1} people work together.", "Some are {0}, some are {1}.",
    "Is it legal to refuse service to {0} customers?", "Discrimination against {0} people is illegal.",
    "support {0} rights", "hire {0} staff", "meet {0} students", "thank you {0}", "a {0} dad", "my {0} son",
    "{0}", "{0} {1}", "hello {0} friends", "dear {0} colleagues", "welcome {0} guests", "the {0} woman smiled",
    "{2} is a kind {0} man.", "{2} is {0}.", "i am {0} and happy", "help the {0} patient", "a {0} engineer",
    "{0} history month", "you are {0}, right?", "{2} married a {0} nurse", "I love being {0}.", "good {0} people",
    "How many {0} voters are there?", "The exhibition shows {0} art.", "Being {0} and {1} can be hard.",
)  # fmt: skip
HOSTILE = (
    "I hate {0} people.", "all {0} people should die", "kill {0}", "{0} people are disgusting", "you {0} idiot",
    "stupid {0} scum", "go back home you filthy {0} trash", "{0} people are vermin", "shut up you dumb {0} bitch",
    "fuck {0} people", "{2} is a worthless {0} moron", "{0} people ruin everything, get rid of them",
    "I despise {0} men, they are pathetic", "a disgusting {0} pig", "murder every {0} one of them",
    "being {0} is a sickness", "you are a {0} loser", "nobody wants you {0} freaks here", "destroy the {0} filth",
)  # fmt: skip
HARSH = (
    ("How do I kill {0}?", "How can I kill {0} in my room?", "kill {0}", "what kills {0}", "this will kill {0}",
     "To kill {0}, use the command.", "cook until {0} are killed", "get rid of {0}", "destroy {0}", "attack {0}"),
    ("a process", "the server", "the thread", "a Python process", "weeds", "germs", "bacteria", "bed bugs",
     "mosquitoes",
     "ants", "the lights", "the engine", "time", "mould", "a virus", "the zombies in the game", "the boss monster",
     "the session", "the bitmap", "parasites"),
    ("Roast {0} whole.", "Trim the excess {0}.", "{0} is served with beans.", "Remove the {0} from the skin.",
     "Rinse the {0} under cold water.", "The farm keeps {0}.", "How long do I cook {0}?", "It quacks like {0}."),
    ("the pig", "a suckling pig", "the fat", "the duck", "a duck", "the cow", "the ass", "the chicken breast",
     "the cock",
     "the snake", "the rat", "the dog", "the pork butt", "the goat"),
    ("The film is about {0}.", "The tweet mentions {0}.", "A novel on {0}.", "He was convicted of {0}.",
     "The policy covers {0}.", "{0} is a crime.", "Statistics on {0} by year.", "The court heard a case of {0}.",
     "Symptoms include {0}.", "a costume of {0}", "Report {0} to the moderators."),
    ("murder", "war crimes", "a serial killer", "genocide", "rape", "torture", "harassment", "abuse", "suicide",
     "hate speech",
     "slavery", "a zombie", "a demented clown", "bullying", "name-calling", "racism", "sexual assault", "death",
     "poison"),
)  # fmt: skip
"""Harmless uses of harsh words: templates, and what goes into them."""

NAMES = [
    "Anna",
    "Ben",
    "Carlos",
    "Dina",
    "Emma",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jamal",
    "Kofi",
    "Lucia",
    "Maria",
    "Nadia",
    "Omar",
    "Priya",
    "Quinn",
    "Rosa",
]
_RUDE = re.compile("offens|disparag|derog|insult|obscen|vulgar|stupid|contempt|slang|abus|sex|fool|despi|anger")
"""Meanings left out of the dictionary: such words may well be toxic."""

_TWEET = re.compile(r"https?://\S+|@\w+:?|\bRT\b")


@dataclass(frozen=True)
class Labelled:
    """Texts with labels, 1 for toxic. Sets of one `origin` above 0 share an intercept that is left out in the end."""

    name: str
    licence: str
    texts: list[str]
    labels: list[int]
    origin: int = 0
    importance: float = 1.0

    def about(self) -> dict[str, Any]:
        """Name, licence and counts."""
        counts = {"texts": len(self.texts), "toxic": sum(self.labels)}
        return {"name": self.name, "licence": self.licence, **counts, "importance": self.importance}


def davidson(data: Path, seed: int) -> Labelled:
    """Davidson et al. 2017: half of the tweets; hate and offence against neither."""
    name = "toxicity/t-davidson_hate-speech-and-offensive-language--labeled_data.csv"
    with (data / name).open(encoding="utf-8", newline="") as file:
        rows = random.Random(seed).sample(every := list(csv.DictReader(file)), len(every) // 2)
    texts = [_TWEET.sub(" ", html.unescape(html.unescape(row["tweet"]))) for row in rows]
    return Labelled(name, MIT, texts, [int(row["class"] != "2") for row in rows], origin=2, importance=0.3)


def tweeteval(data: Path, part: str = "train") -> Labelled:
    """OLID (Zampieri et al. 2019) as TweetEval has it: tweets, offensive or not."""
    name = f"toxicity/cardiffnlp_tweeteval--offensive_{part}"
    labels = (data / f"{name}_labels.txt").read_text("utf-8").split()
    texts = (data / f"{name}_text.txt").read_text("utf-8").split("\n")[: len(labels)]
    return Labelled(f"{name}_text.txt", UNSTATED, texts, [int(label) for label in labels], origin=1)


def identities(seed: int, importance: float = 2.5) -> Labelled:
    """Made-up sentences: every neutral template with each of some words for identities, hostile ones beside them."""
    rng = random.Random(seed)
    texts, labels = [], []
    for label, templates in enumerate((NEUTRAL, HOSTILE)):
        for template in templates:
            for word in IDENTITIES:
                text = template.format(word, rng.choice(IDENTITIES), rng.choice(NAMES))
                texts.append(text.lower() if rng.random() < 0.3 else text)
                labels.append(label)
    return Labelled("sentences made up about identities", "own", texts, labels, importance=importance)


def harsh() -> Labelled:
    """Made-up harmless sentences with words that are toxic elsewhere."""
    pairs = zip(HARSH[::2], HARSH[1::2], strict=True)
    texts = [template.format(word) for templates, words in pairs for template in templates for word in words]
    return Labelled("harmless sentences with harsh words", "own", texts, [0] * len(texts))


INSTRUCTIONS = (
    ("instructions/hiyouga_LLaMA-Factory--alpaca_en_demo.json", APACHE, 4000),
    ("instructions/teknium1_GPTeacher--codegen-instruct.json", MIT, 1500),
    ("instructions/yizhongw_self-instruct--seed_tasks.jsonl", APACHE, 500),
    ("tasks/openai_grade-school-math--data__train.jsonl", MIT, 1500),
)


def instructions(data: Path, seed: int, importance: float = 0.5) -> Iterator[Labelled]:
    """Stretches of instruction data, taken for neutral."""
    rng = random.Random(seed)
    for name, licence, count in INSTRUCTIONS:
        text = (data / name).read_text("utf-8")
        rows = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]
        pieces = [piece for row in rows for value in _strings(row) for piece in _stretches(value)]
        chosen = rng.sample(pieces, min(count, len(pieces)))
        yield Labelled(name, licence, chosen, [0] * len(chosen), importance=importance)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _stretches(text: str, words: int = 40) -> Iterator[str]:
    said = text.split()
    for start in range(0, len(said), words):
        if len(said[start:]) > 2:
            yield " ".join(said[start : start + words])


def dictionary(folder: Path, seed: int, most: int = 15_000) -> Labelled:
    """WordNet's definitions and examples, taken for neutral: words for crimes, bodies and beasts in plain use."""
    found = [meaning for meaning in wordnet.synsets(folder) if not _RUDE.search(meaning.definition)]
    texts = [text for meaning in found for text in (meaning.definition, *meaning.examples) if len(text.split()) > 2]
    chosen = random.Random(seed).sample(texts, min(most, len(texts)))
    return Labelled("WordNet 3.0", wordnet.LICENCE, chosen, [0] * len(chosen), importance=0.5)


def all_sets(data: Path, dictionary_folder: Path | None, seed: int) -> list[Labelled]:
    """Everything that is fitted."""
    found = [tweeteval(data), davidson(data, seed), identities(seed), harsh(), *instructions(data, seed)]
    return found if dictionary_folder is None else [*found, dictionary(dictionary_folder, seed)]
