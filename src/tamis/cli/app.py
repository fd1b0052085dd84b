"""The commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from tamis.cli.audit import audit
from tamis.cli.bias import bias
from tamis.cli.compare import compare
from tamis.cli.convert import convert
from tamis.cli.decontaminate import decontaminate
from tamis.cli.diversity import diversity
from tamis.cli.duplicates import duplicates
from tamis.cli.preflight import preflight
from tamis.cli.prune import prune
from tamis.cli.recipes import recipes
from tamis.cli.report import card, report
from tamis.cli.select import select
from tamis.cli.signals import signals
from tamis.cli.stopping import ADVICE, AGAIN, advise

app = typer.Typer(
    help="Audit, prune and measure instruction-tuning datasets.",
    epilog="Example:  tamis audit data.jsonl",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("tamis"))
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback prints it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Audit, prune and measure instruction-tuning datasets: offline, on one machine, without losing a row."""
    advise(ADVICE.get(context.invoked_subcommand or "", AGAIN))


COMMANDS = (
    audit,
    prune,
    report,
    duplicates,
    decontaminate,
    diversity,
    compare,
    bias,
    select,
    preflight,
    convert,
    signals,
    recipes,
    card,
)
for command in COMMANDS:
    epilog = (command.__doc__ or "").partition("Example:")[2].strip()
    app.command(
        help=(command.__doc__ or "").partition("Example:")[0].strip(),
        epilog=f"Example:  {epilog}",
        no_args_is_help=command not in (prune, duplicates, signals, recipes),
    )(command)
