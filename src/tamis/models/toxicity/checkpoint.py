"""Detoxify checkpoints: where one is, and how it is read without the hub, a stranger's code or random weights."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import xxhash

from tamis.errors import TamisError

NAMED: Final = {
    "original": "bert-base-uncased",
    "unbiased": "roberta-base",
    "multilingual": "xlm-roberta-base",
    "original-small": "albert-base-v2",
    "unbiased-small": "albert-base-v2",
}
"""The published models, and whose config and tokenizer each of them needs from the hub."""

_OTHERS: Final = ("screen", "minilm", "cascade")
_ENDINGS: Final = (".ckpt", ".pt", ".pth", ".bin")
_FALLBACK_LENGTH: Final = 512


@dataclass(frozen=True)
class Checkpoint:
    """What is to be loaded: one of the published models by `name`, or `file` with its config in `folder`."""

    name: str
    file: Path | None = None
    folder: Path | None = None


@dataclass(frozen=True)
class Read:
    """A loaded `Detoxify`, checked: its labels, a digest of its weights, and how many tokens it reads at once."""

    label: str
    model: Any
    class_names: tuple[str, ...]
    digest: str
    most_tokens: int


def find_checkpoint(name: str) -> Checkpoint:
    """Which checkpoint is meant: a file, a folder with one in it, or a published model.

    >>> find_checkpoint("unbiassed")
    Traceback (most recent call last):
    tamis.errors.TamisError: unknown toxicity model 'unbiassed'; did you mean 'unbiased'?
    """
    path = Path(name).expanduser()
    if name in NAMED and not path.is_file():
        _need_library(name)
        return Checkpoint(name)
    if not path.exists():
        known = (*_OTHERS, *NAMED)
        near = get_close_matches(name, known, n=1, cutoff=0.7)
        if near:
            raise TamisError(f"unknown toxicity model '{name}'; did you mean '{near[0]}'?")
        raise TamisError(f"no toxicity model '{name}': no such file or folder, and none of {', '.join(known)}")
    _need_library(name)
    if path.is_file():
        return Checkpoint(path.stem, path, path.parent)
    files = sorted(file for file in path.iterdir() if file.suffix in _ENDINGS)
    if len(files) != 1:
        what = f"{len(files)} checkpoints" if files else f"no checkpoint ({', '.join(_ENDINGS)})"
        raise TamisError(f"the folder {path} holds {what}: name the file")
    return Checkpoint(path.name, files[0], path)


def _need_library(name: str) -> None:
    if find_spec("detoxify") is None:
        raise TamisError(f"toxicity model '{name}' needs detoxify: pip install 'tamis[models]'")


def read_model(found: Checkpoint, device: str, *, download: bool = True) -> Read:
    """Load a checkpoint as a `Detoxify` object.

    Raises
    ------
    TamisError
        If something is missing or does not fit: what was tried, and what to do.
    """
    loaded = _read_file(found.file, device) if found.file is not None else _published(found.name, device, download)
    arch, labels = _described(loaded, found.file or Path(found.name))
    source = _config_folder(found, arch)
    model = _detoxify(arch, loaded["state_dict"], source, labels, device)
    _compare_weights(model.model, loaded["state_dict"], found.file or Path(found.name))
    return Read(found.name, model, tuple(model.class_names), _digest(loaded["state_dict"]), _room(model))


def _read_file(file: Path, device: str) -> Any:
    """Read a checkpoint of the user's: as tensors and plain values if it holds no more, else as a pickle."""
    import torch

    try:
        return torch.load(file, map_location=device, weights_only=True)
    except (UnpicklingError, RuntimeError):
        pass
    warnings.warn(
        f"{file} is a pickle with more than tensors in it: reading it runs whatever code its maker put there. "
        "Go on only with files you trust; keep weights as safetensors where you can",
        stacklevel=2,
    )
    try:
        return torch.load(file, map_location=device, weights_only=False)
    except Exception as error:
        raise TamisError(f"{file} cannot be read as a checkpoint: {_first_line(error)}") from error


def _published(name: str, device: str, download: bool) -> Any:
    """A published checkpoint from torch's cache, or from the project's releases."""
    import torch
    from detoxify.detoxify import MODEL_URLS

    url = MODEL_URLS[name]
    cached = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    if cached.is_file():
        return _read_file(cached, device)
    how = f"put {url} into a folder beside config.json and tokenizer of {NAMED[name]}, and name the folder"
    if not download:
        raise TamisError(f"toxicity model '{name}' is not at {cached}, and nothing was fetched: {how}; or use 'screen'")
    try:
        return torch.hub.load_state_dict_from_url(url, map_location=device, weights_only=True, progress=False)
    except Exception as error:
        tried = f"not at {cached}, and {url} failed ({_first_line(error)})"
        raise TamisError(
            f"toxicity model '{name}' cannot be loaded: {tried}; offline: {how}; or use 'screen'"
        ) from error


