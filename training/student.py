"""The table: how it starts, how it is fitted to the teacher, how it is stored."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
COMMON = 1e-4
"""SIF's a: a piece seen with probability p starts with the weight a / (a + p)."""

SHARPNESS = 0.05
"""The smaller, the more the nearest neighbours count."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a fit depends on besides its texts."""

    dimensions: int = 256
    passes: int = 3
    texts_a_batch: int = 512
    shared_rate: float = 0.001
    weight_rate: float = 0.02
    own_rate: float = 0.002
    decay: float = 1.0
    """AdamW's decay of the own rows: what the shared map can say, it should say. Not compared with 0 on equal texts."""
    direction: float = 1.0
    """Weight of the cosine distance to the teacher's vector, projected."""
    matrix: float = 5.0
    """Weight of the squared error of all cosines of a batch, those under .3 counting a tenth."""
    siblings: float = 0.0
    """Weight of the squared error of cosines within groups; on 76,000 texts 1 changed no score by more than .005."""
    neighbours: float = 0.05
    """Weight of the divergence of neighbours' shares: it sharpens the order of near texts, `matrix` keeps the scale."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Lesson:
    """n texts: their pieces' ids as one run with offsets (n + 1), group numbers and the teacher's vectors (n, 384)."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    group: NDArray[np.int64]
    vectors: NDArray[np.float16]


