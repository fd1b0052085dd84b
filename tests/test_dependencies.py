"""What tamis depends on, told from the packages that are installed: every licence is allowed, every import declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SHIPPED = ("models", "minilm", "gguf", "ray", "hub", "map")
"""Extras of a user; those of a developer never reach one."""
ALLOWED = re.compile(
    r"MIT|HPND|BSD|[023]-Clause|Apache|MPL|Mozilla|ISC|PSF|Python Software Foundation|Python-2\.0|Zlib|Unlicense|CC0|"
    r"Historical Permission|Public Domain|BSL-1\.0|OpenSSL|LLVM",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"\b(A?GPL|LGPL|GNU|SSPL|BUSL|Commons Clause|non-?commercial|proprietary)", re.IGNORECASE)
NEVER = (
    "pickle",
    "marshal",
    "shelve",
    "subprocess",
    "ctypes",
    "webbrowser",
    "telnetlib",
    "smtplib",
    "ftplib",
    "xmlrpc",
)


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", Requirement(requirement).name).lower()


def declared() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    return {name_of(one) for one in [*PROJECT["dependencies"], *(one for name in SHIPPED for one in extras[name])]}


def closure() -> dict[str, Distribution]:
    """All that is declared and installed, and all that those ask for."""
    found, waiting = dict[str, Distribution](), sorted(declared() - {"tamis"})
    while waiting:
        name = waiting.pop()
        try:
            if name in found:
                continue
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # an extra that is not installed here
        for one in found[name].requires or []:
            marker = Requirement(one).marker
            if marker is None or marker.evaluate({"extra": ""}):
                waiting.append(name_of(one))
    return found


def licence(one: Distribution) -> str:
    """What a package says of its licence: the expression, or classifiers, or the first line of the text."""
    said = one.metadata
    classifiers = [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    told = said.get("License-Expression") or " ".join(classifiers).replace("License :: OSI Approved", "").strip(" :")
    told = told or (said.get("License") or "").splitlines()[0]
    for file in [] if told else one.files or []:
        if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            return Path(str(file.locate())).read_text("utf-8", "replace")[:200]
    return told


@pytest.mark.parametrize("name", sorted(closure()))
def test_the_licence_of_every_dependency_is_allowed(name: str) -> None:
    told = licence(closure()[name])
    assert ALLOWED.search(told), f"{name}: {told!r}"
    assert not FORBIDDEN.search(told) or " OR " in told, f"{name}: {told!r}"


def imports() -> dict[str, set[str]]:
    """By module that is no part of Python or of tamis: the files that import it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                found.setdefault(name.partition(".")[0], set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_import_is_declared() -> None:
    homes, known = packages_distributions(), declared()
    foreign = {name: files for name, files in imports().items() if name not in (*sys.stdlib_module_names, "tamis")}
    undeclared = {
        name: files
        for name, files in foreign.items()
        if not {re.sub(r"[-_.]+", "-", home).lower() for home in homes.get(name, [name])} & known
    }
    # what a package that is declared brings along, and is imported beside it
    beside = {
        "torch": "sentence-transformers",
        "transformers": "sentence-transformers",
        "tokenizers": "sentence-transformers",
    }
    beside |= {"click": "typer", "safetensors": "sentence-transformers", "markupsafe": "jinja2"}
    assert {name: files for name, files in undeclared.items() if beside.get(name) not in known} == {}


def test_nothing_is_imported_that_unpickles_or_starts_programs() -> None:
    found = imports()
    told = {
        "pickle": {"src/tamis/models/toxicity/checkpoint.py"},  # the error that torch raises for a checkpoint
        "ctypes": {"src/tamis/memory.py"},  # malloc_trim, which Python has no name for
    }
    assert {name: found[name] for name in NEVER if name in found} == told
    calls = [
        f"{path.name}: {node.func.id}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile")
    ]
    assert calls == []
