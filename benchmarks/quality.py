"""Whether the quality model ranks answers as people do, and whether that is more than their length.

python -m benchmarks.quality      writes benchmarks/results/quality.json

A set is pairs of answers to one question. Sets that the weights were trained on are scored by weights fitted to the
other prompts (five folds, no prompt in two of them); the others by the weights in the package. For the score and for
the number of characters alone: the share of pairs in which the preferred answer has more (ties count half), of all
pairs, of those whose lengths differ by less than a tenth, and after taking off what a parabola in the logarithm of
the length explains; the ROC AUC of all preferred against all rejected answers. Intervals: 95 %, 1,000 seeded draws
of prompts.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import tamis.signals  # noqa: F401 - fills the registry
from benchmarks.data import path_of
from benchmarks.machine import describe, versions
from benchmarks.toxicity import auc
from tamis.inputs import Inputs
from tamis.measure import compute
from tamis.quality.features import FEATURES
from tamis.quality.model import load_model
from tamis.records.reader import read_batches
from tamis.records.sources import find
from tamis.registry import get
from training import judged
from training.judged import Pair
from training.quality import Settings, centre_of, fitted, sides

DATA = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
RESULTS = Path(__file__).parent / "results" / "quality.json"
DRAWS, FOLDS, SEED = 1000, 5, 7
MATCHED = 1.1
ALPACA = ("text_davinci_001", "alpaca-7b", "gpt-3.5-turbo-0301")
LADDER = (
    "NullModel",
    "falcon-7b-instruct",
    "text_davinci_001",
    "alpaca-7b",
    "oasst-sft-pythia-12b",
    "llama-2-7b-chat-hf",
    "gpt-3.5-turbo-0301",
    "gpt4_1106_preview",
)
Values = NDArray[np.float64]


def evaluation_sets(folder: Path) -> dict[str, list[Pair]]:
    """The sets that the weights know nothing of."""
    return {
        "LLMBar adversarial": judged.llmbar_adversarial(folder),
        **{f"AlpacaEval {model}": judged.alpaca_eval(folder, model) for model in ALPACA},
        "dpo demo": judged.dpo(folder),
    }


def logits(weights: Values, pairs: list[Pair], centre: NDArray[np.float32]) -> tuple[Values, Values]:
    """The scores of the preferred and of the rejected answers, before the logistic function."""
    better, worse = sides(pairs, centre)
    return better @ weights, worse @ weights


def folds_of(pairs: list[Pair]) -> NDArray[np.int64]:
    """A fold for each pair; pairs of one prompt are in the same."""
    prompts = sorted({pair.prompt for pair in pairs})
    drawn = np.random.default_rng(SEED).permutation(len(prompts)) % FOLDS
    of = dict(zip(prompts, drawn.tolist(), strict=True))
    return np.array([of[pair.prompt] for pair in pairs])


def out_of_fold(pairs: list[Pair]) -> tuple[tuple[Values, Values], tuple[Values, Values]]:
    """Scores of judged and of shuffled pairs by weights that were fitted without their prompts."""
    fold = folds_of(pairs)
    scores = np.empty((4, len(pairs)))
    for held in range(FOLDS):
        rest = [pair for pair, part in zip(pairs, fold, strict=True) if part != held]
        own = [pair for pair, part in zip(pairs, fold, strict=True) if part == held]
        centre = centre_of(rest)
        weights = np.array(list(fitted(rest, centre, Settings())["weights"].values()))
        scores[:2, fold == held] = logits(weights, own, centre)
        scores[2:, fold == held] = logits(weights, judged.shuffled(own, SEED), centre)
    return (scores[0], scores[1]), (scores[2], scores[3])


def wins(better: Values, worse: Values) -> Values:
    """1 where the preferred answer has more, a half where both have the same."""
    return (better > worse) + 0.5 * (better == worse)


def residuals(better: Values, worse: Values, lengths: tuple[Values, Values]) -> tuple[Values, Values]:
    """Scores less what a parabola in the logarithm of the length explains of them."""
    both, length = np.concatenate([better, worse]), np.log1p(np.concatenate(lengths))
    left = both - np.polyval(np.polyfit(length, both, 2), length)
    return left[: len(better)], left[len(better) :]


def interval(measure: Callable[[NDArray[np.int64]], float], prompts: list[str]) -> dict[str, float]:
    """A measure of all pairs, and the middle 95 % of it over draws of prompts."""
    _, group = np.unique(prompts, return_inverse=True)
    members = [np.flatnonzero(group == each) for each in range(group.max() + 1)]
    rng = np.random.default_rng(SEED)
    drawn = [
        measure(np.concatenate([members[each] for each in rng.integers(0, len(members), len(members))]))
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": measure(np.arange(len(prompts))), "low": float(low), "high": float(high)}


def figures(pairs: list[Pair], scores: tuple[Values, Values], other: tuple[Values, Values]) -> dict[str, Any]:
    """Everything that is told of a set."""
    prompts = [pair.prompt for pair in pairs]
    lengths = tuple(
        np.array([float(len(text)) for text in texts])
        for texts in ([pair.preferred for pair in pairs], [pair.rejected for pair in pairs])
    )
    length = lengths[0], lengths[1]
    own, by_length, left = wins(*scores), wins(*length), wins(*residuals(*scores, length))
    close = np.flatnonzero(np.maximum(*length) < MATCHED * np.minimum(*length))

    def share(values: Values, rows: NDArray[np.int64] | None = None) -> dict[str, float]:
        chosen = np.arange(len(pairs)) if rows is None else rows
        some = values[chosen]
        return interval(lambda drawn: float(some[drawn].mean()), [prompts[row] for row in chosen])

    def area(sides: tuple[Values, Values]) -> dict[str, float]:
        def measure(drawn: NDArray[np.int64]) -> float:
            preferred = np.repeat([True, False], len(drawn))
            return auc(preferred, np.concatenate([sides[0][drawn], sides[1][drawn]]))

        return interval(measure, prompts)

    return {
        "pairs": len(pairs),
        "prompts": len(set(prompts)),
        "matched_pairs": len(close),
        "quality": share(own),
        "length": share(by_length),
        "difference": share(own - by_length),
        "quality_matched": share(own, close),
        "length_matched": share(by_length, close),
        "difference_matched": share(own - by_length, close),
        "quality_without_length": share(left),
        "auc_quality": area(scores),
        "auc_length": area(length),
        "shuffled": share(wins(*other)),
    }


def all_sets(folder: Path) -> dict[str, Any]:
    """Figures of each set, and whether the shipped weights were trained on it."""
    model = load_model()
    trained = {name: read(folder) for name, read in judged.MAY_TRAIN.items()}
    (better, worse), (own, other) = out_of_fold([pair for pairs in trained.values() for pair in pairs])
    found, at = {}, 0
    for name, pairs in trained.items():
        part = slice(at, at + len(pairs))
        at = part.stop
        told = figures(pairs, (better[part], worse[part]), (own[part], other[part]))
        found[name] = {"trained_on": True, **told}
    for name, pairs in evaluation_sets(folder).items():
        mixed = logits(model.weights, judged.shuffled(pairs, SEED), model.centre)
        found[name] = {"trained_on": False, **figures(pairs, logits(model.weights, pairs, model.centre), mixed)}
    return found


def together(folder: Path) -> dict[str, Any]:
    """Figures of all pairs of the sets that the weights know nothing of, at once."""
    model = load_model()
    pairs = [pair for some in evaluation_sets(folder).values() for pair in some]
    mixed = logits(model.weights, judged.shuffled(pairs, SEED), model.centre)
    return figures(pairs, logits(model.weights, pairs, model.centre), mixed)


def inputs_of(path: Path) -> list[Inputs]:
    """The batches of a file."""
    return [Inputs(batch.records) for batch in read_batches(find([str(path)]))]


def ladder(folder: Path) -> dict[str, dict[str, float]]:
    """The median score and length of models that answered the same questions."""
    found = {}
    for model in LADDER:
        path = folder / f"tatsu-lab_alpaca_eval--{model}__model_outputs.json"
        (inputs,) = inputs_of(path)
        scores, lengths = (compute(get(name), inputs, {}).values for name in ("quality", "response_characters"))
        found[model] = {"quality": float(scores.median()), "characters": float(lengths.median())}
    return found


def speed() -> dict[str, Any]:
    """Processor milliseconds a MB of one thread, the best of three turns, and how much the score follows length."""
    path = path_of("large")
    seconds, columns = [], pl.DataFrame()
    with path.open("rb") as lines:
        head = b"".join(line for _, line in zip(range(10_000), lines, strict=False))
    part = Path(os.environ.get("TMPDIR", "/tmp")) / "tamis-quality-speed.jsonl"
    part.write_bytes(head)
    for _ in range(3):
        batches = inputs_of(part)  # fresh ones: what signals share is computed once for a batch and kept
        start = time.process_time()
        scores = pl.concat([compute(get("quality"), inputs, {}).values for inputs in batches])
        seconds.append(time.process_time() - start)
        lengths = pl.concat([compute(get("response_characters"), inputs, {}).values for inputs in batches])
        columns = pl.DataFrame({"quality": scores, "length": lengths}).drop_nulls()
    part.unlink()
    follows = columns.select(pl.corr("quality", "length", method="spearman")).item()
    return {
        "rows": 10_000,
        "bytes": len(head),
        "ms_per_mb": min(seconds) * 1e3 / (len(head) / 1e6),
        "spearman_with_length": follows,
    }


def main() -> None:
    model = load_model()
    results: dict[str, Any] = {
        "machine": describe(),
        "versions": versions(),
        "weights": dict(zip(FEATURES, model.weights.tolist(), strict=True)),
        "intercept": model.intercept,
        "sets": all_sets(DATA / "judged"),
        "together": together(DATA / "judged"),
        "ladder": ladder(DATA / "instructions"),
        "speed": speed(),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
