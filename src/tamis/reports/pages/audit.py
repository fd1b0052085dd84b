"""An audit, what pruning did, and a selection as pieces of HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from tamis.reports.blocks import Block, Cell, Notes, Row, Table, Tiles, names_of, right
from tamis.reports.html import fragment
from tamis.reports.parts import Column, Summary, byte_size, percent, short, where

_ORDER = ("high", "medium", "low")


def audit_notebook(summary: Summary) -> str:
    """What was read, what the rules found, and what pruning would do."""
    size = sum(file.get("bytes", 0) for file in summary["inputs"])
    facts = [
        f"{summary['rows']:,} rows",
        *(one["name"] for one in summary["schemas"][:3]),
        byte_size(size) if size else "",
        *(f"{percent(one['share'])} {one['name']}" for one in summary["languages"][:3]),
    ]
    tiles = [
        (short(summary[name]), said)
        for name, said in (
            ("kept", "would be kept"),
            ("dropped", "would be dropped"),
            ("flagged", "have a finding"),
            ("unreadable", "could not be read"),
        )
    ]
    quiet = sum(not rule["rows"] for rule in summary["rules"])
    reasons = [f"{one['rows']:,} could not be read: {one['reason']}" for one in summary["unreadable_reasons"][:4]]
    blocks: list[Block] = [Tiles(tiles), *([Notes(reasons)] if reasons else []), _findings(summary), *_by(summary)]
    told = f"{quiet} rules found nothing." if quiet else ""
    return fragment(names_of(summary["inputs"]), " · ".join(fact for fact in facts if fact), blocks, told)


def prune_notebook(summary: Summary) -> str:
    """What was kept, what went and why."""
    tiles = [(short(summary[name]), name) for name in ("kept", "dropped", "unreadable")]
    rows: list[Row] = [
        [rule["what"], f"{rule['rows']:,}", percent(rule["share"]), Cell(rule["rule"], "soft")]
        for rule in summary["reasons"]
    ]
    columns: list[Column] = ["Dropped for", *right("Rows", "Share"), "Rule"]
    blocks: list[Block] = [Tiles(tiles), Table("", columns, rows)]
    if summary["redacted"]:
        spans: list[Row] = [[kind["kind"], f"{kind['spans']:,}", f"{kind['rows']:,}"] for kind in summary["redacted"]]
        blocks.append(Table("", ("Redacted", *right("Spans", "Rows")), spans))
    blocks += _by(summary)
    written = [
        f"{what}: {path}"
        for what, path in (
            ("Kept rows", summary["output"]),
            ("Dropped rows, with every reason", summary["dropped_output"]),
            ("What was redacted", summary["redactions_output"]),
        )
        if path
    ]
    share = percent(summary["kept"] / max(1, summary["rows"]))
    return fragment(f"{summary['kept']:,} of {summary['rows']:,} rows kept ({share})", "", [*blocks, Notes(written)])


def _findings(summary: Summary) -> Table:
    many = len(summary["inputs"]) > 1
    hit = sorted(
        (rule for rule in summary["rules"] if rule["rows"]),
        key=lambda rule: (rule["action"] != "drop", _ORDER.index(rule["severity"]), -rule["rows"]),
    )
    rows: list[Row] = []
    for rule in hit:
        example = rule["example"]
        said = (example["excerpt"],) if example and example["excerpt"] else ()
        does = Cell("drops", "badge drop") if rule["action"] == "drop" else Cell("flags", "badge flag")
        places = [example, *([example["other"]] if "other" in example else [])] if example else []
        at = " and ".join(where(place, many) for place in places)
        rows.append(
            [
                rule["what"],
                Cell(rule["severity"], "soft"),
                does,
                f"{rule['rows']:,}",
                percent(rule["share"]),
                Cell(at, lines=said),
            ]
        )
    columns: list[Column] = ["Finding", "Severity", "Pruning", *right("Rows", "Share"), "Example"]
    return Table("", columns, rows, open=15, note="" if rows else "No rule found anything.")


def _by(summary: Summary) -> Sequence[Table]:
    if not summary["by"]:
        return []
    rows: list[Row] = [
        [group["value"], f"{group['rows']:,}", f"{group['dropped']:,}", percent(group["dropped"] / group["rows"])]
        for group in summary["by"]["groups"]
    ]
    columns: list[Column] = [summary["by"]["column"], *right("Rows", "Dropped", "Drop rate")]
    return [Table("", columns, rows)]
