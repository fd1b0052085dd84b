"""Ranges of bytes end to end give the records of the whole file, wherever they are cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.records.formats import jsonl
from tamis.records.raw import Chunk
from tamis.records.sources import describe

LINES = st.lists(
    st.sampled_from(
        [b'{"a": 1}', b"", b"  ", b'{"b": "\xc3\xa9"}', b"{broken", b"[1]", b'{"long": "' + b"x" * 50 + b'"}']
    )
)


def joined(chunks: list[tuple[Chunk, int]]) -> list[tuple[object, int, int, int]]:
    found, before = [], 0
    for chunk, lines in chunks:
        places = zip(chunk.values, chunk.starts, chunk.stops, chunk.lines, strict=True)
        found += [(value, start, stop, line + before) for value, start, stop, line in places]
        before += lines
    return found


@given(lines=LINES, size=st.integers(1, 90), end=st.sampled_from([b"\n", b"\r\n"]), open_end=st.booleans())
def test_ranges_give_each_line_once(
    lines: list[bytes], size: int, end: bytes, open_end: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ranges") / "rows.jsonl"
    content = b"\xef\xbb\xbf" + end.join(lines) + (b"" if open_end else end)
    path.write_bytes(content)
    source = describe(path, "rows.jsonl")
    ranges = [(start, min(start + size, len(content))) for start in range(0, len(content), size)]
    parts = [jsonl.read_range(source, *part) for part in ranges]
    assert sum(chunk.consumed for chunk, _ in parts) == len(content)
    whole = [(chunk, 0) for chunk in jsonl.read(source)]
    assert joined(parts) == joined(whole)


def test_an_unfinished_line_longer_than_a_range_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": "' + b"x" * 5000 + b'"}\n{"b": 1}')
    source = describe(path, "rows.jsonl")
    assert [len(jsonl.read_range(source, start, start + 1000)[0].values) for start in range(0, 6000, 1000)] == [
        1, 0, 0, 0, 0, 1,
    ]  # fmt: skip
