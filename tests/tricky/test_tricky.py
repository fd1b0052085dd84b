"""Rows that look like a fault and are none: written ones, and real ones found by loosening each rule.

`written/*.jsonl` holds records with `spares`, the rules that must not fire on them; no rule may drop them.
`near_misses/*.toml` names rows of the real datasets: a table a rule, a list of row numbers a file.
"""

from __future__ import annotations

import os
import tomllib
from collections import defaultdict
from pathlib import Path

import orjson
import polars as pl
import pytest

import tamis
from tamis.recipe import load

HERE = Path(__file__).parent
DATA = Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[3] / "shared" / "data"))
DEFAULT = load("default")
ROW_RULES = [rule.name for rule in DEFAULT.rules_on("row")]
DROPPING = {rule.name for rule in DEFAULT.rules.values() if rule.action == "drop"}
WRITTEN = sorted(HERE.glob("written/*.jsonl"))


def _near_misses() -> dict[str, dict[str, list[int]]]:
    """By file, the rows that each rule must spare."""
    files: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for path in sorted(HERE.glob("near_misses/*.toml")):
        for rule, places in tomllib.loads(path.read_text("utf-8")).items():
            for file, rows in places.items():
                files[file][rule] = [*files[file].get(rule, []), *rows]
    return dict(files)


NEAR_MISSES = _near_misses()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_no_rule_fires_on_a_written_row_that_it_must_spare(path: Path) -> None:
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    hit = set(tamis.audit(path, recipe=DEFAULT.only(ROW_RULES)).findings.select("row", "rule").iter_rows())
    assert [(row, rule) for row, rule in sorted(hit) if rule in DROPPING or rule in rows[row]["spares"]] == []
    assert all(set(row["spares"]) <= set(ROW_RULES) for row in rows)


@pytest.mark.data
@pytest.mark.parametrize("file", [pytest.param(f, marks=pytest.mark.slow if "large" in f else ()) for f in NEAR_MISSES])
def test_no_rule_fires_on_a_real_row_that_it_must_spare(file: str) -> None:
    if not (DATA / file).exists():
        pytest.skip(f"{DATA / file} is not there")
    spared = NEAR_MISSES[file]
    findings = tamis.audit(DATA / file, recipe=DEFAULT.only(spared)).findings
    wrong = [findings.filter((pl.col("rule") == rule) & pl.col("row").is_in(rows)) for rule, rows in spared.items()]
    assert pl.concat(wrong).select("row", "rule").rows() == []


def test_there_are_three_hundred_tricky_rows_and_half_of_them_are_real() -> None:
    written = sum(len(path.read_bytes().splitlines()) for path in WRITTEN)
    real = sum(len(set(rows)) for spared in NEAR_MISSES.values() for rows in spared.values())
    assert written + real >= 300
    assert real >= 150
