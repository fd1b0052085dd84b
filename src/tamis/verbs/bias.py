"""`bias`: who is represented in this data, and how."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

import tamis.signals  # noqa: F401 - fills the registry
from tamis.corpus import Progress as Stages
from tamis.corpus import silent
from tamis.engines import local
from tamis.errors import TamisError
from tamis.identity import Lexicon, identity_lexicon, word_list
from tamis.identity.swaps import axes as swap_axes
from tamis.identity.swaps import swapped
from tamis.measure import Measured, measure
from tamis.packed import Packed
from tamis.recipe import Recipe, load
from tamis.records.reader import Reading, read_batches
from tamis.reports import bias as report
from tamis.reports.pages import bias as page
from tamis.scores.bias.association import association, significant
from tamis.scores.bias.contexts import mentioning, occupations_beside, words_beside
from tamis.scores.bias.occupations import occupations_by_gender
from tamis.scores.bias.representation import Mentions, mentions, pronoun_ratio, representation
from tamis.scores.bias.swap import FEWEST, changes_of_signals, changes_of_verdicts
from tamis.scores.bias.treatment import mean_by_unit, strata_of, treatment
from tamis.verbs.dataset import Data, gather, read_dataset
from tamis.workspace import write_json

SIDES: Final = ("prompts", "answers")
OUTCOMES: Final = {"refusal": "refusal", "response_tokens": "length", "response_toxicity": "toxicity"}
"""Signals whose gap is measured, where they are known, and what the report calls it; `hedging` comes beside them."""
SAMPLE: Final = 2000


@dataclass(frozen=True)
class BiasResult:
    """What was measured, each a list of mappings or a mapping of them.

    `representation` and `pronouns` are by side (`prompts`, `answers`), `occupations` and `words` read answers, `gaps`
    compares answers by whom the prompt mentions, and `swaps` says by axis what an exchange of identity terms changes.
    """

    rows: int
    units: int
    inputs: list[dict[str, Any]]
    representation: Mapping[str, list[dict[str, Any]]]
    pronouns: Mapping[str, dict[str, Any]]
    occupations: list[dict[str, Any]]
    words: list[dict[str, Any]] = field(repr=False)
    gaps: list[dict[str, Any]]
    swaps: list[dict[str, Any]]
    recipe: str
    seed: int

    def summary(self) -> dict[str, Any]:
        """All of it as plain values: what `--json` prints."""
        words = [{**facts, "words": facts["words"].to_dicts()} if "words" in facts else facts for facts in self.words]
        return {
            "inputs": self.inputs,
            "rows": self.rows,
            "units": self.units,
            "representation": dict(self.representation),
            "pronouns": dict(self.pronouns),
            "occupations": self.occupations,
            "words": words,
            "gaps": self.gaps,
            "swaps": self.swaps,
            "recipe": self.recipe,
            "seed": self.seed,
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the summary as JSON."""
        write_json(path, self.summary())

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


