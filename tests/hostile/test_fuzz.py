"""Any bytes, and any values under the names that schemas know: an answer or an error of ours, and no row lost."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.records import sources
from tamis.records.reader import read_batches
from tamis.records.schemas import FIELDS, SCHEMAS
from tests import rows as make
from tests.written import write

TEXT = {"jsonl": "a.jsonl", "json": "a.json", "csv": "a.csv", "tsv": "a.tsv"}


def read(path: Path, format: str | None = None) -> tuple[int, int]:
    """Rows and unreadable records; nothing but a `TamisError` may be raised, and places must lie in the file."""
    size, rows, bad, last = path.stat().st_size, 0, 0, -1
    for batch in read_batches(sources.find([path], format)):
        rows += len(batch.records)
        bad += batch.unreadable.height
        places = pl.concat(
            [batch.records.rows.select("row", "start", "stop"), batch.unreadable.select("row", "start", "stop")]
        )
        for row, start, stop in places.sort("row").iter_rows():
            assert row == last + 1
            assert 0 <= start <= stop <= size
            last = row
    return rows, bad


def read_or_refuse(path: Path, format: str | None = None) -> tuple[int, int]:
    with suppress(tamis.TamisError):
        return read(path, format)
    return 0, 0


tokens = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b",",
            b":",
            b"\n",
            b"\r\n",
            b"\\",
            b'"a"',
            b"1",
            b"null",
            b"\x00",
            b"\xff",
            b"\xef\xbb\xbf",
            b" ",
            b"\t",
            b'{"prompt":"x","completion":"y"}',
            b'"messages":[',
            b'""',
            b"\\u",
            b"\xe2\x80",
            b"NaN",
            b"-",
            b"1e9",
            b"'",
        ]
    ),
    max_size=25,
).map(b"".join)


@pytest.mark.parametrize("format", TEXT)
@settings(max_examples=60)
@given(data=st.binary(max_size=60) | tokens)
def test_any_bytes(format: str, data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / TEXT[format]
    path.write_bytes(data)
    rows, bad = read_or_refuse(path, format)
    if format == "jsonl":
        expected = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line and not line.isspace()]
        assert rows + bad == len(expected) or (rows, bad) == (0, 0)
    if format == "json" and data.strip(b" \t\r\n,\xef\xbb\xbf[]{}") and not data.startswith((b"\x1f\x8b", b"\x28\xb5")):
        assert rows + bad > 0 or not data.isascii() or data.strip(b" \t\r\n,")[:1] in b"[{"
    if format == "jsonl":
        read_or_refuse(path)  # and with the format to be found


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes with a few of them changed, taken out, put in or repeated."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(whole)))
        end = min(len(whole), at + draw(st.integers(0, 20)))
        new = draw(st.binary(max_size=3) | st.sampled_from([b'"', b"{", b"]", b"\n", whole[at:end] * 2]))
        whole = whole[:at] + new + whole[end:]
    return whole


@pytest.mark.parametrize(
    "format", ["jsonl", "json array", "json object", "json values", "csv", "tsv", "jsonl.gz", "jsonl.zst"]
)
@settings(max_examples=20)
@given(rows=make.pairs, data=st.data())
def test_damaged_files(
    format: str, rows: list[dict[str, str]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(rows, format, tmp_path_factory.getbasetemp() / format)
    whole = path.read_bytes()
    path.write_bytes(data.draw(mutated(whole)))
    with suppress(tamis.TamisError):
        read(path) if "." not in format else list(read_batches(sources.find([path])))


@pytest.mark.parametrize("format", ["parquet", "arrow", "arrow stream"])
@settings(max_examples=25)
@given(data=st.data())
def test_damaged_tables(format: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = write(
        [{"prompt": "Hi.", "completion": f"Hello {i}."} for i in range(5)],
        format,
        tmp_path_factory.getbasetemp() / format,
    )
    path.write_bytes(data.draw(mutated(path.read_bytes())))
    with suppress(tamis.TamisError):
        tamis.audit(path, recipe=make.THIN)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | make.free_text
    | st.sampled_from(
        ["user", "assistant", "human", "gpt", "system", "[]", "{}", '[{"role": "user", "content": "x"}]', "text"]
    )
)
keys = st.sampled_from(
    [
        *sorted(FIELDS),
        "role",
        "from",
        "content",
        "value",
        "type",
        "tool_calls",
        "weight",
        "thinking",
        "history",
        "rejected",
    ]
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
objects = st.dictionaries(keys, values, max_size=5)


@settings(max_examples=80)
@given(rows=st.lists(objects | values, min_size=1, max_size=6))
def test_any_values_under_every_known_name(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "values.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert sum(read(path)) == len(rows)


@settings(max_examples=12)
@given(rows=st.lists(objects, min_size=1, max_size=6), recipe=make.recipes)
def test_odd_rows_can_be_audited_and_shown(
    rows: list[Any], recipe: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = tamis.prune(path, path.with_name("kept.jsonl"), dropped=path.with_name("gone.jsonl"), recipe=recipe)
    assert result.n_kept + result.n_dropped + result.n_unreadable == len(rows)
    assert str(result.audit)
    assert str(result)
    json.dumps(result.audit.summary())


@settings(max_examples=60)
@given(row=objects, schema=st.sampled_from([schema.name for schema in SCHEMAS]),
       mapping=st.dictionaries(keys.filter(FIELDS.__contains__), keys, max_size=2))  # fmt: skip
def test_a_schema_and_a_mapping_on_odd_rows(
    row: Any, schema: str, mapping: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "named.jsonl"
    path.write_text(json.dumps(row) + "\n")
    with suppress(tamis.TamisError):
        tamis.read(str(path), schema=schema, mapping=mapping)
