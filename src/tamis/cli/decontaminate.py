"""`tamis decontaminate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tamis.cli import options as o

TOTALS = ("contaminated", "alike", "unreadable")


def decontaminate(  # noqa: PLR0913 - the options of a command
    inputs: o.Inputs,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            metavar="FILE",
            help="Test sets: a file, a folder of them, or a saved index; may be given again.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file (or folder) for the rows without test items.", show_default=False
        ),
    ] = None,
    dropped: Annotated[
        Path | None,
        typer.Option("--dropped", help="A .jsonl file for the others, with the evidence.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="A page of the hits with both sides, or the numbers, by its ending: .html, .md or .json.",
            show_default=False,
        ),
    ] = None,
    fields: Annotated[
        str, typer.Option("--fields", help="Whose turns are searched: prompt, response or conversation.")
    ] = "prompt",
    index: Annotated[
        Path | None,
        typer.Option("--index", help="Keep the test items in a file, to name with --against.", show_default=False),
    ] = None,
    semantic: Annotated[
        float | None,
        typer.Option(
            "--semantic",
            metavar="COSINE",
            help="Flag rows whose prompt is that near in meaning to a test question (0.9, say); they stay.",
            show_default=False,
        ),
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if",
            metavar="'contaminated > 0'",
            help="Exit with 1 where contaminated, alike or unreadable rows pass a count or share.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="How many hits of each benchmark are shown.")] = 3,
    embedder: o.Embedder = None,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    show_sensitive: o.Sensitive = False,
    report_rows: o.ReportRows = 1000,
    threads: o.Threads = None,
) -> None:
    """Find rows that hold items of test sets, with the evidence, and write the others byte for byte.

    Example:
    tamis decontaminate examples/data/support_mix.jsonl --against examples/data/benchmark.jsonl -o clean.jsonl
    """
    import tamis
    from tamis.cli import gate
    from tamis.cli.progress import announce_compilation, progress, text_size

    gates = gate.parse(fail_if or [], (), TOTALS)
    announce_compilation(quiet=quiet)
    from tamis.reports.decontamination import decontamination_report

    with progress("searching", text_size(inputs), quiet=quiet) as told:
        found = tamis.decontaminate(
            inputs,
            against or [],
            output=output,
            dropped=dropped,
            fields=fields,
            index=index,
            semantic=semantic,
            embedder=embedder,
            schema=schema,
            mapping=o.parsed_mapping(mapping),
            format=format,
            threads=threads,
            progress=told.progress,
            show_sensitive=show_sensitive,
        )
    summary = found.summary(top, show_sensitive=show_sensitive)
    o.show(decontamination_report, summary, as_json=as_json, quiet=quiet)
    if report is not None:
        tamis.report(found, report, rows=report_rows, show_sensitive=show_sensitive)
    if output is None and len(found.contaminated) and not (as_json or quiet):
        typer.echo("\nnothing was written: -o clean.jsonl writes the rows without them, --dropped the others", err=True)
    met = [gate.text for gate in gates if gate.is_met({"rules": [], **summary})]
    for text in met:
        typer.echo(f"tamis: --fail-if met: {text}", err=True)
    if met:
        raise typer.Exit(1)
