"""What a value depends on besides the row: the code, the libraries, the options and the models."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import orjson
import xxhash

from tamis.corpus import OWN
from tamis.recipe import Recipe
from tamis.registry import Signal

LIBRARIES: Final = (
    "numpy", "polars", "numba", "faiss-cpu", "ftfy", "langdetect",
    "torch", "transformers", "sentence-transformers", "detoxify", "tokenizers",
)  # fmt: skip


def fingerprint(recipe: Recipe, signals: Iterable[Signal], *more: Any) -> str:
    """A hash of all that the values of signals depend on, their input aside.

    Any change of this package makes another one: kernels, patterns and tables are shared, so a version kept by hand
    beside each signal would be wrong one day.
    """
    used = [[signal.name, _own_code(signal), _options(recipe.signals[signal.name])] for signal in signals]
    facts = [package_digest(), sys.version_info[:2], [_version(name) for name in LIBRARIES], used, more]
    return str(xxhash.xxh3_128_hexdigest(orjson.dumps(facts, default=str)))


def is_known(recipe: Recipe, signals: Iterable[Signal]) -> bool:
    """Whether nothing but names stands in the options; a function of the caller's has no version."""
    return all(OWN not in recipe.signals[signal.name].values() for signal in signals)


@cache
def package_digest() -> str:
    """The XXH3 of this package's files: code, patterns and tables."""
    root, digest = Path(__file__).parent.parent, xxhash.xxh3_128()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not path.suffix.startswith(".nb"):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return str(digest.hexdigest())


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _own_code(signal: Signal) -> str | None:
    """The file of a signal of the user's own; what it imports is not looked at."""
    if signal.function.__module__.startswith("tamis."):
        return None
    source = inspect.getsourcefile(signal.function)
    return None if source is None else _content(Path(source))


def _options(options: Any) -> list[Any]:
    """The options, with the content of the model where one is a path."""
    return [
        [name, value, _content(Path(value)) if isinstance(value, str) and os.path.exists(value) else None]
        for name, value in sorted(options.items())
    ]


def _content(path: Path) -> str:
    digest = xxhash.xxh3_128()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
    return str(digest.hexdigest())
