"""What is known of the scores of vectors: the other half of `catalogue`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tamis.scores.diversity.catalogue.score import Score


def _vendi(title: str, formula: str, reading: str) -> Score:
    return Score(
        title=title,
        unit="effective rows",
        formula=f"{formula}, l = eigenvalues of X^T X / n of unit vectors",
        source="Friedman and Dieng 2023; Pasarkar and Dieng 2024 (orders); score_dual of the package vendi-score",
        varied="higher",
        sized=True,
        reading=reading,
        limits="never more than the width of the vectors, and depends on the embedder: compare for one embedder",
    )


def _nearest(title: str, formula: str, reading: str, *, limits: str, trusted: bool = True) -> Score:
    return Score(
        title=title,
        unit="cosine distance",
        formula=formula,
        source="Cox et al., Directed Diversity, CHI 2021 (the mean: Chamfer distance)",
        varied="higher",
        sized=True,
        reading=reading,
        limits=limits,
        trusted=trusted,
    )


_DENSER: Final = (
    "tells copies and families, not breadth: GSM8K alone, whose rows lie apart, has {alone}; with two thirds of other "
    "kinds whose rows lie closer {mixed}"
)

MEANING: Final[Mapping[str, Score]] = {
    "vendi": _vendi(
        "Vendi",
        "exp(- sum l ln l)",
        "how many rows with nothing in common would be as varied: 1 for copies of one",
    ),
    "vendi_q2": _vendi("Vendi, order 2", "1 / sum l^2", "as Vendi, with less weight on what is rare"),
    "vendi_infinity": _vendi("Vendi, order infinity", "1 / max l", "1: one meaning in all; sees the commonest alone"),
    "remote_clique": Score(
        title="remote clique",
        unit="cosine distance",
        formula="mean of 1 - cosine over all pairs, n / (n - 1) (1 - |mean x|^2)",
        source="Cox et al., Directed Diversity, CHI 2021",
        varied="higher",
        sized=False,
        reading="how unlike two rows drawn at random are: 0 the same, 1 unrelated",
        limits="hardly sees copies: 0.886 without, 0.883 with 90 % of them; two far topics are enough for a high value",
    ),
    "novel_sum": Score(
        title="NovelSum",
        unit="cosine distance",
        formula="mean over i and other rows j of 1 - cosine, the r-th nearest j with weight 1 / r; all densities 1",
        source="Yang et al., ACL 2025, arXiv 2502.17184, without its densities",
        varied="higher",
        sized=True,
        reading="how far a row is from the others, the nearest counting most",
        limits="no densities: those of the paper need a reference, among the data's own rows they reward copies; GSM8K "
        "has 0.571 alone, 0.613 with a third of other sources, and 0.606 with two thirds",
    ),
    "nearest_distance": _nearest(
        "nearest distance",
        "mean of 1 - cosine to the nearest other row",
        "0: every row has its copy",
        limits=_DENSER.format(alone="0.345", mixed="0.325"),
        trusted=False,
    ),
    "nearest_distance_10": _nearest(
        "nearest distance, 10 %",
        "first decile of 1 - cosine to the nearest other row",
        "0: a tenth of the rows are copies",
        limits=_DENSER.format(alone="0.216", mixed="0.140"),
        trusted=False,
    ),
    "nearest_distance_50": _nearest(
        "nearest distance, median",
        "median of 1 - cosine to the nearest other row",
        "0: half of the rows are copies",
        limits=_DENSER.format(alone="0.341", mixed="0.326"),
        trusted=False,
    ),
    "nearest_distance_90": _nearest(
        "nearest distance, 90 %",
        "last decile of 1 - cosine to the nearest other row",
        "how remote the most remote are",
        limits="of no more than the tenth of the rows that are the most remote",
    ),
    "tenth_distance": _nearest(
        "tenth distance",
        "mean of 1 - cosine to the 10th nearest other row",
        "low where rows come in families of 10 or more",
        limits="families of fewer than 10 are not seen: it is 0.505 without copies and 0.502 with 30 % of them",
    ),
}
"""The scores of vectors that need no reference (`meaning.semantic`)."""

REFERENCE: Final[Mapping[str, Score]] = {
    "novel_sum_reference": Score(
        title="NovelSum against the reference",
        unit="cosine distance by density",
        formula="mean of NovelSum's novelty of i times (mean distance of i to the 10 nearest of the reference)^-1/2",
        source="Yang et al., ACL 2025, arXiv 2502.17184, weighted as their code is: by the density of i, not j",
        varied="higher",
        sized=True,
        reading="compare sets beside the same reference only: differences where the reference is dense count more",
        limits="5,000 rows of the reference; the paper's density of j moved wrong on one mixture where this did not",
    ),
    "coverage": Score(
        title="coverage",
        unit="share of cells",
        formula="cells with a row / cells; 100 cells by k-means on the reference",
        source="after the baseline of NovelSum's repository",
        varied="higher",
        sized=True,
        reading="beside the coverage that as many rows of the reference's own would have",
        limits="a row far from all of the reference still is in its nearest cell",
    ),
    "effective_cells": Score(
        title="effective cells",
        unit="effective cells",
        formula="exp(- sum p ln p), p = shares of the reference's cells",
        source="Hill 1973 on the cluster entropy of NovelSum's repository",
        varied="higher",
        sized=True,
        reading="over how many of the 100 cells the rows spread, as if evenly",
        limits="on cells fitted on the data itself it says little: k-means cuts any set into cells of about one size",
    ),
    "cell_distance": Score(
        title="distance of cells",
        unit="Jensen-Shannon distance",
        formula="root of the divergence, base 2, of the shares of cells",
        source="Endres and Schindelin 2003",
        varied="lower",
        sized=True,
        reading="0 the mix of the reference, 1 nothing in common; a sample of the reference itself is above 0",
        limits="how like the reference, not how varied",
    ),
}
"""The scores against a reference (`meaning.semantic` with its cells)."""