def projection(vectors: NDArray[np.float16], dimensions: int) -> Rows:
    """The directions (384, d) that hold most of the teacher's vectors, not centred: dot products are kept."""
    sample = vectors[:: max(1, len(vectors) // 60000)].astype(np.float32)
    values, directions = np.linalg.eigh(sample.T @ sample / len(sample))
    return np.ascontiguousarray(directions[:, np.argsort(-values)[:dimensions]])


def features(pieces: NDArray[np.float16], inputs: Rows) -> Rows:
    """What the teacher knows of each piece (v, 768): its vector alone, less what all have in common, and its input row.

    Both are scaled to a mean length of one.
    """
    alone = pieces.astype(np.float32)
    both = [part - part[1:].mean(axis=0) for part in (alone, inputs)]
    scaled = [part / np.linalg.norm(part[1:], axis=1).mean() for part in both]
    scaled[0] *= np.linalg.norm(both[0][1:], axis=1).mean()
    return np.ascontiguousarray(np.concatenate(scaled, axis=1))


def weights(count: int) -> Rows:
    """SIF weights of pieces in the order of their frequency, taken to follow Zipf's law; the mean is one."""
    share = 1 / np.arange(2, count + 2)
    weight = COMMON / (COMMON + share / share.sum())
    scaled: Rows = (weight / weight.mean()).astype(np.float32)
    return scaled


def batches(lesson: Lesson, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """The texts' numbers in batches, groups in random order and never split but at a batch's end."""
    rank = rng.permutation(int(lesson.group.max()) + 1)[lesson.group]
    order = np.argsort(rank, kind="stable")
    return [order[i : i + size] for i in range(0, len(order) - size // 2, size)]


def bag(lesson: Lesson, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat ids of the chosen texts, and where each begins."""
    sizes = lesson.offsets[chosen + 1] - lesson.offsets[chosen]
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1]) + np.repeat(lesson.offsets[chosen] - (ends - sizes), sizes)
    return lesson.ids[places], ends - sizes


def loss_of(mine: Any, target: Any, group: Any, basis: Any, settings: Settings) -> Any:
    """Direction, whole matrix of cosines, cosines of siblings, order of neighbours."""
    import torch
    from torch.nn.functional import normalize

    loss = settings.direction * (1 - (mine * normalize(target @ basis, dim=1)).sum(1).mean())
    if not settings.matrix and not settings.siblings and not settings.neighbours:
        return loss
    own, other = mine @ mine.T, target @ target.T
    error = (own - other).square()
    if settings.matrix:
        importance = torch.where(other > 0.3, 1.0, 0.1)
        loss = loss + settings.matrix * (error * importance).sum() / importance.sum()
    if settings.siblings:
        same = (group[:, None] == group[None, :]).fill_diagonal_(False)
        loss = loss + settings.siblings * error[same].sum() / max(1, int(same.sum()))
    if settings.neighbours:
        loss = loss + settings.neighbours * divergence(own, other)
    return loss


def divergence(own: Any, other: Any) -> Any:
    """Mean divergence of the shares that a text's neighbours have: exp(cosine / `SHARPNESS`), itself not counted."""
    import torch
    from torch.nn.functional import log_softmax

    itself = torch.eye(len(own), dtype=torch.bool)
    mine, aim = (log_softmax((part / SHARPNESS).masked_fill(itself, -1e4), 1) for part in (own, other))
    return (aim.exp() * (aim - mine)).sum(1).mean()


class Parts:
    """What is fitted: the map shared by all pieces, each piece's weight and own row.

    It starts as model2vec's distillation does: the map is the projection, own rows are zero. The map is shared by all
    pieces, so that what is learned of frequent ones also moves the rare ones; own rows decay.
    """

    def __init__(self, known: Rows, basis: Rows) -> None:
        import torch

        self.facts = torch.from_numpy(known)
        self.shared = torch.nn.Parameter(torch.from_numpy(np.concatenate([basis, np.zeros_like(basis)])))
        self.weight = torch.nn.Parameter(torch.from_numpy(np.log(weights(len(known)))))
        self.own = torch.nn.Parameter(torch.zeros(len(known), basis.shape[1]))

    def rows(self, chosen: Any) -> Any:
        """weight x (features @ map) + own row of the chosen pieces."""
        return self.weight[chosen, None].exp() * (self.facts[chosen] @ self.shared) + self.own[chosen]

    def texts(self, lesson: Lesson, chosen: NDArray[np.int64]) -> Any:
        """The chosen texts' vectors: the sum of their rows, normalised."""
        import torch
        from torch.nn.functional import embedding_bag, normalize

        ids, begins = bag(lesson, chosen)
        distinct, places = torch.unique(torch.from_numpy(ids), return_inverse=True)
        return normalize(embedding_bag(places, self.rows(distinct), torch.from_numpy(begins), mode="sum"), dim=1)

    def optimizer(self, settings: Settings, steps: int) -> tuple[Any, Any]:
        """AdamW with a rate for each part, and the schedule of one cycle."""
        import torch

        rates = {self.shared: settings.shared_rate, self.weight: settings.weight_rate, self.own: settings.own_rate}
        groups = [
            {"params": [part], "lr": rate, "weight_decay": settings.decay if part is self.own else 0}
            for part, rate in rates.items()
        ]
        optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), fused=True)
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, list(rates.values()), total_steps=steps + 1, pct_start=0.05
        )
        return optimizer, cycle

    def table(self) -> Rows:
        """All rows (v, d); row 0, [UNK], is zero."""
        import torch

        with torch.no_grad():
            table: Rows = self.rows(torch.arange(len(self.facts))).numpy()
        table[0] = 0
        return table


def fit(known: Rows, lesson: Lesson, basis: Rows, settings: Settings) -> Rows:
    """Fit the parts to the teacher's vectors of the lesson's texts with AdamW; the table (v, d)."""
    import torch

    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    parts, directions = Parts(known, basis), torch.from_numpy(basis)
    optimizer, cycle = parts.optimizer(settings, settings.passes * len(batches(lesson, settings.texts_a_batch, rng)))
    started = time.time()
    for number in range(settings.passes):
        total = 0.0
        for chosen in (every := batches(lesson, settings.texts_a_batch, rng)):
            target = torch.from_numpy(lesson.vectors[chosen].astype(np.float32))
            group = torch.from_numpy(lesson.group[chosen])
            loss = loss_of(parts.texts(lesson, chosen), target, group, directions, settings)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total += loss.item()
        print(f"  pass {number + 1}: loss {total / len(every):.4f}, {time.time() - started:.0f} s", flush=True)
    return parts.table()


def quantised(table: Rows) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Rows as int8 with one scale each, the row's largest value being 127 of them."""
    largest = np.abs(table).max(axis=1)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float16)
    return np.clip(np.rint(table / scales[:, None].astype(np.float32)), -127, 127).astype(np.int8), scales


def embed(table: Rows, ids: list[list[int]]) -> Rows:
    """Unit vectors of texts given as ids: the sum of their rows over its length, zero if they have none."""
    sums = np.stack([table[row].sum(axis=0, dtype=np.float64) if row else np.zeros(table.shape[1]) for row in ids])
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: Rows = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0).astype(np.float32)
    return unit