def bias(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Data,
    *,
    recipe: str | os.PathLike[str] | Recipe = "default",
    sample: int = SAMPLE,
    seed: int = 0,
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    threads: int | None = None,
    progress: local.Progress | None = None,
    stages: Stages = silent,
) -> BiasResult:
    """Measure who is mentioned, with which words and occupations, and whether answers and rules treat them alike.

    English only. Texts wait in a temporary file, so memory does not grow with them.

    Parameters
    ----------
    data, schema, mapping, format, threads, progress, stages
        As for `audit`.
    recipe
        Whose row rules the swapped rows are judged by.
    sample
        How many rows of each axis are swapped at most; 0 leaves the swap out.
    seed
        Of the sample and of the bootstrap.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> import polars as pl
    >>> found = bias(pl.DataFrame({"instruction": ["Who came?"] * 12, "output": ["She came."] * 12}))
    >>> found.representation["answers"][0]["rows"], found.pronouns["answers"]
    (12, {'she': 12, 'he': 0})
    """
    if sample < 0:
        raise TamisError("sample is a number of rows, 0 or more")
    judged = recipe if isinstance(recipe, Recipe) else load(os.fspath(recipe))
    read = read_dataset(
        data,
        ("prompt_tokens", *OUTCOMES),
        reading=Reading(schema, mapping or {}),
        format=format,
        threads=threads,
        progress=progress,
    )
    texts = dict(zip(SIDES, (read.corpus.prompts, read.corpus.responses), strict=True))
    lexicon = identity_lexicon()
    stages("counting mentions", 0)
    found = {side: mentions(texts[side], lexicon) for side in SIDES}
    units = units_of(read.rows)
    occupations, words = _contexts(texts["answers"], (found["answers"].masks, units), lexicon, stages)
    stages("comparing answers", 0)
    gaps = _gaps(read.rows, units, texts["answers"], found["prompts"].masks, seed)
    swaps = _swaps(texts, found, judged.only(rule.name for rule in judged.rules_on("row")), (sample, seed), stages)
    return BiasResult(
        rows=read.rows.height,
        units=(n_units := int(units.max()) + 1),
        inputs=read.files,
        representation={side: representation(found[side], lexicon, n_units) for side in SIDES},
        pronouns={side: pronoun_ratio(_added_up(found[side].pronouns, units)) for side in SIDES},
        occupations=occupations,
        words=words,
        gaps=gaps,
        swaps=swaps,
        recipe=judged.name,
        seed=seed,
    )


