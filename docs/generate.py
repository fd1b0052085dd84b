"""Writes what the documents can take from the program: command output, help texts, the list of signals.

A block between `<!-- generated: NAME ... -->` and `<!-- /generated -->` is replaced; `--check` changes
nothing and fails where a committed block differs from what the program says today.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import tamis.signals  # noqa: F401 - fills the registry
from tamis.recipe import built_in, load
from tamis.registry import SIGNALS, Signal

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "docs/signals.md", "docs/cli.md", "docs/recipes.md")
BLOCK = re.compile(r"(<!-- generated: (\w+) ?(.*?) -->\n).*?(<!-- /generated -->)", re.DOTALL)
SECONDS = re.compile(r" \(\d+\.\d s, offline\)")


def output(command: str) -> str:
    """What a command prints, as a shell block; times are left out, since they are never twice the same."""
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}
    first, *rest = command.split()
    done = subprocess.run(
        [sys.executable, "-c", f"from tamis.cli import main; import sys; sys.argv[0] = '{first}'; main()", *rest],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: exit code {done.returncode}\n{done.stderr}")
    lines = [line.rstrip() for line in SECONDS.sub("", done.stdout).strip("\n").splitlines()]
    return "\n".join(["```console", f"$ {command}", *lines, "```"])


def helps(_: str) -> str:
    """The help of every command."""
    verbs = ("audit", "prune", "duplicates", "convert", "signals", "recipes")
    return "\n\n".join([output("tamis --help"), *(f"## {verb}\n\n{output(f'tamis {verb} --help')}" for verb in verbs)])


def signals(_: str) -> str:
    """Every signal, by topic, with what its docstring says."""
    topics: dict[str, list[Signal]] = {}
    for signal in SIGNALS.values():
        topics.setdefault(signal.function.__module__.rpartition(".")[2], []).append(signal)
    return "\n\n".join(f"## {topic}\n\n" + "\n\n".join(_signal(s) for s in topics[topic]) for topic in sorted(topics))


def _signal(signal: Signal) -> str:
    facts = {
        "unit": signal.unit,
        "severity": signal.severity,
        "source": signal.source,
        "reads": ", ".join(signal.inputs) + (f"; the {signal.reduce} over a row's turns" if signal.reduce else ""),
        "language": signal.language,
        "options": ", ".join(f"`{key} = {value}`" for key, value in signal.options.items()),
        "rules": "; ".join(_rules_on(signal.name)),
    }
    lines = [f"- **{key}**: {value}" for key, value in facts.items() if value]
    body = signal.explanation.partition(">>>")[0].strip()
    return f"### `{signal.name}`\n\n{body}\n\n" + "\n".join(lines)


def _rules_on(signal: str) -> list[str]:
    rules = load("default").rules.values()
    return [f"`{rule.name}` {rule.action}s where `{rule.condition}`" for rule in rules if rule.signal == signal]


def recipes(_: str) -> str:
    """Every built-in recipe with its rules."""
    return "\n\n".join(f"## {name}\n\n{output(f'tamis recipes {name}')}" for name in built_in())


MAKERS: dict[str, Callable[[str], str]] = {"output": output, "helps": helps, "signals": signals, "recipes": recipes}


def renewed(text: str) -> str:
    """The document with every generated block made anew."""
    return BLOCK.sub(lambda m: f"{m[1]}{MAKERS[m[2]](m[3])}\n{m[4]}", text)


def main() -> int:
    """Renew the documents, or check them."""
    check, stale = "--check" in sys.argv[1:], 0
    for name in DOCUMENTS:
        path = ROOT / name
        old = path.read_text("utf-8")
        new = renewed(old)
        if check and new != old:
            stale += 1
            sys.stdout.writelines(
                difflib.unified_diff(old.splitlines(True), new.splitlines(True), name, "generated", n=1)
            )
        elif not check:
            path.write_text(new, "utf-8")
    if stale:
        print(f"{stale} documents are stale; run: make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
