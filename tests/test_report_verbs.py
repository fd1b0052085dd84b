"""Reports of diversity, compare, bias, decontaminate and duplicates: written as asked, and made again."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import tamis
from tamis.cli import main
from tests.written import write

ROWS = [
    {"instruction": f"Name the number after {i}, and say why.", "output": f"It is {i + 1}: one more."}
    for i in range(60)
]
MAIL = "jo.bloggs" + "@" + "tamis.dev"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says on standard error; it ends well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["tamis", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    told = capsys.readouterr()
    assert ended.value.code in (0, None), told.err
    return told.err


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(ROWS, "jsonl", tmp_path)


@pytest.mark.parametrize("verb", ["diversity", "bias", "compare"])
def test_a_folder_holds_numbers_and_a_page_that_can_be_made_again(
    verb: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = {"diversity": [], "bias": ["--sample", "0"], "compare": [str(data), "--no-diversity"]}[verb]
    folder = tmp_path / "numbers"
    said = run(capsys, verb, str(data), *beside, "-o", str(folder))
    assert f"open {folder}/report.html" in said
    assert sorted(path.name for path in folder.iterdir()) == [f"{verb}.json", "report.html"]
    page = (folder / "report.html").read_text("utf-8")
    assert f"tamis <span>{verb}</span>" in page
    (folder / "report.html").unlink()
    run(capsys, "report", str(folder))
    assert (folder / "report.html").read_text("utf-8") == page
    run(capsys, "report", str(folder), "-o", str(tmp_path / "told.md"))
    first = (tmp_path / "told.md").read_text("utf-8").partition("\n")[0]
    assert first.startswith("# ")
    assert first.endswith("rows.jsonl")
    assert tamis.report(folder / f"{verb}.json") == page


def test_the_ending_of_a_file_says_what_is_written_and_no_report_leaves_it_out(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "bias", str(data), "--sample", "0", "-o", str(tmp_path / "b.json"))
    assert json.loads((tmp_path / "b.json").read_text())["rows"] == 60
    run(capsys, "bias", str(data), "--sample", "0", "-o", str(tmp_path / "b.md"))
    assert "too few" in (tmp_path / "b.md").read_text().lower()
    run(capsys, "bias", str(data), "--sample", "0", "-o", str(tmp_path / "folder"), "--no-report")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["bias.json"]


def test_duplicates_have_a_page_of_their_own_that_report_writes_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write([*ROWS, ROWS[0], ROWS[1]], "jsonl", tmp_path)
    run(capsys, "duplicates", str(data), "-o", str(tmp_path / "near"), "-t", "0.95")
    page = (tmp_path / "near" / "report.html").read_text("utf-8")
    assert "<b>0.95</b><span>is the threshold</span>" in page
    run(capsys, "report", str(tmp_path / "near"))
    assert (tmp_path / "near" / "report.html").read_text("utf-8") == page
    assert "At the line" in tamis.report(tmp_path / "near", format="markdown")


def test_decontaminate_shows_both_sides_and_masks_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    item = f"Which of the seven old bridges did the engineer write about to {MAIL} before the war began?"
    data = write([*ROWS, {"instruction": f"Well. {item}", "output": "The third."}], "jsonl", tmp_path)
    (tmp_path / "test.jsonl").write_text(json.dumps({"question": item}) + "\n")
    asked = ("decontaminate", str(data), "--against", str(tmp_path / "test.jsonl"), "--report")
    for ending in ("html", "md", "json"):
        run(capsys, *asked, str(tmp_path / f"leaks.{ending}"))
        text = (tmp_path / f"leaks.{ending}").read_text("utf-8")
        assert "[e-mail]" in text.replace("\\[", "[").replace("\\]", "]")
        assert "jo.bloggs" not in text
        assert "seven old bridges" in text
    run(capsys, *asked, str(tmp_path / "leaks.html"), "--show-sensitive")
    assert "jo.bloggs" in (tmp_path / "leaks.html").read_text("utf-8")


def test_two_folders_of_audits_are_compared_without_their_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, rows in (("before", ROWS), ("after", ROWS[:40])):
        data = tmp_path / f"{name}.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
        tamis.audit(data).save(tmp_path / name)
        data.unlink()
    found = tamis.compare(tmp_path / "before", tmp_path / "after")
    assert found.diversity is None
    assert found.summary()["removed"] == 20
    run(capsys, "compare", str(tmp_path / "before"), str(tmp_path / "after"), "-o", str(tmp_path / "both"))
    assert "before.jsonl → after.jsonl" in (tmp_path / "both" / "report.html").read_text("utf-8")


def test_a_folder_without_a_result_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match="no finished audit"):
        tamis.report(tmp_path)
    (tmp_path / "x.json").write_text('{"verb": "no such verb"}')
    with pytest.raises(tamis.TamisError, match="no saved numbers"):
        tamis.report(tmp_path / "x.json")


def test_an_empty_comparison_and_a_clean_decontamination_have_pages() -> None:
    rows = pl.DataFrame(ROWS)
    same = tamis.compare(rows, rows, scores=False)
    assert "Nothing moved by more than chance." in tamis.report(same)
    items = pl.DataFrame({"question": ["Where do the seven grey geese fly when the long winter comes at last?"]})
    assert "No row holds a test item." in tamis.report(tamis.decontaminate(rows, items))
