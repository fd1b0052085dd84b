"""`tamis report` and `tamis card`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tamis.cli import options as o

Folder = Annotated[Path, typer.Argument(metavar="AUDIT", help="The folder of a finished audit.", show_default=False)]


def report(
    audit: Folder,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file to write; report.html in the folder, or standard output.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", help="html, markdown or json; by the ending of OUTPUT, or else html.", show_default=False
        ),
    ] = None,
    rows: o.ReportRows = 1000,
    projection: o.Projection = "pca",
    show_sensitive: o.Sensitive = False,
) -> None:  # fmt: skip
    """Write the report of a finished run again: a page to look through, Markdown or JSON. Computes nothing.

    The folder is one that audit, duplicates, diversity, compare or bias has written with -o.

    Example:
    tamis report audit/ -o report.html
    """
    import tamis

    target = output if output is not None or format not in (None, "html") else audit / "report.html"
    text = tamis.report(audit, target, format=format, rows=rows, projection=projection, show_sensitive=show_sensitive)
    typer.echo(text if target is None else f"report written to {target}", err=target is not None)


def card(audit: Folder) -> None:
    """Print a section for a Hugging Face dataset card: YAML metadata, and the findings in Markdown.

    Example:
    tamis card audit/
    """
    import tamis

    typer.echo(tamis.card(audit), nl=False)
