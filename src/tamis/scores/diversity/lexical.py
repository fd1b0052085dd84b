"""How varied the words of texts are: figures of samples, beside shuffled words and a tenth of the rows ten times."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from tamis import kernels
from tamis.packed import Packed
from tamis.scores.diversity.estimate import DRAWS, Estimate, Rows, estimates
from tamis.scores.diversity.phrases import alike, ends, template_rate
from tamis.scores.diversity.words import Runs, Words

SIZE: Final = 1000
ANCHOR_DRAWS: Final = 5
LONGEST: Final = 4
"""The longest run of words that is counted; self-repetition and BLEU look at runs of as many."""
END_WORDS: Final = 3
MTLD_FLOOR: Final = 0.72
HDD_WORDS: Final = 42
UNSEEN: Final = 0.1
"""What smoothing method 1 of Chen and Cherry (2014) puts for a count of 0."""
LEVEL: Final = 3


def lexical(texts: Packed, words: Words, rows: Rows) -> dict[str, float]:
    """The scores of some of the texts by words and bytes, by the names in `catalogue.LEXICAL`; NaN where undefined.

    `words` are those of all texts, numbered once. O(bytes of the rows).

    >>> texts = Packed.of(["to be or not to be", "to be or not", "that is it"])
    >>> scores = lexical(texts, Words.of(texts), np.arange(3))
    >>> round(scores["distinct_1"], 3), round(scores["self_repetition"], 3)
    (0.538, 0.462)
    """
    return _figures(_joined(texts, rows), words.take(rows))


def shuffled(texts: Packed, words: Words, rows: Rows) -> dict[str, float]:
    """The scores where all words of the rows are dealt anew to texts of the same lengths: what chance alone repeats.

    The bytes that are compressed are dealt by what white space parts.
    """
    random = np.random.default_rng(rows)
    return _figures(_dealt(_joined(texts, rows), random), words.take(rows).shuffled(random))


def duplicated(texts: Packed, words: Words, rows: Rows) -> dict[str, float]:
    """The scores where a tenth of the rows, drawn at random, stands ten times in place of all."""
    random = np.random.default_rng(rows)
    tenth = rows[random.permutation(len(rows))[: max(1, len(rows) // 10)]]
    return lexical(texts, words, random.permutation(np.resize(tenth, len(rows))))


MEASURES: Final = {
    "set": (lexical, DRAWS),
    "shuffled": (shuffled, ANCHOR_DRAWS),
    "duplicated": (duplicated, ANCHOR_DRAWS),
}


def lexical_estimates(
    texts: Packed, words: Words, *, size: int = SIZE, seed: int = 0, threads: int | None = None
) -> dict[str, dict[str, Estimate]]:
    """Each score of samples of `size` texts, and of the two anchors: `found[name]["set" | "shuffled" | "duplicated"]`.

    20 samples of the set and 5 of each anchor; the samples and so the figures are the same for any `threads`.
    """
    with ThreadPoolExecutor(threads) as pool:
        told = {
            kind: pool.submit(estimates, partial(measure, texts, words), len(texts), size, draws=draws, seed=seed)
            for kind, (measure, draws) in MEASURES.items()
        }
    by_kind = {kind: future.result() for kind, future in told.items()}
    return {name: {kind: found[name] for kind, found in by_kind.items()} for name in by_kind["set"]}


def _figures(raw: bytes, words: Words) -> dict[str, float]:
    runs = words.runs(LONGEST)
    shares = [_distinct(found) for found in runs]
    openers, closers = ends(words, END_WORDS), ends(words, -END_WORDS)
    return {
        **{f"distinct_{n}": share for n, share in enumerate(shares, 1)},
        "ngram_diversity": sum(shares),
        "compression_ratio": compression_ratio(raw),
        "self_repetition": self_repetition(words, runs[-1]),
        "self_bleu": float(self_bleu(words, runs).mean()) if len(words) > 1 else np.nan,
        "mtld": mtld(words),
        "hdd": hdd(words),
        "template_rate": template_rate(words),
        "same_opener": alike(openers),
        "same_closer": alike(closers),
    }


def _joined(texts: Packed, rows: Rows) -> bytes:
    return b"\n".join([texts.data[texts.offsets[i] : texts.offsets[i + 1]].tobytes() for i in rows.tolist()])


def _dealt(raw: bytes, random: np.random.Generator) -> bytes:
    """The bytes with their pieces in another order; a piece ends with the white space after it."""
    data = np.frombuffer(raw + b"\n", np.uint8)
    space = data <= ord(" ")
    stops = np.flatnonzero(space[:-1] & ~space[1:]) + 1
    starts, stops = np.append(0, stops), np.append(stops, len(data))
    order = random.permutation(len(starts))
    starts, lengths = starts[order], (stops - starts)[order]
    return data[np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(len(data))].tobytes()[:-1]


def _distinct(runs: Runs) -> float:
    total = int((runs[0] >= 0).sum())
    return runs[1] / total if total else np.nan


def compression_ratio(raw: bytes) -> float:
    """How many times smaller zstd makes the bytes, level 3 with a window over all of them; NaN for none.

    >>> compression_ratio(b"to be or not to be " * 1000) > 100
    True
    """
    if not raw:
        return np.nan
    window = max(17, min(27, (len(raw) - 1).bit_length()))
    options = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=window, enable_ldm=True)
    return len(raw) / len(zstandard.ZstdCompressor(compression_params=options).compress(raw))


def self_repetition(words: Words, runs: Runs) -> float:
    """Mean of ln(1 + how often other texts hold the different runs of a text); NaN for no text."""
    elsewhere = kernels.runs.count_texts(words.offsets, *runs)[1]
    return float(np.log1p(elsewhere).mean()) if len(words) else np.nan


def self_bleu(words: Words, runs: list[Runs]) -> NDArray[np.float64]:
    """BLEU of each text with all others as references: shape (n,), in [0, 1].

    Papineni et al. 2002 with equal weights, as many orders as `runs` has, the reference nearest in length (the
    shorter of two), and `UNSEEN` for a count of 0 unless no word is matched. O(words).
    """
    lengths = np.diff(words.offsets)
    logarithm, none = np.zeros(len(words)), lengths == 0
    for n, found in enumerate(runs, 1):
        matches = kernels.runs.count_matches(words.offsets, *found)
        none |= (matches == 0) & (n == 1)
        logarithm += np.log(np.maximum(matches, UNSEEN) / np.maximum(lengths - n + 1, 1)) / len(runs)
    penalty = np.minimum(0.0, 1 - _nearest_lengths(lengths) / np.maximum(lengths, 1))
    return np.where(none, 0.0, np.exp(logarithm + penalty))


def _nearest_lengths(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each text the length of another that is nearest to its own, the shorter of two."""
    order = np.argsort(lengths, kind="stable")
    ordered = lengths[order]
    far = int(ordered[-1]) * 3 + 1 if len(ordered) else 0
    below, above = np.append(-far, ordered[:-1]), np.append(ordered[1:], far)
    nearest = np.empty_like(lengths)
    nearest[order] = np.where(ordered - below <= above - ordered, below, above)
    return nearest