def _described(loaded: Any, file: Path) -> tuple[dict[str, Any], list[str]]:
    """The arguments of the model and its class names, as the checkpoint states them."""
    try:
        arch = dict(loaded["config"]["arch"]["args"])
        labels = [str(label) for label in loaded["config"]["dataset"]["args"]["classes"]]
        missing = {"model_type", "model_name", "tokenizer_name", "num_classes"} - set(arch) or not loaded["state_dict"]
    except (KeyError, TypeError, AttributeError) as error:
        raise TamisError(f"{file} is no detoxify checkpoint: {type(error).__name__} {error}") from None
    if missing:
        raise TamisError(f"{file} is no detoxify checkpoint: arch.args or state_dict is not whole")
    return arch, labels


def _config_folder(found: Checkpoint, arch: dict[str, Any]) -> str:
    """Where config and tokenizer are read: beside a checkpoint of the user's; a published one's on the hub."""
    wanted = str(arch["model_type"])
    if found.folder is None:
        if Path(wanted).exists():  # the library would take it for the hub's without a word
            raise TamisError(f"{Path(wanted).resolve()} stands in the way of the hub's {wanted}: run elsewhere")
        return wanted
    if not (found.folder / "config.json").is_file():
        what = f"a config.json (num_labels {arch['num_classes']}) and the tokenizer of {wanted}"
        raise TamisError(f"{found.file} needs {what} beside it: put them into {found.folder}")
    return str(found.folder)


def _detoxify(arch: dict[str, Any], weights: Any, source: str, labels: list[str], device: str) -> Any:
    """The library's own model, loaded by its own function; `source` stands for the name that goes to the hub."""
    from detoxify import Detoxify
    from detoxify.detoxify import get_model_and_tokenizer

    local = source if Path(source).is_dir() else None
    if local is not None:
        _check_labels(Path(local), len(labels))
    try:
        inner, tokenizer = get_model_and_tokenizer(
            **{**arch, "model_type": source}, state_dict=weights, huggingface_config_path=local
        )
    except Exception as error:
        tried = f"config and tokenizer were looked for in {source if local else f'the hub, as {source}'}"
        raise TamisError(f"the checkpoint's model cannot be made: {tried}: {_first_line(error)}") from error
    model = Detoxify.__new__(Detoxify)  # its __init__ would ask the hub for `model_type` though a folder is given
    model.model, model.tokenizer, model.device = inner.to(device).eval(), tokenizer, device
    standard = {"toxic": "toxicity", "identity_hate": "identity_attack", "severe_toxic": "severe_toxicity"}
    model.class_names = [standard.get(label, label) for label in labels]
    return model


def _check_labels(folder: Path, labels: int) -> None:
    """The number of labels comes from the folder's config alone: a stock one says 2 and fails far from here."""
    from transformers import AutoConfig

    told = AutoConfig.from_pretrained(folder, local_files_only=True).num_labels
    if told != labels:
        raise TamisError(
            f"{folder}/config.json says {told} labels and the checkpoint has {labels}: set num_labels to it"
        )


def _compare_weights(model: Any, weights: Any, file: Path) -> None:
    """Refuse a model whose weights are not the checkpoint's: names that do not fit are left random in silence."""
    import torch

    state = model.state_dict()
    missing = [name for name in state if name not in weights]
    if missing:
        told = f"{len(missing)} of {len(state)} weights, first {missing[0]}"
        raise TamisError(f"{file} lacks {told}: they would be random numbers; the checkpoint is of another model")
    other = [
        name for name, tensor in state.items() if not torch.equal(tensor.cpu().float(), weights[name].cpu().float())
    ]
    if other:
        raise TamisError(f"{file}: {len(other)} weights were not taken over, first {other[0]}")


def _room(model: Any) -> int:
    """Tokens that the model reads at once, special ones included; the tokenizer is told, or long text would crash."""
    config, tokenizer = model.model.config, model.tokenizer
    positions = int(getattr(config, "max_position_embeddings", _FALLBACK_LENGTH))
    if "roberta" in str(getattr(config, "model_type", "")):
        positions -= int(config.pad_token_id or 0) + 1  # its positions begin behind that of the padding
    told = int(tokenizer.model_max_length)
    tokenizer.model_max_length = min(told, positions) if 0 < told < 1 << 30 else positions
    return int(tokenizer.model_max_length)


def _digest(weights: Any) -> str:
    """Twelve hexadecimal digits of the weights."""
    import torch

    hashed = xxhash.xxh3_128()
    for name, tensor in sorted(weights.items()):
        hashed.update(name.encode())
        hashed.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return str(hashed.hexdigest()[:12])


def _first_line(error: Exception) -> str:
    told = str(error).strip().splitlines()
    return f"{type(error).__name__}: {told[0][:160]}" if told else type(error).__name__
