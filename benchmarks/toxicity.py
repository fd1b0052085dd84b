"""How well the embedded scorers tell toxic from other text, on sets they were not trained on, and how fast they are.

python -m benchmarks.toxicity      writes benchmarks/results/toxicity.json

AUC with a bootstrap interval (95 %, 1,000 draws, seeded) of the screen, of the head on MiniLM, of the cascade of both
and of alt-profanity-check on the same texts; on the madlibs set Subgroup, BPSN and BNSP AUC (Borkan et al. 2019) and
the share of neutral sentences above the score that half of surge-ai's toxic rows reach, by identity term; MB/s of one
thread on the answers of `large`, by processor time so that others at work disturb little, and what share of prompts
and answers a cascade would send on. Set OMP_NUM_THREADS=1; most of the time is MiniLM's on the madlibs set.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import path_of
from benchmarks.environments import python_of, runner_of
from benchmarks.machine import describe, versions
from tamis.models.toxicity import Cascade, load, load_screen
from tamis.packed import Packed

DATA = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
RESULTS = Path(__file__).parent / "results" / "toxicity.json"
PEER = "alt-profanity-check"
MODELS = ("screen", "minilm", "cascade:minilm")
TERMS = [
    "african",
    "american",
    "asian",
    "atheist",
    "bisexual",
    "black",
    "blind",
    "buddhist",
    "canadian",
    "catholic",
    "chinese",
    "christian",
    "deaf",
    "elderly",
    "european",
    "female",
    "gay",
    "heterosexual",
    "hindu",
    "hispanic",
    "homosexual",
    "indian",
    "japanese",
    "jewish",
    "latina",
    "latino",
    "lesbian",
    "lgbt",
    "lgbtq",
    "male",
    "mexican",
    "millenial",
    "muslim",
    "nonbinary",
    "old",
    "older",
    "paralyzed",
    "protestant",
    "queer",
    "sikh",
    "straight",
    "taoist",
    "teenage",
    "trans",
    "transgender",
    "white",
    "young",
    "younger",
]
DRAWS = 1000

Set = tuple[list[str], NDArray[np.bool_]]


def _rows(path: str) -> list[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def surge() -> Set:
    """surge-ai: 1,000 comments from social media, half of them toxic."""
    rows = _rows("toxicity/surge-ai_toxicity--toxicity_en.csv")
    return [row["text"] for row in rows], np.array([row["is_toxic"] == "Toxic" for row in rows])


def olid() -> Set:
    """The test part of OLID, as TweetEval has it."""
    labels = (DATA / "toxicity/cardiffnlp_tweeteval--offensive_test_labels.txt").read_text("utf-8").split()
    texts = (DATA / "toxicity/cardiffnlp_tweeteval--offensive_test_text.txt").read_text("utf-8").split("\n")
    return texts[: len(labels)], np.array(labels) == "1"


def wikipedia() -> Set:
    """Talk page comments of Wikipedia."""
    rows = _rows("toxicity/conversationai_unintended-ml-bias--toxicity_nonfuzzed_testset.csv")
    return [row["comment"] for row in rows], np.array([row["toxic"] == "True" for row in rows])


def madlibs() -> Set:
    """Sentences from templates about identities, hateful and not."""
    rows = _rows("bias/conversationai_unintended-ml-bias--bias_madlibs_77k.csv")
    return [row["Text"] for row in rows], np.array([row["Label"] == "BAD" for row in rows])


SETS = {"surge-ai": surge, "OLID test": olid, "Wikipedia test": wikipedia}


def auc(toxic: NDArray[np.bool_], scores: NDArray[np.floating[Any]]) -> float:
    """Area under the ROC curve, by ranks; ties count half.

    >>> auc(np.array([False, True, True]), np.array([0.1, 0.1, 0.5]))
    0.75
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n = int(toxic.sum())
    return float((ranks[toxic].sum() - n * (n + 1) / 2) / (n * (len(toxic) - n)))


