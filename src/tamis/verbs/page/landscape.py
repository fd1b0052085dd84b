"""The map: a sample of the rows on a plane, near one another where their texts mean alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.corpus import OWN, Corpus
from tamis.models.projection import METHODS, project
from tamis.packed import Packed
from tamis.registry import SIGNALS
from tamis.results import AuditResult
from tamis.scores.diversity.clusters import clusters
from tamis.scores.diversity.topics import topics
from tamis.verbs.page.conversations import Masker, Said, start_of

CLUSTERS: Final = 10
NO_FINDING: Final = "no finding"
MOST_SIGNALS: Final = 24
HOVER: Final = 110
"""Characters of the prompt, and of the answer, that a point shows."""
OPENING: Final = 2000
"""Characters of a prompt that its topic is looked for in."""


def landscape(found: AuditResult, said: Mapping[int, Said], method: str, hide: Masker) -> dict[str, Any] | None:
    """Points, and what they may be coloured by; None where there is nothing to place."""
    rows = sorted(said)
    if len(rows) < 4:
        return None
    vectors, name = _vectors(found, [said[row] for row in rows])
    points, facts = project(vectors, method)
    frame = found.rows.filter(pl.col("row").is_in(rows)).sort("row")
    return {
        "method": METHODS["pca" if "variance" in facts else method],
        "facts": facts,
        "embedder": name,
        "rows": rows,
        "of": found.rows.height,
        "x": _rounded(points[:, 0]),
        "y": _rounded(points[:, 1]),
        "prompt": [start_of(said[row].prompt, hide, HOVER) for row in rows],
        "response": [start_of(said[row].response, hide, HOVER) for row in rows],
        "colours": [
            _topics(vectors, [hide(said[row].prompt[:OPENING]) for row in rows]),
            *_codes(found, frame, hide),
            *_numbers(frame),
        ],
    }


def _rounded(values: NDArray[np.float64]) -> list[float]:
    spread = float(np.abs(values).max()) or 1.0
    return [round(float(value), 3) for value in values / spread]


def _vectors(found: AuditResult, said: Sequence[Said]) -> tuple[NDArray[np.float32], str]:
    """Unit vectors of prompt and answer side by side, by the model that the recipe compares meanings with."""
    named = str(found.recipe.signals.get("semantic_similarity", {}).get("embedder", "static"))
    prompts, responses = Packed.of([texts.prompt for texts in said]), Packed.of([texts.response for texts in said])
    corpus = Corpus(prompts, responses, order=np.arange(len(said)))
    vectors = corpus.whole("conversation", "static" if named == OWN else named)
    return vectors, str(corpus.facts["embedding"]["embedder"])


def _topics(vectors: NDArray[np.float32], prompts: Sequence[str]) -> dict[str, Any]:
    """The cluster of each row, the largest first, under the words that its prompts have and others lack."""
    labels = clusters(vectors, min(CLUSTERS, max(2, len(vectors) // 40))).labels
    named = dict(topics(labels, Packed.of(prompts)).select("topic", "name").iter_rows())
    names = [named.get(topic) or f"topic {topic + 1}" for topic in range(int(labels.max()) + 1)]
    nowhere = ["no topic"] if labels.min() < 0 else []
    return _named("topic", np.where(labels < 0, len(names), labels), [*names, *nowhere])


def _named(title: str, codes: NDArray[np.int64], names: Sequence[str]) -> dict[str, Any]:
    return {"title": title, "kind": "names", "names": list(names), "values": codes.tolist()}


def _codes(found: AuditResult, frame: pl.DataFrame, hide: Masker) -> list[dict[str, Any]]:
    """Columns of names: finding, verdict, language, schema, and what the counts were split by."""
    worst = _worst_finding(found, frame["row"])
    columns = {"finding": worst, "verdict": _verdict(found, frame["row"])}
    for title, column in (("language", "response_language"), ("schema", "source_schema"), ("by", "by")):
        if column in frame.columns and frame[column].n_unique() > 1:
            shown = str(found.facts.get("by")) if column == "by" else title
            columns[shown] = frame[column].fill_null("unknown" if column != "by" else "(none)")
    files = [PurePath(file["name"]).name for file in found.facts["inputs"]]
    if len(files) > 1:
        columns["file"] = pl.Series("file", [files[place] for place in frame["file"]])
    return [_commonest(title, values, hide) for title, values in columns.items()]


def _commonest(title: str, values: pl.Series, hide: Masker, most: int = 9) -> dict[str, Any]:
    """The commonest names, and the others as one."""
    counted = values.value_counts(sort=True).sort("count", values.name, descending=[True, False])
    names = counted[values.name].to_list()
    shown = names[:most] if len(names) > most + 1 else names
    place = {name: i for i, name in enumerate(shown)}
    codes = [place.get(value, len(shown)) for value in values]
    return _named(title, np.array(codes), [hide(str(name)) for name in shown] + ["other"] * (len(names) > len(shown)))


def _worst_finding(found: AuditResult, rows: pl.Series) -> pl.Series:
    """The rarest rule among the findings of each row: the common ones would hide it."""
    own = found.findings.filter(~pl.col("accepted") & pl.col("row").is_in(rows.implode()))
    rarest = (
        own.with_columns(n=pl.len().over("rule")).sort("n", "rule").unique("row", keep="first").select("row", "rule")
    )
    joined = rows.to_frame("row").join(rarest, on="row", how="left", maintain_order="left")
    return joined["rule"].fill_null(NO_FINDING).alias("finding")


def _verdict(found: AuditResult, rows: pl.Series) -> pl.Series:
    gone, hit = rows.is_in(found.dropped.implode()), rows.is_in(found.findings["row"].implode())
    told = pl.select(pl.when(gone).then(pl.lit("dropped")).when(hit).then(pl.lit("flagged")).otherwise(pl.lit("clean")))
    return told.to_series().alias("verdict")


def _numbers(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Signals whose values vary the most rows of the sample, as numbers."""
    told = []
    for name in frame.columns:
        if name not in SIGNALS or SIGNALS[name].unit in ("flag", "code"):
            continue
        values = frame[name].cast(pl.Float64)
        varied = int((values.drop_nulls() != values.drop_nulls().mode().first()).sum()) if values.count() else 0
        if varied > 0:
            told.append((varied, {"title": name, "kind": "numbers", "values": [_short(value) for value in values]}))
    ranked = sorted(told, key=lambda entry: -entry[0])[:MOST_SIGNALS]
    return sorted((facts for _, facts in ranked), key=lambda facts: str(facts["title"]))


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
