"""`diversity`: is it varied, where is it thin, and which of a reference does it not reach?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl

from tamis.corpus import OWN
from tamis.corpus import Progress as Stages
from tamis.engines import local
from tamis.errors import TamisError
from tamis.masking import mask
from tamis.packed import Packed
from tamis.records.reader import Reading
from tamis.reports import diversity as report
from tamis.reports.pages import diversity as page
from tamis.scores.diversity.catalogue import SCORES
from tamis.scores.diversity.clusters import Clusters, clusters
from tamis.scores.diversity.coverage import Gap, Reference, coverage, gaps
from tamis.scores.diversity.estimate import Estimate, estimates
from tamis.scores.diversity.lexical import lexical, lexical_estimates
from tamis.scores.diversity.meaning import SIZE, semantic, semantic_estimates
from tamis.scores.diversity.phrases import Phrase, common_closers, common_openers, common_templates
from tamis.scores.diversity.topics import topics
from tamis.scores.diversity.words import Words
from tamis.verbs.dataset import Data, Dataset, read_dataset
from tamis.verbs.kinds import SIGNALS, Kinds, kinds_of
from tamis.workspace import write_json

SIDES: Final = ("prompt", "response")
TOPICS: Final = 30
EXAMPLES: Final = pl.List(pl.Struct({"row": pl.Int64, "text": pl.String}))
FEWEST: Final = 20
"""Texts of a side below which it is not measured."""
Estimates = dict[str, dict[str, Estimate]]


@dataclass(frozen=True)
class Side:
    """The texts of one side that say something: their words, vectors and the numbers of their rows in the dataset."""

    name: str
    texts: Packed
    words: Words
    vectors: Any
    rows: Any
    embedder: Any

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Sampling:
    """How samples are drawn: `size` rows, or None for the usual number; on how many threads changes no figure."""

    size: int | None
    seed: int
    threads: int | None

    def of(self, *sets: Sized | None) -> int:
        """Rows of a sample: what was asked, or 1,000, or half of the smallest set."""
        smallest = min(len(rows) for rows in sets if rows is not None)
        return min(self.size or min(SIZE, max(2, smallest // 2)), smallest)


@dataclass(frozen=True)
class DiversityResult:
    """How varied a dataset is, beside two anchors and, where one was named, a reference.

    `scores` has a line a side and score: `value`, `low` and `high` for samples of `size` rows, the same figure of
    `shuffled` words and of `duplicated` rows, and the reference's. `kinds` counts rows by task type, verb, format,
    length, language and so on; `topics` names the clusters of prompts; `phrases` are what many texts share.
    """

    scores: pl.DataFrame
    kinds: Mapping[str, Kinds]
    topics: pl.DataFrame
    phrases: Mapping[str, list[Phrase]]
    gaps: list[dict[str, Any]]
    excesses: list[dict[str, Any]]
    facts: Mapping[str, Any] = field(repr=False)

    def summary(self) -> dict[str, Any]:
        """All of it as plain values: what `--json` prints."""
        told = [{key: _plain(value) for key, value in row.items()} for row in self.scores.iter_rows(named=True)]
        about = {name: asdict(SCORES[name]) for name in self.scores["score"].unique(maintain_order=True)}
        phrases = {name: [asdict(phrase) for phrase in found] for name, found in self.phrases.items()}
        return {
            **self.facts,
            "scores": told,
            "about": about,
            "kinds": {name: kinds.plain() for name, kinds in self.kinds.items()},
            "topics": self.topics.to_dicts(),
            "phrases": phrases,
            "gaps": self.gaps,
            "excesses": self.excesses,
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the summary as JSON."""
        write_json(path, self.summary())

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