def interval(toxic: NDArray[np.bool_], scores: NDArray[np.floating[Any]]) -> dict[str, float]:
    """AUC with the middle 95 % of draws with replacement."""
    rng = np.random.default_rng(11)
    draws = [auc(toxic[rows], scores[rows]) for rows in rng.integers(0, len(toxic), (DRAWS, len(toxic)))]
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"auc": auc(toxic, scores), "low": float(low), "high": float(high)}


def ours(texts: list[str], model: str = "screen") -> tuple[NDArray[np.float32], float]:
    """Scores of one of our models, and seconds of processor time."""
    scorer, packed = load(model), Packed.of(texts)
    start = time.process_time()
    return scorer.score(packed)[:, 0], time.process_time() - start


def peers(texts: list[str]) -> tuple[NDArray[np.float64], float]:
    """Scores of alt-profanity-check in an environment of its own, and seconds of processor time."""
    done = subprocess.run(
        [str(python_of(PEER)), str(runner_of(PEER))],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    return np.array(told["scores"]), float(told["seconds"])


def identities(texts: list[str], toxic: NDArray[np.bool_], scores: Any, reached: float) -> dict[str, Any]:
    """By identity term: the three AUCs, and the share of its neutral sentences at or above a score."""
    words = [set(re.findall("[a-z]+", text.lower())) for text in texts]
    found = {}
    for term in TERMS:
        inside = np.array([term in said for said in words])
        if not inside.any():
            continue
        bpsn, bnsp = (inside & ~toxic) | (~inside & toxic), (inside & toxic) | (~inside & ~toxic)
        found[term] = {
            "neutral": int((inside & ~toxic).sum()),
            "above": float((scores[inside & ~toxic] >= reached).mean()),
            "subgroup": auc(toxic[inside], scores[inside]),
            "bpsn": auc(toxic[bpsn], scores[bpsn]),
            "bnsp": auc(toxic[bnsp], scores[bnsp]),
        }
    return found


def speed() -> dict[str, Any]:
    """MB/s of each scorer on the first answers of `large`, the best of some runs, and the share a cascade sends on."""
    with path_of("large").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for _, line in zip(range(4000), lines, strict=False)]
    answers, prompts = [row["output"] for row in rows], list(dict.fromkeys(row["instruction"] for row in rows))
    cascade = Cascade(load_screen(), load_screen())
    runs = {"screen": (4000, 5), "minilm": (300, 1), "cascade:minilm": (4000, 1), PEER: (4000, 2)}
    found = {}
    for name, (count, times) in runs.items():
        texts = answers[:count]
        seconds = min(peers(texts)[1] if name == PEER else ours(texts, name)[1] for _ in range(times))
        found[name] = {"texts": count, "mb_per_second": sum(len(text.encode()) for text in texts) / 1e6 / seconds}
    sent = {
        name: len(cascade.unsure(ours(texts)[0])) / len(texts)
        for name, texts in (("prompts", prompts), ("answers", answers))
    }
    return {"scorers": found, "sent_on": sent}


def main() -> None:
    results: dict[str, Any] = {
        "machine": describe(),
        "versions": versions(),
        "models": {name: load(name).name for name in MODELS},
        "sets": {},
        "madlibs": {},
    }
    reached: dict[str, float] = {}
    for name, read in SETS.items():
        texts, toxic = read()
        scores = {model: ours(texts, model)[0] for model in MODELS}
        if name == "surge-ai":
            reached = {model: float(np.median(scores[model][toxic])) for model in MODELS}
        found = {model: interval(toxic, told) for model, told in (scores | {PEER: peers(texts)[0]}).items()}
        sent = float(((scores["screen"] >= Cascade.low) & (scores["screen"] <= Cascade.high)).mean())
        results["sets"][name] = {"texts": len(texts), "toxic": int(toxic.sum()), "auc": found, "sent_on": sent}
        print(name, results["sets"][name], flush=True)
    texts, toxic = madlibs()
    for model in ("screen", "minilm"):
        own = ours(texts, model)[0]
        terms = identities(texts, toxic, own, reached[model])
        results["madlibs"][model] = {"auc": auc(toxic, own), "reached": reached[model], "terms": terms}
    results["speed"] = speed()
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
