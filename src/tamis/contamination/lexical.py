"""Rows that hold a test item word for word, or nearly: which item, where on both sides, and with its answer or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl

from tamis.contamination.index import ItemIndex
from tamis.kernels.matching import COLUMNS, WHOLE, held, match
from tamis.packed import Packed

ROLES: Final = {
    "prompt": ("system", "developer", "user", "tool", "text"),
    "response": ("assistant", "text"),
    "conversation": ("system", "developer", "user", "tool", "text", "assistant"),
}
"""Whose turns are searched; a raw text is all in one."""
HITS: Final = pl.Schema(
    {
        "row": pl.Int64,
        "turn": pl.Int32,
        "role": pl.String,
        "benchmark": pl.String,
        "item": pl.Int64,  # 0-based record of the benchmark's file
        "item_line": pl.Int64,
        "name": pl.String,  # what the benchmark calls the item
        "part": pl.String,  # question, answer or passage: what was found
        "verdict": pl.String,  # the part, "question and answer" where both are there, or "meaning"
        "action": pl.String,  # drop, or flag for what is alike in meaning alone
        "score": pl.Float64,
        "threshold": pl.Float64,
        "tokens": pl.Int64,  # of the part, found in the row
        "start": pl.Int64,  # characters into the turn's text
        "stop": pl.Int64,
        "item_start": pl.Int64,  # characters into the part's text
        "item_stop": pl.Int64,
        "text": pl.String,  # what stands there, in the row and in the item
        "item_text": pl.String,
    }
)
BOTH: Final = "question and answer"
ANSWERED: Final = 0.6
"""Share of a long answer's weight that must follow a question to say that both are there."""
_FOLLOWS: Final = 8_000
"""Bytes behind a question in which its answer is looked for."""
SHOWN: Final = 300
"""Characters of a span that are kept as evidence."""


def find_hits(turns: pl.DataFrame, index: ItemIndex, fields: str = "prompt") -> pl.DataFrame:
    """The items that the turns of a batch hold, as in `HITS` but for `row`, which counts from the batch's first."""
    chosen = turns.with_row_index("place").filter(pl.col("role").is_in(ROLES[fields]))
    if fields == "prompt":
        chosen = chosen.filter(pl.col("side").is_null())
    chosen = chosen.with_columns(pl.col("text").fill_null(""))
    distinct = chosen["text"].unique(maintain_order=True)  # system prompts are all alike, and prompts of many answers
    texts = Packed.of(distinct)
    tables, parts = index.tables
    found, scores = match(texts.offsets, texts.data, tables, parts)
    if not len(found):
        return pl.DataFrame(schema=HITS)
    raw = pl.DataFrame(found, schema=list(COLUMNS)).with_columns(score=scores)
    numbers = pl.DataFrame({"said": distinct, "text": np.arange(len(distinct))})
    said = chosen.select("row", "turn", "role", "place", said="text").join(numbers, on="said").drop("said")
    raw = raw.join(said, on="text").sort("place", "part")
    told = index.parts.select("benchmark", "item", item_line="line", name="name", kind="part", length="tokens")
    raw = raw.with_columns(told[raw["part"].to_numpy()], threshold=index.thresholds[raw["part"].to_numpy()])
    raw = raw[_best(raw)]
    raw = raw.with_columns(verdict=pl.Series(_verdicts(raw, turns, texts, index), dtype=pl.String))
    # "Who are you?" is a test item and what everybody asks: so short a question counts with its answer alone
    return _told(raw.filter((pl.col("length") > WHOLE) | (pl.col("verdict") == BOTH)), texts, index)


def _best(raw: pl.DataFrame) -> list[int]:
    """The hits that no better one of the same benchmark overlaps by half: items of a template are like one another."""
    kept: list[int] = []
    ranked = raw.with_row_index("hit").sort(
        "row", "benchmark", "turn", "score", "tokens", "part", descending=[False, False, False, True, True, False]
    )
    key, rivals = None, list[dict[str, Any]]()
    for hit in ranked.iter_rows(named=True):
        group = hit["row"], hit["benchmark"], hit["turn"], hit["kind"]
        if group != key:
            key, rivals = group, []
        if not any(_overshadows(rival, hit) for rival in rivals):
            rivals.append(hit)
            kept.append(hit["hit"])
    return sorted(kept)


