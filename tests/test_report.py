"""`report` and `card`: an audit again, from its folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tamis
from tamis.cli import main
from tamis.models.projection import project
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
    [
        ({"rows": -1}, "0 rows or more"),
        ({"format": "pdf"}, "format of a report 'pdf'"),
        ({"projection": "umapp"}, "projection of the map 'umapp'"),
    ],
)
def test_mistakes_are_named(saved: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(tamis.TamisError, match=said):
        tamis.report(saved, **options)


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


def two_clouds(n: int = 40) -> np.ndarray:
    """Vectors of two groups that are far apart."""
    random = np.random.default_rng(0)
    return (random.normal(size=(2 * n, 12)) * 0.1 + np.repeat(np.eye(12)[:2] * 3, n, axis=0)).astype(np.float32)


def apart(points: np.ndarray) -> bool:
    """Whether every point is nearer to the middle of its own group."""
    half = len(points) // 2
    middles = [points[:half].mean(axis=0), points[half:].mean(axis=0)]
    nearer = np.argmin([np.linalg.norm(points - middle, axis=1) for middle in middles], axis=0)
    return bool((nearer == np.repeat([0, 1], half)).all())


def test_principal_components_are_those_of_the_singular_value_decomposition() -> None:
    vectors = two_clouds()
    points, facts = project(vectors)
    assert apart(points)
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    assert np.allclose(np.abs(points), np.abs(left[:, :2] * sizes[:2]), atol=1e-6)
    assert np.isclose(facts["variance"], (sizes[:2] ** 2).sum() / (sizes**2).sum())
    assert np.array_equal(points, project(vectors)[0])


def test_t_sne_keeps_groups_together_and_repeats_itself() -> None:
    pytest.importorskip("openTSNE", reason="the extra tamis[map] is not installed")
    points, _ = project(two_clouds(), "tsne")
    assert apart(points)
    assert np.array_equal(points, project(two_clouds(), "tsne")[0])


def test_t_sne_that_is_not_installed_is_said_with_the_command_that_adds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    with pytest.raises(tamis.TamisError, match=r"tamis\[map\]"):
        project(two_clouds(), "tsne")


def test_a_mistake_in_an_option_of_the_report_stops_an_audit_before_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["audit", "no such file", "-o", str(tmp_path / "audit"), "--projection", "tnse"]
    monkeypatch.setattr(sys, "argv", ["tamis", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "did you mean 'tsne'" in capsys.readouterr().err


def test_an_audit_writes_its_report_unless_told_not_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write(ROWS, "jsonl", tmp_path))
    for options, written in (([], True), (["--no-report"], False)):
        folder = tmp_path / f"audit{written}"
        monkeypatch.setattr(sys, "argv", ["tamis", "audit", path, "-o", str(folder), "--quiet", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        assert (folder / "report.html").exists() == written
