"""The pages of diversity, compare, bias, decontaminate and duplicates in headless Chromium, made of hostile rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import tamis
from tests.browser.chromium import Browser, choose, executable, opened, serious_faults, text_of
from tests.browser.test_page import WIDTHS
from tests.conftest import ROOT
from tests.reports.pages import HOSTILE, hostile_file, hostile_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine: apt-get install chromium"),
]
PAGES = ("diversity", "compare", "bias", "decontaminate", "duplicates")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of each verb: the examples beside rows that try to break out."""
    place = tmp_path_factory.mktemp("pages")
    rows, hostile = ROOT / "examples" / "data" / "support_mix.jsonl", hostile_file(place)
    items = pl.DataFrame(
        {"question": [f"Tell me what the words {text} mean to you, please." for text in HOSTILE.values()]}
    )
    asked = [f"Hello. Tell me what the words {text} mean to you, please! Thanks." for text in HOSTILE.values()]
    leaked = pl.DataFrame({"prompt": asked, "completion": list(HOSTILE.values())})
    twice = pl.DataFrame([row for row in hostile_rows() if len(row["output"]) < 9_999] * 2)
    found = {
        "diversity": tamis.diversity(hostile, against=rows),
        "compare": tamis.compare(rows, hostile),
        "bias": tamis.bias(rows, sample=50),
        "decontaminate": tamis.decontaminate(leaked, items),
        "duplicates": tamis.duplicates(twice, threshold=0.7),
    }
    for verb, result in found.items():
        tamis.report(result, place / f"{verb}.html")
    return place


@pytest.fixture(params=PAGES)
def browser(request: pytest.FixtureRequest, chromium: Browser, folder: Path) -> Iterator[Browser]:
    yield from opened(chromium, folder / f"{request.param}.html")


def test_a_page_holds_no_element_of_a_row_and_is_small(browser: Browser) -> None:
    assert browser.run("window.broken === undefined")
    assert browser.run("document.querySelectorAll('main :is(img, svg, iframe, a, style, base, script)').length") == 0
    assert browser.run("document.documentElement.outerHTML.length") < 1_000_000
    assert browser.run("[...document.querySelectorAll('main section, main > section')].every(s => s.offsetHeight > 60)")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(
    browser: Browser, width: int, dark: bool
) -> None:
    browser.size(width, dark=dark)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert serious_faults(browser) == []


def test_the_keyboard_reaches_the_sections_the_theme_and_every_table(browser: Browser) -> None:
    wanted = browser.run(
        "[...document.querySelectorAll('.top a, #theme, main :is(.scroll, summary, select, input)')]"
        ".filter(e => e.checkVisibility()).map((e, i) => { e.dataset.number = i; return String(i); })"
    )
    reached = set()
    for _ in range(2 * len(wanted) + 20):
        browser.press("Tab", 9)
        reached.add(browser.run("document.activeElement.dataset.number"))
    assert set(wanted) <= reached
    dark = browser.run("isDark()")
    browser.run("document.getElementById('theme').focus()")
    browser.press(" ", 32)
    assert browser.run("isDark()") != dark


def test_strips_stand_where_their_numbers_say(chromium: Browser, folder: Path) -> None:
    for browser in opened(chromium, folder / "diversity.html"):
        strips = browser.run(
            "[...document.querySelectorAll('#scores-prompts .strip:not(.sample)')].map(s => ({label: s.ariaLabel, "
            "value: s.querySelector('.value').getBoundingClientRect().left, "
            "copies: s.querySelector('.copies')?.getBoundingClientRect().left, "
            "width: s.getBoundingClientRect().width}))"
        )
        assert len(strips) > 10
        assert all(strip["width"] >= 130 for strip in strips)
        distinct = next(strip for strip in strips if strip["label"].startswith("distinct pairs of words"))
        assert distinct["value"] > distinct["copies"]  # copies are the less varied end, whatever the unit


def test_hostile_hits_are_shown_as_text_with_both_sides(chromium: Browser, folder: Path) -> None:
    for browser in opened(chromium, folder / "decontaminate.html"):
        seen = ""
        for page in range(int(browser.run("Math.ceil(matching().length / PAGE_ROWS)"))):
            browser.run(f"browser.page = {page}; drawFindings()")
            seen += text_of(browser, "#findings-rows")
            assert browser.run(
                "[...document.querySelectorAll('#findings-rows article')].every(a => a.querySelector('mark') && "
                "a.querySelector('.beside'))"
            )
        for name in ("script", "handler", "link", "template", "style", "textarea"):
            assert HOSTILE[name] in seen, name
        assert "U+202E" in seen
        assert "\u202e" not in seen
        benchmark = browser.run("values.rules.find(r => r.rows).rule")
        choose(browser, "#findings-filters label:first-child select", benchmark)
        assert browser.run("matching().length") == browser.run("values.findings.rows.length")


def test_hostile_clusters_are_shown_as_text(chromium: Browser, folder: Path) -> None:
    for browser in opened(chromium, folder / "duplicates.html"):
        seen = ""
        for page in range(int(browser.run("Math.ceil(values.duplicates[0].largest.length / PAGE_CLUSTERS)"))):
            browser.run(f"repeats.page = {page}; drawClusters()")
            seen += text_of(browser, "#duplicates-clusters")
        assert sum(HOSTILE[name] in seen for name in HOSTILE) >= 5
        assert browser.run("window.broken === undefined")


def test_a_result_in_a_notebook_shows_and_runs_nothing(chromium: Browser, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "notebook.html"
    found = tamis.audit(folder / "a<b onclick=x>.jsonl", by="source")
    parts = [f"<section style='color: {ink}; background: {paper}'>{found._repr_html_()}</section>"
             for ink, paper in (("#111", "#fff"), ("#eee", "#111"))]  # fmt: skip
    page.write_text(f"<!doctype html><html lang=en><title>x</title><main>{''.join(parts)}</main></html>")
    chromium.size(1440)
    chromium.messages.clear()
    chromium.open(page)
    assert chromium.run("window.broken === undefined")
    assert chromium.run("document.querySelectorAll(':is(script, img, iframe, a)').length") == 0
    assert "<script>window.broken" in chromium.run("document.body.textContent")
    assert serious_faults(chromium) == []
    assert chromium.messages == []
