"""What the site needs beyond the pages of this folder: files from beside it, and lists as GitHub reads them."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
BESIDE = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "examples/README.md": "examples.md",
    "benchmarks/README.md": "how-benchmarks-are-run.md",
    "training/README.md": "how-models-are-trained.md",
}
"""Documents that stand elsewhere in the repository, and their names in the site."""
ITEM = re.compile(r"^( +```)\n(?=- )", re.MULTILINE)
"""The end of a block inside an item of a list, with another item right after it, which Python-Markdown does not see."""
LINK = re.compile(r"(\]\()([^)\s:#]+)(#[^)\s]*)?(\))")


class TwoSpaces(Extension):
    """What belongs to an item of a list is indented by two spaces, as GitHub reads it, and not by four."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Set it, and make the parser anew, whose rules for lists are built with it."""
        md.tab_length = 2
        md.build_parser()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have every page read with lists indented by two: first, since it undoes what came before."""
    config.markdown_extensions.insert(0, TwoSpaces())  # type: ignore[arg-type]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that stand elsewhere."""
    for source, name in BESIDE.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Point links to files of the repository at their pages in the site."""
    here = page.file.src_uri
    homes = {name: source for source, name in BESIDE.items()}
    folder = posixpath.dirname(homes.get(here, posixpath.join("docs", here)))

    def target(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, found[2]))
        place = BESIDE.get(path, path.removeprefix("docs/") if path.startswith("docs/") else "")
        if not place:
            return found[0]
        return f"{found[1]}{posixpath.relpath(place, posixpath.dirname(here) or '.')}{found[3] or ''}{found[4]}"

    return ITEM.sub("\\1\n\n", LINK.sub(target, markdown))