def _overshadows(rival: dict[str, Any], hit: dict[str, Any]) -> bool:
    shared = min(rival["stop"], hit["stop"]) - max(rival["start"], hit["start"])
    better = (rival["score"], rival["tokens"]) > (hit["score"], hit["tokens"])
    return better and 2 * shared >= hit["stop"] - hit["start"]


def _verdicts(raw: pl.DataFrame, turns: pl.DataFrame, texts: Packed, index: ItemIndex) -> list[str]:
    """What is there of each item: the part that was found, or question and answer."""
    pairs = list(_answers(raw, turns, texts, index))
    answered = set[int]()
    if pairs:
        follows = Packed.of(text for _, _, text in pairs)
        wanted = np.array([part for _, part, _ in pairs], np.int64)
        shares = held(follows.offsets, follows.data, index.tables[1], wanted)
        answered = {hit for (hit, _, _), share in zip(pairs, shares, strict=True) if share >= ANSWERED}
    return [BOTH if hit in answered else kind for hit, kind in enumerate(raw["kind"])]


def _answers(raw: pl.DataFrame, turns: pl.DataFrame, texts: Packed, index: ItemIndex) -> Iterator[tuple[int, int, str]]:
    """For each question that was found: the hit, a part that answers it, and the text that follows the question."""
    for hit, found in enumerate(raw.iter_rows(named=True)):
        parts = index.answers.get((found["benchmark"], found["item"]), [])
        if found["kind"] == "question" and parts:
            follows = _following(found, turns, texts)
            if follows:
                yield from ((hit, part, follows) for part in parts)


def _following(found: dict[str, Any], turns: pl.DataFrame, texts: Packed) -> str:
    if found["role"] in ("text", "assistant"):
        start = texts.offsets[found["text"]] + found["stop"]
        stop = min(texts.offsets[found["text"] + 1], start + _FOLLOWS)
        return texts.data[start:stop].tobytes().decode("utf-8", "ignore")
    for place in range(found["place"] + 1, turns.height):
        row, side, role, text = turns.select("row", "side", "role", "text").row(place)
        if row != found["row"]:
            break
        if role == "assistant" and side is None:
            return str(text or "")[:_FOLLOWS]
    return ""


def _told(raw: pl.DataFrame, texts: Packed, index: ItemIndex) -> pl.DataFrame:
    """The hits with their places in characters, and what stands there."""
    own = [_span(texts, *place) for place in raw.select("text", "start", "stop").iter_rows()]
    offsets = index.packed.offsets[raw["part"].to_numpy()]
    starts = (raw["item_start"].to_numpy() - offsets).tolist()
    stops = (raw["item_stop"].to_numpy() - offsets).tolist()
    theirs = [_span(index.packed, *place) for place in zip(raw["part"].to_list(), starts, stops, strict=True)]
    told = raw.with_columns(
        pl.Series("start", [start for start, _, _ in own], dtype=pl.Int64),
        pl.Series("stop", [stop for _, stop, _ in own], dtype=pl.Int64),
        pl.Series("text", [text for _, _, text in own], dtype=pl.String),
        pl.Series("item_start", [start for start, _, _ in theirs], dtype=pl.Int64),
        pl.Series("item_stop", [stop for _, stop, _ in theirs], dtype=pl.Int64),
        pl.Series("item_text", [text for _, _, text in theirs], dtype=pl.String),
        part="kind",
        action=pl.lit("drop"),
    )
    return told.sort("row", "turn", "start", "benchmark", "item").select(
        pl.col(name).cast(kind) for name, kind in HITS.items()
    )


def _span(texts: Packed, text: int, start: int, stop: int) -> tuple[int, int, str]:
    """A range of bytes of a text as one of characters, and the beginning of what stands there."""
    first = int(texts.offsets[text])
    before = texts.data[first : first + start].tobytes().decode("utf-8", "replace")
    held = texts.data[first + start : first + stop].tobytes().decode("utf-8", "replace")
    return len(before), len(before) + len(held), held[:SHOWN]
