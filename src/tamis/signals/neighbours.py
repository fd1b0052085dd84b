"""Rows that are nearly the same, in their words or in their meaning."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.corpus import Alike, Corpus
from tamis.frames import HELD, Frames
from tamis.neighbours.pairs import Pairs
from tamis.registry import signal


@signal(
    unit="ratio",
    source="Broder 1997 (resemblance); Leskovec et al., Mining of Massive Datasets, 3.4; AllenAI decon (guard)",
    severity="medium",
    scope="pairs",
)
def near_duplicate_similarity(
    corpus: Corpus,
    *,
    field: str = "conversation",
    floor: float = 0.6,
    words: int = 3,
    guard: bool = True,
    template_share: float | None = None,
) -> Alike:
    """How much of its words the row shares with the row most like it: a Jaccard similarity in [0, 1].

    Of runs of `words` words (of 5 characters in scripts without spaces), case and punctuation set aside. Pairs
    are found by MinHash and banded LSH and every one is verified exactly. `field` is what is compared: `prompt`,
    `response`, or `conversation`, which takes the smaller of the two, so that neither a shared passage nor a
    shared answer is enough. `guard`: texts of 20 words or fewer must be the same, with a requirement that falls
    to the threshold at 50 words. Runs of words that more than `template_share` of all texts have (and at least
    100) are no evidence and do not count: 0.05 where one field is compared, and 0, for off, where a
    conversation is, of which the other side tells. Null where no row is alike by at least `floor`.

    False positives: exercises made from one pattern, where a number or a name is the point.
    """
    share = (0.0 if field == "conversation" else 0.05) if template_share is None else template_share
    corpus.progress("near-duplicates", 0.0)
    found = corpus.near_pairs(field, floor=floor, words=words, guard=guard, share=share or None)
    corpus.facts["near_duplicates"] = {
        "field": field,
        "bands": found.bands,
        "lanes": found.lanes,
        "pairs": int((found.effective >= floor).sum()),
        "pairs_not_compared": found.limited,
        "pairs_left_out": found.left_out,
        "template_runs": len(found.template),
    }
    return _alike(found.same_as, found.pairs, found.effective, floor)


@signal(unit="ratio", source="SemHash; SemDeDup (Abbas et al. 2023)", severity="low", scope="pairs")
def semantic_similarity(
    corpus: Corpus,
    *,
    field: str = "conversation",
    floor: float = 0.85,
    embedder: str = "static",
    relative: float = 0.0,
    cells: int = 0,
) -> Alike:
    """How near in meaning the row most like it is: a cosine of embeddings in [-1, 1].

    `embedder` is `static` (tamis' own table: English, blind to word order), the name or folder of a
    sentence-transformers model, or `minilm` with the extra of that name. `field` as for
    near_duplicate_similarity: a conversation is as alike as the less similar of its prompt and response.
    All pairs are looked at while that is affordable, beyond it a seeded share, with the recall that a sample
    shows. `relative` also reckons a threshold for this data, as cleanlab does: 1 less that share (theirs is 0.13)
    of the median distance to the nearest row. `cells`, off by default, compares only rows in one of so many cells of
    k-means, as SemDeDup does, for data of tens of millions of rows. Null where no row is alike by at least `floor`.

    False positives: exercises made from one pattern; opposite questions in the same words.
    """
    from tamis.neighbours.graph import relative_threshold

    found = corpus.meaning_pairs(field, embedder, floor=floor, cells=cells)
    corpus.facts["semantic"] = {
        "field": field,
        "embedder": embedder,
        "method": found.method,
        "recall": found.recall,
        "pairs": found.found,
        "pairs_left_out": found.left_out,
        "rows_without_known_text": found.empty,
    }
    if relative:
        corpus.facts["semantic"]["relative_threshold"] = relative_threshold(corpus.graph(field, embedder, 1), relative)
    return _alike(np.arange(len(corpus)), found.pairs, found.pairs.similarity, floor)


def _alike(group: NDArray[np.int64], pairs: Pairs, effective: NDArray[np.float64], floor: float) -> Alike:
    columns = {"left": pairs.left, "right": pairs.right, "similarity": pairs.similarity, "effective": effective}
    frames = Frames()
    for start in range(0, max(1, len(pairs)), HELD):
        part = pl.DataFrame({name: values[start : start + HELD] for name, values in columns.items()})
        frames.add(part.filter(pl.col("effective") >= floor))
    return Alike(np.asarray(group, np.int64), frames.frame(), floor)


@signal(unit="ratio", source="SemHash: mean similarity to neighbours", scope="corpus", on_request=True)
def neighbour_density(
    corpus: Corpus, *, field: str = "conversation", embedder: str = "static", neighbours: int = 10
) -> NDArray[np.float64]:
    """Mean cosine to the row's nearest neighbours, in [-1, 1]: high where the data repeats itself.

    Null for a row of which the embedder knows nothing.
    """
    from tamis.neighbours.graph import density

    return _own(corpus, density(corpus.graph(field, embedder, neighbours)))


@signal(unit="ratio", source="SemHash; cleanlab Datalab (relative to the median)", scope="corpus", on_request=True)
def outlier_score(
    corpus: Corpus, *, field: str = "conversation", embedder: str = "static", neighbours: int = 10
) -> NDArray[np.float64]:
    """Mean distance to the row's nearest neighbours, relative to the median row's: 1 is usual, 2 is remote.

    Distance is 1 - cosine. Null for a row of which the embedder knows nothing.

    False positives: the only row about a topic is remote, and may be the most useful one.
    """
    from tamis.neighbours.graph import outlier_score as score

    return _own(corpus, score(corpus.graph(field, embedder, neighbours)))


@signal(unit="ratio", source="answer-off-topic: own; permutation test", severity="low", scope="corpus", on_request=True)
def answer_off_topic(corpus: Corpus, *, embedder: str = "static") -> NDArray[np.float64]:
    """Share of other rows' answers that are as near to the prompt as the row's own answer, in (0, 1].

    Of 128 seeded answers. Near 0 where the answer belongs to the prompt, anywhere in (0, 1] where it does not.
    Null where prompt or answer has nothing that the embedder knows.

    False positives: labels, numbers, code and other answers that share no subject with their prompt; sets in
    which all rows are about the same.
    """
    from tamis.neighbours.graph import relevance

    prompts, responses = corpus.vectors("conversation", embedder)
    return _own(corpus, relevance(prompts, responses).shuffled_ratio)


def _own(corpus: Corpus, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values of the data's own rows, without those of a reference set."""
    return values[: len(corpus) - corpus.reference]
