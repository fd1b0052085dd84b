"""All code in the documents runs, or says why it does not."""

from __future__ import annotations

import contextlib
import doctest
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.shell import Shell
from tamis.recipe import load
from tamis.registry import SIGNALS
from tests.conftest import ROOT
from tests.documents.blocks import PAGES, Block, blocks, shell_for

RUN = {"sh", "console", "python", "yaml"}
KNOWN = RUN | {"toml", "json"}
NOT_RUN = {
    "README.md": 1,
    "docs/tutorial.md": 1,
    "docs/toxicity.md": 1,
    "docs/how-to/screen-toxicity.md": 1,
    "docs/downstream.md": 1,
    "docs/how-to/run-on-ray.md": 5,
    "docs/scale.md": 1,
    "docs/how-to/remote.md": 2,
}


def commands(block: Block) -> list[str]:
    """The commands of a block of sh, without their comments."""
    text = block.text.replace("\\\n", " ").replace("-n 10000 ", "-n 20 ")  # the files that are given have 40 rows
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def run_shell(block: Block, shell: Shell) -> None:
    for command in commands(block):
        ran = shell.run(command)
        fine = {0, 1} if "--fail-if" in command else {0}
        assert ran.code in fine, f"{block.page}: {command}\n{ran.out}{ran.err}"


def run_console(block: Block, shell: Shell) -> None:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        ran = shell.run(command)
        assert [line.rstrip() for line in ran.out.splitlines()] == expected.splitlines(), f"{block.page}: {command}"


def run_python(block: Block, shell: Shell, names: dict[str, Any]) -> None:
    with contextlib.chdir(shell.folder):
        if ">>>" not in block.text:
            exec(compile(block.text, block.page, "exec"), names)
            return
        test = doctest.DocTestParser().get_doctest(block.text, names, block.page, block.page, 0)
        said: list[str] = []
        runner = doctest.DocTestRunner()
        runner.run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
        assert runner.failures == 0, "".join(said)


def run_yaml(block: Block, shell: Shell) -> None:
    """The steps of a workflow and the entries of a hook that call tamis."""
    content = yaml.safe_load(block.text)
    steps = [step.get("run", "") for job in content.get("jobs", {}).values() for step in job["steps"]]
    hooks = [hook for repository in content.get("repos", []) for hook in repository["hooks"]]
    lines = [line for step in steps for line in step.splitlines() if line.startswith("tamis ")]
    lines += [f"{hook['entry']} {shlex.join(hook['args'])} data/train.jsonl" for hook in hooks]
    assert lines
    for line in lines:
        ran = shell.run(line)
        assert ran.code == (1 if "dropped" in line else 0), f"{line}\n{ran.err}"


def test_every_block_says_what_it_is_and_few_are_not_run() -> None:
    every = [block for page in PAGES for block in blocks(page)]
    assert {(block.page, block.language) for block in every if block.language not in KNOWN} == set()
    excused = [block.page for block in every if block.why]
    assert {page: excused.count(page) for page in excused} == NOT_RUN


@pytest.mark.parametrize("page", PAGES)
def test_recipes_and_rows_in_pages_can_be_read(page: str, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.language == "toml":
            (tmp_path / "ours.toml").write_text(block.text, "utf-8")
            assert load(tmp_path / "ours.toml").rules
        elif block.language == "json":
            json.loads(block.text)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language in RUN and not b.why for b in blocks(page))])
@pytest.mark.filterwarnings("ignore::DeprecationWarning:multiprocess.*")
def test_what_a_page_says_to_type_works(page: str, tmp_path: Path) -> None:
    before = dict(SIGNALS)
    shell, names = shell_for(page, tmp_path), {"__name__": "page"}
    try:
        for block in blocks(page):
            if block.why:
                continue
            if block.language == "sh":
                run_shell(block, shell)
            elif block.language == "console":
                run_console(block, shell)
            elif block.language == "python":
                run_python(block, shell, names)
            elif block.language == "yaml":
                run_yaml(block, shell)
    finally:
        SIGNALS.clear()
        SIGNALS.update(before)


@pytest.mark.slow
def test_the_hook_stops_bad_data_and_passes_good_data(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    shell = shell_for("", tmp_path)
    entry = f"{hook['entry']} {shlex.join(hook['args'])}"
    stopped = shell.run(f"{entry} data.jsonl clean.jsonl")
    assert (stopped.code, "--fail-if met: dropped > 0" in stopped.err) == (1, True)
    assert shell.run("tamis prune data.jsonl -o good.jsonl --quiet").code == 0
    assert shell.run(f"{entry} good.jsonl").code == 0
    assert re.search(hook["files"], "data/good.jsonl.zst")
    assert not re.search(hook["files"], "package.json")
