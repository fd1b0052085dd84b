"""The tables of docs/toxicity.md: how well toxic text is told from other text, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def sets(results: Json, table: Table) -> str:
    """AUC of each scorer, with intervals."""
    rows = [
        [
            name,
            f"{found['texts']:,}",
            f"{found['toxic']:,}",
            *map(_auc, found["auc"].values()),
            _share(found["sent_on"]),
        ]
        for name, found in results["sets"].items()
    ]
    head = ["set", "texts", "toxic", *next(iter(results["sets"].values()))["auc"], "sent on by the cascade"]
    return table("ROC AUC (95 % interval)", head, rows)


def identities(results: Json, table: Table) -> str:
    """The identity terms whose neutral sentences score highest, or whose AUCs are lowest; screen and MiniLM."""
    models = [found["terms"] for found in results["madlibs"].values()]
    first = sorted(models[0], key=lambda term: (-max(terms[term]["above"] for terms in models), term))[:12]
    rows = [
        [term, f"{models[0][term]['neutral']:,}", " / ".join(_share(terms[term]["above"]) for terms in models)]
        + [" / ".join(f"{terms[term][key]:.3f}" for terms in models) for key in ("subgroup", "bpsn", "bnsp")]
        for term in first
    ]
    head = ["term", "neutral sentences", "of them above", "Subgroup AUC", "BPSN AUC", "BNSP AUC"]
    title = f"Identity terms: the 12 worst of {len(models[0])} on the madlibs set ({' / '.join(results['madlibs'])})"
    return table(title, head, rows)


def speed(results: Json, table: Table) -> str:
    """Speed of each scorer, and what a cascade sends on."""
    rows = [
        [name, f"{found['texts']:,}", f"{found['mb_per_second']:.3g}"]
        for name, found in results["speed"]["scorers"].items()
    ]
    sent = ", ".join(f"{_share(share)} of {name}" for name, share in results["speed"]["sent_on"].items())
    told = table("Speed on one thread", ["scorer", "answers", "MB/s"], rows)
    return f"{told}\n\nA cascade (unsure from 0.05 to 0.95) sends on {sent}. Processor time, the best of some runs."


def _auc(found: dict[str, float]) -> str:
    return f"{found['auc']:.3f} ({found['low']:.3f}-{found['high']:.3f})"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


TOXICITY = {"sets": sets, "identities": identities, "speed": speed}
