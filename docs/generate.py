"""Writes what the documents can take from the program: command output, help texts, the list of signals.

python -m docs.generate [--check] [DOCUMENT ...]

A block between `<!-- generated: NAME ... -->` and `<!-- /generated -->` is replaced; `--check` changes
nothing and fails where a committed block differs from what the program says today.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import Any

import tamis.signals  # noqa: F401 - fills the registry
from docs.shell import Shell
from tamis.catalogue import known
from tamis.cli.app import app
from tamis.recipe import built_in, load
from tamis.registry import SIGNALS, Signal
from tamis.reports.catalogue import by_action
from tamis.scores.diversity.catalogue import SCORES, SIDES_KNOWN
from tamis.verbs.explain import explain

ROOT = Path(__file__).parent.parent
DOCUMENTS = (
    "README.md",
    "docs/signals.md",
    "docs/cli.md",
    "docs/recipes.md",
    "docs/precision.md",
    "docs/diversity.md",
    "docs/index.md",
    "docs/tutorial.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/how-to/*.md")),
)
BLOCK = re.compile(r"(<!-- generated: (\w+) ?(.*?) -->\n).*?(<!-- /generated -->)", re.DOTALL)
SECONDS = re.compile(r" \(\d+\.\d s, offline\)")


def output(command: str, shell: Shell) -> str:
    """What a command prints, as a shell block; times are left out, since they are never twice the same."""
    ran = shell.run(command)
    if ran.code not in (0, 1):
        raise SystemExit(f"{command}: exit code {ran.code}\n{ran.err}")
    printed = ran.out if ran.code == 0 else ran.out + ran.err
    lines = [line.rstrip() for line in SECONDS.sub("", printed).strip("\n").splitlines()]
    return "\n".join(["```console", f"$ {command}", *lines, "```"])


def helps(_: str, shell: Shell) -> str:
    """The help of every command."""
    verbs = [command.callback.__name__ for command in app.registered_commands if command.callback]
    each = [f"## {verb}\n\n{output(f'tamis {verb} --help', shell)}" for verb in verbs]
    return "\n\n".join([output("tamis --help", shell), *each])


def signals(_: str, __: Shell) -> str:
    """Every signal, by topic, with what its docstring says."""
    topics: dict[str, list[Signal]] = {}
    for signal in SIGNALS.values():
        topics.setdefault(signal.function.__module__.rpartition(".")[2], []).append(signal)
    return "\n\n".join(f"## {topic}\n\n" + "\n\n".join(_signal(s) for s in topics[topic]) for topic in sorted(topics))


def _signal(signal: Signal) -> str:
    known = explain(signal)
    facts = {
        "unit": signal.unit,
        "severity": signal.severity,
        "source": signal.source,
        "reads": ", ".join(signal.inputs) + (f"; the {signal.reduce} over a row's turns" if signal.reduce else ""),
        "language": signal.language,
        "options": ", ".join(f"`{key} = {value}`" for key, value in signal.options.items()),
        "computed": "on request" if signal.on_request else "",
    }
    lines = [f"- **{key}**: {value}" for key, value in facts.items() if value]
    rules = [_rule(known, name) for name in known["rules"]]
    return "\n\n".join([f"### `{signal.name}`", known["explanation"], "\n".join(lines), *rules])


def _rule(signal: dict[str, Any], name: str) -> str:
    """A rule on the signal, what recipes do with it, its precision, a row it fires on and one it spares."""
    known = signal["known"][name]
    facts = {"by recipe": by_action(signal["actions"][name]), "precision": known["precision"]}
    facts |= {"false ones": known["wrong"], "fires on": known["fires"], "spares": known["spares"]}
    shown = {
        key: f"\n\n  ```json\n{indent(value, '  ')}\n  ```" if "{" in value[:1] else f" {value}"
        for key, value in facts.items()
    }
    lines = [f"- **{key}**:{value}" for key, value in shown.items() if value.strip()]
    return "\n".join([f"Rule `{name}` {signal['rules'][name]}.", "", *lines])


def precision(action: str, _: Shell) -> str:
    """How often the rules with that action in the recipe default are right."""
    head = "| rule | hits | read | right | precision | where the hits are | what the false ones look like | tuned on |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for rule in load("default").rules.values():
        if rule.action == action:
            facts = known()[rule.name]
            share = f"{100 * (facts.right or 0) / facts.read:.0f} %" if facts.read else "-"
            counts = [f"{count:,}" if count is not None else "-" for count in (facts.hits, facts.read, facts.right)]
            words = [text.replace("|", "\\|") or "-" for text in (facts.places, facts.wrong, facts.tuned)]
            lines.append(f"| `{rule.name}` | {' | '.join([*counts, 'exact' if facts.exact else share, *words])} |")
    return "\n".join(lines)


def scores(_: str, __: Shell) -> str:
    """What is known of every score of diversity."""
    lines = ["| score | formula | varied is | how to read it | limits | source |", "|---|---|---|---|---|---|"]
    for name, score in SCORES.items():
        trust = "" if score.trusted else "; **not trusted**"
        cells = (f"{score.title} (`{name}`)", f"{score.formula}; in {score.unit}", f"{score.varied}{trust}")
        cells += (score.reading, score.limits or "-", score.source)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def recipes(_: str, shell: Shell) -> str:
    """Every built-in recipe with its rules."""
    return "\n\n".join(f"## {name}\n\n{output(f'tamis recipes {name}', shell)}" for name in built_in())


MAKERS: dict[str, Callable[[str, Shell], str]] = {
    "output": output,
    "helps": helps,
    "signals": signals,
    "recipes": recipes,
    "precision": precision,
    "scores": scores,
    "sides": lambda _: "\n".join(f"- **{side}**: {known}" for side, known in SIDES_KNOWN.items()),
}


def renewed(text: str) -> str:
    """The document with every generated block made anew, its commands in one folder and in their order."""
    with TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        return BLOCK.sub(lambda m: f"{m[1]}{MAKERS[m[2]](m[3], shell)}\n{m[4]}", text)


def main() -> int:
    """Renew the documents, or check them."""
    check, stale = "--check" in sys.argv[1:], 0
    for name in [name for name in sys.argv[1:] if name != "--check"] or DOCUMENTS:
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
