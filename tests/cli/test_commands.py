"""What the commands print, where, and with which exit code."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.main import get_command
from typer.testing import CliRunner

import tamis
from tamis.cli import main
from tamis.cli.app import app
from tests.conftest import ROOT
from tests.written import lines, write

VERBS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
EXAMPLE = "examples/data/support_mix.jsonl"
ROWS = [
    {"instruction": "Name a colour.", "output": "Blue, for one."},
    {"instruction": "Name a bird.", "output": ""},
    {"instruction": "Name a colour.", "output": "Blue, for one."},
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command as the shell does; its exit code, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tamis", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(ROWS, "jsonl", tmp_path)


def example_of(verb: str) -> list[str]:
    epilog: str = get_command(app).commands[verb].epilog  # type: ignore[attr-defined]
    assert epilog.startswith("Example:"), f"the help of {verb} must end in an example"
    assert "Example:" in CliRunner().invoke(app, [verb, "--help"]).output
    return shlex.split(epilog.removeprefix("Example:"))


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_ends_in_an_example_that_runs(
    verb: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, *arguments = example_of(verb)
    assert (name, arguments[0]) == ("tamis", verb)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    if "audit/" in arguments and verb != "audit":  # the folder that an audit has left
        run("audit", "examples/data/pairs.csv", "-o", "audit/", "--quiet", "--no-report")
    code, _, err = run(*arguments)
    assert code == 0, err


def test_without_a_command_the_help_is_shown_and_commands_are_known(run: Any) -> None:
    assert "Usage" in "".join(run()[1:])
    code, out, err = run("adit", EXAMPLE)
    assert code == 2
    assert out == ""
    assert "audit" in err
    assert "Traceback" not in err
    assert run("--version")[:2] == (0, "0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "no/such.jsonl"], "no such file"),
        (["audit", EXAMPLE, "--recipe", "defualt"], "did you mean 'default'"),
        (["audit", EXAMPLE, "--set", "exact_duplicat.at_least=3"], "did you mean 'exact_duplicate'"),
        (["audit", EXAMPLE, "--fail-if", "exact_duplicat > 3"], "did you mean 'exact_duplicate'"),
        (["audit", EXAMPLE, "--fail-if", "exact_duplicate"], "RULE > NUMBER"),
        (["audit", EXAMPLE, "--map", "instruction"], "FIELD=COLUMN"),
        (["audit", EXAMPLE, "--map", "instructin=x"], "did you mean 'instruction'"),
        (["audit", EXAMPLE, "--schema", "alpac"], "did you mean 'alpaca'"),
        (["audit", EXAMPLE, "--by", "sorce"], "did you mean 'source'"),
        (["audit", EXAMPLE, "--format", "jsonlines"], "jsonl"),
        (["prune"], "name the data"),
        (["prune", EXAMPLE], "say where"),
        (["prune", EXAMPLE, "--audit", "x", "-o", "y"], "one of the two"),
        (["prune", "--audit", "no/such", "--dry-run"], "no finished audit"),
        (["signals", "refusl"], "did you mean 'refusal'"),
        (["recipes", "defult"], "did you mean 'default'"),
    ],
)
def test_a_mistake_is_one_line_on_standard_error_and_exit_code_2(arguments: list[str], said: str, run: Any) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.startswith("tamis: ")
    assert err.count("\n") == 1


def test_an_option_that_does_not_exist_is_exit_code_2(run: Any) -> None:
    code, _, err = run("audit", EXAMPLE, "--recip", "x")
    assert code == 2
    assert "--recipe" in err
    assert "Traceback" not in err


def test_fail_if_is_exit_code_1(run: Any, source: Path) -> None:
    assert run("audit", source, "--fail-if", "exact_duplicate > 1", "-q")[0] == 0
    for text in ("exact_duplicate > 0", "exact_duplicate >= 33%", "dropped > 50%", "unreadable <= 0"):
        code, out, err = run("audit", source, "--fail-if", text, "-q")
        assert (code, out) == (1, "")
        assert err == f"tamis: --fail-if met: {text}\n"


@pytest.mark.parametrize("options", [[], ["--by", "source"], ["-r", "strict"]])
def test_json_is_the_summary_of_the_result(options: list[str], run: Any) -> None:
    code, out, err = run("audit", EXAMPLE, "--json", *options)
    assert (code, err) == (0, "")
    printed = json.loads(out)
    found = tamis.audit(EXAMPLE, by="source" if "--by" in options else None,
                        recipe="strict" if "-r" in options else "default").summary()  # fmt: skip
    expected = json.loads(orjson.dumps(found))
    assert printed.pop("seconds") >= 0
    expected.pop("seconds")
    if "-r" not in options:
        assert printed == expected
    assert printed["rows"] == printed["kept"] + printed["dropped"] + printed["unreadable"] == 170


def test_json_of_the_other_commands(run: Any, source: Path, tmp_path: Path) -> None:
    pruned = json.loads(run("prune", source, "-o", tmp_path / "o.jsonl", "--json")[1])
    assert (pruned["kept"], pruned["dropped"], pruned["output"]) == (1, 2, str(tmp_path / "o.jsonl"))
    assert {entry["name"] for entry in json.loads(run("signals", "--json")[1])} >= {"row_copies", "empty_response"}
    assert "default" in json.loads(run("recipes", "--json")[1])
    assert json.loads(run("recipes", "default", "--json")[1])["rules"]


def test_quiet_prints_nothing(run: Any, source: Path, tmp_path: Path) -> None:
    assert run("audit", source, "-q", "-o", tmp_path / "a") == (0, "", "")
    assert run("prune", source, "-q", "-o", tmp_path / "o.jsonl") == (0, "", "")


def test_a_report_goes_to_standard_output_and_advice_to_standard_error(run: Any, source: Path, tmp_path: Path) -> None:
    code, out, err = run("audit", source, "-o", tmp_path / "a")
    assert code == 0
    assert "3 rows" in out
    assert "same conversation as a kept row" in out
    assert "next  tamis prune --audit" in err
    assert {path.name for path in (tmp_path / "a").iterdir()} >= {"audit.json", "findings.parquet", "signals.parquet"}


@pytest.mark.parametrize("format", ["jsonl.gz", "json object", "csv.zst", "arrow", "dataset", "dataset splits"])
def test_the_command_that_an_audit_proposes_next_runs(
    format: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write(ROWS, format, tmp_path)
    for options in ([], ["-o", "audit"]):
        advice = run("audit", source.name, *options)[2].strip().splitlines()[-1]
        code, _, err = run(*shlex.split(advice.removeprefix("next  tamis ")))
        assert code == 0, (advice, err)
        assert len((tmp_path / "dropped.jsonl").read_text().splitlines()) == 2


def test_dry_run_writes_nothing(run: Any, source: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    code, out, err = run("prune", source, "--dry-run", "-o", tmp_path / "o.jsonl", "--dropped", tmp_path / "d.jsonl")
    assert code == 0
    assert "1 of 3 rows kept" in out
    assert "nothing was written" in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("output", ["rows.jsonl", "o.csv", "o.parquet", "o.json", "./rows.jsonl"])
def test_outputs_that_are_refused(output: str, run: Any, source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    code, _, err = run("prune", source, "-o", tmp_path / output)
    assert code == 2
    assert "is the input" in err or "tamis convert" in err
    assert source.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [source]


def test_the_file_of_dropped_rows_may_not_be_the_input_or_the_output(run: Any, source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    for output, dropped in (("o.jsonl", "rows.jsonl"), ("o.jsonl", "o.jsonl")):
        assert run("prune", source, "-o", tmp_path / output, "--dropped", tmp_path / dropped)[0] == 2
        assert source.read_bytes() == before


def test_a_json_lines_file_that_is_called_json_keeps_its_name(run: Any, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(lines(ROWS))
    assert run("prune", tmp_path / "in.json", "-o", tmp_path / "out.json")[0] == 0
    assert (tmp_path / "out.json").read_bytes() == lines(ROWS[:1])


@pytest.mark.parametrize(
    "format", ["jsonl", "json array", "csv", "parquet"]
)  # a process each: the others share the spool
def test_standard_input(format: str, tmp_path: Path) -> None:
    source = write(ROWS, format, tmp_path)
    out = tmp_path / f"out{''.join(source.suffixes).replace('.gz', '').replace('.zst', '')}"
    options = ["--format", format[:3]] if "sv" in format else []
    code = "import sys; from tamis.cli import main; sys.argv[0] = 'tamis'; main()"
    command = [sys.executable, "-c", code, "prune", "-", "-o", str(out), "--json", *options]
    ran = subprocess.run(command, input=source.read_bytes(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["kept"] == 1
    assert out.stat().st_size > 0


def test_an_audit_in_which_no_row_could_be_read_says_what_to_do(run: Any, tmp_path: Path) -> None:
    code, _, err = run("audit", write([{"a": 1}], "jsonl", tmp_path))
    assert code == 2
    assert "--map" in err


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ("numba", "polars", "pyarrow", "torch", "datasets", "pandas", "numpy")
    code = f"import sys, tamis.cli.app; print([name for name in {heavy!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_a_report_fits_a_narrow_terminal(width: str, source: Path) -> None:
    result = CliRunner().invoke(app, ["audit", str(source)], env={"COLUMNS": width})
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= max(120, int(width))


@pytest.mark.parametrize("verb", [["preflight", "--trainer", "trl"], ["bias"]])
def test_no_command_writes_over_its_input(verb: list[str], run: Any, source: Path) -> None:
    before = source.read_bytes()
    code, _, err = run(verb[0], source, *verb[1:], "-o", source)
    assert code == 2
    assert "is the input" in err
    assert source.read_bytes() == before
