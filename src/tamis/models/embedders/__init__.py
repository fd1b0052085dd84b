"""Texts to vectors: `load` takes a name, a folder or a function and gives an `Embedder`.

- "static" (the default): a table inside the package, read by a kernel; offline, English.
- "minilm": all-MiniLM-L6-v2 from the extra `tamis[minilm]`; offline.
- a folder with a sentence-transformers model, or a name on the hub.
- any function from a list of strings to vectors.

Nothing heavy is imported before a model is asked for.
"""

from __future__ import annotations

from pathlib import Path

from tamis.errors import TamisError
from tamis.models.embedders._protocol import Embedder, Progress
from tamis.models.embedders.cache import CachedEmbedder
from tamis.models.embedders.finding import find_model
from tamis.models.embedders.own import Function, own_embedder
from tamis.models.embedders.sentences import ModelOptions, SentenceEmbedder, Truncation
from tamis.models.embedders.static import Known, StaticEmbedder, load_static

__all__ = [
    "CachedEmbedder",
    "Embedder",
    "Known",
    "ModelOptions",
    "SentenceEmbedder",
    "StaticEmbedder",
    "Truncation",
    "load",
]


def load(
    model: str | Path | Function | Embedder = "static",
    *,
    options: ModelOptions | None = None,
    cache: Path | None = None,
    name: str | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Embedder:
    """Load an embedder; with `cache`, a folder, no text is ever given to the same model twice.

    `options` are for models of sentence-transformers, `threads` for the static table (which is faster than a
    cache would be, so it has none). `name` is for a function, and needed to cache what it gives.

    Raises
    ------
    TamisError
        If there is no such model or what it needs is missing; the message says how to get it.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> load().encode(Packed.of(["to be", "or not to be"])).shape
    (2, 256)
    >>> load("statik")
    Traceback (most recent call last):
    tamis.errors.TamisError: unknown embedder 'statik'; did you mean 'static'?
    """
    if isinstance(model, str | Path):
        if str(model) == "static":
            return load_static(threads=threads)
        if str(model).endswith(".npz"):
            return load_static(Path(model), threads)
        embedder: Embedder = find_model(str(model), options or ModelOptions(), progress=progress)
    else:
        embedder = own_embedder(model, name)
        if cache is not None and name is None and not isinstance(model, Embedder):
            raise TamisError("a function's vectors are cached under a name: load(function, name=..., cache=...)")
    return embedder if cache is None else CachedEmbedder(embedder, cache)
