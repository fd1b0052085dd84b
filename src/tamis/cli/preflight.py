"""`tamis preflight`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tamis.cli import options as o

TOTALS = ("rejected", "blanked", "masked", "truncated", "warning", "unreadable", "problems")
HOW = "How the trainer is set"


def preflight(  # noqa: PLR0913 - the options of a command
    inputs: o.Inputs,
    trainer: Annotated[
        str,
        typer.Option(
            "--trainer", "-t", help="trl, axolotl, llama-factory, unsloth or openai.", show_default=False,
            rich_help_panel=HOW,
        ),
    ],
    max_length: Annotated[
        int | None,
        typer.Option(
            "--max-length", min=1, metavar="TOKENS", help="The trainer's limit; without it, the limit it sets itself.",
            show_default=False, rich_help_panel=HOW,
        ),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            "--tokenizer", metavar="NAME|FILE|FOLDER", help="A tokenizer.json, its folder, or a model of the hub; "
            "without it tokens are estimated.", show_default=False, rich_help_panel=HOW,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file for the rows with problems, as JSON lines.", show_default=False),
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if", metavar="'rejected > 0'", help="Exit with 1 where the rows of a severity or of a problem "
            "pass a count or share; 'problems' counts all.", rich_help_panel=o.RULES,
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help="What the file calls one of the trainer's columns.",
            rich_help_panel=o.ROWS,
        ),
    ] = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
) -> None:  # fmt: skip
    """Say what a trainer would reject, silently blank, cut or never learn from, and how long the rows are.

    Example:
    tamis preflight examples/data/dialogues.json --trainer llama-factory --max-length 4096
    """
    import tamis
    from tamis.cli import gate
    from tamis.cli.progress import announce_compilation, progress, text_size
    from tamis.trainers import codes

    gates = gate.parse(fail_if or [], codes(trainer), TOTALS)
    o.refuse_input(output, inputs)
    announce_compilation(quiet=quiet)
    from tamis.reports.preflight import preflight_report

    fields = o.parsed_mapping(mapping)
    with progress("checking", text_size(inputs), quiet=quiet) as told:
        found = tamis.preflight(
            inputs,
            trainer=trainer,
            max_length=max_length,
            tokenizer=tokenizer,
            mapping=fields,
            format=format,
            progress=told.progress,
        )
    if output is not None:
        found.save(output)
    summary = found.summary()
    o.show(preflight_report, summary, as_json=as_json, quiet=quiet)
    met = [gate.text for gate in gates if gate.is_met(summary)]
    for text in met:
        typer.echo(f"tamis: --fail-if met: {text}", err=True)
    if met:
        raise typer.Exit(1)
