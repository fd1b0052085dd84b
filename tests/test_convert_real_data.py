"""Converting real files in all directions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tamis.verbs.convert import convert
from tamis.verbs.read import read
from tests.test_convert import SFT, accounts
from tests.test_convert_properties import turns

DATA = Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir() and "CI" not in os.environ, reason=f"no real data in {DATA}; set TAMIS_DATA")
@pytest.mark.parametrize("name", ["dialogues", "instructions", "judged"])
def test_real_files_convert_in_all_directions(tmp_path: Path, name: str) -> None:
    files = sorted((DATA / name).glob("*.json*"))
    assert files
    for path in files:
        for to in (*SFT, "preference"):
            result = convert(path, tmp_path / "out.jsonl", to=to)
            assert accounts(result), (path, to)
            if result.written:
                assert read(tmp_path / "out.jsonl").height == result.written, (path, to)
        sharegpt = convert(path, tmp_path / "out.parquet", to="sharegpt")
        if sharegpt.written and not sharegpt.lossy:
            assert turns(tmp_path / "out.parquet") == turns(path), path
