"""The tables of docs/quality.md: the score beside length alone, the weights, and models ranked by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tamis.quality.features import FEATURES

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def weights(results: Json, table: Table) -> str:
    """Every feature with its weight."""
    signs = {1: "more is better", -1: "less is better", 0: "either"}
    rows = [
        [f"`{name}`", FEATURES[name].means, signs[FEATURES[name].direction], f"{weight:+.3f}"]
        for name, weight in results["weights"].items()
    ]
    head = ["feature, in [0, 1]", "what it is", "sign allowed", "weight"]
    return table(f"Features (intercept {results['intercept']:+.3f})", head, rows)


def pairs(results: Json, table: Table) -> str:
    """Pairwise accuracy of the score and of length, overall and at matched length."""
    rows = [
        [
            name,
            "yes, other prompts" if found.get("trained_on") else "no",
            f"{found['pairs']:,} ({found['prompts']:,})",
            *(_share(found[key]) for key in ("quality", "length", "difference")),
            f"{found['matched_pairs']:,}",
            *(_share(found[f"{key}_matched"]) for key in ("quality", "length", "difference")),
        ]
        for name, found in _all(results)
    ]
    head = ["set", "trained on", "pairs (prompts)", "score", "length", "difference"]
    head += ["pairs of like length", "score", "length", "difference"]
    return table("Pairs in which the preferred answer has more (95 % interval)", head, rows)


def areas(results: Json, table: Table) -> str:
    """ROC AUC, what is left without length, and shuffled pairs."""
    keys = ("auc_quality", "auc_length", "quality_without_length", "shuffled")
    rows = [[name, *(_share(found[key]) for key in keys)] for name, found in _all(results)]
    head = ["set", "AUC of the score", "AUC of length", "pairs, length taken off", "own answer above another's"]
    return table("ROC AUC, and other pairs (95 % interval)", head, rows)


def ladder(results: Json, table: Table) -> str:
    """Models that answered AlpacaEval's instructions."""
    rows = [
        [model, f"{found['quality']:.3f}", f"{found['characters']:,.0f}"] for model, found in results["ladder"].items()
    ]
    return table("Median of the answers of eight models", ["model", "score", "characters"], rows)


def about(results: Json, table: Table) -> str:  # noqa: ARG001 - called as the others are
    """Speed, how much the score follows length, and what the figures were taken on."""
    speed, machine = results["speed"], results["machine"]
    return (
        f"On {speed['rows']:,} rows of `large` ({speed['bytes'] / 1e6:.1f} MB): {speed['ms_per_mb']:.0f} ms of "
        f"processor time a MB on one thread, alone; Spearman correlation with the characters of the answer "
        f"{speed['spearman_with_length']:.2f}. {machine['processor']}, {machine['system']}, Python {machine['python']}."
    )


QUALITY: dict[str, Callable[[Json, Table], str]] = {
    "weights": weights,
    "pairs": pairs,
    "areas": areas,
    "ladder": ladder,
    "about": about,
}


def _all(results: Json) -> list[tuple[str, Json]]:
    return [*results["sets"].items(), ("all that it was not trained on", results["together"])]


def _share(found: dict[str, float]) -> str:
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"
