"""`report` and `card`: an audit again, from its folder."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import tamis
from tests.written import write

ROWS = [
    {"instruction": "Name a fruit.", "output": "A fig.", "source": "no"},
    {"instruction": "Name a tree.", "output": "", "source": "no"},
    {"instruction": "Name a fruit.", "output": "A fig.", "source": "b|c"},
]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    found = tamis.audit(write(ROWS, "jsonl", tmp_path), by="source")
    found.save(tmp_path / "audit")
    return tmp_path / "audit"


def test_a_saved_audit_has_the_report_of_the_fresh_one(saved: Path, tmp_path: Path) -> None:
    fresh = tamis.report(tamis.audit(tmp_path / "rows.jsonl", by="source"), format="markdown")
    assert tamis.report(saved, format="markdown") == fresh
    page = tamis.report(saved, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == page
    assert "A fig." in page


def test_a_changed_input_is_an_error(saved: Path, tmp_path: Path) -> None:
    path = next(tmp_path.glob("*.jsonl"))
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(tamis.TamisError, match="changed since the audit"):
        tamis.report(saved)
    path.unlink()
    with pytest.raises(tamis.TamisError, match="gone since the audit"):
        tamis.report(saved)
    assert "## Data quality" in tamis.report(saved, format="markdown")  # needs no text


def test_a_table_that_is_gone_leaves_a_page_without_texts(tmp_path: Path) -> None:
    found = tamis.audit(pl.DataFrame(ROWS))
    assert "A fig." in tamis.report(found)
    found.save(tmp_path / "audit")
    text = tamis.report(tmp_path / "audit")
    assert "A fig." not in text
    assert "could not be read again" in text


def test_json_is_the_summary(saved: Path) -> None:
    assert json.loads(tamis.report(saved, format="json"))["dropped"] == 2


def test_a_card_has_metadata_and_the_findings(saved: Path) -> None:
    text = tamis.card(saved)
    assert text.startswith("---\n")
    assert "size_categories:\n- n<1K" in text
    assert "| answer is empty | 1 | 33.3 % | drops |" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [({"format": "pdf"}, "format of a report 'pdf'"), ({"projection": "umapp"}, "projection of the map 'umapp'")],
)
def test_mistakes_are_named(saved: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(tamis.TamisError, match=said):
        tamis.report(saved, **options)  # type: ignore[arg-type]


def test_no_audit_and_no_place_to_write_are_errors(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match="no finished audit"):
        tamis.report(tmp_path / "nothing")
    with pytest.raises(tamis.TamisError, match="cannot be written"):
        tamis.report(saved, tmp_path / "no" / "folder" / "page.html")


def test_a_page_without_rows_or_without_findings(tmp_path: Path) -> None:
    for rows in ([ROWS[0]], ROWS):
        for carried in (0, 1):
            assert "</html>" in tamis.report(tamis.audit(pl.DataFrame(rows)), rows=carried)
    recipe = tmp_path / "thin.toml"
    recipe.write_text('compute = ["empty_response"]\n[rules.empty]\nsignal = "empty_response"\n')
    assert "</html>" in tamis.report(tamis.audit(pl.DataFrame(ROWS), recipe=recipe))
