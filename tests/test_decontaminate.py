"""`tamis decontaminate`: what is found in known data, what is written, what is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.cli import main
from tests.written import write

QUESTION = "A lift climbs 3 floors in 8 seconds and waits 5 seconds on each. How long does it take to reach floor 24?"
ITEMS = [
    {"question": QUESTION, "answer": "99 seconds"},
    {"question": "Which bird lays blue eggs in March here?", "answer": "none"},
]
OTHERS = ["Name a colour.", "Bake a cake for 12 guests.", "Größe?", "", "How long does it take to reach the moon?"]
CONTAMINATED = {
    "clean": [],
    "contaminated_at_beginning": [1],
    "contaminated_at_end": [1],
    "contaminated_edge_cases": [1, 2, 3, 4, 5],
    "contaminated_middle_position": [1],
    "contaminated_mixed": [1, 4, 5],
    "contaminated_multiple_in_one": [1],
    "contaminated_punctuation_variation": [1],
    "contaminated_single_deletion": [1],
    "contaminated_single_edit": [1],
    "contaminated_single_insertion": [1],
    "demo": [],  # its two problems are of other test sets than the fixtures' references
    "long_document": [1],
}
"""Lines of decon's training fixtures that hold an item of its references, or its passage or answer, read one by one."""


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "test set.jsonl"
    path.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in ITEMS))
    return path


@pytest.mark.data
@pytest.mark.parametrize("name", CONTAMINATED)
def test_every_contaminated_line_of_decons_fixtures_is_found_and_no_clean_one(name: str, data: Path) -> None:
    folder = data / "benchmarks"
    references = sorted(folder.glob("*--fixtures__reference__*.jsonl"))
    source = folder / f"allenai_decon--fixtures__training__{name}.jsonl"
    found = tamis.decontaminate(source, references)
    assert len(references) == 3
    assert (
        found.audit.rows.filter(pl.col("row").is_in(found.contaminated.implode()))["line"].to_list()
        == (CONTAMINATED[name])
    )


@pytest.mark.data
def test_the_demo_holds_a_problem_of_gsm8k_with_another_name(data: Path) -> None:
    source = data / "benchmarks" / "allenai_decon--fixtures__training__demo.jsonl"
    found = tamis.decontaminate(source, data / "tasks" / "openai_grade-school-math--data__train.jsonl")
    assert found.contaminated.to_list() == [1]
    assert found.hits["verdict"].to_list() == ["question and answer", "answer"]


@pytest.mark.data
@pytest.mark.slow
def test_recall_of_planted_items_by_kind(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import decontamination as measured

    monkeypatch.setattr(measured, "DATA", data)
    found = {(line["kind"], line["tokens"]): line for line in measured.by_kind(measured.recall())}
    for kind in ("verbatim", "trimmed", "re-punctuated", "one word changed", "answer missing", "in a longer chat"):
        assert found[kind, "more than 20"]["items"] > 2900
        assert found[kind, "more than 20"]["recall"] >= 0.99
    assert found["one word in five changed", "more than 20"]["recall"] >= 0.9
    for kind in ("verbatim", "answer missing", "in a longer chat"):
        assert found[kind, "9 to 20"]["recall"] >= 0.99


@pytest.mark.data
@pytest.mark.slow
def test_rows_that_hold_no_item_are_left_alone(data: Path) -> None:
    """Of GSM8K's training rows four repeat a test problem with other numbers, and nothing else is hit."""
    files = [path for path in sorted((data / "benchmarks").iterdir()) if "__training__" not in path.name]
    found = tamis.decontaminate(data / "tasks" / "openai_grade-school-math--data__train.jsonl", files)
    assert len(found.contaminated) <= 0.01 * found.audit.total
    assert set(found.contaminated) <= {20, 1314, 3726, 5162}
    alpaca = tamis.decontaminate(data / "instructions" / "hiyouga_LLaMA-Factory--alpaca_en_demo.json", files)
    assert len(alpaca.contaminated) == 0


@given(
    prompts=st.lists(st.sampled_from([QUESTION, *OTHERS]), min_size=1, max_size=12), threads=st.sampled_from([1, 2, 3])
)
@settings(max_examples=15)
def test_no_row_is_lost_and_the_rest_are_the_inputs_bytes(
    prompts: list[str], threads: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    raw = [
        json.dumps({"prompt": text, "completion": "x"}, indent=None if i % 2 else 0).replace("\n", " ")
        for i, text in enumerate(prompts)
    ]
    (folder / "in.jsonl").write_text("\n".join([*raw, "{broken"]), "utf-8")
    found = tamis.decontaminate(
        folder / "in.jsonl",
        pl.DataFrame(ITEMS),
        output=folder / "out.jsonl",
        dropped=folder / "gone.jsonl",
        threads=threads,
    )
    hit = [i for i, text in enumerate(prompts) if text == QUESTION]
    assert found.contaminated.to_list() == hit
    assert (folder / "out.jsonl").read_text("utf-8").split("\n") == [
        *(raw[i] for i in range(len(raw)) if i not in hit),
        "",
    ][: len(raw) - len(hit) + 1]
    gone = [json.loads(line) for line in (folder / "gone.jsonl").read_bytes().splitlines()]
    assert [entry["row"] for entry in gone] == [*hit, len(prompts)]
    assert all(entry["reasons"][0]["rule"] == "contaminated" for entry in gone[:-1])
    summary = found.summary()
    assert summary["rows"] == summary["kept"] + summary["contaminated"] + summary["unreadable"]


@pytest.mark.parametrize("format", ["jsonl.gz", "json object", "csv.zst", "parquet", "arrow", "dataset"])
def test_every_format_is_read_and_written(format: str, items: Path, tmp_path: Path) -> None:
    rows = [{"instruction": text, "output": "x"} for text in ("Name a colour.", QUESTION, "Name a bird.")]
    source = write(rows, format, tmp_path)
    found = tamis.decontaminate(source, items, output=tmp_path / "out")
    assert found.contaminated.to_list() == [1]
    written = next(
        path
        for path in (tmp_path / "out").rglob("*")
        if (path.is_file() and path.suffix != ".json") or path.name == source.name
    )
    assert tamis.read(str(written if format != "dataset" else tmp_path / "out")).height == 2


def test_a_table_gives_back_a_table(items: Path) -> None:
    table = pl.DataFrame({"prompt": [QUESTION, "Hello!"], "completion": ["99", "Hi!"]})
    found = tamis.decontaminate(table, items)
    assert found.kept["prompt"].to_list() == ["Hello!"]
    assert found.benchmarks.select("benchmark", "items", "items_hit", "rows_hit").rows() == [("test set", 2, 1, 1)]
    assert "1 of 2 rows (50.0 %) hold a test item" in str(found)
    assert "1 of 2 rows (50.0 %) hold a test item" in found._repr_html_()


def test_train_against_validation(tmp_path: Path) -> None:
    chats = [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]}
        for text in (QUESTION, "Hi.")
    ]
    train, validation = (tmp_path / f"{name}.jsonl" for name in ("train", "validation"))
    for path in (train, validation):
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in chats))
    found = tamis.decontaminate(train, validation)
    assert found.hits.select("row", "item", "verdict").row(0) == (0, 0, "question and answer")


