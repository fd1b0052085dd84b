"""Writing some of the rows of an input as they stand in it: one file, a folder with one for each, or a table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import unfinished, workspace
from tamis.errors import TamisError
from tamis.records.folders import is_dataset_folder, write_dataset_facts
from tamis.records.sources import Source
from tamis.records.writing import check_same_format, compressed, compression_of, write_kept
from tamis.verbs.redact import Redacted

PLACE = ("row", "file", "start", "stop")


def check_targets(sources: Sequence[Source], targets: dict[str, Any]) -> None:
    """No file that is written may be one that is read, nor may two of them be one."""
    written: dict[Path, str] = {}
    for what, target in targets.items():
        if target is None:
            continue
        unfinished.check_local(Path(target))
        path = Path(os.path.realpath(target))  # which `resolve` refuses where links go round
        if path in (source.path.resolve() for source in sources):
            raise TamisError(f"{path}: is the input; name another output")
        if path in written:
            raise TamisError(f"{target}: is the output of {written[path]} too; name another file for {what}")
        written[path] = what


def write_rows(
    places: pl.DataFrame,
    files: Sequence[Mapping[str, Any]],
    kept: NDArray[np.bool_],
    output: Path,
    redacted: Redacted | None = None,
) -> None:
    """Write the rows that are `kept`: one file for all inputs, or a folder with one for each.

    `places` has a line a record of the input, readable or not (see `PLACE`); `files` are the fingerprints of what was
    read, which must still be so when the last byte is copied.
    """
    sources, redacted = [workspace.check_unchanged(file) for file in files], redacted or Redacted()
    places = places.sort("row")
    try:
        if output.is_dir() or not output.suffix:
            _write_folder(sources, files, places, kept, output, redacted)
        else:
            check_same_format(sources, output)
            if len(sources) > 1 and sources[0].format != "jsonl":
                raise TamisError(
                    f"{output}: several {sources[0].format} files cannot be joined; give a folder: -o {output.stem}/"
                )
            output.parent.mkdir(parents=True, exist_ok=True)
            with workspace.whole_file(output) as path, compressed(path, compression_of(output)) as out:
                last = b""
                for index, source in enumerate(sources):
                    mine = places.filter(pl.col("file") == index)
                    stay = kept[mine["row"].to_numpy()]
                    last = write_kept(source, mine, stay, out, after=last, changes=redacted.of(index))
                workspace.check_steady(files)
    except OSError as error:
        raise TamisError(f"{output}: cannot be written ({error.strerror or error})") from None


def _write_folder(
    sources: list[Source],
    files: Sequence[Mapping[str, Any]],
    places: pl.DataFrame,
    kept: NDArray[np.bool_],
    folder: Path,
    redacted: Redacted,
) -> None:
    root = Path(os.path.commonpath([source.place.parent for source in sources]))
    if (root.parent / "dataset_dict.json").exists():  # a saved dictionary of one split
        root = root.parent
    targets = [folder / source.place.relative_to(root) for source in sources]
    for index, target in enumerate(targets):
        if target.resolve() in (one.path.resolve() for one in sources):
            raise TamisError(f"{target}: is an input; name another folder")
        if target in targets[:index]:
            raise TamisError(f"{target}: two inputs would both be written there; prune each by itself")
    for index, (source, target) in enumerate(zip(sources, targets, strict=True)):
        target.parent.mkdir(parents=True, exist_ok=True)
        mine = places.filter(pl.col("file") == index)
        with workspace.whole_file(target) as path:
            with compressed(path, source.compression) as out:
                write_kept(source, mine, kept[mine["row"].to_numpy()], out, changes=redacted.of(index))
            workspace.check_steady([files[index]])
    if is_dataset_folder(root):
        write_dataset_facts(root, folder)


def filtered_table(table: Any, kept: NDArray[np.bool_]) -> Any:
    """The kept rows of a table, as a table of the same kind."""
    module = type(table).__module__.partition(".")[0]
    if module == "pandas":
        return table[kept]
    if module == "datasets":
        return table.select(np.flatnonzero(kept))
    if module == "pyarrow":
        return table.filter(pl.Series(kept).to_arrow())
    frame = table.collect() if isinstance(table, pl.LazyFrame) else table
    return frame.filter(pl.Series(kept))
