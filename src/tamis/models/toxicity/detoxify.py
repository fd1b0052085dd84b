"""Scorers of the detoxify library: its published models, or a checkpoint of one's own."""

from __future__ import annotations

import itertools
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown
from tamis.models.toxicity._protocol import FIRST
from tamis.models.toxicity.checkpoint import Read, find_checkpoint, read_model
from tamis.packed import Packed

PRECISIONS: Final = ("auto", "bfloat16", "float32", "int8")
_OVERLAP: Final = 0.125
_LONGEST_PIECE: Final = 60
_WORTH_IT: Final = 1.2
_SAME_ORDER: Final = 0.99
_SAMPLE: Final = [
    f"{start} {end}"
    for start in ("You are", "My neighbour is", "That film was", "The second chapter is")
    for end in ("an idiot and I hate you.", "a very kind person.", "rubbish.", "about the history of the railway.")
]


@dataclass(frozen=True, kw_only=True)
class DetoxifyOptions:
    """How a model is run. `precision` "auto" is bfloat16 where this CPU computes in it faster and scores keep their
    order on a few texts, else float32. `download=False` keeps to what is on this machine.
    """

    precision: str = "auto"
    device: str = "cpu"
    batch_size: int = 32
    download: bool = True

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        if self.batch_size < 1:
            raise TamisError(f"batch_size is {self.batch_size}, wanted 1 or more")


@dataclass(frozen=True)
class DetoxifyScorer:
    """A `Detoxify` object; each different text is scored once, long texts in windows, the highest of which counts."""

    name: str
    labels: tuple[str, ...]
    model: Any
    most_tokens: int
    options: DetoxifyOptions
    _known: dict[bytes, tuple[NDArray[np.float32], int]] = field(default_factory=dict, repr=False, compare=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def score(self, texts: Packed) -> NDArray[np.float32]:
        """Score each text: float32 of shape (n, labels), 0 for an empty one."""
        return self.score_and_tell(texts)[0]

    def score_and_tell(self, texts: Packed) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Score each text, and tell in how many windows it was read: int32 of shape (n,), 0 for an empty one."""
        written = texts.strings()
        keys = [xxhash.xxh3_128_digest(text.encode()) for text in written]
        with self._asking:  # torch has threads of its own
            new = {
                key: text for key, text in zip(keys, written, strict=True) if text.strip() and key not in self._known
            }
            self._known.update(zip(new, self._score_new(list(new.values())), strict=True))
            nothing = (np.zeros(len(self.labels), np.float32), 0)
            found = [self._known.get(key, nothing) for key in keys]
        scores = np.array([row for row, _ in found], np.float32).reshape(len(written), len(self.labels))
        return scores, np.array([windows for _, windows in found], np.int32)

    def _score_new(self, texts: list[str]) -> list[tuple[NDArray[np.float32], int]]:
        cut = [self.windows(text) for text in texts]
        flat = [window for windows in cut for window in windows]
        scores = np.zeros((len(flat), len(self.labels)), np.float32)
        order = np.argsort([-len(window) for window in flat], kind="stable")
        for start in range(0, len(order), self.options.batch_size):
            part = order[start : start + self.options.batch_size]
            scores[part] = self._predict([flat[i] for i in part])
        ends = np.cumsum([0] + [len(windows) for windows in cut])
        return [(scores[a:b].max(axis=0), int(b - a)) for a, b in itertools.pairwise(ends)]

    def _predict(self, texts: list[str]) -> NDArray[np.float32]:
        """Scores of at least one text: a single one comes back from the library as a number, not as a list."""
        found: Mapping[str, Any] = self.model.predict(texts)
        columns = [np.atleast_1d(np.asarray(found[label], np.float32)) for label in self.labels]
        scores = np.stack(columns, axis=1)
        if scores.shape != (len(texts), len(self.labels)) or not np.isfinite(scores).all():
            raise TamisError(f"toxicity model '{self.name}' gave no finite score for each of {len(texts)} texts")
        return scores

    def windows(self, text: str) -> list[str]:
        """Stretches of whole words that the model can read whole, each an eighth over the one before."""
        room = self.most_tokens - 2
        if len(text.encode()) <= room:  # a token is at least a byte
            return [text]
        pieces = [word[i : i + _LONGEST_PIECE] for word in text.split() for i in range(0, len(word), _LONGEST_PIECE)]
        told = self.model.tokenizer(pieces, add_special_tokens=False, truncation=False, verbose=False)
        ends = np.cumsum([0] + [len(ids) for ids in told["input_ids"]])
        windows, first = [], 0
        while True:
            last = max(int(np.searchsorted(ends, ends[first] + room, "right")) - 1, first + 1)
            windows.append(" ".join(pieces[first:last]))
            if last >= len(pieces):
                return windows
            back = int(np.searchsorted(ends, ends[last] - room * _OVERLAP))
            first = max(min(back, last), first + 1)


def load_detoxify(name: str, options: DetoxifyOptions | None = None) -> DetoxifyScorer:
    """Load one of detoxify's models by name, or a checkpoint by its path.

    Raises
    ------
    TamisError
        If the library is missing, there is no such model, or its weights are not those of the checkpoint.
    """
    chosen = options or DetoxifyOptions()
    found = read_model(find_checkpoint(name), chosen.device, download=chosen.download)
    labels = tuple(dict.fromkeys((FIRST, *found.class_names))) if FIRST in found.class_names else ()
    if not labels:
        raise TamisError(f"toxicity model '{name}' has no label 'toxicity'; it has {', '.join(found.class_names)}")
    precision = _set_precision(found, chosen.precision)
    label = f"detoxify-{found.label}@{found.digest}-{precision}"
    return DetoxifyScorer(label, labels, found.model, found.most_tokens, chosen)


def _set_precision(found: Read, wanted: str) -> str:
    """Bring the model into a number format; return which."""
    import torch

    if wanted == "auto":
        if not _computes_bfloat16() or not _keeps_order(found):
            found.model.model.to(torch.float32)
            return "float32"
        return "bfloat16"
    if wanted == "bfloat16":
        found.model.model.to(torch.bfloat16)
    elif wanted == "int8":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the function says that it will move to another package
            quantise = cast(Any, torch.ao.quantization.quantize_dynamic)  # untyped
            found.model.model = quantise(found.model.model, {torch.nn.Linear}, dtype=torch.qint8)
    return wanted


def _keeps_order(found: Read) -> bool:
    """Bring the model into bfloat16; whether that is faster, and puts a few texts into the same order."""
    import torch

    before, plain = _timed(found.model)
    found.model.model.to(torch.bfloat16)
    after, short = _timed(found.model)
    ranks = [np.argsort(np.argsort(scores)) for scores in (before, after)]
    return plain > _WORTH_IT * short and float(np.asarray(np.corrcoef(np.stack(ranks)))[0, 1]) >= _SAME_ORDER


def _timed(model: Any) -> tuple[NDArray[np.float64], float]:
    """Scores of a few texts, and seconds for them after a first run that warms up."""
    model.predict(_SAMPLE)
    start = time.perf_counter()
    scores = model.predict(_SAMPLE)
    return np.asarray(next(iter(scores.values())), np.float64), time.perf_counter() - start


def _computes_bfloat16() -> bool:
    """Whether this CPU has instructions for bfloat16; without them it is slower than float32."""
    import torch

    told = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask() for ask in told if ask is not None)
