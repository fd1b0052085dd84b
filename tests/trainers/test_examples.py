"""What is planted in the files of `examples/` is found, and nothing else."""

from __future__ import annotations

import json
from collections import Counter

import pytest

import tamis
from tamis.trainers import KINDS, TRAINERS
from tests.conftest import ROOT

FILES = {
    "trl": "preflight_trl.jsonl",
    "axolotl": "preflight_axolotl.jsonl",
    "llama-factory": "preflight_llama_factory.json",
    "unsloth": "preflight_unsloth.jsonl",
    "openai": "preflight_openai.jsonl",
}
PLANTED = json.loads((ROOT / "examples" / "preflight.json").read_text())


@pytest.mark.parametrize("trainer", TRAINERS)
def test_what_is_planted_is_found_and_nothing_else(trainer: str) -> None:
    file = FILES[trainer]
    found = tamis.preflight(ROOT / "examples" / "data" / file, trainer=trainer, max_length=256)
    rows = found.problems.drop_nulls("row").unique(["row", "code"])
    seen = Counter(zip(rows["row"].to_list(), rows["code"].to_list(), strict=True))
    assert seen == Counter((entry["row"], entry["fault"]) for entry in PLANTED if entry["file"] == file)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_places_are_those_of_the_file(trainer: str) -> None:
    file = FILES[trainer]
    found = tamis.preflight(ROOT / "examples" / "data" / file, trainer=trainer, max_length=256)
    lines = {entry["row"]: entry["line"] for entry in PLANTED if entry["file"] == file and entry["line"]}
    for row, line in found.problems.drop_nulls("row").select("row", "line").iter_rows():
        assert line == lines.get(row, line)
        assert line is not None


@pytest.mark.parametrize("trainer", TRAINERS)
def test_codes_are_unique_and_told_in_plain_words(trainer: str) -> None:
    assert len({kind.code for kind in KINDS[trainer]}) == len(KINDS[trainer])
    for kind in KINDS[trainer]:
        assert kind.code.replace("_", "").islower()
        assert kind.what[0].islower()
        assert not kind.what.endswith(".")
        assert len(kind.what) <= 110
