"""What is known of the scores by words and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tamis.scores.diversity.catalogue.score import Score


def _distinct(n: int, name: str) -> Score:
    return Score(
        title=f"distinct {name}",
        unit="share",
        formula=f"different runs of {n} words / all runs of {n} words within the texts" if n > 1 else "words / tokens",
        source="Li et al. 2016, distinct-n",
        varied="higher",
        sized=True,
        reading="near 0 the texts say the same again; near 1 hardly a run of words comes twice",
        limits="longer texts have lower shares at the same number of rows",
    )


LEXICAL: Final[Mapping[str, Score]] = {
    "distinct_1": _distinct(1, "words"),
    "distinct_2": _distinct(2, "pairs of words"),
    "distinct_3": _distinct(3, "runs of 3 words"),
    "distinct_4": _distinct(4, "runs of 4 words"),
    "ngram_diversity": Score(
        title="n-gram diversity",
        unit="sum of 4 shares",
        formula="distinct_1 + distinct_2 + distinct_3 + distinct_4",
        source="ngram_diversity_score of the package diversity, after arXiv 2202.00666",
        varied="higher",
        sized=True,
        reading="from 0 to 4; beside the shuffled words, which keep the words and break every phrase",
        limits="runs of words do not cross from one text into the next, as they do in the package",
    ),
    "compression_ratio": Score(
        title="compression ratio",
        unit="ratio",
        formula="bytes of the texts / bytes of their zstd frame (level 3, one window over the whole sample)",
        source="Shaib et al. 2024, arXiv 2403.00553",
        varied="lower",
        sized=True,
        reading="how many times smaller the texts become: 2.9 on a thousand model answers, 25 on 100 ten times over",
        limits="not the package's figure: its gzip looks back 32 kB only, and version 0.3.1 gzips twice",
    ),
    "self_repetition": Score(
        title="self-repetition",
        unit="logarithm of a count",
        formula="mean over texts of ln(1 + how often its different runs of 4 words are found in other texts)",
        source="Salkar et al. 2022; self_repetition_score of the package diversity",
        varied="lower",
        sized=True,
        reading="0: no run of 4 words is in two texts; 3: a text shares about 20 such places with others",
        limits="longer texts share more",
    ),
    "self_bleu": Score(
        title="self-BLEU",
        unit="BLEU, 0 to 1",
        formula="mean over texts of BLEU-4 (0.1 for a count of 0) with all other texts of the sample as references",
        source="Zhu et al. 2018, Texygen; smoothing method 1 of Chen and Cherry 2014",
        varied="lower",
        sized=True,
        reading="how well a text could be put together from pieces of the others; 1 for copies",
        limits="full once each text has one copy: it tells 60 % of copies from 30 %, not 90 % from 60 %",
    ),
    "mtld": Score(
        title="MTLD",
        unit="words",
        formula="words a stretch lasts until its share of different words falls to 0.72, forward and backward, mean",
        source="McCarthy and Jarvis 2010",
        varied="higher",
        sized=False,
        reading="how many words can be read before they repeat themselves: 68 on a thousand model answers",
        limits="it looks at wording nearby, over the texts joined in a random order: copies leave it as it is (32 "
        "without, 33 with 90 % of them), edited copies raise it, and three sources have less of it mixed than apart",
        trusted=False,
    ),
    "hdd": Score(
        title="HD-D",
        unit="share",
        formula="expected share of different words among 42 drawn from all words of the sample without replacement",
        source="McCarthy and Jarvis 2007",
        varied="higher",
        sized=False,
        reading="richness of the vocabulary whatever the length; 1 only if all words differ",
        limits="copies hardly move it (0.916 without, 0.908 with 90 % of them), and edited ones raise it, as the words "
        "put in are rare ones; intents and sources move it the right way",
        trusted=False,
    ),
    "template_rate": Score(
        title="template rate",
        unit="share of texts",
        formula="texts that hold one of the 100 commonest skeletons: 5 words in a row, content words as slots",
        source="after Shaib et al. 2024, arXiv 2407.00211, which takes parts of speech",
        varied="lower",
        sized=True,
        reading="how many texts are built over the same few frames of function words",
        limits="English function words only; a long text nearly always holds a common skeleton",
    ),
    "same_opener": Score(
        title="same opener",
        unit="chance",
        formula="chance that two texts begin with the same 3 words: sum of n (n - 1) / N (N - 1) over openers",
        source="own; Simpson 1949",
        varied="lower",
        sized=False,
        reading="0.01: one pair in a hundred begins alike; the list of openers says how",
    ),
    "same_closer": Score(
        title="same closer",
        unit="chance",
        formula="chance that two texts end with the same 3 words: sum of n (n - 1) / N (N - 1) over closers",
        source="own; Simpson 1949",
        varied="lower",
        sized=False,
        reading="0.01: one pair in a hundred ends alike; the list of closers says how",
    ),
}
"""The scores of words and bytes (`lexical`)."""
