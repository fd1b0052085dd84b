"""`tamis prune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tamis.cli import options as o


def prune(  # noqa: PLR0913 - the options of a command
    inputs: o.SomeInputs = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file (or folder) for the rows that stay.", show_default=False),
    ] = None,
    dropped: Annotated[
        Path | None,
        typer.Option("--dropped", help="A .jsonl file for the rows that go, with every reason.", show_default=False),
    ] = None,
    redact: Annotated[
        str | None,
        typer.Option(
            "--redact",
            help="Put markers for personal data and keys in the rows that stay: pii,secrets.",
            show_default=False,
        ),
    ] = None,
    redactions: Annotated[
        Path | None,
        typer.Option("--redactions", help="A .jsonl file that tells where and what.", show_default=False),
    ] = None,
    finished: Annotated[
        Path | None,
        typer.Option(
            "--audit",
            help="Use a finished audit instead of INPUT; nothing is recomputed.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")] = False,
    recipe: o.RecipeName = "default",
    changes: o.Changes = None,
    accept: o.Accept = None,
    signals: o.OwnSignals = None,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    by: o.By = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    threads: o.Threads = None,
    against: o.Against = None,
    embedder: o.Embedder = None,
    language_model: o.LanguageModel = None,
    toxicity_model: o.ToxicityModel = None,
) -> None:
    """Write the rows worth keeping, byte for byte, and show what was taken out.

    Example:
    tamis prune examples/data/support_mix.jsonl -o clean.jsonl --dropped dropped.jsonl
    """
    import tamis
    from tamis.cli.progress import announce_compilation, progress, text_size

    announce_compilation(quiet=quiet)
    from tamis.errors import TamisError
    from tamis.reports.terminal import prune_report
    from tamis.verbs.audit import prepare_recipe

    if bool(inputs) == (finished is not None):
        raise TamisError("name the data to prune, or a finished audit with --audit; one of the two")
    if output is None and not dry_run:
        raise TamisError("say where the kept rows go with -o, or look first with --dry-run")
    targets: dict[str, Any] = {"redact": redact or ()}
    if not dry_run:
        targets |= {"output": output, "dropped": dropped, "redactions": redactions}
    if finished is not None:
        late = {
            "--schema": schema,
            "--map": mapping,
            "--format": format,
            "--by": by,
            "--against": against,
            "--embedder": embedder,
            "--language-model": language_model,
            "--toxicity-model": toxicity_model,
        }
        if named := [name for name, value in late.items() if value]:
            raise TamisError(
                f"a finished audit takes no {', '.join(named)}; change it by --set or --recipe, or audit again"
            )
        from tamis.registry import load_signals

        load_signals(signals or [])
        if recipe != "default":  # otherwise that of the audit
            targets["recipe"] = recipe
        result = tamis.prune(tamis.AuditResult.load(finished), set=changes or [], accept=accept, **targets)
    else:
        assert inputs is not None
        chosen = prepare_recipe(recipe, changes or [], signals or [])
        fields = o.parsed_mapping(mapping)
        with progress("auditing", text_size(inputs), quiet=quiet) as told:
            result = tamis.prune(
                inputs,
                **targets,
                recipe=chosen,
                accept=accept,
                signals=signals or [],
                schema=schema,
                mapping=fields,
                format=format,
                by=by,
                threads=threads,
                progress=told.progress,
                stages=told.stages,
                against=against,
                embedder=embedder,
                language_model=language_model,
                toxicity_model=toxicity_model,
            )
    o.show(prune_report, result.summary(), as_json=as_json, quiet=quiet)
    if dry_run and not (as_json or quiet):
        typer.echo("dry run: nothing was written", err=True)
