"""Numba kernels: arrays in, arrays out. Nothing here knows of records, signals or files.

Importing a module of kernels imports numba, which takes half a second. Callers therefore write
`from tamis import kernels` and `kernels.loops.sentence_repeats(...)`: the module is imported when it is first used, and
a verb that computes nothing starts without it.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tamis.kernels import (
        apart,
        codepoints,
        counting,
        determinantal,
        facility,
        farthest,
        hashing,
        language,
        languages,
        layout,
        loops,
        novelty,
        numbering,
        overlap,
        repetition,
        requests,
        runs,
        scripts,
        splitting,
        stars,
        terms,
        toxicity,
        traces,
        web,
        words,
    )

__all__ = [
    "apart",
    "codepoints",
    "counting",
    "determinantal",
    "facility",
    "farthest",
    "hashing",
    "language",
    "languages",
    "layout",
    "loops",
    "novelty",
    "numbering",
    "overlap",
    "repetition",
    "requests",
    "runs",
    "scripts",
    "splitting",
    "stars",
    "terms",
    "toxicity",
    "traces",
    "web",
    "words",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
