"""`tamis convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamis.cli import options as o

if TYPE_CHECKING:
    from rich.console import RenderableType

HOW = "How rows are written"


def convert(  # noqa: PLR0913 - each parameter is a flag
    inputs: o.Inputs,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The file to write: .jsonl, .json, .csv, .tsv, .parquet or .arrow; .gz or .zst after it compresses.",
            show_default=False,
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="SCHEMA",
            help="messages, sharegpt, alpaca, prompt-completion or preference; without it the schema stays.",
            rich_help_panel=HOW,
            show_default=False,
        ),
    ] = None,
    drop_fields: Annotated[
        bool,
        typer.Option("--drop-fields", help="Leave out ids, sources and other further fields.", rich_help_panel=HOW),
    ] = False,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
) -> None:
    """Write a dataset in another schema, another format, or both, and say what that loses.

    Example:
    tamis convert examples/data/support_mix.jsonl --to messages -o chat.parquet
    """
    from tamis.cli.progress import announce_compilation, progress, text_size

    announce_compilation(quiet=quiet)
    from tamis.verbs.convert import convert as run

    fields = o.parsed_mapping(mapping)
    with progress("converting", text_size(inputs), quiet=quiet) as told:
        result = run(
            inputs,
            output,
            to=to,
            schema=schema,
            mapping=fields,
            format=format,
            drop_fields=drop_fields,
            progress=told.progress,
        )
    o.show(_report, result.summary(), as_json=as_json, quiet=quiet)
    if result.written == 0:
        typer.echo("tamis: no row could be written", err=True)
        raise typer.Exit(2)


def _report(summary: dict[str, Any]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    schemas = ", ".join(f"{entry['name']} {entry['rows']:,}" for entry in summary["schemas"][:4])
    head = f"{summary['output']}   {summary['written']:,} of {summary['rows']:,} rows written"
    head += f" as {summary['to']}" if summary["to"] else ""
    lines = [head + (f"   (from {schemas})" if schemas else "")]
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="")
    for title, justify in (("", "left"), ("rows", "right"), ("what", "left"), ("first", "left")):
        table.add_column(title, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for title, entries, what in (
        ("written, but", summary["losses"], "what"),
        ("left out", summary["left_out_reasons"], "reason"),
        ("unreadable", summary["unreadable_reasons"], "reason"),
    ):
        for entry in entries:
            table.add_row(title, f"{entry['rows']:,}", _plain(entry[what]), _places(entry, len(summary["inputs"])))
    if summary["json_text_columns"]:
        lines.append(f"values written as JSON text in: {', '.join(summary['json_text_columns'])}")
    return Group(*map(_plain, lines), "", table) if table.row_count else Group(*map(_plain, lines))


def _plain(text: str) -> RenderableType:
    from rich.text import Text

    return Text("".join(letter if letter.isprintable() else "\ufffd" for letter in text))


def _places(entry: dict[str, Any], files: int) -> RenderableType:
    """The first rows: by line where the format has lines, by row number where not."""
    shown = []
    for place in entry["first"][:3]:
        where = f"row {place['row']:,}" if place["line"] is None else f"line {place['line']:,}"
        shown.append(f"{Path(place['file']).name} {where}" if files > 1 else where)
    kept = shown[:1] if files > 1 else shown
    return _plain(", ".join(kept) + (", ..." if entry["rows"] > len(kept) else ""))
