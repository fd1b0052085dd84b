"""The site: complete, and nothing in it comes from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tamis
from tests.conftest import ROOT

LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


class Loaded(HTMLParser):
    """Addresses that a browser asks for when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in LOADS and named.get("rel") not in ("next", "prev", "canonical"):
            self.addresses.append(named.get(LOADS[tag]) or "")


def test_the_reference_names_all_that_is_public() -> None:
    shown = re.findall(r"^::: tamis\.(\w+)$", (ROOT / "docs" / "reference.md").read_text(), re.MULTILINE)
    assert sorted(shown) == sorted(tamis.__all__)


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        loaded = Loaded()
        text = page.read_text("utf-8")
        loaded.feed(text)
        assert [a for a in loaded.addresses if a.startswith(("http:", "https:", "//"))] == [], page.name
        assert "default-src 'none'" in text
    for style in (tmp_path / "site").rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//", style.read_text("utf-8")), style.name
