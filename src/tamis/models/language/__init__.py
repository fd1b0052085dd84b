"""Texts to languages: `load` takes a name or a function and gives a `Detector`.

- "profiles" (the default): langdetect's profiles, read by a kernel; deterministic, abstains where it is unsure.
- "langdetect": the Python package itself, seeded, for reference; hundreds of times slower.
- any function from a list of strings to codes, or to pairs of a code and a confidence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tamis.errors import TamisError, unknown
from tamis.models.language._protocol import DETECTED, Detector
from tamis.models.language.own import Function, OwnDetector
from tamis.models.language.profiles import ProfileDetector, load_profiles
from tamis.models.language.reference import LangdetectDetector, load_langdetect

__all__ = ["DETECTED", "MODELS", "Detector", "Function", "LangdetectDetector", "OwnDetector", "ProfileDetector", "load"]

MODELS: Final[dict[str, Callable[[], Detector]]] = {"profiles": load_profiles, "langdetect": load_langdetect}


def load(model: str | Function | Detector = "profiles") -> Detector:
    """Load a detector of languages.

    Raises
    ------
    TamisError
        If there is no such model.

    Examples
    --------
    >>> from tamis.packed import Packed
    >>> load().detect(Packed.of(["Wie spät ist es?", "42"]))["language"].to_list()
    ['de', None]
    >>> load("langdetekt")
    Traceback (most recent call last):
    tamis.errors.TamisError: unknown language model 'langdetekt'; did you mean 'langdetect'?
    """
    if isinstance(model, str):
        if model not in MODELS:
            raise unknown("language model", model, MODELS)
        return MODELS[model]()
    if isinstance(model, Detector):
        return model
    if not callable(model):
        raise TamisError(f"{type(model).__name__} is no language model: wanted a name, or a function from list[str]")
    return OwnDetector(model)
