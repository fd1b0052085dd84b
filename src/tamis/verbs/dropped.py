"""The file of dropped rows: each with its place, every reason, and the record itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from tamis import workspace
from tamis.errors import TamisError
from tamis.records import formats
from tamis.records.raw import LONGEST, SKIPPED, decode_json
from tamis.records.reader import as_frame
from tamis.records.sources import Source
from tamis.records.writing import compressed, compression_of, raw_ranges
from tamis.results import AuditResult

SHOWN = 1 << 20
"""Bytes of a record too long to be read that stand in the file of dropped rows: it is in the input, at its place."""
_REASON = ("rule", "severity", "signal", "value", "threshold", "turn", "start", "stop", "excerpt")


def write_dropped(found: AuditResult, output: Path) -> None:
    """Write a JSON line for every dropped or unreadable row.

    `record` holds the row (JSON rows as their own bytes), `raw` the text of a record that could not be read.
    """
    reasons = _reasons(found)
    places = found.rows.filter(pl.col("row").is_in(found.dropped.implode())).select(
        "row", "file", "line", "start", "stop", "row_hash"
    )
    unreadable = found.unreadable.with_columns(row_hash=pl.lit(None, pl.String))
    gone = pl.concat([places.with_columns(reason=pl.lit(None, pl.String)), unreadable], how="diagonal").sort("row")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with workspace.whole_file(output) as path, compressed(path, compression_of(output)) as out:
            for row, raw in zip(gone.iter_rows(named=True), _records(found, gone), strict=True):
                out.write(orjson.dumps(_entry(found, row, raw, reasons), default=str, option=orjson.OPT_APPEND_NEWLINE))
            workspace.check_steady(found.facts["inputs"])
    except OSError as error:
        raise TamisError(f"{output}: cannot be written ({error.strerror or error})") from None


def _entry(
    found: AuditResult, row: dict[str, Any], raw: Any, reasons: dict[int, list[dict[str, Any]]]
) -> dict[str, Any]:
    place = {"row": row["row"], "file": found.facts["inputs"][row["file"]]["name"]}
    place |= {name: row[name] for name in ("line", "start", "stop", "row_hash") if row[name] is not None}
    if row["reason"] is not None:
        text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
        return {**place, "unreadable": row["reason"], "raw": text}
    record = _one_line(raw) if isinstance(raw, bytes) else raw
    return {**place, "reasons": reasons[row["row"]], "record": record}


def _one_line(raw: bytes) -> Any:
    """A JSON record as its own bytes; one that was printed over several lines is written anew on one."""
    return decode_json(raw) if b"\n" in raw else orjson.Fragment(raw)


def _reasons(found: AuditResult) -> dict[int, list[dict[str, Any]]]:
    """By dropped row: every finding, those that drop first; a duplicate names the kept row."""
    kept = found.findings.filter(~pl.col("accepted")).sort("row", pl.col("action") != "drop", maintain_order=True)
    reasons: dict[int, list[dict[str, Any]]] = {}
    references = found.shown_places(kept["other"].filter(kept["other"] < 0))
    for finding in kept.filter(pl.col("row").is_in(found.dropped.implode())).iter_rows(named=True):
        reason = {name: finding[name] for name in ("action", *_REASON) if finding[name] is not None}
        if finding["other"] is not None:
            if finding["other"] < 0:
                place = references[finding["other"]]
                reason["duplicate_of_reference"] = {name: place[name] for name in ("row", "file", "line")}
            else:
                reason["duplicate_of" if finding["action"] == "drop" else "other"] = finding["other"]
        reasons.setdefault(finding["row"], []).append(reason)
    return reasons


def _records(found: AuditResult, gone: pl.DataFrame) -> Iterator[Any]:
    """The records of rows in order: bytes where the format is JSON or a record could not be read, else values."""
    if found.table is not None:
        frame = as_frame(found.table)
        assert frame is not None
        for row in gone["row"]:
            yield frame.row(row, named=True)
        return
    offsets = _first_rows(found)
    for index, source in enumerate(found.sources):
        mine = gone.filter(pl.col("file") == index)
        overlong = pl.col("stop") - pl.col("start") > LONGEST
        mine = mine.with_columns(stop=pl.when(overlong).then(pl.col("start") + SHOWN).otherwise("stop"))
        if source.format in ("json", "jsonl"):
            yield from raw_ranges(source, mine["start"].to_list(), mine["stop"].to_list())
        else:
            yield from _values(source, set(mine["row"] - offsets[index]), mine)


def _values(source: Source, wanted: set[int], mine: pl.DataFrame) -> Iterator[Any]:
    ranges = (
        raw_ranges(source, mine["start"].to_list(), mine["stop"].to_list()) if mine["start"].null_count() == 0 else None
    )
    values = (v for chunk in formats.read(source, wanted.__contains__) for v in chunk.values if v is not SKIPPED)
    for value, reason in zip(values, mine["reason"], strict=True):
        raw = next(ranges) if ranges is not None else None
        yield value if reason is None or raw is None else raw


def _first_rows(found: AuditResult) -> dict[int, int]:
    firsts = pl.concat([found.rows.select("file", "row"), found.unreadable.select("file", "row")])
    return dict(firsts.group_by("file").agg(pl.col("row").min()).iter_rows())
