import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.splitting import csv_records, json_values
from tests import naive
from tests.kernels.strategies import EXAMPLES

_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text('"\\{}[],: ab\n\u00e9'))
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
_SEPARATORS = st.sampled_from([b",", b"\n", b" , ", b"\r\n"])


@st.composite
def _streams(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from([b"", b" \n", b","]))
    for value in draw(st.lists(_VALUES, max_size=5)):
        raw += json.dumps(value, ensure_ascii=draw(st.booleans())).encode() + draw(_SEPARATORS)
    return raw + draw(st.sampled_from([b"", b"]", b"] , 1", b"}"]))


def _values(raw: bytes, start: int = 0) -> tuple[list[tuple[int, int]], int, bool]:
    starts, stops, resume, closed = json_values(np.frombuffer(raw, np.uint8), start)
    return list(zip(starts.tolist(), stops.tolist(), strict=True)), resume, closed


@EXAMPLES
@given(_streams(), st.integers(0, 1 << 20))
def test_json_values_are_those_a_decoder_finds_whole_or_cut_short(raw: bytes, cut: int) -> None:
    raw = raw[: cut % (len(raw) + 1)] if cut % 2 else raw
    assert _values(raw) == naive.json_values(raw, 0)


@EXAMPLES
@given(_streams(), st.integers(0, 1 << 20))
def test_json_values_go_on_where_they_stopped(raw: bytes, cut: int) -> None:
    whole, resume, closed = _values(raw)
    found, middle, early = _values(raw[: cut % (len(raw) + 1)])
    if not early:
        rest, middle, early = _values(raw, middle)
        found += rest
    assert (found, middle, early) == (whole, resume, closed)


@EXAMPLES
@given(st.one_of(st.binary(), st.text('[]{}",\\ 1\n', max_size=40).map(str.encode)), st.integers(0, 10))
def test_json_values_of_any_bytes_are_ascending_ranges(raw: bytes, start: int) -> None:
    start = min(start, len(raw))
    found, resume, closed = _values(raw, start)
    edges = [start, *(edge for pair in found for edge in pair), resume]
    assert edges == sorted(edges)
    assert resume <= len(raw)
    assert not closed or raw[resume - 1 : resume] in (b"]", b"}")
    assert all(b > a for a, b in found)


_CSV = st.lists(st.sampled_from(["a", ",", '"', '""', "\n", "\r\n", "é", ";", " "]), max_size=40).map("".join)


def _records(raw: bytes, start: int, delimiter: str, final: bool) -> tuple[list[bytes], int]:
    starts, stops, resume = csv_records(np.frombuffer(raw, np.uint8), start, ord(delimiter), final)
    return [raw[a:b] for a, b in zip(starts, stops, strict=True)], resume


@EXAMPLES
@given(_CSV, st.sampled_from(",;"))
def test_csv_records_hold_the_rows_of_the_csv_module(text: str, delimiter: str) -> None:
    records, resume = _records(text.encode(), 0, delimiter, True)
    assert resume == len(text.encode())
    parsed = [naive.csv_rows(record.decode(), delimiter) for record in records]
    assert all(len(rows) == 1 for rows in parsed)
    assert [rows[0] for rows in parsed] == naive.csv_rows(text, delimiter)


@EXAMPLES
@given(st.one_of(_CSV.map(str.encode), st.binary()), st.integers(0, 1 << 20))
def test_csv_records_go_on_where_they_stopped(raw: bytes, cut: int) -> None:
    first, resume = _records(raw[: cut % (len(raw) + 1)], 0, ",", False)
    rest, end = _records(raw, resume, ",", True)
    assert (first + rest, end) == _records(raw, 0, ",", True)