def diversity(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Data,
    *,
    against: Data = None,
    size: int | None = None,
    seed: int = 0,
    embedder: Any = "static",
    by: str | None = None,
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    threads: int | None = None,
    progress: local.Progress | None = None,
    stages: Stages | None = None,
) -> DiversityResult:
    """Measure how varied prompts and answers are, in words and in meaning, at an equal number of rows.

    Parameters
    ----------
    data, embedder, by, schema, mapping, format, threads, progress, stages
        As for `audit`.
    against
        A reference: the same figures at the same size, and what of it the data does not reach.
    size
        Rows of each sample; by default 1,000, or half of the smaller set, so that samples differ.
    seed
        Of the samples and of the clusters.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> rows = pl.DataFrame({"prompt": [f"Add {i} and 3." for i in range(40)], "completion": ["7"] * 40})
    >>> scores = diversity(rows).scores.filter(score="distinct_1")
    >>> scores.select("side", "size").rows(), scores["value"][0] > scores["value"][1]
    ([('prompt', 20), ('response', 20)], True)
    """
    if size is not None and size < 2:
        raise TamisError("size is a number of rows, 2 or more")
    name, own = (os.fspath(embedder), None) if isinstance(embedder, str | os.PathLike) else (OWN, embedder)
    read = partial(read_dataset, signals=SIGNALS, embedder=own, threads=threads, progress=progress, stages=stages)
    one = read(data, reading=Reading(schema, mapping or {}, by), format=format)
    other = None if against is None else read(against, reading=Reading(by=by))
    sampling = Sampling(size, seed, threads)
    measured = list(_measured(one, other, name, sampling))
    if not measured:
        raise TamisError(f"fewer than {FEWEST} rows have a prompt or an answer: too few to measure")
    sides = {side.name: side for side, *_ in measured}
    missing = [found for _, _, _, found in measured if found is not None]
    return DiversityResult(
        scores=pl.concat([_lines(side.name, found, reference) for side, found, reference, _ in measured]),
        kinds=kinds_of(one, other, size=sampling.of(one, other), seed=seed),
        topics=_topics(sides.get("prompt"), sampling),
        phrases=_phrases(sides),
        gaps=[line for less, *_ in missing for line in less],
        excesses=[line for *_, more in missing for line in more],
        facts={
            "inputs": one.files,
            "against": [] if other is None else other.files,
            "rows": one.rows.height,
            "reference_rows": None if other is None else other.rows.height,
            "embedding": one.corpus.facts.get("embedding", {}),
            "seed": seed,
        },
    )


Found = tuple[Side, Estimates, Estimates | None, tuple[list[dict[str, Any]], ...] | None]


def _measured(one: Dataset, other: Dataset | None, embedder: str, sampling: Sampling) -> Iterator[Found]:
    """Each side that has texts enough: its figures, the reference's, and what either lacks."""
    for name in SIDES:
        side, reference = _side(one, name, embedder), None if other is None else _side(other, name, embedder)
        if side is None:
            continue
        one.corpus.progress(f"measuring {name}s", 0.0)
        if reference is None:
            yield side, _estimates(side, None, sampling.of(side), sampling), None, None
            continue
        known = Reference.of(reference.vectors, seed=sampling.seed, threads=sampling.threads)
        size = sampling.of(side, reference)
        found, beside = _estimates(side, known, size, sampling), _alone(reference, known, size, sampling)
        yield side, found, beside, _missing(side, reference, known.cells, sampling)


def _side(dataset: Dataset, name: str, embedder: str) -> Side | None:
    """The texts of a side; None where hardly a row has one."""
    [texts], [vectors] = dataset.corpus.sides(name), dataset.corpus.vectors(name, embedder)
    rows = np.flatnonzero(np.diff(texts.offsets))
    if len(rows) < FEWEST:
        return None
    if len(rows) < len(texts):
        texts, vectors = Packed.of(texts.strings(rows.tolist())), vectors[rows]
    return Side(name, texts, Words.of(texts), vectors, rows, dataset.corpus.embedder(embedder))


def _estimates(side: Side, known: Reference | None, size: int, sampling: Sampling) -> Estimates:
    drawn: dict[str, Any] = {"size": size, "seed": sampling.seed, "threads": sampling.threads}
    found = lexical_estimates(side.texts, side.words, **drawn)
    return found | semantic_estimates(side.texts, side.embedder, side.vectors, reference=known, **drawn)


