"""The page of an audit in headless Chromium: what a person would do with it, and that it does nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import tamis
from tamis.recipe import load, parse
from tests.browser.chromium import Browser, choose, click, executable, opened, serious_faults, text_of
from tests.reports.pages import HOSTILE, audit_of_examples, hostile_file

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine: apt-get install chromium"),
]
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page")
    audit = audit_of_examples()
    audit.save(place / "audit")
    tamis.report(audit, place / "report.html")
    tamis.report(tamis.audit(hostile_file(place), by="source"), place / "hostile.html")
    return place


@pytest.fixture
def browser(chromium: Browser, folder: Path) -> Iterator[Browser]:
    """The page of the examples, freshly opened; afterwards, that it logged nothing and asked for nothing."""
    yield from opened(chromium, folder / "report.html")


def show_thresholds(browser: Browser) -> None:
    browser.run("document.getElementById('thresholds').scrollIntoView()")
    browser.wait("document.getElementById('slider') !== null")


def test_filters_and_pages_show_the_rows_they_say(browser: Browser) -> None:
    rows = int(browser.run("values.findings.rows.length"))
    status = "[data-pager=findings] .status"
    assert text_of(browser, status) == f"1 to 8 of {rows} rows"
    click(browser, "[data-pager=findings] button:last-child")
    assert text_of(browser, status) == f"9 to 16 of {rows} rows"
    click(browser, "[data-rule=truncated]")
    shown = int(browser.run("document.querySelectorAll('#findings-rows article').length"))
    hit = "r => r.findings.some(f => values.rules[f.rule].rule === 'truncated')"
    assert shown == browser.run(f"values.findings.rows.filter({hit}).length")
    assert browser.run("[...document.querySelectorAll('#findings-rows article')].every(a => a.querySelector('mark'))")
    choose(browser, "#findings-filters label:first-child select", "")
    choose(browser, "#findings-filters label:nth-child(2) select", "messages")
    assert browser.run("matching().every(r => r.schema === 'messages') && matching().length > 0")
    browser.run(
        "(() => { const s = document.querySelector('#findings-filters input'); s.value = 'no such words at all';"
        " s.dispatchEvent(new Event('input')); })()"
    )
    assert text_of(browser, status) == "No row in this page matches"


def test_a_slider_moves_with_the_keyboard_and_writes_a_recipe_that_prunes_as_it_says(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    show_thresholds(browser)
    index = int(browser.run("explorer.findIndex(rule => rule.rule === 'near_duplicate')"))
    browser.run(f"choose({index})")
    before = text_of(browser, ".reading b")
    browser.run("document.getElementById('slider').focus()")
    browser.press("ArrowLeft", 37)
    browser.press("ArrowLeft", 37)
    after = text_of(browser, ".reading b")
    assert before != after or browser.run("explorer[current].affected[0] === explorer[current].rows")
    assert browser.run("document.getElementById('slider').getAttribute('aria-valuetext')").endswith("rows")
    browser.run("choose(explorer.findIndex(rule => rule.rule === 'emails'))")
    choose(browser, "#rule-panel select", "off")
    recipe = tmp_path / "my.toml"
    recipe.write_text(text_of(browser, "#recipe"))
    chosen = load(recipe)
    near = "explorer.find(r => r.rule === 'near_duplicate')"
    expected = int(browser.run(f"affectedAt({near}, changed.get('near_duplicate').threshold)"))
    assert "emails" not in chosen.rules
    pruned = tamis.prune(tamis.AuditResult.load(folder / "audit"), tmp_path / "o.jsonl", recipe=recipe)
    assert pruned.audit.rows_of("near_duplicate").height == expected
    click(browser, "#reset-recipe")
    assert "rules" not in text_of(browser, "#recipe")


def test_every_rule_can_be_looked_at(browser: Browser) -> None:
    show_thresholds(browser)
    for index in range(int(browser.run("explorer.length"))):
        browser.run(f"choose({index})")
        last = browser.run("document.getElementById('slider').max")
        browser.run(
            f"(() => {{ const s = document.getElementById('slider'); s.value = {last};"
            " s.dispatchEvent(new Event('input')); })()"
        )
        rows = browser.run("explorer[current].affected.at(-1)")
        assert text_of(browser, ".reading b").split()[0].replace(",", "") == str(rows)


def test_the_recipe_is_copied_and_downloaded(browser: Browser, tmp_path: Path) -> None:
    show_thresholds(browser)
    origin = browser.run("location.origin")
    browser.run("window.written = null; navigator.clipboard.writeText = async (text) => { window.written = text; }")
    click(browser, "#copy-recipe")
    browser.wait("window.written !== null")
    assert browser.run("window.written") == text_of(browser, "#recipe"), origin
    browser.send("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    click(browser, "#download-recipe")
    ends = time.monotonic() + 20
    while not (tmp_path / "my.toml").exists() and time.monotonic() < ends:
        time.sleep(0.05)
    assert load(tmp_path / "my.toml").rules.keys() == load("default").rules.keys()


def test_a_lasso_lists_rows_and_copies_their_numbers(browser: Browser) -> None:
    browser.run("document.getElementById('map').scrollIntoView()")
    browser.wait("atlas.view !== null")
    time.sleep(0.3)
    click(browser, "#map-lasso")
    box = browser.run(
        "(() => { const r = document.getElementById('map-chart').getBoundingClientRect();"
        " return [r.left, r.top, r.width, r.height]; })()"
    )
    left, top, width, height = box
    corners = [(0.1, 0.1), (0.6, 0.1), (0.6, 0.9), (0.1, 0.9), (0.1, 0.12)]
    browser.drag([(left + x * width, top + y * height) for x, y in corners])
    browser.wait("document.querySelector('#map-picked h3') !== null")
    picked = int(browser.run("atlas.chosen.length"))
    assert 0 < picked < int(browser.run("plane.rows.length"))
    browser.run("window.written = null; navigator.clipboard.writeText = async (text) => { window.written = text; }")
    click(browser, "#map-copy")
    browser.wait("window.written !== null")
    rows = browser.run("atlas.chosen.map(i => plane.rows[i])")
    assert browser.run("window.written").split("\n") == [str(row) for row in rows]
    click(browser, "#map-legend button")  # the keyboard's way to the same list
    assert int(browser.run("atlas.chosen.length")) == int(text_of(browser, "#map-legend .count").replace(",", ""))
    for column in range(int(browser.run("plane.colours.length"))):
        choose(browser, "#map-colour", str(column))


def test_the_theme_changes_and_is_remembered(browser: Browser, folder: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = browser.run(background)
    click(browser, "#theme")
    dark = browser.run(background)
    assert light != dark
    browser.open(folder / "report.html")
    assert browser.run(background) == dark
    click(browser, "#theme")
    browser.size(1440, dark=True)
    assert browser.run(background) == light  # what the reader chose stands above what the system prefers


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(
    browser: Browser, width: int, dark: bool, folder: Path
) -> None:
    browser.size(width, dark=dark)
    browser.open(folder / "report.html")
    show_thresholds(browser)
    for section in browser.run("[...document.querySelectorAll('main > section')].map(s => s.id)"):
        browser.run(f"document.getElementById('{section}').scrollIntoView()")
        time.sleep(0.1)
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert serious_faults(browser) == []


def test_hostile_rows_are_shown_as_text_and_never_run(chromium: Browser, folder: Path) -> None:
    for browser in opened(chromium, folder / "hostile.html"):
        pages = int(browser.run("Math.ceil(matching().length / PAGE_ROWS)"))
        seen = ""
        for page in range(pages):
            browser.run(f"browser.page = {page}; drawFindings()")
            seen += text_of(browser, "#findings-rows")
        show_thresholds(browser)
        for index in range(int(browser.run("explorer.length"))):
            browser.run(f"choose({index})")
        browser.run("document.getElementById('map').scrollIntoView()")
        browser.wait("atlas.view !== null")
        browser.run("plane.rows.forEach((_, i) => hover(i)); pick(plane.rows.map((_, i) => i))")
        assert browser.run("window.broken === undefined")
        assert (
            browser.run("document.querySelectorAll('main img, main svg, main iframe, main a, main style').length") == 0
        )
        for name in ("script", "end", "handler", "attribute", "link", "template", "entity", "style", "textarea"):
            assert HOSTILE[name] in seen, name
        assert "U+202E" in seen
        assert "U+0000" in seen
        assert "\u202e" not in seen


def test_a_page_of_a_hundred_thousand_rows_is_small_and_opens_within_three_seconds(
    chromium: Browser, tmp_path: Path
) -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    rows = pl.DataFrame({"n": range(100_000)}).select(
        instruction=pl.format("Say {} about number {}.", pl.lit(words).list.get(pl.col("n") % 12), "n"),
        output=pl.when(pl.col("n") % 7 == 0).then(pl.lit("")).otherwise(pl.format("It is {} and no other.", "n")),
    )
    found = tamis.audit(rows, recipe=parse(THIN))
    page = tmp_path / "large.html"
    text = tamis.report(found, page)
    assert len(text.encode()) < 6_000_000
    for browser in opened(chromium, page):
        assert browser.open(page) < 3.0


THIN = {
    "name": "thin",
    "compute": ["prompt_tokens", "response_tokens"],
    "rules": {
        "empty": {"signal": "empty_response", "action": "drop"},
        "long": {"signal": "response_tokens", "at_least": 8},
    },
}
