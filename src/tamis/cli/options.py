"""The options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import Annotated, Any

import typer

from tamis.errors import TamisError

ROWS, RULES, OUTPUT = "What the rows are", "What is looked for", "What is shown"
WHERE = "Where it is computed"

_READ = "Files, globs, a folder, URLs (https, s3, gs, hf), or - for standard input."

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT", help=_READ, show_default=False),
]
SomeInputs = Annotated[
    list[str] | None,
    typer.Argument(metavar="INPUT", help=_READ, show_default=False),
]
RecipeName = Annotated[
    str,
    typer.Option(
        "--recipe", "-r", help="A built-in recipe (see tamis recipes), or a TOML file.", rich_help_panel=RULES
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="RULE.KEY=VALUE",
        help="Change one value of the recipe; may be given again.",
        rich_help_panel=RULES,
    ),
]
OwnSignals = Annotated[
    list[str] | None,
    typer.Option(
        "--signals",
        metavar="MODULE",
        help="A module or .py file with signals of your own (it is run).",
        rich_help_panel=RULES,
    ),
]
Accept = Annotated[
    Path | None,
    typer.Option("--accept", help="Reviewed findings to set aside: lines of ROW_HASH [RULE].", rich_help_panel=RULES),
]
FailIf = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if",
        metavar="'RULE > 0.5%'",
        help="Exit with 1 where a rule's rows pass a count or share.",
        rich_help_panel=RULES,
    ),
]
Against = Annotated[
    list[str] | None,
    typer.Option(
        "--against",
        metavar="FILE",
        help="A set that the data must not repeat; may be given again.",
        show_default=False,
        rich_help_panel=RULES,
    ),
]
Embedder = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="MODEL",
        help="static (English, offline; the default), minilm, or a sentence-transformers name or folder.",
        show_default=False,
        rich_help_panel=RULES,
    ),
]
LanguageModel = Annotated[
    str | None,
    typer.Option(
        "--language-model",
        metavar="MODEL",
        help="profiles (a kernel; the default), or langdetect, the Python package.",
        show_default=False,
        rich_help_panel=RULES,
    ),
]
ToxicityModel = Annotated[
    str | None,
    typer.Option(
        "--toxicity-model",
        metavar="MODEL",
        help="screen (English, offline; the default), minilm, original, unbiased, multilingual, a path, or cascade.",
        show_default=False,
        rich_help_panel=RULES,
    ),
]
CausalModel = Annotated[
    str | None,
    typer.Option(
        "--causal-model",
        metavar="MODEL",
        help="For the signal ifd: a causal model's name, its folder, or a GGUF file.",
        show_default=False,
        rich_help_panel=RULES,
    ),
]
Schema = Annotated[
    str | None, typer.Option("--schema", help="The schema, instead of detecting it.", rich_help_panel=ROWS)
]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help="Where a field stands, for instance instruction=question.",
        rich_help_panel=ROWS,
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="jsonl, json, csv, tsv, parquet or arrow.", rich_help_panel=ROWS),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="Split every count by a column, file or source_schema.",
        rich_help_panel=OUTPUT,
    ),
]
SampleSize = Annotated[
    int | None,
    typer.Option("--size", min=2, help="Rows of a sample; 1,000, or half of the smaller set.", show_default=False),
]
SampleSeed = Annotated[int, typer.Option("--seed", min=0, help="Of the samples and the clusters.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=OUTPUT)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no report.", rich_help_panel=OUTPUT)]
Sensitive = Annotated[
    bool,
    typer.Option("--show-sensitive", help="Show personal data and secrets in excerpts.", rich_help_panel=OUTPUT),
]
ReportRows = Annotated[
    int,
    typer.Option(
        "--report-rows", min=0, help="Rows that the page carries to browse; all rules are represented.",
        rich_help_panel=OUTPUT,
    ),
]  # fmt: skip
Projection = Annotated[
    str,
    typer.Option(
        "--projection",
        metavar="METHOD",
        help="How the page's map places rows: pca, tsne (slower; the extra map) or none.",
        rich_help_panel=OUTPUT,
    ),
]
Numbers = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="A folder for all numbers and a report.html; or one file, by its ending: .json, .html or .md.",
        show_default=False,
    ),
]
NoReport = Annotated[bool, typer.Option("--no-report", help="Write no page.", rich_help_panel=OUTPUT)]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Where measured rows are kept for the next run; in OUTPUT/cache by default, nowhere without -o.",
        show_default=False,
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Measure every row, and keep nothing but the tables.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="Threads to measure with; all cores by default.", show_default=False),
]

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="local, in threads, or ray, on a cluster (the extra ray); the answer is the same.",
        rich_help_panel=WHERE,
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="A running Ray, auto for the one on this machine; without it one is started for the run.",
        show_default=False,
        rich_help_panel=WHERE,
    ),
]


def parsed_mapping(pairs: list[str] | None) -> dict[str, str]:
    """`--map` options as a mapping."""
    from tamis.records.schemas import parse_mapping

    return parse_mapping(pairs or [])


def show(report: Any, summary: Any, *, as_json: bool, quiet: bool) -> None:
    """Print a result on standard output: JSON, a report, or nothing."""
    if as_json:
        import orjson

        typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
    elif not quiet:
        from rich.console import Console

        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = max(console.width, 120)
        console.print(report(summary))


def write_numbers(found: Any, output: Path | None, *, page: bool, quiet: bool) -> None:
    """Write what was found to a folder, as numbers and a page, or to one file of the form that its ending says."""
    if output is None:
        return
    import tamis
    from tamis.verbs.page.told import verb_of
    from tamis.verbs.report import ENDINGS

    if output.suffix.lower() in ENDINGS and not output.is_dir():
        tamis.report(found, output)
        return
    make_folder(output)
    tamis.report(found, output / f"{verb_of(found)}.json")
    if page:
        tamis.report(found, output / "report.html")
        if not quiet:
            typer.echo(f"\nwritten to {output}/; open {output}/report.html", err=True)


def make_folder(folder: Path) -> None:
    """The folder, made where it is not there; an error where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TamisError(f"{folder}: cannot be made ({error.strerror or error})") from None


def refuse_input(output: Path | None, inputs: Sequence[str | Path]) -> None:
    """Stop where the file to write is one of those to read, before it is emptied."""
    if output is not None:
        from tamis.unfinished import check_local

        check_local(output)
        named = [str(name) for name in inputs if str(name) != "-"]
        read = {Path(os.path.realpath(path)) for name in named for path in (glob(name, recursive=True) or [name])}
        if Path(os.path.realpath(output)) in read:
            raise TamisError(f"{output}: is the input; name another output")
