"""What kind of work a prompt asks for, by rules over its first request and its first lines; English only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.packed import Packed
from tamis.scores.diversity.requests import requests, word_lists

TASK_TYPES: Final[Mapping[str, str]] = {
    "code": "write, explain or repair program text, a query or markup",
    "maths": "a sum, an equation, a word problem",
    "translation": "say a text in another language",
    "summary": "say a text, a book or a subject in few words",
    "rewriting": "change a given text: correct, rephrase, order, convert, complete",
    "classification": "choose among given or few answers: a label, yes or no, a rank",
    "extraction": "find what a given text holds",
    "role play": "speak as somebody else",
    "fiction": "a story, verse, a scene, a joke",
    "writing": "an e-mail, an essay, a plan, an advertisement or another text for use",
    "ideas": "names, suggestions, examples: a list of things that fit",
    "explanation": "explain, describe, compare or discuss a subject, say how or why",
    "question about a text": "a question that a given text answers",
    "question": "any other question",
    "tools": "a row that defines tools to call",
    "conversation": "a greeting or a remark that asks for nothing",
    "other": "none of these, or not English",
}
"""The labels with what they mean; a prompt has one."""
_HEAD: Final = 400
"""Characters in which cues are looked for: what a long text in the prompt says is not what is asked."""
_LONG: Final = 600
"""Characters above which a prompt with a question holds a text that the question is about."""


@cache
def cues() -> dict[str, str]:
    """The patterns of `task_types.toml`, one a cue."""
    lists = tomllib.loads((resources.files(__package__) / "task_types.toml").read_text("utf-8"))
    return {cue: "|".join(patterns) for cue, patterns in lists.items()}


def task_types(prompts: Packed, contexts: NDArray[np.bool_], tools: NDArray[np.bool_]) -> pl.Series:
    """The kind of work each prompt asks for, one of `TASK_TYPES`.

    `contexts` says which rows have a text of their own to work on, `tools` which define tools. A word alone decides
    little ("list", "find", "answer"): the verb of the first request goes with its noun, then come the cues.

    >>> asked = Packed.of(["Write a poem about rain.", "Write a SQL query.", "Summarize the text.", "Why is it blue?"])
    >>> task_types(asked, np.zeros(4, bool), np.zeros(4, bool)).to_list()
    ['fiction', 'code', 'summary', 'explanation']
    """
    text = prompts.series()
    asked = requests(prompts).with_columns(
        head=text.str.slice(0, _HEAD).str.to_lowercase(),
        tail=text.str.slice(-_HEAD).str.to_lowercase(),
        named=text.str.contains(r"^\W*You(?: are|'re|’re) (?:now |playing |the )?(?:Dr\. |AI )?[A-Z][a-z]"),
        english=pl.Series(kernels.counting.looks_english(prompts.offsets, prompts.data)),
        context=pl.Series(contexts),
        tools=pl.Series(tools),
        long=text.str.len_bytes() > _LONG,
        asks=text.str.contains("?", literal=True),
    )
    seen = asked.with_columns(
        **{cue: pl.col("tail" if cue == "problem" else "head").str.contains(p) for cue, p in cues().items()},
        numbers_told=pl.col("head").str.count_matches(cues()["numbers"]),
    )
    return seen.select(_decided()).to_series()


def _decided() -> pl.Expr:
    """The first rule that holds; specific work comes before the general forms of asking."""
    lists = word_lists()
    verb = {name: pl.col("verb").is_in(words).fill_null(False) for name, words in lists["verbs"].items()}
    noun = {name: pl.col("object").is_in(words).fill_null(False) for name, words in lists["nouns"].items()}
    cue = {name: pl.col(name) for name in cues()}
    given = pl.col("context") | cue["text"]
    made = verb["make"] | verb["give"] | verb["other"]
    asks = pl.col("question").is_not_null() | pl.col("asks")
    clear = pl.col("verb").is_in(lists["sure"]["rewrite"]).fill_null(False)
    chosen = pl.col("verb").is_in(lists["sure"]["classify"]).fill_null(False)
    told = pl.col("verb").is_not_null()
    program = noun["code"] | (noun["program"] & cue["program"])
    problem = cue["problem"] & (pl.col("numbers_told") > 1) & ~verb["make"] & ~pl.col("long")
    worked = verb["extract"] | verb["rewrite"] | verb["classify"]
    rules = [
        (~pl.col("english"), "other"),
        (pl.col("tools"), "tools"),
        (cue["hello"] & (pl.col("head").str.len_bytes() < 120), "conversation"),
        (cue["code"] | (program & ~verb["tell"] & ~verb["answer"]), "code"),
        ((cue["play"] | pl.col("named")) & ~cue["no_play"], "role play"),
        (verb["translate"] | (cue["translation"] & ~made & ~verb["tell"]), "translation"),
        (
            verb["summarise"] | (made & noun["summary"]) | (cue["summary"] & ~cue["fiction"] & ~cue["article"]),
            "summary",
        ),
        (problem & ~pl.col("context") & ~told, "maths"),
        (cue["fiction"] & ~(pl.col("context") & worked) & ~(verb["tell"] & ~noun["fiction"]), "fiction"),
        (chosen | (cue["choice"] & ~(made & noun["document"])), "classification"),
        ((verb["extract"] | verb["calculate"] | verb["give"]) & noun["label"] & given, "classification"),
        (cue["sums"] & cue["numbers"] & ~made & ~verb["tell"], "maths"),
        ((verb["calculate"] | (verb["extract"] & cue["numbers"])) & noun["sums"], "maths"),
        ((verb["rewrite"] & (given | clear)) | (verb["make"] & noun["changed"] & given), "rewriting"),
        (verb["classify"] & given & ~cue["ideas"] & ~noun["items"], "classification"),
        (verb["extract"] & given & ~cue["ideas"], "extraction"),
        (made & noun["fiction"], "fiction"),
        ((made | verb["answer"]) & noun["document"] | (verb["make"] & cue["article"]), "writing"),
        (verb["propose"] | ((made | verb["extract"]) & noun["items"]), "ideas"),
        (problem & ~pl.col("context"), "maths"),
        (verb["calculate"] & cue["numbers"] & given, "maths"),
        (verb["tell"], "explanation"),
        (verb["make"], "writing"),
        (asks & cue["passage"] & (~told | verb["answer"]), "question about a text"),
        (cue["ideas"], "ideas"),
        (cue["explain"], "explanation"),
        (cue["article"], "writing"),
        (verb["extract"] | verb["give"] | verb["classify"], "question"),
        (asks | verb["answer"], "question"),
        (verb["rewrite"], "rewriting"),
        (cue["remark"] & ~told & ~pl.col("context"), "conversation"),
    ]
    label = pl.lit("other")
    for holds, name in reversed(rules):
        label = pl.when(holds.fill_null(False)).then(pl.lit(name)).otherwise(label)
    return label
