"""Clusters of prompts under names that can be read: the words that a cluster has and the others have not."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.identity import word_list
from tamis.packed import Packed
from tamis.scores.diversity.requests import singular, word_lists

TOPIC: Final = pl.Schema(
    [
        ("topic", pl.Int64()),
        ("rows", pl.Int64()),
        ("share", pl.Float64()),
        ("name", pl.String()),
        ("terms", pl.List(pl.String)),
    ]
)
"""A cluster: its label, how many rows it has, its name and the terms that the name is made of."""
_NAMED_BY: Final = 3
_OPENING: Final = 600
"""Characters of a prompt that are read for its topic."""
_READ: Final = 300
"""Prompts of a cluster that are read for its name: more of them gave the same names and took longer."""
_FEWEST: Final = 0.03
"""The share of a cluster's prompts that must have a term before it may name the cluster."""
_WHOLE: Final = 0.5
"""A pair of words stands for a word where it is at least this share of its mentions."""
_STEM: Final = 5
"""Letters that two words share where one of them is enough: "charge" and "charged"."""
_FRAME: Final = """
based below best come different each following given got he her him his include including let like made
need new now please provided she someone something take thing try use used user using want way
"""
"""Words that say nothing of a topic, beside the stop words and the verbs of requests."""


def topics(labels: NDArray[np.int64], prompts: Packed, *, seed: int = 0) -> pl.DataFrame:
    """Name the clusters of prompts, the largest first, as `TOPIC`.

    `labels` numbers the cluster of each prompt; -1 is none. A term is a word in the singular or two in a row, without
    stop words; in a cluster it weighs tf * log(1 + A / f), where tf is its share of the cluster's terms, f how often it
    is in all clusters and A the mean number of terms of a cluster (class-based TF-IDF, Grootendorst 2022). A term
    counts once a prompt.

    >>> cards = ["My card was stolen", "Where is my new card?"] * 2
    >>> named = topics(np.array([0, 0, 0, 0, 1, 1]), Packed.of([*cards, "A poem of rain", "Rain, a poem"]))
    >>> named["name"].to_list()
    ['card · stolen', 'poem · rain']
    """
    rows = pl.DataFrame({"row": np.arange(len(labels)), "topic": labels}, schema_overrides={"topic": pl.Int64})
    rows = rows.filter(pl.col("topic") >= 0)
    sizes = rows.group_by("topic").agg(rows=pl.len().cast(pl.Int64)).sort("rows", "topic", descending=[True, False])
    read = rows.filter(pl.int_range(pl.len()).shuffle(seed=seed).over("topic") < _READ)
    weighted = _weighted(_terms(read.with_columns(text=pl.Series(prompts.strings(read["row"]), dtype=pl.String))))
    named = {topic[0]: _chosen(part) for topic, part in weighted.partition_by("topic", as_dict=True).items()}
    terms = pl.Series("terms", [named.get(topic, []) for topic in sizes["topic"]], dtype=pl.List(pl.String))
    return sizes.with_columns(terms, share=pl.col("rows") / max(1, len(labels))).select(
        "topic", "rows", "share", pl.col("terms").list.join(" · ").alias("name"), "terms"
    )


def _terms(read: pl.DataFrame) -> pl.DataFrame:
    """In how many prompts of each topic a term stands: `topic`, `term`, `pair`, `count`, `of` the prompts read."""
    text = pl.col("text").str.slice(0, _OPENING).str.to_lowercase().str.replace_all("[’']s\\b", "")
    words = read.select("row", "topic", word=text.str.extract_all(r"\p{L}[\p{L}\p{M}+#]*|[.,;:!?()\n\"]")).explode(
        "word"
    )
    words = words.with_row_index("at").filter(pl.col("word").str.len_chars() > 1, ~pl.col("word").is_in(_without()))
    words = words.with_columns(word=singular(words["word"]))
    beside = (pl.col("at").diff() == 1) & (pl.col("row").diff() == 0)
    pair = pl.when(beside).then(pl.col("word").shift(1) + " " + pl.col("word"))
    kinds = [words.select("row", "topic", term=t, pair=pl.lit(p)) for t, p in ((pl.col("word"), False), (pair, True))]
    counts = pl.concat(kinds).drop_nulls().unique().group_by("topic", "term", "pair").agg(count=pl.len())
    return counts.join(read.group_by("topic").agg(of=pl.len()), on="topic")


def _weighted(terms: pl.DataFrame) -> pl.DataFrame:
    """The terms with their weight in their topic, the heaviest first."""
    tf = pl.col("count") / pl.col("count").sum().over("topic")
    mean = pl.col("count").sum() / pl.col("topic").n_unique()
    weight = tf * (1 + mean / pl.col("count").sum().over("term")).log()
    fewest = (_FEWEST * pl.col("of")).clip(2)
    weighted = terms.with_columns(weight=weight).filter(pl.col("count") >= fewest)
    return weighted.sort("topic", "weight", "term", descending=[False, True, False])


def _chosen(terms: pl.DataFrame) -> list[str]:
    """The heaviest terms that say something new: a word gives way to the pair that most of its mentions stand in."""
    chosen: list[str] = []
    pairs: dict[str, int] = dict(terms.filter("pair").select("term", "count").iter_rows())
    for term, count in terms.select("term", "count").head(50).iter_rows():
        longer = [pair for pair, n in pairs.items() if term in pair.split() and n >= _WHOLE * count]
        name = longer[0] if longer and " " not in term else term
        said = {word[:_STEM] for other in chosen for word in other.split()}
        if not said & {word[:_STEM] for word in name.split()}:
            chosen.append(name)
        if len(chosen) == _NAMED_BY:
            break
    return chosen


@cache
def _without() -> list[str]:
    """Words that name no topic; a verb of requests that is as often a noun ("design", "test") may name one."""
    lists = word_lists()
    verbs = {word for group in ("make", "tell", "give") for word in lists["verbs"][group]}
    return sorted({*word_list("stop_words"), *_FRAME.split(), *(verbs - set(lists["kinds"]["noun"]))})
