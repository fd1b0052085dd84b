"""Tokenizers from a file, from a folder and by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import tamis
from tamis.errors import TamisError
from tamis.models.tokenizer import load_tokenizer

tokenizers = pytest.importorskip("tokenizers")
TEXTS = ["one two three", "", "four  five", "six " * 20_000]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tokenizer of one token a word, which asks to be cut to two tokens."""
    made: Any = tokenizers.Tokenizer(tokenizers.models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.enable_truncation(2)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_a_file_and_its_folder_count_alike(folder: Path) -> None:
    for place in (folder, folder / "tokenizer.json"):
        assert load_tokenizer(str(place)).count(TEXTS).tolist() == [3, 0, 2, 20_000]


def test_no_texts_have_no_tokens(folder: Path) -> None:
    assert load_tokenizer(str(folder)).count([]).tolist() == []


def test_lengths_of_a_preflight_are_those_of_the_tokenizer(folder: Path) -> None:
    rows = pl.DataFrame({"prompt": ["one two three", "a"], "completion": ["four", "b c"]})
    found = tamis.preflight(rows, trainer="trl", tokenizer=folder)
    assert found.lengths.rows() == [(0, 5, 3, 2), (1, 4, 1, 3)]  # an end token is added to the answer
    assert found.tokenizer == folder.name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./missing.json", "no such file or folder"),
        ("{folder}/empty", "holds no tokenizer.json"),
        ("{folder}/broken.json", "no tokenizer that can be read"),
        ("no-such-owner/no-such-model", "to work offline give a tokenizer.json"),
    ],
)
def test_what_is_no_tokenizer_is_one_line(name: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (folder / "empty").mkdir()
    (folder / "broken.json").write_text("{}")
    with pytest.raises(TamisError, match=said) as error:
        load_tokenizer(name.format(folder=folder))
    assert "\n" not in str(error.value)
