"""How well the table does: STS-B dev, agreement with the teacher on text that was held out."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import texts as made
from numpy.typing import NDArray
from teacher import Teacher

STS = "duplicates/amao0o0_SynWMD--sts-dev.csv"


def spearman(left: NDArray[np.floating], right: NDArray[np.floating]) -> float:
    """Rank correlation."""
    from scipy.stats import spearmanr  # type: ignore[import-untyped]

    return float(spearmanr(left, right).statistic)


def sts(data: Path) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """STS-B dev: left texts, right texts, people's scores. Read for scoring only."""
    rows = [line.split("\t") for line in (data / STS).read_text(encoding="utf-8").splitlines()]
    return [row[5] for row in rows], [row[6] for row in rows], np.array([float(row[4]) for row in rows])


def edited(held_out: list[str], near: made.Neighbours, seed: int) -> tuple[list[str], list[str]]:
    """Held-out pieces and an edit of each: near-duplicates of every degree."""
    rng = random.Random(seed)
    whole = [piece for piece in held_out if len(piece.split()) > 4]
    return whole, [made.dropped(t, rng) if i % 2 else made.replaced(t, near, rng) for i, t in enumerate(whole)]


def agreement(mine: NDArray[np.float32], teacher: NDArray[np.float32]) -> dict[str, float]:
    """Rank correlation of cosines over all pairs, and over the hundredth of the pairs the teacher finds nearest."""
    above = np.triu_indices(len(mine), 1)
    own, other = (mine @ mine.T)[above], (teacher @ teacher.T)[above]
    nearest = other >= np.quantile(other, 0.99)
    return {"all pairs": spearman(own, other), "nearest 1 %": spearman(own[nearest], other[nearest])}


def taught(teacher: Teacher, texts: list[str]) -> NDArray[np.float32]:
    """The teacher's vectors in float32."""
    return teacher(texts).astype(np.float32)
