"""Rows of one plain shape are read column by column: to the same effect as row by row."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given
from polars.testing import assert_frame_equal

from tamis.records.builder import Builder
from tamis.records.schemas import Detector

TEXTS = st.one_of(st.sampled_from(["", "<think>why</think>so", "plain", "é漢"]), st.text(max_size=8))
ODD = st.one_of(TEXTS, TEXTS, TEXTS, st.none(), st.integers(), st.just([]))


def rows_of(*fields: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(dict.fromkeys(fields, values)), min_size=1, max_size=6)


SHAPES = st.sampled_from(
    [
        ("instruction", "output"),
        ("instruction", "input", "output"),
        ("question", "answer", "id"),
        ("prompt", "completion", "system"),
        ("prompt", "completion", "label"),
        ("instruction", "output", "history"),
        ("instruction", "id"),
        ("text",),
    ]
)


@given(SHAPES.flatmap(lambda fields: st.one_of(rows_of(*fields, values=TEXTS), rows_of(*fields, values=ODD))))
def test_reading_in_bulk_is_reading_one_by_one(rows: list[dict[str, Any]]) -> None:
    together, single = Builder(), Builder()
    if not Detector().read_all(rows, together):
        assert together.build().rows.is_empty(), "what cannot be read in bulk leaves nothing behind"
        return
    for row in rows:
        schema = Detector().read(row, single)
        assert isinstance(schema, str)
        single.finish(schema)
    assert_frame_equal(together.build().rows, single.build().rows)
    assert_frame_equal(together.build().turns, single.build().turns)


def test_plain_rows_are_read_in_bulk() -> None:
    rows = [{"instruction": "a", "input": None, "output": "b"}, {"instruction": "c", "input": "d", "output": "e"}]
    assert Detector().read_all(rows, Builder())
    assert not Detector().read_all([*rows, {"instruction": "f", "output": "g"}], Builder())
    assert not Detector().read_all([*rows, "no row"], Builder())
