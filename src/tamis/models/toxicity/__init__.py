"""Texts to toxicity scores: `load` takes a name or a path and gives a `ToxicityScorer`.

- "screen" (the default): weights inside the package, read by a kernel; offline, English.
- "minilm": the screen and a head on MiniLM's vectors, from the extra `tamis[minilm]`; offline, English.
- "original", "unbiased", "multilingual" (and "original-small", "unbiased-small"): the models of detoxify.
- the path of a detoxify checkpoint, or of the folder that holds one beside its config and tokenizer.
- "cascade", or "cascade:MODEL": one of these models, asked only where the screen is unsure.

Nothing heavy is imported before a model is asked for.
"""

from __future__ import annotations

import threading
from functools import cache

from tamis.errors import TamisError
from tamis.models.toxicity._protocol import ToxicityScorer
from tamis.models.toxicity.cascade import Cascade
from tamis.models.toxicity.detoxify import DetoxifyOptions, DetoxifyScorer, load_detoxify
from tamis.models.toxicity.minilm import MinilmScorer, load_minilm
from tamis.models.toxicity.screen import ToxicityScreen, load_screen

__all__ = [
    "Cascade",
    "DetoxifyOptions",
    "DetoxifyScorer",
    "MinilmScorer",
    "ToxicityScorer",
    "ToxicityScreen",
    "load",
    "load_detoxify",
    "load_minilm",
    "load_screen",
]

_LOADING = threading.Lock()


def load(model: str = "screen") -> ToxicityScorer:
    """Load a scorer by its name or path, once a process.

    Raises
    ------
    TamisError
        If there is no such model or what it needs is missing; the message says how to get it.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> load().score(Packed.of(["Good morning.", ""])).shape
    (2, 1)
    >>> load("scren")
    Traceback (most recent call last):
    tamis.errors.TamisError: unknown toxicity model 'scren'; did you mean 'screen'?
    """
    with _LOADING:  # signals run in threads, and a model is loaded once for all of them
        return _load(model)


@cache
def _load(model: str) -> ToxicityScorer:
    if model == "screen":
        return load_screen()
    kind, _, inner = model.partition(":")
    if kind == "cascade" and inner in ("screen", "cascade"):
        raise TamisError(f"no toxicity model '{model}': the screen hands on to another one, as in cascade:minilm")
    if kind == "cascade":
        return Cascade(load_screen(), _load_model(inner or "unbiased"))
    return _load_model(model)


def _load_model(model: str) -> ToxicityScorer:
    return load_minilm() if model == "minilm" else load_detoxify(model)
