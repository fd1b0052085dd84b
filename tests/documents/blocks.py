"""The blocks of code in the documents, and the folder in which they run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs.shell import Shell
from tests.conftest import ROOT

PAGES = [
    "README.md",
    *sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/how-to/*.md")]),
]
MADE = re.compile(r"<!-- generated: .*?<!-- /generated -->", re.DOTALL)
"""What `python -m docs.generate --check` runs and compares."""
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>.+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
AUDITED = {"README.md", "docs/personal-data.md"}
"""Pages that begin from a finished audit of `data.jsonl`."""


@dataclass(frozen=True)
class Block:
    """A block of code of a page; `why` says why it is not run."""

    page: str
    language: str
    text: str
    why: str | None


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page that are not made by the program itself."""
    for found in BLOCK.finditer(MADE.sub("", (ROOT / page).read_text("utf-8"))):
        yield Block(page, found["language"], found["text"], found["why"])


def shell_for(page: str, folder: Path) -> Shell:
    """A folder with the examples and, under the names that the pages use, small files of the reader's own."""
    shell = Shell(folder)
    data = folder / "examples" / "data"
    rows = (data / "support_mix.jsonl").read_bytes().splitlines(keepends=True)
    rated = [row.replace(b'"source":', b'"rating": 4, "source":') for row in rows]
    for name in ("data.jsonl", "before.jsonl", "train.jsonl", "data/train.jsonl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"".join(rated[:40]))
    for name in ("after.jsonl", "reference.jsonl", "more.jsonl", "validation.jsonl", "dump/1.jsonl", "clean.jsonl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"".join(rows[60:100]))
    for name, source in {
        "chats.jsonl": "chats.jsonl",
        "chats.json": "dialogues.json",
        "test.json": "dialogues.json",
    }.items():
        (folder / name).write_bytes((data / source).read_bytes())
    for name in ("gsm8k_test.jsonl", "benchmarks/test.jsonl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((data / "benchmark.jsonl").read_bytes())
    (folder / "faq.csv").write_text("question,answer\nHow do I boil an egg?,Eight minutes in boiling water.\n")
    (folder / "reviewed.txt").write_text(f"{'0' * 32} truncated\n")
    if page in AUDITED:
        assert shell.run("tamis audit data.jsonl -o audit/ --quiet").code == 0
    return shell
