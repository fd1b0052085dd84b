"""`tamis bias`."""

from __future__ import annotations

from typing import Annotated

import typer

from tamis.cli import options as o


def bias(  # noqa: PLR0913 - the options of a command
    inputs: o.Inputs,
    output: o.Numbers = None,
    recipe: o.RecipeName = "default",
    sample: Annotated[
        int, typer.Option("--sample", min=0, help="Rows of each axis to swap identity terms in; 0 leaves it out.")
    ] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the sample and of the bootstrap.")] = 0,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    no_report: o.NoReport = False,
    threads: o.Threads = None,
) -> None:
    """Say who is represented in a dataset and how: mentions, words, occupations, answers, our own rules. English.

    Example:
    tamis bias examples/data/support_mix.jsonl --sample 200
    """
    import tamis
    from tamis.cli.progress import announce_compilation, progress, text_size
    from tamis.corpus import silent

    o.refuse_input(output, inputs)
    announce_compilation(quiet=quiet)
    from tamis.reports.bias import bias_report

    with progress("reading", text_size(inputs), quiet=quiet) as told:
        found = tamis.bias(
            inputs,
            recipe=recipe,
            sample=sample,
            seed=seed,
            schema=schema,
            mapping=o.parsed_mapping(mapping),
            format=format,
            threads=threads,
            progress=told.progress,
            stages=told.stages or silent,
        )
    o.show(bias_report, found.summary(), as_json=as_json, quiet=quiet)
    o.write_numbers(found, output, page=not no_report, quiet=quiet or as_json)
