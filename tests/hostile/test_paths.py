"""Names of files that are no words: climbing, linked, quoted, starting with a dash; and what is no file at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tamis
from tamis.cli.app import app
from tests.rows import THIN
from tests.written import lines, write

ROWS = [{"instruction": f"Name {i} colours.", "output": "" if i == 2 else f"Blue and {i} more."} for i in range(6)]
KEPT = lines(ROWS[:2] + ROWS[3:])
NAMES = [
    "a b.jsonl",
    " .jsonl",
    'it\'s "so".jsonl',
    "two\nlines\ttab.jsonl",
    "-o.jsonl",
    "--help",
    "[abc].jsonl",
    "*.jsonl",
    "?{x}$HOME`id`;&|.jsonl",
    "~.jsonl",
    "%s%(x)s{}.jsonl",
    "日本語 ü \u202e.jsonl",
    "\x1b[2Jred.jsonl",
    "s3:.jsonl",
    "a" * 240 + ".jsonl",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_read_and_written(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(ROWS, "jsonl", tmp_path).rename(tmp_path / name)
    (tmp_path / "other.jsonl").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    out = Path("out") / ("x.jsonl" if "." not in name else name)
    quiet = CliRunner().invoke(app, ["audit", "--recipe", "report-only", "-o", "a b/'c'", "--", name])
    assert quiet.exit_code == 0, quiet.output
    assert "\x1b" not in quiet.output
    pruned = CliRunner().invoke(app, ["prune", "-o", str(out), "--dropped", "gone.jsonl", "--", name])
    assert pruned.exit_code == 0, (pruned.output, pruned.exception)
    assert tamis.prune(name, Path("thin") / out, recipe=THIN).n_kept == 5
    assert (tmp_path / "thin" / out).read_bytes() == KEPT
    assert tamis.prune(tamis.AuditResult.load("a b/'c'"), f"again-{len(name)}.jsonl").n_kept == 6
    assert [path.name for path in (tmp_path / "out").iterdir()] == [out.name]


def test_names_that_climb_stay_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    write(ROWS, "jsonl", tmp_path)
    monkeypatch.chdir(tmp_path / "work")
    tamis.prune("../work/../rows.jsonl", "../out/../up.jsonl", recipe=THIN)
    assert (tmp_path / "up.jsonl").read_bytes() == KEPT
    with pytest.raises(tamis.TamisError, match="is the input"):
        tamis.prune("../rows.jsonl", "../work/../rows.jsonl", recipe=THIN)
    tamis.prune(["../rows.jsonl", "../up.jsonl"], "folder", recipe=THIN)
    assert sorted(path.name for path in (tmp_path / "work" / "folder").iterdir()) == ["rows.jsonl", "up.jsonl"]


def test_links_are_followed_and_stay_links(tmp_path: Path) -> None:
    file = write(ROWS, "jsonl", tmp_path / "real")
    (tmp_path / "in.jsonl").symlink_to(file)
    (tmp_path / "disk").mkdir()
    for target in ("disk/out.jsonl", "disk/new.jsonl"):
        link = tmp_path / f"link-{Path(target).name}"
        link.symlink_to(tmp_path / target)
        (tmp_path / "disk" / "out.jsonl").write_bytes(b"old")
        tamis.prune(tmp_path / "in.jsonl", link, recipe=THIN)
        assert link.is_symlink()
        assert (tmp_path / target).read_bytes() == KEPT
    (tmp_path / "loop.jsonl").symlink_to(file)
    with pytest.raises(tamis.TamisError, match="is the input"):
        tamis.prune(tmp_path / "in.jsonl", tmp_path / "loop.jsonl", recipe=THIN)
    assert file.read_bytes() == lines(ROWS)
    (tmp_path / "round.jsonl").symlink_to(tmp_path / "round.jsonl")
    with suppress(tamis.TamisError):
        tamis.prune(tmp_path / "in.jsonl", tmp_path / "round.jsonl", recipe=THIN)
    with pytest.raises(tamis.TamisError):
        tamis.prune(tmp_path / "in.jsonl", tmp_path / "loop.jsonl" / "x.jsonl", recipe=THIN)


WRITERS = {
    "convert": tamis.convert,
    "prune": lambda file, out: tamis.prune(file, out, recipe=THIN),
    "report": lambda file, out: tamis.report(tamis.audit(file, recipe=THIN), out),
}


@pytest.mark.parametrize("verb", WRITERS)
def test_a_device_is_not_replaced_by_a_file(verb: str, tmp_path: Path) -> None:
    file, pipe = write(ROWS, "jsonl", tmp_path), tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    with pytest.raises(tamis.TamisError, match="no regular file"):
        WRITERS[verb](file, pipe)
    assert pipe.is_fifo()


def test_two_inputs_of_one_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    file = write(ROWS, "jsonl", tmp_path)
    with pytest.raises(tamis.TamisError, match="both"):
        tamis.prune([file, file], tmp_path / "out", recipe=THIN)
    assert not (tmp_path / "out").exists()


def test_a_saved_dataset_names_nothing_outside(tmp_path: Path) -> None:
    import json

    outside = write(ROWS, "arrow", tmp_path)
    saved = write(ROWS, "dataset", tmp_path)
    for named in ("../rows.arrow", str(outside), "..", "a/../../rows.arrow"):
        state = json.loads((saved / "state.json").read_text())
        state["_data_files"] = [{"filename": named}]
        (saved / "state.json").write_text(json.dumps(state))
        with pytest.raises(tamis.TamisError, match="outside of its folder"):
            tamis.audit(saved, recipe=THIN)
    for bad in ({"_data_files": 5}, {"_data_files": ["x"]}, {"_data_files": [{}]}):
        (saved / "state.json").write_text(json.dumps(bad))
        with pytest.raises(tamis.TamisError, match="does not describe"):
            tamis.audit(saved, recipe=THIN)


def test_the_command_line_reads_a_pipe_once(tmp_path: Path) -> None:
    """It used to look into it for its size, and what it had taken was gone."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(lines(ROWS)))
    writer.start()
    command = [sys.executable, "-c", "from tamis.cli import main; main()", "prune", str(pipe), "-o", "out.jsonl"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    writer.join()
    assert ran.returncode == 0, ran.stderr
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 5
