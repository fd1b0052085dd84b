"""The engine of threads, where it touches what the engine ray leaves."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import tamis

ROWS = pl.DataFrame({"instruction": ["Name a colour.", "Add 2 and 3."], "output": ["", "5"]})


def test_parts_of_an_earlier_audit_on_ray_do_not_pass_for_those_of_a_later_one(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    for table in ("signals", "findings"):
        (parts / table).mkdir(parents=True)
        ROWS.write_parquet(parts / table / "part-00000.parquet")
    tamis.audit(ROWS, parts=parts)
    assert not parts.exists()


def test_what_else_stands_beside_parts_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "parts" / "notes.txt"
    own.parent.mkdir()
    own.write_text("mine")
    tamis.audit(ROWS, parts=own.parent)
    assert own.read_text() == "mine"
