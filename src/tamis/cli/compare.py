"""`tamis compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from tamis.cli import options as o

TOTALS = ("dropped", "flagged", "unreadable", "removed", "added", "changed", "worse", "shrunk", "lost")


def compare(  # noqa: PLR0913 - the options of a command
    before: Annotated[
        str,
        typer.Argument(metavar="BEFORE", help="A file, glob or folder, or the folder of an audit.", show_default=False),
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The same, later.", show_default=False)],
    output: o.Numbers = None,
    recipe: o.RecipeName = "default",
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if",
            metavar="'WHAT > 0'",
            help="Exit with 1 where the later set's rows of a rule, or removed, added, changed, worse (rules), shrunk "
            "(kinds) or lost (parts) pass a number or share.",
            rich_help_panel=o.RULES,
        ),
    ] = None,
    scores: Annotated[
        bool | None,
        typer.Option(
            "--diversity/--no-diversity",
            help="Measure diversity too, which takes longest; the default but for two audits.",
            show_default=False,
        ),
    ] = None,
    size: o.SampleSize = None,
    seed: o.SampleSeed = 0,
    embedder: o.Embedder = None,
    by: o.By = None,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    no_report: o.NoReport = False,
    threads: o.Threads = None,
) -> None:
    """Say what changed from one dataset to another: rows, findings, diversity, and what was lost.

    Example:
    tamis compare examples/data/support_mix.jsonl examples/data/tickets.parquet --no-diversity
    """
    import tamis
    from tamis.cli import gate
    from tamis.cli.progress import announce_compilation, progress, text_size

    o.refuse_input(output, [before, after])
    announce_compilation(quiet=quiet)
    from tamis.reports.compare import compare_report
    from tamis.verbs.audit import prepare_recipe

    chosen = prepare_recipe(recipe, [], [])
    gates = gate.parse(fail_if or [], chosen.rules, TOTALS)
    with progress("reading", text_size([before, after]), quiet=quiet) as told:
        found = tamis.compare(
            before,
            after,
            recipe=chosen,
            by=by,
            scores=scores,
            size=size,
            seed=seed,
            embedder=embedder or "static",
            schema=schema,
            mapping=o.parsed_mapping(mapping),
            format=format,
            threads=threads,
            progress=told.progress,
            stages=told.stages,
        )
    summary = found.summary()
    o.show(compare_report, summary, as_json=as_json, quiet=quiet)
    o.write_numbers(found, output, page=not no_report, quiet=quiet or as_json)
    if met := [gate.text for gate in gates if gate.is_met(summary)]:
        for text in met:
            typer.echo(f"tamis: --fail-if met: {text}", err=True)
        raise typer.Exit(1)
