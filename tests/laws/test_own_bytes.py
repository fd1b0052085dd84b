"""Law 2: kept rows are the input's own bytes; tables keep schema, order and values."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.recipe import Recipe
from tests import rows as make
from tests.written import BYTES, lines, text_of, write

EMPTY = {"instruction": "Name a colour.", "output": ""}
FINE = {"instruction": "Name a colour.", "output": "Blue, for one."}


def raw_records(audit: tamis.AuditResult, text: bytes) -> list[bytes]:
    """The kept records as they stand in the input."""
    kept = audit.rows.filter(audit.rows["row"].is_in(audit.kept.implode()))
    return [text[start:stop] for start, stop in kept.select("start", "stop").iter_rows()]


@given(written=make.json_lines(), recipe=make.recipes)
def test_kept_lines_are_byte_identical(
    written: tuple[list[bytes], bytes], recipe: str | Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    records, text = written
    folder = tmp_path_factory.mktemp("law")
    (folder / "in.jsonl").write_bytes(text)
    result = tamis.prune(folder / "in.jsonl", folder / "out.jsonl", recipe=recipe)
    kept = (folder / "out.jsonl").read_bytes()
    found = [line.strip() for line in kept.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert found == [records[row].strip() for row in result.audit.kept]
    if result.n_kept == len(records):
        assert kept == text  # nothing was dropped: the very same file, blank lines and all
    lines_in = set(text.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    assert set(kept.removeprefix(b"\xef\xbb\xbf").split(b"\n")) <= lines_in | {b""}  # line ends and spaces too


@pytest.mark.parametrize("format", BYTES)
@settings(max_examples=4)
@given(rows=make.pairs, recipe=make.recipes)
def test_kept_records_stand_in_the_output_as_in_the_input(
    format: str, rows: list[dict[str, str]], recipe: str | Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    source = write(rows, format, folder)
    out = folder / f"out{''.join(source.suffixes)}"
    result = tamis.prune(source, out, recipe=recipe)
    before, after = raw_records(result.audit, text_of(source)), text_of(out)
    at = 0
    for record in before:
        at = after.find(record, at)
        assert at >= 0, record
        at += len(record)
    if not result.n_kept:
        return
    again = tamis.audit(out, recipe=recipe)
    assert again.total == again.rows.height == result.n_kept
    assert raw_records(again, after) == before or again.dropped.len() > 0


@given(rows=make.pairs)
def test_a_pruned_json_array_is_an_array_and_an_object_keeps_its_other_keys(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for format in ("json array", "json object"):
        folder = tmp_path_factory.mktemp("law")
        result = tamis.prune(write(rows, format, folder), folder / "out.json", recipe=make.THIN)
        kept = json.loads((folder / "out.json").read_bytes())
        if format == "json object":
            assert (kept["version"], kept["note"]) == ([1, 2], "]}")
            kept = kept["data"]
        assert kept == [rows[row] for row in result.audit.kept]


RICH = pa.table(
    {
        "instruction": ["Name a colour.", "Add 1 and 2.", "Name a bird.", "Name a fish.", "Add 2 and 2."],
        "output": ["Blue.", "", "A wren.", "\u200b", "4"],
        "label": pa.array(["a", "b", "a", None, "b"]).dictionary_encode(),
        "tags": [["x"], [], None, ["y", None], ["z"]],
        "meta": [{"n": 1, "s": "é"}, None, {"n": 2, "s": None}, {"n": 3, "s": ""}, {"n": 4, "s": "x"}],
        "when": pa.array([datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)] * 4 + [None], pa.timestamp("us", tz="UTC")),
        "nano": pa.array([1, 2, None, 2**40, 5], pa.timestamp("ns")),
        "day": pa.array([1, 2, 3, None, 5], pa.date32()),
        "tiny": pa.array([1, 2, 3, 4, None], pa.int8()),
        "half": pa.array(np.array([0.5, 1, np.nan, np.inf, 2], np.float32)),
        "raw": [b"\x00\xff", None, b"", b"a", b"b"],
        "fixed": pa.array([[1.0, 2.0]] * 5, pa.list_(pa.float32(), 2)),
        "price": pa.array([None, 1, 2, 3, 4], pa.decimal128(10, 2)),
        "nothing": pa.nulls(5),
        "big": pa.array(["a", None, "c", "d", "e"], pa.large_string()),
    }
).replace_schema_metadata({b"author": b"jo", b"huggingface": b'{"info": {}}'})  # fmt: skip


def write_table(table: pa.Table, path: Path, kind: str) -> None:
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=2, compression="gzip")
    else:
        opener = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with path.open("wb") as raw, opener(raw, table.schema) as out:
            out.write_table(table, max_chunksize=2)


def read_table(path: Path, kind: str) -> pa.Table:
    if kind == "parquet":
        return pq.read_table(path)
    opener = pa.ipc.open_file if kind == "file" else pa.ipc.open_stream
    with path.open("rb") as raw:
        return opener(raw).read_all()


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_tables_keep_schema_metadata_order_and_values(kind: str, tmp_path: Path) -> None:
    ending = "parquet" if kind == "parquet" else "arrow"
    source, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    write_table(RICH, source, kind)
    result = tamis.prune(source, out)
    assert result.audit.dropped.to_list() == [1, 3]
    before, after = read_table(source, kind), read_table(out, kind)
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after.slice(0).combine_chunks().drop(["half"]).equals(before.take([0, 2, 4]).combine_chunks().drop(["half"]))
    np.testing.assert_array_equal(after["half"].to_numpy(), before["half"].to_numpy()[[0, 2, 4]])
    if kind == "parquet":
        assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "GZIP"


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
@settings(max_examples=4)
@given(rows=make.any_rows, recipe=make.recipes)
def test_tables_of_any_rows(
    kind: str, rows: list[dict[str, Any]], recipe: str | Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    ending = "parquet" if kind == "parquet" else "arrow"
    source, out = folder / f"in.{ending}", folder / f"out.{ending}"
    write_table(pa.Table.from_pylist(rows).replace_schema_metadata({b"k": b"v"}), source, kind)
    result = tamis.prune(source, out, recipe=recipe)
    before, after = read_table(source, kind), read_table(out, kind)
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after.to_pylist() == before.take(pa.array(result.audit.kept.to_list(), pa.int64())).to_pylist()


def test_map_and_wide_decimal_columns_do_not_stop_a_run(tmp_path: Path) -> None:
    table = pa.table(
        {
            "instruction": ["Name a colour.", "Name a bird."],
            "output": ["", "A wren."],
            "facts": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
            "wide": pa.array([1, 2], pa.decimal256(60, 2)),
            "span": pa.array([1, 2], pa.duration("s")),
            "time": pa.array([1, 2], pa.time64("us")),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    tamis.prune(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").equals(pq.read_table(tmp_path / "in.parquet").slice(1))


@pytest.mark.parametrize("splits", [("train",), ("train", "test", "a")])
def test_a_saved_dictionary_of_datasets_stays_one(splits: tuple[str, ...], tmp_path: Path) -> None:
    import datasets

    rows = [FINE, EMPTY, {"instruction": "Name a bird.", "output": "A wren."}]
    features = datasets.Features({"instruction": datasets.Value("string"), "output": datasets.Value("string"),
                                  "split": datasets.ClassLabel(names=["a", "b"])})  # fmt: skip
    made = {
        name: datasets.Dataset.from_list(
            [{**row, "instruction": row["instruction"] + name, "split": 1} for row in rows], features=features
        )
        for name in splits
    }
    datasets.DatasetDict(made).save_to_disk(tmp_path / "in")
    result = tamis.prune(tmp_path / "in", tmp_path / "out")
    assert result.n_kept == 2 * len(splits)
    kept = datasets.load_from_disk(tmp_path / "out")
    assert isinstance(kept, datasets.DatasetDict)
    assert list(kept) == list(splits)
    for name in splits:
        assert kept[name].features == features
        assert kept[name].to_list() == [made[name][0], made[name][2]]


def test_a_saved_dataset_in_shards_reloads(tmp_path: Path) -> None:
    import datasets

    rows = [{"instruction": f"Count to {i}.", "output": "" if i < 4 else f"It is {i}."} for i in range(10)]
    whole = datasets.Dataset.from_list(rows)
    whole.save_to_disk(tmp_path / "in", num_shards=3)
    whole.info.description = "x"
    (tmp_path / "in" / "cache-0123.arrow").write_bytes((tmp_path / "in" / "data-00000-of-00003.arrow").read_bytes())
    result = tamis.prune(tmp_path / "in", tmp_path / "out")
    assert result.audit.total == 10, "the cache file that map() left beside the shards is no part of the dataset"
    kept = datasets.load_from_disk(tmp_path / "out")
    assert kept.to_list() == rows[4:]
    assert kept._fingerprint != datasets.load_from_disk(tmp_path / "in")._fingerprint


@settings(max_examples=20)
@given(files=st.lists(make.json_lines(), min_size=2, max_size=3))
def test_several_files_joined_into_one(
    files: list[tuple[list[bytes], bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    for i, (_, text) in enumerate(files):
        (folder / f"{i}.jsonl").write_bytes(text)
    sources = [folder / f"{i}.jsonl" for i in range(len(files))]
    result = tamis.prune(sources, folder / "out.jsonl", recipe=make.THIN)
    records = [record for part, _ in files for record in part]
    out = (folder / "out.jsonl").read_bytes()
    assert out.rfind(b"\xef\xbb\xbf") <= 0, "a byte order mark stands at the start of a file, or nowhere"
    found = [line.strip() for line in out.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert found == [records[row].strip() for row in result.audit.kept]


def test_unreadable_rows_are_left_out_and_the_rest_is_untouched(tmp_path: Path) -> None:
    good = lines([FINE])
    (tmp_path / "in.jsonl").write_bytes(b'{"a": \n' + good + b"17\n" + good.replace(b"Blue", b"Red")[:-1])
    tamis.prune(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == good + good.replace(b"Blue", b"Red")[:-1]


@pytest.mark.parametrize(("ending", "unpack"), [(".gz", gzip.decompress), (".zst", zstandard.decompress)])
def test_the_ending_of_the_output_says_its_compression(ending: str, unpack: Any, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines([FINE, EMPTY]))
    tamis.prune(tmp_path / "in.jsonl", tmp_path / f"out.jsonl{ending}")
    raw = (tmp_path / f"out.jsonl{ending}").read_bytes()
    text = unpack(raw) if ending == ".gz" else zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    assert text == lines([FINE])


@pytest.mark.parametrize(
    "header", ["instruction,output\r\n", "\ufeffinstruction,output\n", '"instruction","output"\n\n']
)
def test_a_csv_file_keeps_its_header(header: str, tmp_path: Path) -> None:
    body = 'Name a colour.,\r\n"Say ""hi""\nto me.",Hi\n\nAdd 1 and 2.,3'
    (tmp_path / "in.csv").write_text(header + body, encoding="utf-8", newline="")
    result = tamis.prune(tmp_path / "in.csv", tmp_path / "out.csv")
    assert result.n_dropped == 1
    expected = header + body.partition("\r\n")[2]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == expected.replace("\r\n", "\n")
    assert (tmp_path / "out.csv").read_bytes() == expected.encode()


def test_a_csv_file_of_which_no_row_stays_keeps_its_header(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(b"instruction,output\r\nName a colour.,\r\n")
    (tmp_path / "in" / "b.csv").write_bytes(b"instruction,output\n")
    tamis.prune(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out" / "a.csv").read_bytes() == b"instruction,output\r\n"
    assert (tmp_path / "out" / "b.csv").read_bytes() == b"instruction,output\n"