def mtld(words: Words) -> float:
    """Words a stretch lasts until its share of different words falls to 0.72; NaN for no word.

    McCarthy and Jarvis 2010, the mean of both directions, over the texts joined in an order that is random but the
    same every time, so that a sorted file is not taken for a poor one. LexicalRichness counts alike.
    """
    joined = words.take(np.random.default_rng(0).permutation(len(words))).numbers
    if len(joined) == 0:
        return np.nan
    told = [
        kernels.runs.count_stretches(line, len(words.vocabulary), MTLD_FLOOR) for line in (joined, joined[::-1].copy())
    ]
    return float(np.mean([len(joined) / (count or 1.0) for count in told]))


def hdd(words: Words) -> float:
    """Expected share of different words among 42 of all words; NaN where there are fewer.

    McCarthy and Jarvis 2007: the sum over words of 1 - C(T - f, 42) / C(T, 42), by 42.
    """
    total = len(words.numbers)
    if total < HDD_WORDS:
        return np.nan
    times, kinds = np.unique(np.bincount(words.numbers), return_counts=True)
    drawn = np.arange(HDD_WORDS)
    unseen = (np.maximum(total - times[:, None] - drawn, 0) / (total - drawn)).prod(axis=1)
    return float((kinds * (1 - unseen)).sum() / HDD_WORDS)
