"""`tamis diversity`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from tamis.cli import options as o


def diversity(  # noqa: PLR0913 - the options of a command
    inputs: o.Inputs,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against", metavar="FILE", help="A reference to measure beside; may be given again.", show_default=False
        ),
    ] = None,
    output: o.Numbers = None,
    size: o.SampleSize = None,
    seed: o.SampleSeed = 0,
    everything: Annotated[bool, typer.Option("--all", help="Show every score, not one or two of each kind.")] = False,
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
    """Say how varied a dataset is in words, meaning and kinds, beside copies, shuffled words and a reference.

    Example:
    tamis diversity examples/data/support_mix.jsonl
    """
    import tamis
    from tamis.cli.progress import announce_compilation, progress, text_size

    o.refuse_input(output, inputs)
    announce_compilation(quiet=quiet)
    from tamis.reports.diversity import diversity_report

    with progress("reading", text_size(inputs), quiet=quiet) as told:
        found = tamis.diversity(
            inputs,
            against=against,
            size=size,
            seed=seed,
            embedder=embedder or "static",
            by=by,
            schema=schema,
            mapping=o.parsed_mapping(mapping),
            format=format,
            threads=threads,
            progress=told.progress,
            stages=told.stages,
        )
    o.show(partial(diversity_report, everything=everything), found.summary(), as_json=as_json, quiet=quiet)
    o.write_numbers(found, output, page=not no_report, quiet=quiet or as_json)
