"""Benchmarks in the shapes they come in."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tamis.contamination.items import read_benchmarks
from tamis.records.sources import find

LONG = "Janets Enten legen 16 Eier pro Tag. Wie viele legen sie in einer Woche?"
SHAPES: dict[str, tuple[str, Any, dict[str, list[str]]]] = {
    "BBH": ("t.json", {"canary": "GUID", "examples": [{"input": "not True is", "target": "False"}]},
            {"question": ["not True is"], "answer": ["False"]}),
    "MGSM without a header": ("t.tsv", f"{LONG}\t112\nZwei?\t2\n",
                              {"question": [LONG, "Zwei?"], "answer": ["112", "2"]}),
    "MMLU without a header": ("t.csv", "What is 2 + 2?,1,2,3,4,D\nWhat is a cat?,bird,fish,mammal,rock,C\n",
                              {"question": ["What is 2 + 2?", "What is a cat?"], "answer": ["4", "mammal"],
                               "choices": ["1\n2\n3\n4", "bird\nfish\nmammal\nrock"]}),
    "TruthfulQA": ("t.csv", "Question,Best Answer,Correct Answers,Incorrect Answers\nWhy?,So,So; Thus,No\n",
                   {"question": ["Why?"], "answer": ["So", "Thus"]}),
    "HumanEval": ("t.jsonl.gz", [{"task_id": "H/0", "prompt": "def f():", "canonical_solution": "  return 1",
                                  "test": "assert f()"}], {"question": ["def f():"], "answer": ["  return 1"]}),
    "IFEval": ("t.jsonl", [{"key": 1, "prompt": "Use no commas.", "kwargs": [{}]}], {"question": ["Use no commas."]}),
    "MT-bench": ("t.jsonl", [{"question_id": 81, "turns": ["Write a post.", "Now in verse."]}],
                 {"question": ["Write a post.", "Now in verse."]}),
    "reference answers": ("t.jsonl", [{"question_id": 81, "choices": [{"index": 0, "turns": ["Second.", "Last."]}]}],
                          {"answer": ["Second.", "Last."]}),
    "MMLU": ("t.jsonl", [{"question": "Red?", "choices": ["sky", "rose"], "answer": 1}],
             {"question": ["Red?"], "answer": ["rose"], "choices": ["sky\nrose"]}),
    "ARC": ("t.jsonl", [{"question": "Red?", "choices": {"text": ["sky", "rose"], "label": ["A", "B"]},
                         "answerKey": "B"}], {"question": ["Red?"], "answer": ["rose"], "choices": ["sky\nrose"]}),
    "HellaSwag": ("t.jsonl", [{"ctx": "He runs", "endings": ["off", "a bath"], "label": "0"}],
                  {"question": ["He runs"], "answer": ["off"], "choices": ["off\na bath"]}),
    "letters": ("t.jsonl", [{"question": "Red?", "A": "sky", "B": "rose", "answer": "B"}],
                {"question": ["Red?"], "answer": ["rose"], "choices": ["sky\nrose"]}),
    "graded choices": ("t.jsonl", [{"question": "Red?", "answer": said, "is_correct": said == "rose"}
                                   for said in ("sky", "rose")],
                       {"question": ["Red?"], "answer": ["rose"], "choices": ["sky\nrose"]}),
    "MBPP": ("t.jsonl", [{"task_id": 2, "text": "Write a function.", "code": "def f(): ...", "test_list": []}],
             {"question": ["Write a function."], "answer": ["def f(): ..."]}),
    "SQuAD": ("t.jsonl", [{"context": "It rose in 1889.", "question": "When?", "answers": {"text": ["1889", "1889"]}}],
              {"question": ["When?"], "answer": ["1889"], "passage": ["It rose in 1889."]}),
    "GSM8K": ("t.jsonl", [{"question": "2 + 2?", "answer": "It is 4.\n#### 4"}],
              {"question": ["2 + 2?"], "answer": ["It is 4.\n#### 4"], "final": ["4"]}),
    "passage": ("t.jsonl", [{"passage": "It rose in 1889.", "question": "When?", "answer": "1889"}],
                {"question": ["When?"], "answer": ["1889"], "passage": ["It rose in 1889."]}),
    "chat": ("t.jsonl", [{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}],
             {"question": ["Hi"], "answer": ["Ho"]}),
    "alpaca": ("t.jsonl", [{"instruction": "Sum up.", "input": "A tale.", "output": "Short."}],
               {"question": ["Sum up.\n\nA tale."], "answer": ["Short."]}),
    "raw text": ("t.jsonl", [{"text": "All of it."}], {"question": ["All of it."]}),
}  # fmt: skip


def write(name: str, content: Any, folder: Path) -> str:
    if isinstance(content, str):
        text = content
    elif isinstance(content, dict):
        text = json.dumps(content)
    else:
        text = "".join(json.dumps(row) + "\n" for row in content)
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return str(path)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_gives_its_parts(shape: str, tmp_path: Path) -> None:
    name, content, expected = SHAPES[shape]
    parts, (read,) = read_benchmarks(find([write(name, content, tmp_path)]))
    found = dict(parts.group_by("part").agg("text").iter_rows())
    assert found == expected
    assert read.unreadable == 0
    assert read.items == parts["item"].n_unique()


def test_items_keep_their_place_and_their_own_name(tmp_path: Path) -> None:
    path = write("t.jsonl", [{"task_id": "H/0", "prompt": "a"}, {"x": 1}, {"task_id": "H/2", "prompt": "b"}], tmp_path)
    parts, (read,) = read_benchmarks(find([path]))
    assert parts.select("item", "line", "name").rows() == [(0, 1, "H/0"), (2, 3, "H/2")]
    assert (read.items, read.unreadable) == (2, 1)
    assert "no known schema fits" in (read.first_reason or "")


def test_a_folder_is_many_benchmarks_each_named(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write("test.jsonl", [{"prompt": folder}], tmp_path / folder)
    write("other.jsonl.gz", [{"prompt": "x"}], tmp_path)
    given = [str(tmp_path / name) for name in ("one", "two", "other.jsonl.gz")]
    names = [read.name for read in read_benchmarks(find(given))[1]]
    assert names == ["one/test", "two/test", "other"]


def test_a_table_is_a_benchmark() -> None:
    parts, (read,) = read_benchmarks(pl.DataFrame({"question": ["Why?"], "answer": ["So."]}))
    assert parts["text"].to_list() == ["Why?", "So."]
    assert read.name == "table"


@pytest.mark.data
def test_every_real_benchmark_is_read_whole(data: Path) -> None:
    counts = {"HumanEval": 164, "data__test": 1319, "mmlu_validation-1": 1531, "TruthfulQA": 817, "mgsm_ja": 250,
              "mt_bench__question": 80, "boolean_expressions": 250, "input_data": 541, "mbpp_sanitized": 427,
              "reference_answer__gpt-4": 30}  # fmt: skip
    read = read_benchmarks(find([str(data / "benchmarks")]))[1]
    assert all(one.unreadable == 0 for one in read)
    for name, items in counts.items():
        assert [one.items for one in read if name in one.name] == [items]
