"""Scores of diversity the obvious way, on lists of words; where a package has the formula, its name stands by it."""

from __future__ import annotations

import math
from collections import Counter

Texts = list[list[str]]
Run = tuple[str, ...]


def runs(words: list[str], n: int) -> list[Run]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def distinct(texts: Texts, n: int) -> float:
    found = [run for words in texts for run in runs(words, n)]
    return len(set(found)) / len(found) if found else math.nan


def self_repetition(texts: Texts) -> float:
    """diversity.self_repetition_score"""
    held = [set(runs(words, 4)) for words in texts]
    counts = Counter(run for one in held for run in one)
    return sum(math.log(1 + sum(counts[run] - 1 for run in one)) for one in held) / len(texts)


def bleu(words: list[str], others: Texts) -> float:
    """nltk's sentence_bleu with method1 of SmoothingFunction"""
    logarithm = 0.0
    for n in range(1, 5):
        own, theirs = Counter(runs(words, n)), [Counter(runs(other, n)) for other in others]
        matched = sum(min(count, max(held[run] for held in theirs)) for run, count in own.items())
        if matched == 0 and n == 1:
            return 0.0
        logarithm += math.log((matched or 0.1) / max(1, sum(own.values()))) / 4
    nearest = min((abs(len(other) - len(words)), len(other)) for other in others)[1]
    return math.exp(logarithm) * (1.0 if len(words) > nearest else math.exp(1 - nearest / len(words)))


def mtld(words: list[str], floor: float = 0.72) -> float:
    """lexicalrichness.LexicalRichness.mtld"""
    return (_mtld(words, floor) + _mtld(words[::-1], floor)) / 2


def _mtld(words: list[str], floor: float) -> float:
    stretch: list[str] = []
    count = 0.0
    for word in words:
        stretch.append(word)
        if len(set(stretch)) / len(stretch) <= floor:
            stretch, count = [], count + 1
    if stretch:
        count += (1 - len(set(stretch)) / len(stretch)) / (1 - floor)
    return len(words) / (count or 1.0)


def hdd(words: list[str], drawn: int = 42) -> float:
    """lexicalrichness.LexicalRichness.hdd, by whole numbers"""
    total = math.comb(len(words), drawn)
    return sum(1 - math.comb(len(words) - count, drawn) / total for count in Counter(words).values()) / drawn


def skeletons(words: list[str], fixed: set[str], size: int = 5, least: int = 3) -> list[Run]:
    frames = [tuple(word if word in fixed else "_" for word in run) for run in runs(words, size)]
    return [frame for frame in frames if sum(word != "_" for word in frame) >= least]


def template_rate(texts: Texts, fixed: tuple[str, ...], most: int = 100) -> float:
    held = [set(skeletons(words, set(fixed))) for words in texts]
    counts = Counter(frame for one in held for frame in one)
    order = {word: place for place, word in enumerate(("_", *fixed))}
    ranked = sorted(counts, key=lambda frame: (-counts[frame], [order[word] for word in frame]))
    common = {frame for frame in ranked if counts[frame] > 1 and frame in ranked[:most]}
    return sum(bool(one & common) for one in held) / len(texts)


def alike(labels: list[Run]) -> float:
    pairs = [a == b for i, a in enumerate(labels) for b in labels[:i]]
    return sum(pairs) / len(pairs) if pairs else math.nan