def test_a_saved_index_finds_the_same(items: Path, tmp_path: Path) -> None:
    table = pl.DataFrame({"prompt": [QUESTION, "Hello!"], "completion": ["99 seconds", "Hi!"]})
    first = tamis.decontaminate(table, items, index=tmp_path / "items.tamis")
    again = tamis.decontaminate(table, [tmp_path / "items.tamis"])
    assert again.hits.equals(first.hits)
    assert again.benchmarks.equals(first.benchmarks)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fields": "prompts"}, "did you mean 'prompt'"),
        ({"semantic": 1.5}, "cosine"),
        ({"verify": lambda *_: True}, "semantic"),
        ({"against": []}, "--against"),
        ({"against": "no/such.jsonl"}, "no such file"),
        ({"against": pl.DataFrame({"x": ["y"]})}, "no test item"),
    ],
)
def test_mistakes_are_told_before_anything_is_read(options: dict[str, Any], said: str, items: Path) -> None:
    with pytest.raises(tamis.TamisError, match=said):
        tamis.decontaminate(pl.DataFrame({"prompt": ["a"]}), **{"against": items, **options})


def test_data_cannot_be_its_own_test_set(items: Path) -> None:
    with pytest.raises(tamis.TamisError, match="is the data itself"):
        tamis.decontaminate(items, [items])


def test_the_output_may_be_no_input_and_personal_data_are_masked(items: Path) -> None:
    with pytest.raises(tamis.TamisError, match="is the input"):
        tamis.decontaminate(items, pl.DataFrame(ITEMS), output=items)
    secret = [{"question": f"{QUESTION} Write to jo@example.org, please."}]
    found = tamis.decontaminate(
        pl.DataFrame({"prompt": [secret[0]["question"]], "completion": [""]}), pl.DataFrame(secret)
    )
    assert "jo@example.org" not in str(found) + json.dumps(found.summary()) + "".join(found.audit.findings["excerpt"])
    assert "jo@example.org" in json.dumps(found.summary(show_sensitive=True))


def test_the_command_line(
    items: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write([{"instruction": QUESTION, "output": "x"}, {"instruction": "Hi.", "output": "x"}], "jsonl", tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tamis", "decontaminate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    code, out, err = run(source, "--against", items)
    assert (code, "1 of 2 rows" in out, "nothing was written" in err) == (0, True, True)
    assert "line 1 = test set line 1   question, 1.00" in out
    code, out, err = run(source, "--against", items, "--json", "--fail-if", "contaminated > 10%")
    assert (code, json.loads(out)["contaminated"], err) == (1, 1, "tamis: --fail-if met: contaminated > 10%\n")
    assert run(source, "--against", items, "-q", "-o", tmp_path / "o.jsonl", "--fail-if", "alike > 0") == (0, "", "")
    assert (tmp_path / "o.jsonl").read_bytes().count(b"\n") == 1
    code, out, err = run(source, "--against", items, "--fail-if", "dropped > 0")
    assert (code, out, err.count("\n")) == (2, "", 1)
    code, out, err = run(source)
    assert (code, out, err.count("\n")) == (2, "", 1)