def _alone(side: Side, known: Reference, size: int, sampling: Sampling) -> Estimates:
    """The figures of a reference, which needs no anchors of its own."""
    meaning = semantic(side.vectors, reference=known, threads=sampling.threads)
    told = [
        estimates(measure, len(side), size, seed=sampling.seed)
        for measure in (partial(lexical, side.texts, side.words), meaning)
    ]
    return {name: {"set": estimate} for found in told for name, estimate in found.items()}


def _missing(side: Side, reference: Side, cells: Clusters, sampling: Sampling) -> tuple[list[dict[str, Any]], ...]:
    """What the data lacks of the reference, and what the reference lacks of the data, with texts as examples.

    Each by cells fitted on the set that has it: in the other's cells what is new would be counted among the old.
    """
    threads = sampling.threads
    less = gaps(cells, reference.vectors, coverage(cells, side.vectors, threads=threads))
    own = clusters(side.vectors, seed=sampling.seed, threads=threads)
    more = gaps(own, side.vectors, coverage(own, reference.vectors, threads=threads))
    return [_gap(gap, reference) for gap in less], [_gap(gap, side, swapped=True) for gap in more]


def _gap(gap: Gap, examples: Side, *, swapped: bool = False) -> dict[str, Any]:
    rows = [{"row": int(examples.rows[at]), "text": _shown(examples.texts, at)} for at in gap.examples]
    names = ("reference_share", "share") if swapped else ("share", "reference_share")
    shares = dict(zip(names, (gap.share, gap.reference_share), strict=True))
    return {"side": examples.name, **shares, "examples": rows}


def _shown(texts: Packed, row: int, most: int = 160) -> str:
    """The beginning of a text in one line, personal data masked."""
    [text] = texts.strings([row])
    line = " ".join(mask(text).split())
    return line if len(line) <= most else f"{line[:most]}..."


def _lines(side: str, found: Estimates, reference: Estimates | None) -> pl.DataFrame:
    """A line a score of one side."""
    lines = []
    for name, kinds in found.items():
        own, beside = kinds["set"], None if reference is None else reference[name]["set"]
        line = {"side": side, "score": name, **asdict(own)}
        line |= {f"{kind}": kinds[kind].value for kind in ("shuffled", "duplicated")}
        told = (None, None, None) if beside is None else (beside.value, beside.low, beside.high)
        line |= dict(zip(("reference", "reference_low", "reference_high"), told, strict=True))
        lines.append(line | {"differs": None if beside is None else own.differs(beside)})
    numbers = ("value", "low", "high", "shuffled", "duplicated", "reference", "reference_low", "reference_high")
    return pl.DataFrame(lines, schema_overrides={**dict.fromkeys(numbers, pl.Float64), "differs": pl.Boolean})


def _topics(prompts: Side | None, sampling: Sampling) -> pl.DataFrame:
    """The clusters of prompts that have a name, and the prompts in the middle of each."""
    if prompts is None:
        return topics(np.zeros(0, np.int64), Packed.of([]))
    wanted = min(TOPICS, len(prompts) // 10)
    found = clusters(prompts.vectors, wanted, seed=sampling.seed, threads=sampling.threads)
    named = topics(found.labels, prompts.texts, seed=sampling.seed).filter(pl.col("name") != "")
    middle = [found.examples(prompts.vectors, topic, 2).tolist() for topic in named["topic"]]
    shown = [[{"row": int(prompts.rows[at]), "text": _shown(prompts.texts, at)} for at in rows] for rows in middle]
    return named.with_columns(examples=pl.Series(shown, dtype=EXAMPLES))


def _phrases(sides: Mapping[str, Side]) -> dict[str, list[Phrase]]:
    """What many prompts are made of, and how many answers begin and end; rows numbered as in the dataset."""
    asked: tuple[tuple[str, str, Callable[[Packed, Words], list[Phrase]]], ...] = (
        ("templates", "prompt", common_templates),
        ("openers", "response", common_openers),
        ("closers", "response", common_closers),
    )
    return {
        name: [_numbered(phrase, sides[side]) for phrase in common(sides[side].texts, sides[side].words)]
        for name, side, common in asked
        if side in sides
    }


def _numbered(phrase: Phrase, side: Side) -> Phrase:
    return Phrase(phrase.words, phrase.texts, phrase.share, int(side.rows[phrase.row]), mask(phrase.seen))


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
