"""Blocks as HTML, for notebooks and as Markdown: what they say is escaped, and strips stand where numbers are."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from tamis.reports.blocks import Alerts, Cell, Key, Notes, Part, Table, Tiles, markdown, right, span_of, strip
from tamis.reports.html import Section, fragment, page_of, render, visible
from tests.reports.pages import HOSTILE

TEXTS = st.text(max_size=40) | st.sampled_from(list(HOSTILE.values()))


class Outline(HTMLParser):
    """The elements of a piece of HTML with the names of their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def part_saying(said: str) -> Part:
    """A part whose every text is the given one."""
    drawn = strip(said, (0.0, 1.0), {"interval": (0.2, 0.4), "value": 0.3})
    cells = [Cell(said), Cell(said, "badge"), Cell(said, "name"), Cell(lines=(said, said)), Cell(strip=drawn), "1"]
    table = Table(said, [said, "b", "c", "d", "e", *right("f")], [cells, cells, cells], lead=said, note=said, open=2)
    blocks = [
        Tiles([("1", "rows")]),
        Alerts([("high", said)]),
        table,
        Notes([said], said),
        Notes([said], said, folded=True),
        Key([("value", "the data")]),
    ]
    return Part("overview", said, said, blocks)


@given(TEXTS)
def test_texts_are_text_whatever_they_say(said: str) -> None:
    calm, wild = "calm", said or " "
    for shown in (_page, _notebook):
        one, other = Outline(shown(calm)), Outline(shown(wild))
        assert other.elements == one.elements
        if wild.strip() and "\r" not in wild:
            assert other.text.count(visible(wild)) >= one.text.count(calm)


def _page(said: str) -> str:
    return render(page_of("diversity", said, [part_saying(said)]), [Section("overview", "Overview")])


def _notebook(said: str) -> str:
    return fragment(said, said, part_saying(said).blocks, said)


@given(TEXTS)
def test_markdown_has_the_rows_of_a_table_whatever_they_say(said: str) -> None:
    lines = markdown("title", [part_saying(said)]).split("\n")
    table = [line for line in lines if line.startswith("| ")]
    calm = [line for line in markdown("title", [part_saying("calm")]).split("\n") if line.startswith("| ")]
    assert len(table) == len(calm)
    assert not re.search(r"(?<!\\)<[a-z/!]", "\n".join(lines).replace("<br>", ""))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.booleans())
def test_marks_keep_the_order_of_their_numbers_and_stay_on_the_strip(values: list[float], turned: bool) -> None:
    span = span_of(values)
    assert span is not None
    drawn = strip("x", span, {str(i): value for i, value in enumerate(values)}, turned=turned)
    places = [mark.at for mark in drawn.marks]
    assert all(0 <= place <= 100 for place in places)
    ranked = sorted(zip(values, places, strict=True), key=lambda pair: pair[0], reverse=turned)
    assert [place for _, place in ranked] == sorted(places)


def test_a_page_without_charts_carries_no_library() -> None:
    assert len(_page("calm")) < 60_000