def units_of(rows: pl.DataFrame) -> NDArray[np.int64]:
    """A number for each distinct prompt, from 0: rows of one prompt are no independent observations, shape (n,).

    A row without a prompt has a number of its own.
    """
    number, alone = pl.col("number"), pl.col("prompt_hash").is_null()
    first = pl.when(alone).then(number).otherwise(number.first().over("prompt_hash"))
    firsts = rows.select("prompt_hash").with_row_index("number").select(first).to_series()
    return np.unique(firsts.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _added_up(counts: NDArray[Any], units: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([np.bincount(units, column) for column in counts.T], axis=1).astype(np.int64)


def axes_of(lexicon: Lexicon) -> dict[str, dict[str, int]]:
    """The groups of each axis with the bit that stands for them in a mask.

    >>> axes_of(identity_lexicon())["gender"]
    {'gender.female': 1, 'gender.male': 2, 'gender.nonbinary': 4}
    """
    axes: dict[str, dict[str, int]] = {}
    for place, group in enumerate(lexicon.groups):
        axes.setdefault(group.partition(".")[0], {})[group] = 1 << place
    return axes


def _contexts(
    texts: Packed, mentioned: tuple[NDArray[np.int64], NDArray[np.int64]], lexicon: Lexicon, stages: Stages
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Occupations by gender, and the words of each group: `mentioned` has the masks of the texts, and their units."""
    axes, bit = axes_of(lexicon), {group: 1 << place for place, group in enumerate(lexicon.groups)}
    titles = Lexicon.of({name: [name, f"{name}s"] for name in word_list("occupations")})
    without = {axis: _own_words(lexicon, axis) for axis in axes}
    counted: dict[str, list[pl.DataFrame]] = {axis: [] for axis in axes}
    occupations, done, total = [], 0, max(1, int((mentioned[0] != 0).sum()))
    for said in mentioning(texts, *mentioned, lexicon):
        occupations.append(occupations_beside(said, titles, bit["gender.female"], bit["gender.male"]))
        for axis, groups in axes.items():
            counted[axis] = [_added([*counted[axis], words_beside(said, sum(groups.values()), without[axis])])]
        done += said["unit"].n_unique()
        stages("reading sentences", done / total)
    told = [facts for axis in axes if counted[axis] for facts in association(counted[axis][0], axes[axis])]
    by_name = pl.concat(occupations).group_by("occupation").sum().sort("occupation") if occupations else pl.DataFrame()
    return occupations_by_gender(by_name.iter_rows()), significant(told)


def _added(counts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(counts).group_by("word", "alone", "every").agg(pl.col("units").sum())


def _own_words(lexicon: Lexicon, axis: str) -> list[str]:
    """Function words, and the words of an axis' own terms: beside "French writer" a writer stands by definition."""
    own = {
        word
        for term, group in zip(lexicon.terms, lexicon.group, strict=True)
        if group >= 0 and lexicon.groups[group].startswith(f"{axis}.")
        for word in term.split("-")
    }
    return sorted(own | set(word_list("stop_words")))


def _gaps(
    rows: pl.DataFrame, units: NDArray[np.int64], answers: Packed, masks: NDArray[np.int64], seed: int
) -> list[dict[str, Any]]:
    """Answers by whom the prompt mentions, within deciles of prompt length and one schema; a prompt counts once."""
    size = rows["prompt_tokens"].fill_null(0).cast(pl.Int64).to_numpy()
    kinds = np.unique(rows["source_schema"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    outcomes = {
        shown: rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name, shown in OUTCOMES.items()
        if name in rows.columns
    }
    outcomes["length"] = np.log2(np.where(outcomes["length"] > 0, outcomes["length"], np.nan))
    hedges = Lexicon.of({"hedges": word_list("hedges")})
    hedging = np.concatenate([np.zeros((0, 1)), *(hedges.counts(part) > 0 for _, part in answers.parts(1 << 14))])
    outcomes["hedging"] = np.where(np.isnan(outcomes["length"]), np.nan, hedging[:, 0])
    first = np.unique(units, return_index=True)[1]
    means = {name: mean_by_unit(value, units) for name, value in outcomes.items()}
    strata = strata_of(size[first], kinds[first])
    return treatment(masks[first], strata, means, axes_of(identity_lexicon()), seed=seed)


def _swaps(
    texts: Mapping[str, Packed],
    found: Mapping[str, Mentions],
    recipe: Recipe,
    drawn: tuple[int, int],
    stages: Stages,
) -> list[dict[str, Any]]:
    """By axis, what the exchange of its terms changes in a sample of the rows that have some."""
    sample, seed = drawn
    masks = found["prompts"].masks | found["answers"].masks
    axes, told = axes_of(identity_lexicon()), []
    for place, axis in enumerate(swap_axes() if sample else []):
        stages("swapping terms", place / len(swap_axes()))
        rows = np.flatnonzero(masks & sum(axes[axis].values()))
        if len(rows) > sample:
            rows = np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))
        told.append({"axis": axis, **_swap(texts, rows, axis, recipe)})
    return told


def _swap(texts: Mapping[str, Packed], rows: NDArray[np.int64], axis: str, recipe: Recipe) -> dict[str, Any]:
    before = {side: texts[side].strings(rows.tolist()) for side in SIDES}
    after = {side: swapped(before[side], axis) for side in SIDES}
    other = [any(before[side][i] != after[side][i] for side in SIDES) for i in range(len(rows))]
    kept = np.flatnonzero(other)
    if len(kept) < FEWEST:
        return {"rows": len(kept)}
    one, two = (_judged({side: [said[side][i] for i in kept] for side in SIDES}, recipe) for said in (before, after))
    was, now = ({(row, rule) for row, rule in side.findings.select("row", "rule").iter_rows()} for side in (one, two))
    names = [name for name in recipe.signals if name in one.rows.columns and not name.endswith("_identities")]
    dropped = [set(side.findings.filter(pl.col("action") == "drop")["row"]) for side in (one, two)]
    facts = changes_of_verdicts(was, now, len(kept))
    facts |= {"newly_dropped": len(dropped[1] - dropped[0]), "no_longer_dropped": len(dropped[0] - dropped[1])}
    return facts | {"signals": changes_of_signals(one.rows, two.rows, names)}


def _judged(said: Mapping[str, list[str]], recipe: Recipe) -> Measured:
    """Rows of one prompt and one answer through the row rules; all in one batch, since a sample is small."""
    frame = pl.DataFrame({"prompt": said["prompts"], "completion": said["answers"]})
    batches = [measure(batch, recipe) for batch in read_batches(frame)]
    parts = gather(batches)
    return Measured(parts.rows, parts.unreadable, parts.findings, 0)
