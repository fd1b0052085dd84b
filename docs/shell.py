"""Runs the commands of the documents as a reader would: in a folder that holds the examples, one after the other."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parent.parent
WIDTH = "120"
OPERATORS = frozenset("|;&<>()")


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Shell:
    """A folder with a copy of the examples. What one command writes there the next may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "examples" / "data", folder / "examples" / "data")
        self._programs = folder / ".programs"
        self._programs.mkdir()
        own = self._programs / "tamis"
        own.write_text(
            "#!/bin/sh\n"
            f"exec {shlex.quote(sys.executable)} -c "
            '"import sys; sys.argv[0] = \'tamis\'; from tamis.cli import main; main()" "$@"\n'
        )
        own.chmod(0o755)
        python = self._programs / "python"
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        python.chmod(0o755)

    def run(self, command: str) -> Ran:
        """Run a command line; one of tamis alone in this process, which saves its start."""
        tokens = shlex.shlex(command, posix=True, punctuation_chars=True)
        tokens.whitespace_split = True
        words = list(tokens)
        if words[0] == "tamis" and "\n" not in command and not any(OPERATORS.issuperset(word) for word in words):
            return self._own(words)
        path = os.pathsep.join([str(self._programs), os.environ.get("PATH", "")])
        environment = {**os.environ, **_plain(), "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, cwd=self.folder, env=environment, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def _own(self, words: list[str]) -> Ran:
        from tamis.cli import main

        out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
        code = 0
        with (
            chdir(self.folder),
            patch.dict(os.environ, _plain()),
            patch.object(sys, "argv", words),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        printed = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
        return Ran(code, *printed)


def _plain() -> dict[str, str]:
    """A terminal without colours, as wide as the documents."""
    return {"COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
