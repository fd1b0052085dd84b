"""What prompts ask for in their first request: its verb and the noun that the verb is about."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.packed import Packed

REQUEST: Final = pl.Schema({"verb": pl.String, "object": pl.String, "question": pl.String, "at": pl.Int64})
"""The first request of a prompt: its verb and the noun that is about, as dictionaries have them and null where there is
none; the word that asks, where the prompt asks in place of telling; and the byte where the verb begins."""
_SINGULAR: Final = {
    "analyses": "analysis", "children": "child", "cookies": "cookie", "feet": "foot", "hypotheses": "hypothesis",
    "lens": "lens", "lives": "life", "mathematics": "mathematics", "men": "man", "movies": "movie", "news": "news",
    "people": "person", "physics": "physics", "series": "series", "species": "species", "ties": "tie", "women": "woman",
}  # fmt: skip
"""What endings alone get wrong."""


@cache
def word_lists() -> dict[str, dict[str, list[str]]]:
    """The tables of `requests.toml`, each list as words."""
    tables: dict[str, Any] = tomllib.loads((resources.files(__package__) / "requests.toml").read_text("utf-8"))
    return {table: {name: words.split() for name, words in lists.items()} for table, lists in tables.items()}


@cache
def _words() -> tuple[list[str], NDArray[np.uint64], NDArray[np.int32], NDArray[np.int64]]:
    bits = {"": 0}
    tables = word_lists()
    for words in tables["verbs"].values():
        bits |= dict.fromkeys(words, kernels.requests.VERB)
    for kind, words in tables["kinds"].items():
        bit = getattr(kernels.requests, kind.upper())
        for word in words:
            bits[word] = bits.get(word, 0) | bit
    single = {word: kinds for word, kinds in bits.items() if "-" not in word}
    packed = Packed.of(single)
    table, numbers = kernels.terms.term_table(packed.offsets, packed.data)
    return list(single), table, numbers, np.array(list(single.values()), np.int64)


def requests(prompts: Packed) -> pl.DataFrame:
    """The first request of each prompt, as `REQUEST`; English only. O(bytes).

    >>> requests(Packed.of(["Please write two short, funny stories about cats.", "What is a cat?", "Meow"])).rows()
    [('write', 'story', None, 7), (None, None, 'what', -1), (None, None, None, -1)]
    """
    words, table, numbers, kinds = _words()
    found = kernels.requests.requests(prompts.offsets, prompts.data, table, numbers, kinds)
    names, verb, question = pl.Series([*words, None], dtype=pl.String), found[:, 0], found[:, 4]
    told = verb >= 0
    nouns = _spans(prompts.data, np.where(told, found[:, 2], 0), np.where(told, found[:, 3], 0))
    return pl.DataFrame(
        {
            "verb": names.gather(np.where(told, verb, len(words))),
            "object": singular(nouns),
            "question": names.gather(np.where(told | (question < 0), len(words), question)),
            "at": np.where(told, found[:, 1] - prompts.offsets[:-1], -1),
        },
        schema=REQUEST,
    )


def top_verbs(pairs: pl.Series, *, verbs: int = 20, objects: int = 4) -> list[dict[str, Any]]:
    """The most frequent verbs of "verb object" pairs with their most frequent objects, as Self-Instruct draws them.

    >>> top_verbs(pl.Series(["write poem", "write story", "write poem", "sort list", None]), verbs=1)
    [{'verb': 'write', 'rows': 3, 'objects': [('poem', 2), ('story', 1)]}]
    """
    split = pl.col("pair").str.splitn(" ", 2)
    told = pairs.drop_nulls().alias("pair").to_frame().select(verb=split.struct[0], object=split.struct[1])
    counts = told.group_by("verb", "object").agg(n=pl.len()).sort("n", "object", descending=[True, False])
    by_verb = counts.group_by("verb", maintain_order=True).agg(pl.col("n").sum().alias("rows"), "object", "n")
    best = by_verb.sort("rows", "verb", descending=[True, False]).head(verbs)
    return [
        {"verb": verb, "rows": rows, "objects": list(zip(nouns[:objects], counted[:objects], strict=True))}
        for verb, rows, nouns, counted in best.iter_rows()
    ]


def _spans(data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> pl.Series:
    """The text of byte ranges, null where one is empty."""
    lengths = stops - starts
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    taken = data[np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])]
    return Packed(offsets, taken).series().set(pl.Series(lengths == 0), None)


def singular(nouns: pl.Series) -> pl.Series:
    """Nouns in small letters and, as far as endings tell, in the singular."""
    noun = pl.col("noun")
    rules = (
        pl.when(noun.is_in(list(_SINGULAR)))
        .then(noun.replace(_SINGULAR))
        .when(noun.str.contains(r"[^aeiou]ies$") & (noun.str.len_bytes() > 4))
        .then(noun.str.replace(r"ies$", "y"))
        .when(noun.str.contains(r"(?:ch|sh|ss|x|zz)es$"))
        .then(noun.str.strip_suffix("es"))
        .when(noun.str.contains(r"[^suia']s$|[aeo]as$") & (noun.str.len_bytes() > 3))
        .then(noun.str.strip_suffix("s"))
        .otherwise(noun)
    )
    return nouns.str.to_lowercase().to_frame("noun").select(rules).to_series()
