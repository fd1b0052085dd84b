"""Folders that `datasets.Dataset.save_to_disk` writes: Arrow files, and JSON files that describe them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from tamis.errors import TamisError
from tamis.unfinished import whole_file


def is_dataset_folder(folder: Path) -> bool:
    """Whether the folder is a saved dataset, or a saved dictionary of splits."""
    return (folder / "state.json").exists() or (folder / "dataset_dict.json").exists()


def saved_files(folder: Path) -> list[Path] | None:
    """The Arrow files of a saved dataset, split by split, in order; None where the folder is none.

    They are the files that its JSON names: `map` leaves others, its cache, beside them.
    """
    if (folder / "dataset_dict.json").exists():
        splits = _named(folder / "dataset_dict.json", lambda facts: facts.get("splits", []))
        return [file for split in splits for file in saved_files(split) or []]
    if (folder / "state.json").exists():
        return _named(folder / "state.json", lambda facts: [one["filename"] for one in facts.get("_data_files", [])])
    return None


def _named(file: Path, names: Callable[[dict[str, Any]], Any]) -> list[Path]:
    """What stands beside a JSON file by the names that it has; it may name nothing elsewhere."""
    try:
        found = [str(name) for name in names(_facts(file))]
    except (TypeError, KeyError, AttributeError):
        raise TamisError(f"{file}: does not describe a saved dataset; name its .arrow files") from None
    if outside := next((name for name in found if Path(name).name != name or name == ".."), None):
        raise TamisError(f"{file}: names a file outside of its folder ({outside}); name its .arrow files")
    return [file.parent / name for name in found]


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
        with whole_file(copy) as path:
            if file.name == "state.json":
                state = _facts(file)
                state["_fingerprint"] = f"{str(state.get('_fingerprint', ''))[:8]}-tamis"
                path.write_bytes(orjson.dumps(state, option=orjson.OPT_INDENT_2))
            elif file.name == "dataset_info.json":
                facts = _facts(file)
                for name in ("splits", "dataset_size", "download_size", "size_in_bytes"):
                    facts.pop(name, None)
                path.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
            else:
                shutil.copyfile(file, path)
