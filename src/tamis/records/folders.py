"""Folders that `datasets.Dataset.save_to_disk` writes: Arrow files, and JSON files that describe them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson

from tamis.errors import TamisError


def is_dataset_folder(folder: Path) -> bool:
    """Whether the folder is a saved dataset, or a saved dictionary of splits."""
    return (folder / "state.json").exists() or (folder / "dataset_dict.json").exists()


def saved_files(folder: Path) -> list[Path] | None:
    """The Arrow files of a saved dataset, split by split, in order; None where the folder is none.

    They are the files that its JSON names: `map` leaves others, its cache, beside them.
    """
    if (folder / "dataset_dict.json").exists():
        splits = _facts(folder / "dataset_dict.json").get("splits", [])
        return [file for split in splits for file in saved_files(folder / str(split)) or []]
    if (folder / "state.json").exists():
        return [folder / str(file["filename"]) for file in _facts(folder / "state.json").get("_data_files", [])]
    return None


def _facts(file: Path) -> dict[str, Any]:
    try:
        facts = orjson.loads(file.read_bytes())
        if isinstance(facts, dict):
            return facts
    except (OSError, orjson.JSONDecodeError):
        pass
    raise TamisError(f"{file}: does not describe a saved dataset; name its .arrow files")


def write_dataset_facts(source: Path, target: Path) -> None:
    """Copy what describes a saved dataset to where its pruned Arrow files are.

    The fingerprint changes with the rows, so that no cache takes the pruned set for the whole one; counts of
    rows and bytes, which would now be wrong, are left out.
    """
    for file in source.rglob("*.json"):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.name == "state.json":
            state = orjson.loads(file.read_bytes())
            state["_fingerprint"] = f"{str(state.get('_fingerprint', ''))[:8]}-tamis"
            copy.write_bytes(orjson.dumps(state, option=orjson.OPT_INDENT_2))
        elif file.name == "dataset_info.json":
            facts = orjson.loads(file.read_bytes())
            for name in ("splits", "dataset_size", "download_size", "size_in_bytes"):
                facts.pop(name, None)
            copy.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
        else:
            shutil.copyfile(file, copy)
