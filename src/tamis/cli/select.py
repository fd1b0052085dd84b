"""`tamis select`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tamis.cli import options as o

HOW, DIVIDED = "How rows are picked", "How the budget is divided"


def select(  # noqa: PLR0913 - the options of a command
    inputs: o.Inputs,
    n: Annotated[int | None, typer.Option("-n", help="How many rows to pick.", show_default=False)] = None,
    tokens: Annotated[
        str | None,
        typer.Option("--tokens", help="Or how many tokens (estimated), for instance 2M.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file (or folder) for the picked rows; a manifest is written beside it.",
            show_default=False,
        ),
    ] = None,
    rest: Annotated[
        Path | None,
        typer.Option("--rest", help="A file (or folder) for all other rows.", show_default=False),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", help="Repeat the selection that this manifest records, with no -n.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")] = False,
    strategy: Annotated[
        str,
        typer.Option(
            "--strategy",
            "-s",
            help="facility, diverse (dpp), k-center, coverage, deita, quality, random, or quality*NAME.",
            rich_help_panel=HOW,
        ),
    ] = "facility",
    quality: Annotated[
        str | None,
        typer.Option(
            "--quality",
            metavar="NAME",
            help="A signal or column that says what is good; lowest:NAME where less is better.",
            show_default=False,
            rich_help_panel=HOW,
        ),
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            "--weight",
            help="Of quality in quality*NAME, from 0 to below 1 (0.5).",
            show_default=False,
            rich_help_panel=HOW,
        ),
    ] = None,
    alike: Annotated[
        float | None,
        typer.Option(
            "--alike",
            help="deita: from which cosine a row is too like one already picked (0.9).",
            show_default=False,
            rich_help_panel=HOW,
        ),
    ] = None,
    clusters: Annotated[
        int | None,
        typer.Option(
            "--clusters", help="coverage: how many clusters of meaning (100).", show_default=False, rich_help_panel=HOW
        ),
    ] = None,
    neighbours: Annotated[
        int | None,
        typer.Option(
            "--neighbours",
            help="facility: how many neighbours of each row are looked at (10 to 64, by the budget).",
            show_default=False,
            rich_help_panel=HOW,
        ),
    ] = None,
    field: Annotated[
        str,
        typer.Option("--field", help="What is compared: conversation, prompt or response.", rich_help_panel=HOW),
    ] = "conversation",
    seed: Annotated[int, typer.Option("--seed", help="Of all that is drawn.", rich_help_panel=HOW)] = 0,
    stratify: Annotated[
        str | None,
        typer.Option(
            "--stratify",
            metavar="NAME,NAME",
            help="Columns or signals whose values keep their shares.",
            show_default=False,
            rich_help_panel=DIVIDED,
        ),
    ] = None,
    quota: Annotated[
        str | None,
        typer.Option(
            "--quota",
            metavar="COLUMN=VALUE:SHARE,...",
            help="Shares to bring about, for instance source=human:50%,gpt-4:20%.",
            show_default=False,
            rich_help_panel=DIVIDED,
        ),
    ] = None,
    embedder: o.Embedder = None,
    causal_model: o.CausalModel = None,
    signals: o.OwnSignals = None,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    threads: o.Threads = None,
) -> None:
    """Pick the rows to train on within a budget, write them byte for byte, and show them beside random subsets.

    Example:
    tamis select examples/data/support_mix.jsonl -n 20 --stratify source -o subset.jsonl
    """
    import tamis
    from tamis.cli.progress import announce_compilation, progress, text_size
    from tamis.errors import TamisError

    announce_compilation(quiet=quiet)
    from tamis.reports.select import select_report

    if output is None and not dry_run:
        raise TamisError("say where the picked rows go with -o, or look first with --dry-run")
    asked: dict[str, Any] = {
        "n": n,
        "tokens": tokens,
        "strategy": strategy,
        "quality": quality,
        "weight": weight,
        "stratify": [name.strip() for name in (stratify or "").split(",") if name.strip()],
        "quota": quota,
        "alike": alike,
        "clusters": clusters,
        "neighbours": neighbours,
        "field": field,
        "embedder": embedder,
        "causal_model": causal_model,
        "seed": seed,
        "manifest": manifest,
        "signals": signals or [],
        "schema": schema,
        "mapping": o.parsed_mapping(mapping),
        "format": format,
        "threads": threads,
    }
    if not dry_run:
        asked |= {"output": output, "rest": rest}
    with progress("reading", text_size(inputs), quiet=quiet) as told:
        found = tamis.select(inputs, **asked, progress=told.progress, stages=told.stages)
    o.show(select_report, found.summary(), as_json=as_json, quiet=quiet)
    if dry_run and not (as_json or quiet):
        typer.echo("dry run: nothing was written", err=True)
