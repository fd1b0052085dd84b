"""Embedders of the sentence-transformers library: any model of the hub, any folder."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from tamis.errors import TamisError, unknown
from tamis.models.embedders._protocol import Progress, unit_rows
from tamis.packed import Packed

PRECISIONS: Final = ("auto", "bfloat16", "float32", "int8")
_WORTH_IT: Final = 1.2
_SAMPLE: Final = ["What does it cost to send a parcel of two kilograms from here to the other end of the country?"] * 16
_BATCHES_A_CALL: Final = 16


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """How a model is run. `download=False` keeps to what is on this machine; None is the library's own choice.

    `precision` is "float32", "bfloat16", "int8" (dynamic, CPU) or "auto": bfloat16 where this CPU computes in it
    and it was at least 1.2 times as fast on a few texts, else float32.
    """

    precision: str = "float32"
    device: str | None = None
    batch_size: int = 32
    processes: int = 1
    most_tokens: int | None = None
    download: bool = True

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        for name in ("batch_size", "processes", "most_tokens"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise TamisError(f"{name} is {value}, wanted 1 or more")


@dataclass(frozen=True)
class Truncation:
    """What a model did not read: how many of the texts were cut off, and by how many tokens in all."""

    texts: int
    cut: int
    tokens: int
    most_tokens: int | None

    def sentence(self) -> str:
        """Say it in one line, or nothing where nothing was cut.

        >>> Truncation(100, 3, 412, 256).sentence()
        '3 of 100 texts are longer than the 256 tokens the model reads; 412 tokens were not read'
        """
        if self.cut == 0:
            return ""
        reads = f"{self.cut:,} of {self.texts:,} texts are longer than the {self.most_tokens} tokens the model reads"
        return f"{reads}; {self.tokens:,} tokens were not read"


@dataclass(frozen=True)
class SentenceEmbedder:
    """A model of sentence-transformers; texts are sorted by length, equal texts computed once."""

    name: str
    dimension: int
    model: Any
    options: ModelOptions
    progress: Progress | None = None

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        """Embed each text: float32 of shape (n, dimension), unit rows, 0 for an empty text."""
        return self.encode_and_tell(texts)[0]

    def encode_and_tell(self, texts: Packed) -> tuple[NDArray[np.float32], Truncation]:
        """Embed each text, and tell what was cut off."""
        rows = np.flatnonzero(np.diff(texts.offsets))
        written = texts.strings(rows)
        places = {text: i for i, text in enumerate(dict.fromkeys(written))}
        different = list(places)
        lengths = self._lengths(different)
        order = np.argsort(-lengths, kind="stable")
        found = np.zeros((len(different), self.dimension), np.float32)
        step, done = self.options.batch_size * _BATCHES_A_CALL, 0
        pool = self._pool()
        try:
            for start in range(0, len(order), step):
                part = order[start : start + step]
                vectors = self._vectors([different[i] for i in part], pool)
                found[part] = unit_rows(vectors, len(part), dimension=self.dimension, who=self.name)
                done += len(part)
                if self.progress is not None:
                    self.progress(done, len(different))
        finally:
            if pool is not None:
                self.model.stop_multi_process_pool(pool)
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        inverse = np.array([places[text] for text in written], np.int64)
        if len(rows):
            vectors[rows] = found[inverse]
        return vectors, self._truncation(len(texts), lengths[inverse] if len(rows) else lengths)

    def truncation(self, texts: Packed) -> Truncation:
        """Tell what `encode` would cut off, by splitting into tokens alone (about a megabyte a second)."""
        return self._truncation(len(texts), self._lengths(texts.strings()))

    def _truncation(self, texts: int, lengths: NDArray[np.int64]) -> Truncation:
        most = self._most_tokens()
        lost = np.maximum(lengths - most, 0) if most is not None else np.zeros(1, np.int64)
        return Truncation(texts, int(np.count_nonzero(lost)), int(lost.sum()), most)

    def _most_tokens(self) -> int | None:
        most = getattr(self.model, "max_seq_length", None)
        return int(most) if most is not None and most < 1 << 30 and callable(self.model.tokenizer) else None

    def _lengths(self, texts: list[str]) -> NDArray[np.int64]:
        """Tokens of each text, special ones included; characters where the model has no tokenizer to call."""
        if not callable(self.model.tokenizer):
            return np.array([len(text) for text in texts], np.int64)
        lengths: list[int] = []
        for start in range(0, len(texts), 1024):
            told = self.model.tokenizer(
                texts[start : start + 1024], truncation=False, padding=False, verbose=False, return_attention_mask=False
            )
            lengths += [len(ids) for ids in told["input_ids"]]
        return np.array(lengths, np.int64)

    def _pool(self) -> Any:
        if self.options.processes == 1:
            return None
        return self.model.start_multi_process_pool([self.options.device or "cpu"] * self.options.processes)

    def _vectors(self, texts: list[str], pool: Any) -> Any:
        more = {} if pool is None else {"pool": pool}
        return self.model.encode(texts, batch_size=self.options.batch_size, show_progress_bar=False, **more)


def sentence_embedder(
    model: Any, label: str, options: ModelOptions, *, progress: Progress | None = None
) -> SentenceEmbedder:
    """Make an embedder of a loaded `SentenceTransformer`: in the precision asked for, named after its weights."""
    if options.most_tokens is not None:
        model.max_seq_length = options.most_tokens
    digest = _digest(model)
    precision = _set_precision(model, options.precision)
    dimension = int(model.get_embedding_dimension() or len(model.encode("a", show_progress_bar=False)))
    name = f"{label}@{digest}-{precision}"
    return SentenceEmbedder(name, dimension, model, options, progress)


def _digest(model: Any) -> str:
    """Twelve hexadecimal digits of weights, modules and tokenizer: models with the same ones give the same vectors."""
    import torch

    hashed = xxhash.xxh3_128(f"{model} {model.max_seq_length} {model.prompts} {model.default_prompt_name}".encode())
    for key, tensor in sorted(model.state_dict().items()):
        hashed.update(key.encode())
        hashed.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    backend = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    if hasattr(backend, "to_str"):
        hashed.update(backend.to_str().encode())
    return str(hashed.hexdigest()[:12])


def _set_precision(model: Any, wanted: str) -> str:
    """Bring the model into a number format; return which."""
    import torch

    precision = wanted
    if wanted == "auto":
        precision = "float32"
        if _computes_bfloat16():
            plain = _seconds(model)
            model.to(torch.bfloat16)
            if plain > _WORTH_IT * _seconds(model):
                return "bfloat16"
            model.to(torch.float32)
    elif wanted == "bfloat16":
        model.to(torch.bfloat16)
    elif wanted == "int8":
        inner = getattr(model[0], "model", None)
        if inner is None:
            raise TamisError("precision 'int8' is for transformer models; this one has no layers to quantise")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the function says that it will move to another package
            quantise = cast(Any, torch.ao.quantization.quantize_dynamic)  # untyped
            model[0].model = quantise(inner, {torch.nn.Linear}, dtype=torch.qint8)
    return precision


def _computes_bfloat16() -> bool:
    """Whether this CPU has instructions for bfloat16; without them it is slower than float32."""
    import torch

    told = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask() for ask in told if ask is not None)


def _seconds(model: Any) -> float:
    """Seconds for a few texts, after a first run that warms up."""
    model.encode(_SAMPLE[:2], show_progress_bar=False)
    start = time.perf_counter()
    model.encode(_SAMPLE, show_progress_bar=False)
    return time.perf_counter() - start
