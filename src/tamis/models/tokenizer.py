"""Exact token counts, by a tokenizer of the library `tokenizers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError

_FILE: Final = "tokenizer.json"
_AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Tokenizer:
    """A loaded tokenizer and the name it goes by in reports."""

    name: str
    encoder: Any

    def count(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Tokens of each text, special tokens not added: int64 of shape (n,)."""
        counts = np.zeros(len(texts), np.int64)
        for start in range(0, len(texts), _AT_ONCE):
            part = list(texts[start : start + _AT_ONCE])
            counts[start : start + len(part)] = [len(found.ids) for found in self.encoder.encode_batch_fast(
                part, add_special_tokens=False
            )]  # fmt: skip
        return counts


def load_tokenizer(name: str) -> Tokenizer:
    """A tokenizer from a `tokenizer.json`, from a folder that holds one, or by its name on the hub.

    The hub is asked only for a name that is no file and no folder, and only if its cache does not have it.

    Raises
    ------
    TamisError
        If the library is missing, or there is no such tokenizer: what was tried, and what to give.
    """
    if find_spec("tokenizers") is None:
        raise TamisError(f"--tokenizer {name} needs the library tokenizers: pip install tokenizers")
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / _FILE).is_file():
            raise TamisError(f"--tokenizer {name}: the folder holds no {_FILE}")
        return _from_file(path / _FILE, path.resolve().name)
    if path.is_file():
        return _from_file(path, path.name)
    if path.suffix == ".json" or path.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise TamisError(
            f"--tokenizer {name}: no such file or folder; name a {_FILE}, its folder, or a model of the hub"
        )
    return _from_hub(name)


def _from_file(path: Path, name: str) -> Tokenizer:
    import tokenizers

    try:
        return _plain(tokenizers.Tokenizer.from_file(str(path)), name)
    except Exception as error:
        raise TamisError(f"--tokenizer {path}: no tokenizer that can be read ({_first_line(error)})") from error


def _from_hub(name: str) -> Tokenizer:
    import tokenizers

    if find_spec("huggingface_hub") is not None:
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(name, _FILE)
        if isinstance(cached, str):
            return _from_file(Path(cached), name)
    try:
        return _plain(tokenizers.Tokenizer.from_pretrained(name), name)
    except Exception as error:
        raise TamisError(
            f"--tokenizer {name}: not in the hub's cache, and the hub failed ({_first_line(error)}); "
            f"to work offline give a {_FILE} or its folder, or leave --tokenizer out for an estimate"
        ) from error


def _plain(encoder: Any, name: str) -> Tokenizer:
    """The tokenizer without the truncation and padding that its file may ask for."""
    encoder.no_truncation()
    encoder.no_padding()
    return Tokenizer(name, encoder)


def _first_line(error: BaseException) -> str:
    told = str(error).strip().splitlines()
    return f"{type(error).__name__}: {told[0][:120]}" if told else type(error).__name__
