"""One self-contained page: templates, style and scripts of this package, and the values of a plain mapping.

A section is a template in `templates/sections`, perhaps a script in `js` that brings it to life, and a line in
`SECTIONS`. It is shown where the page's mapping has its key, so another verb can show some of them, or parts of its
own (`reports.blocks`), which need neither template nor script.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tamis.reports.blocks import Block, Part, as_cell
from tamis.reports.embedding import embedded
from tamis.reports.parts import byte_size, percent, short


@dataclass(frozen=True)
class Section:
    """A part of the page: its key in the mapping (and its anchor), its title, and its script if it has one."""

    key: str
    title: str
    script: str | None = None
    draws: bool = False
    """Whether its script draws charts, which takes a library of a megabyte."""


FINDINGS: Final = Section("findings", "Findings", "findings.js")
DUPLICATES: Final = Section("duplicates", "Duplicates", "duplicates.js")
SECTIONS: Final = (
    Section("overview", "Overview"),
    FINDINGS,
    Section("thresholds", "Thresholds", "thresholds.js", draws=True),
    DUPLICATES,
    Section("map", "Map", "map.js", draws=True),
    Section("lengths", "Lengths", "lengths.js", draws=True),
    Section("languages", "Languages"),
    Section("toxicity", "Toxicity", "toxicity.js", draws=True),
    Section("groups", "Groups"),
)
STYLES: Final = ("page.css", "parts.css", "sections.css", "blocks.css")


def render(page: Mapping[str, Any], sections: Sequence[Section] = SECTIONS) -> str:
    """The page as text: it loads nothing, and its Content-Security-Policy lets it load nothing."""
    shown = [section for section in sections if page.get(section.key)]
    draws = any(section.draws for section in shown)
    shared = ("page.js", "text.js", *(("charts.js",) if draws else ()))
    own = [_file("js", name) for name in (*shared, *(s.script for s in shown if s.script))]
    scripts = [*([_file("vendor", "echarts.min.js")] if draws else []), "\n".join(['"use strict";', *own])]
    style = "\n".join(_file("css", name) for name in STYLES)
    data = {section.key: page[section.key] for section in shown if section.script}
    template = _environment().get_template("page.html")
    return template.render(
        page=page,
        sections=shown,
        style=Markup(style),
        scripts=[Markup(script) for script in scripts],
        data=Markup(embedded({**data, "rules": page.get("rules", []), "masked": page.get("masked", True)})),
        policy=_policy(style, scripts),
    )


def page_of(verb: str, title: str, parts: Sequence[Part], *, masked: bool = True) -> dict[str, Any]:
    """The mapping of a page that is made of parts, to which sections of other kinds may be added."""
    frame = {"verb": verb, "title": title, "tamis": version("tamis"), "masked": masked, "rules": []}
    return frame | {part.key: part for part in parts}


def fragment(title: str, lead: str, blocks: Sequence[Block], note: str = "") -> str:
    """Some blocks as a piece of HTML for a notebook: it brings its style along, and runs nothing."""
    style = Markup(_file("css", "notebook.css"))
    return (
        _environment()
        .get_template("notebook.html")
        .render(style=style, title=title, lead=lead, shown=blocks, note=note)
    )


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Nothing from anywhere: only this page's own style and scripts, known by their hashes."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; style-src-attr 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _file(*path: str) -> str:
    """A file of this package, as it must stand inside an element: line ends as the browser sees them."""
    text = resources.files(__name__).joinpath(*path).read_text("utf-8").replace("\r\n", "\n")
    return text.strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tamis.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "number": _number,
        "short": short,
        "size": byte_size,
        "words": _words,
        "visible": visible,
        "place": ratio_place,
        "cell": as_cell,
    }
    environment.tests["part"] = lambda value: isinstance(value, Part)
    return environment


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def ratio_place(ratio: float) -> float:
    """Where a ratio stands between a quarter (0) and four times (100), by its logarithm.

    >>> [ratio_place(ratio) for ratio in (0.1, 1, 4)]
    [0.0, 50.0, 100.0]
    """
    if ratio <= 0:
        return 0.0
    return round(min(100.0, max(0.0, 50 + 25 * math.log2(ratio))), 2)


def _words(name: str) -> str:
    return name.replace("_", " ")


def visible(text: str) -> str:
    """The text with what a browser would obey or drop made visible: control characters, marks of direction.

    >>> visible("a\\x00b")
    'a\\ufffdb'
    """
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
