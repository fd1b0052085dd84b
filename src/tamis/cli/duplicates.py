"""`tamis duplicates`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tamis.cli import options as o


def duplicates(  # noqa: PLR0913 - the options of a command
    inputs: o.SomeInputs = None,
    kind: Annotated[str, typer.Option("--kind", "-k", help="words or meaning.")] = "words",
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            "--rethreshold",
            "-t",
            help="From which similarity rows are duplicates; 0.8 for words, 0.97 for meaning.",
            show_default=False,
        ),
    ] = None,
    floor: Annotated[
        float | None,
        typer.Option("--floor", help="Down to which similarity pairs are kept, to try thresholds.", show_default=False),
    ] = None,
    relative: Annotated[
        float | None,
        typer.Option(
            "--relative",
            help="In place of a threshold: a share of the median nearest distance, as in cleanlab (0.13).",
            show_default=False,
        ),
    ] = None,
    field: Annotated[
        str | None,
        typer.Option("--field", help="conversation (the default), prompt or response.", show_default=False),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option("--keep", help="fewest, longest, first, last, highest:COLUMN, lowest:COLUMN, order:COLUMN=A,B."),
    ] = None,
    finished: Annotated[
        Path | None,
        typer.Option(
            "--audit", help="Use a finished audit instead of INPUT; nothing is recomputed.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A folder for the tables, to prune from or rethreshold, and a report.html.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="How many clusters are shown.")] = 10,
    against: o.Against = None,
    embedder: o.Embedder = None,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    show_sensitive: o.Sensitive = False,
    no_report: o.NoReport = False,
    threads: o.Threads = None,
) -> None:
    """List rows that nearly repeat others: the kept row, how alike they are, what differs. Changes nothing.

    Example:
    tamis duplicates examples/data/support_mix.jsonl --field prompt --threshold 0.7
    """
    import tamis
    from tamis.cli.progress import announce_compilation, progress, text_size
    from tamis.errors import TamisError

    announce_compilation(quiet=quiet)
    from tamis.reports.duplicates import duplicates_report

    if bool(inputs) == (finished is not None):
        raise TamisError("name the data, or a finished audit with --audit; one of the two")
    asked: dict[str, Any] = {
        "kind": kind,
        "threshold": threshold,
        "floor": floor,
        "relative": relative,
        "field": field,
        "keep": keep,
        "embedder": embedder,
        "against": against,
        "schema": schema,
        "mapping": o.parsed_mapping(mapping) or None,
        "format": format,
        "threads": threads,
    }
    if finished is not None:
        found = tamis.duplicates(tamis.AuditResult.load(finished), **asked)
    else:
        with progress("reading", text_size(inputs), quiet=quiet) as told:
            found = tamis.duplicates(inputs, **asked, progress=told.progress, stages=told.stages)
    if output is not None:
        found.audit.save(output)
    if not quiet:
        o.show(duplicates_report, found.summary(top, show_sensitive=show_sensitive), as_json=as_json, quiet=quiet)
    if output is not None and not no_report:
        tamis.report(found, output / "report.html", show_sensitive=show_sensitive)
    if output is not None and not (as_json or quiet):
        typer.echo(f"\nwritten to {output}/" + ("" if no_report else f"; open {output}/report.html"), err=True)
        typer.echo(f"next  tamis prune --audit {output} -o clean.jsonl --dropped dropped.jsonl", err=True)
