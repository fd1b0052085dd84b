"""`tamis audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tamis.cli import options as o
from tamis.cli.stopping import advise

if TYPE_CHECKING:
    from tamis.results import AuditResult


def audit(  # noqa: PLR0913 - the options of a command
    inputs: o.Inputs,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A folder for the tables of the audit and its report.html.", show_default=False
        ),
    ] = None,
    recipe: o.RecipeName = "default",
    changes: o.Changes = None,
    fail_if: o.FailIf = None,
    accept: o.Accept = None,
    signals: o.OwnSignals = None,
    schema: o.Schema = None,
    mapping: o.Mapping = None,
    format: o.Format = None,
    by: o.By = None,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    show_sensitive: o.Sensitive = False,
    threads: o.Threads = None,
    against: o.Against = None,
    embedder: o.Embedder = None,
    language_model: o.LanguageModel = None,
    toxicity_model: o.ToxicityModel = None,
    report_rows: o.ReportRows = 1000,
    projection: o.Projection = "pca",
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Write the tables alone.", rich_help_panel=o.OUTPUT)
    ] = False,
    cache: o.CacheFolder = None,
    no_cache: o.NoCache = False,
    engine: o.Engine = "local",
    address: o.Address = None,
) -> None:
    """Say what is wrong with a dataset: which rows, why, and what pruning would drop. Changes nothing.

    Example:
    tamis audit examples/data/support_mix.jsonl --by source -o audit/
    """
    import tamis
    from tamis.cli import gate
    from tamis.cli.progress import announce_compilation, progress, text_size

    announce_compilation(quiet=quiet)
    from tamis.reports.terminal import audit_report
    from tamis.verbs.audit import prepare_recipe

    chosen = prepare_recipe(recipe, changes or [], signals or [])
    if output is not None and not no_report:
        from tamis.verbs.report import check_options

        check_options(report_rows, projection)
    gates = gate.parse(fail_if or [], chosen.rules)
    fields = o.parsed_mapping(mapping)
    kept = _kept(None if no_cache else cache or (output and engine == "local" and output / "cache") or None, engine)
    with progress("auditing", text_size(inputs), quiet=quiet) as told:
        found = tamis.audit(
            inputs,
            recipe=chosen,
            schema=schema,
            mapping=fields,
            format=format,
            by=by,
            accept=accept,
            signals=signals or [],
            show_sensitive=show_sensitive,
            threads=threads,
            progress=told.progress,
            stages=told.stages,
            against=against,
            embedder=embedder,
            language_model=language_model,
            toxicity_model=toxicity_model,
            cache=kept,
            engine=engine,
            address=address,
            parts=output and output / "parts",
        )
    if output is not None:
        _save(found, output)
    summary = found.summary()
    o.show(audit_report, summary, as_json=as_json, quiet=quiet)
    if output is not None and not no_report and found.rows.height:  # after the summary, which need not wait for it
        tamis.report(
            found, output / "report.html", rows=report_rows, projection=projection, show_sensitive=show_sensitive
        )
    _next_steps(inputs, output, said=found.rows.height > 0 and not (as_json or quiet), page=not no_report)
    met = [gate.text for gate in gates if gate.is_met(summary)]
    for text in met:
        typer.echo(f"tamis: --fail-if met: {text}", err=True)
    if found.rows.height == 0:
        typer.echo("tamis: no row could be read; say what the fields are with --map or --schema", err=True)
        raise typer.Exit(2)
    if met:
        raise typer.Exit(1)


def _kept(folder: Path | None, engine: str) -> Path | None:
    """The folder, and what to do with it for who stops the run."""
    lost = "nothing is kept; with -o FOLDER it could go on" if engine == "local" else "the engine ray keeps nothing"
    advise(f"the same command goes on from {folder}" if folder else lost)
    return folder


def _save(found: AuditResult, output: Path) -> None:
    found.save(output)
    advise(f"the audit is in {output}; its page is written by: tamis report {output}")


def _next_steps(inputs: list[str], output: Path | None, *, said: bool, page: bool) -> None:
    from tamis.errors import one_line
    from tamis.records import remote

    if not said:
        return
    inputs, place = [one_line(remote.shown(given)) for given in inputs], one_line(str(output))
    if output is not None:
        typer.echo(f"\naudit written to {place}/" + (f"; open {place}/report.html" if page else ""), err=True)
        typer.echo(f"next  tamis prune --audit {place} -o clean{_ending(inputs)} --dropped dropped.jsonl", err=True)
    elif inputs != ["-"]:
        shown = " ".join(inputs) if len(inputs) < 4 else f"{inputs[0]} ..."
        typer.echo(f"\nnext  tamis prune {shown} -o clean{_ending(inputs)} --dropped dropped.jsonl", err=True)


def _ending(inputs: list[str]) -> str:
    return "".join(
        Path(inputs[0]).suffixes[-2:] if inputs[0].endswith((".gz", ".zst")) else Path(inputs[0]).suffixes[-1:]
    )
