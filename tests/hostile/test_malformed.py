"""Broken and hostile files: nothing crashes, nothing hangs, and no row is lost without a word (law 6)."""

from __future__ import annotations

import gzip
import io
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import tamis
from tests.rows import THIN
from tests.written import FORMATS, array, delimited, lines, values, wrapped, write

ROWS = [{"instruction": f"Name {i} colours.", "output": f"Blue and {i} more."} for i in range(6)]


def audited(path: Path, **options: Any) -> tamis.AuditResult:
    """Audit, and check that pruning agrees and the records add up."""
    result = tamis.prune(path, path.with_name("kept"), dropped=path.with_name("gone.jsonl"), recipe=THIN, **options)
    audit = result.audit
    assert audit.total == len(audit.kept) + len(audit.dropped) + audit.unreadable.height
    assert len(path.with_name("gone.jsonl").read_bytes().splitlines()) == len(audit.dropped) + audit.unreadable.height
    assert str(audit)
    return audit


def reasons(audit: tamis.AuditResult) -> list[str]:
    return audit.unreadable["reason"].to_list()


def put(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("make", [array, wrapped], ids=["array", "object"])
def test_a_json_file_cut_in_the_middle_gives_its_whole_rows(make: Any, tmp_path: Path) -> None:
    whole = make(ROWS)
    ends = [whole.index(json.dumps(row["output"]).encode()) for row in ROWS]
    for cut in (ends[0] + 3, ends[2] + 5, ends[5] + 1):
        audit = audited(put(tmp_path, "cut.json", whole[:cut]))
        assert audit.rows.height == sum(end < cut for end in ends) - 1
        assert audit.unreadable.height == 1
        assert f"cut at byte {cut}" in reasons(audit)[0]
        assert audit.unreadable["start"][0] == whole.rindex(b"{", 0, cut)


def test_a_json_file_cut_between_rows_says_so(tmp_path: Path) -> None:
    whole = array(ROWS)
    cut = whole.index(b"}", whole.index(b"Name 3")) + 1
    audit = audited(put(tmp_path, "cut.json", whole[:cut]))
    assert audit.rows.height == 4
    assert f"cut at byte {cut}" in reasons(audit)[0]


@pytest.mark.parametrize("tail", [b"[]", b'[{"instruction": "lost?", "output": "no"}]', b"}, {}]", b"garbage"])
def test_what_follows_an_array_is_reported(tail: bytes, tmp_path: Path) -> None:
    whole = array(ROWS)
    audit = audited(put(tmp_path, "rows.json", whole + tail))
    assert audit.rows.height == 6
    assert "no part of them" in reasons(audit)[0]
    assert audit.unreadable.select("start", "stop").row(0) == (len(whole), len(whole + tail))


def test_a_pruned_cut_array_is_whole_json(tmp_path: Path) -> None:
    for make in (array, wrapped):
        whole = make(ROWS)
        source = put(tmp_path, "rows.json", whole[: whole.index(b"Blue and 4")])
        tamis.prune(source, tmp_path / "out.json", recipe=THIN)
        kept = json.loads((tmp_path / "out.json").read_bytes())
        assert (kept["data"] if isinstance(kept, dict) else kept) == ROWS[:4]


def test_a_closing_bracket_too_many_among_values_is_reported(tmp_path: Path) -> None:
    audit = audited(put(tmp_path, "rows.json", values(ROWS[:2]) + b"}\n" + values(ROWS[2:])))
    assert audit.rows.height == 2
    assert audit.unreadable.height == 1


def test_one_conversation_alone_in_a_file_is_a_row(tmp_path: Path) -> None:
    row = {"messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]}
    for text in (json.dumps(row), json.dumps(row, indent=2)):
        audit = audited(put(tmp_path, "one.json", text.encode()))
        assert (audit.rows.height, audit.unreadable.height) == (1, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"instruction": "caf\xe9", "output": "x"}', "not valid UTF-8 at byte 20"),
        (b'{"instruction": "a\x00b", "output": "x"}', "not valid JSON"),
        (b"\x00\x00\x00", "not valid JSON"),
        (b'{"instruction": "x", "output": ', "not valid JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"instruction":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, "nested too deeply"),
        (b'{"instruction": "x", "output": ' + b"1" * 10_000 + b"}", "not valid JSON"),
        (b'{"instruction": ["x"], "output": {}}', "no known schema fits"),
        (b"[1]", "found an array"),
        (b'"text"', "found a string"),
        (b"17", "found a number"),
        (b"null", "found null"),
        (b"true", "found true or false"),
        (b"{}", "no known schema fits"),
        (b"\xff\xfe\x00", "not valid UTF-8"),
    ],
)
def test_a_broken_line_is_reported_and_the_rest_is_read(line: bytes, said: str, tmp_path: Path) -> None:
    head = lines(ROWS[:2])
    audit = audited(put(tmp_path, "rows.jsonl", head + line + b"\n" + lines(ROWS[2:])))
    assert audit.rows["row"].to_list() == [0, 1, 3, 4, 5, 6]
    assert audit.unreadable.select("row", "line", "start", "stop").row(0) == (2, 3, len(head), len(head + line))
    assert said in reasons(audit)[0]
    assert len(str(audit)) < 5000


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("123456789012345678901234567890", None),
        ("NaN", None),
        ("-Infinity", None),
        ("1e400", None),
        ("18446744073709551616", None),
        ("true", "true"),
        ("0", "0"),
        (r'"\ud800 half"', "\ufffd half"),
        (r'"\u0000"', "\0"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ("null", ""),
    ],
)
def test_odd_values_are_read(field: str, text: str | None, tmp_path: Path) -> None:
    line = f'{{"instruction": "x", "output": {field}, "id": {10**30}, "also": NaN}}\n'.encode()
    path = put(tmp_path, "rows.jsonl", line)
    audited(path)
    (turns,) = tamis.read(str(path))["turns"].to_list()
    assert text is None or turns[1]["text"] == (text.replace("\ufffd", "?") if "half" in text else text)


def test_the_last_of_repeated_keys_counts_and_the_line_stays_as_it_is(tmp_path: Path) -> None:
    line = b'{"instruction": "a", "output": "first", "output": "last", "output": "last"}\n'
    path = put(tmp_path, "rows.jsonl", line)
    assert tamis.read(str(path))["turns"][0][1]["text"] == "last"
    tamis.prune(path, tmp_path / "out.jsonl", recipe=THIN)
    assert (tmp_path / "out.jsonl").read_bytes() == line


def test_content_may_be_a_string_here_and_a_list_there(tmp_path: Path) -> None:
    said = ["Hi.", [{"type": "text", "text": "Hi."}], ["Hi."], [], {"a": 1}, None, 5]
    rows = [
        {"messages": [{"role": "user", "content": content}, {"role": "assistant", "content": "x"}]} for content in said
    ]
    for format in ("jsonl", "json array", "csv"):
        assert audited(write(rows, format, tmp_path)).rows.height == len(said)


def test_ten_thousand_turns_and_line_ends_in_keys(tmp_path: Path) -> None:
    turns = [{"role": "user" if i % 2 == 0 else "assistant", "content": f"turn {i}"} for i in range(10_000)]
    audit = audited(put(tmp_path, "rows.jsonl", lines([{"messages": turns, "a\nb": 1, "\r": 2}])))
    assert audit.rows.height == 1


@pytest.mark.parametrize(
    "data", [b"", b"\n \t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"], ids=["none", "space", "bom", "bom+"]
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.unknown"])
def test_an_empty_file_holds_no_rows(data: bytes, name: str, tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match=r"no rows|cannot tell"):
        tamis.audit(put(tmp_path, name, data), recipe=THIN)


@pytest.mark.parametrize("data", [b"[]", b"[ ]\n", b'{"data": []}', b"instruction,output\n"])
def test_a_file_of_no_rows(data: bytes, tmp_path: Path) -> None:
    name = "a.csv" if data.startswith(b"i") else "a.json"
    rows = 0
    with suppress(tamis.TamisError):
        rows = tamis.audit(put(tmp_path, name, data)).rows.height
    assert rows == 0


def test_folders_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for given, said in [
        (tmp_path / "empty", "a folder without data files"),
        (tmp_path / "none.jsonl", "no such file"),
        (tmp_path / "*.nothing", "no such file"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (tmp_path / "n\0ul", "cannot be read"),
    ]:
        with pytest.raises((tamis.TamisError), match=said):
            tamis.audit(given)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "rows.jsonl", lines(ROWS))
    real = Path.open

    def refused(self: Path, *mode: Any, **named: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real(self, *mode, **named)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(tamis.TamisError, match=r"rows\.jsonl: cannot be read \(Permission denied\)"):
        tamis.audit(path)


@pytest.mark.parametrize("format", ["jsonl.gz", "jsonl.zst", "csv.zst", "json array.gz"])
def test_a_cut_compressed_file_gives_its_whole_rows(format: str, tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {i} colours.", "output": f"{i * 7919 % 104729:x}" * 5} for i in range(9000)]
    path = write(rows, format, tmp_path)
    raw = path.read_bytes()
    for cut in (len(raw) - 1, len(raw) // 2):
        path.write_bytes(raw[:cut])
        audit = audited(path)
        assert 100 < audit.rows.height <= 9000
        assert "damaged" in reasons(audit)[-1]
    path.write_bytes(raw[:12])
    with suppress(tamis.TamisError):
        audited(path)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_files_of_several_members(ending: str, tmp_path: Path) -> None:
    pack = gzip.compress if ending == "gz" else zstandard.compress
    data = pack(lines(ROWS[:3])) + pack(b"") + pack(lines(ROWS[3:]))
    assert audited(put(tmp_path, f"rows.jsonl.{ending}", data)).rows.height == 6
    assert audited(put(tmp_path, f"rows.jsonl.{ending}", data + b"junk that is no member")).unreadable.height == 1


@pytest.mark.parametrize("format", ["parquet", "arrow", "arrow stream"])
def test_a_damaged_table_is_named(format: str, tmp_path: Path) -> None:
    path = write(ROWS, format, tmp_path)
    raw = path.read_bytes()
    for cut in (9, len(raw) // 2, len(raw) - 5):
        path.write_bytes(raw[:cut])
        if format == "arrow stream" and cut == len(raw) - 5:
            continue  # such a stream may end without its end mark: all its rows are there
        with pytest.raises(tamis.TamisError, match=r"damaged (parquet|arrow) file"):
            tamis.audit(path)


@pytest.mark.parametrize("format", ["parquet", "arrow", "arrow stream"])
def test_a_compressed_table(format: str, tmp_path: Path) -> None:
    path = write(ROWS, format, tmp_path)
    for pack, ending in ((gzip.compress, "gz"), (zstandard.compress, "zst")):
        packed = put(tmp_path, f"{path.name}.{ending}", pack(path.read_bytes()))
        with suppress(tamis.TamisError):
            assert tamis.audit(packed).rows.height == 6


def test_utf16_and_binary_files_are_refused_or_reported(tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match="UTF-16"):
        tamis.audit(put(tmp_path, "rows.jsonl", lines(ROWS).decode().encode("utf-16")))
    garbage = bytes(range(256)) * 40
    audit = audited(put(tmp_path, "rows.jsonl", garbage))
    assert audit.rows.height == 0
    assert audit.unreadable.height > 0
    with pytest.raises(tamis.TamisError, match="cannot tell the format"):
        tamis.audit(put(tmp_path, "rows.bin", garbage))


def test_csv_faults_are_reported(tmp_path: Path) -> None:
    text = 'instruction,output\na,b\nonly one\nx,y,z\n"q""q",fine\n\xe9,ok\n'
    audit = audited(put(tmp_path, "rows.csv", text.encode()))
    assert audit.rows.height == 3
    assert [reason[:12] for reason in reasons(audit)] == ["has 1 fields", "has 3 fields"]
    latin = audited(put(tmp_path, "rows.csv", text.encode("latin-1")))
    assert "not valid UTF-8" in reasons(latin)[-1]


def test_a_csv_quote_that_nothing_closes_is_reported_and_swallows_no_row_silently(tmp_path: Path) -> None:
    audit = audited(put(tmp_path, "rows.csv", b'instruction,output\na,b\nc,"d\ne,f\ng,h\n'))
    assert audit.rows.height == 1
    assert "none closes it" in reasons(audit)[0]
    assert audited(put(tmp_path, "rows.csv", b'instruction,output\na,"b"\nc,"d\n\n""e"')).unreadable.is_empty()


def test_csv_headers_that_name_a_column_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match="output"):
        tamis.audit(put(tmp_path, "rows.csv", b"instruction,output,output\na,b,c\n"))


def test_a_header_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match="header"):
        tamis.audit(put(tmp_path, "rows.csv", b"instruction,r\xe9ponse\na,b\n"))


def test_on_one_line_of_many_megabytes(tmp_path: Path) -> None:
    line = json.dumps({"instruction": "x", "output": "The sky is blue. " * 600_000}).encode()
    audit = audited(put(tmp_path, "rows.jsonl", lines(ROWS) + line + b"\n" + lines(ROWS[:1])))
    assert audit.rows.height == 8


@pytest.mark.slow
@pytest.mark.parametrize("format", ["jsonl", "json", "csv"])
def test_a_line_of_100_mb_takes_linear_time(format: str, tmp_path: Path) -> None:
    def seconds(megabytes: int) -> float:
        rows = [{"instruction": "Copy this.", "output": "".join(f"word {i} \n" for i in range(90_000)) * megabytes}]
        make = {"jsonl": lines, "json": array, "csv": delimited}[format]
        path = put(tmp_path, f"rows.{format}", make(rows))
        started = time.perf_counter()
        assert tamis.audit(path, threads=1).rows.height == 1
        return time.perf_counter() - started

    seconds(1)
    small, large = seconds(10), seconds(100)
    assert large < 40 * small + 5


def test_a_parquet_file_of_columns_that_polars_lacks(tmp_path: Path) -> None:
    table = pa.table(
        {"instruction": ["a"], "output": ["b"], "span": pa.array([(1, 2, 3)], pa.month_day_nano_interval())}
    )
    with pa.ipc.new_file(tmp_path / "rows.arrow", table.schema) as out:
        out.write_table(table)
    assert tamis.audit(tmp_path / "rows.arrow").rows.height == 1


def test_a_column_of_every_type_is_read_or_reported(tmp_path: Path) -> None:
    odd = pa.table({"instruction": [b"bytes"], "output": pa.array([1], pa.timestamp("s")), "input": pa.array([1.5])})
    pq.write_table(odd, tmp_path / "rows.parquet")
    assert "not text" in reasons(tamis.audit(tmp_path / "rows.parquet"))[0]


def test_a_pipe_is_read_once_and_wholly(tmp_path: Path) -> None:
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(lines(ROWS)))
    writer.start()
    result = tamis.prune(pipe, tmp_path / "out.jsonl", recipe=THIN)
    writer.join()
    assert result.n_kept == 6
    assert (tmp_path / "out.jsonl").read_bytes() == lines(ROWS)


def test_every_format_survives_a_wrong_name(tmp_path: Path) -> None:
    """The first bytes tell what a file is; a name that lies gives an error or unreadable rows, no crash."""
    for format in FORMATS:
        if "dataset" in format:
            continue
        data = write(ROWS, format, tmp_path / "true").read_bytes()
        for name in ("a.jsonl", "a.json", "a.csv", "a.parquet", "a.arrow", "a.gz", "a"):
            with suppress(tamis.TamisError):
                audit = tamis.audit(put(tmp_path, name, data), recipe=THIN)
                assert audit.total > 0


def test_a_wrong_format_is_an_error_or_unreadable_rows(tmp_path: Path) -> None:
    path = put(tmp_path, "rows", lines(ROWS))
    for format in ("json", "csv", "tsv", "parquet", "arrow"):
        with suppress(tamis.TamisError):
            audit = tamis.audit(path, format=format, recipe=THIN)
            assert audit.total > 0
    with pytest.raises(tamis.TamisError, match="did you mean 'jsonl'"):
        tamis.audit(path, format="jsonll")


def test_bytes_of_a_stream_are_no_input() -> None:
    for given in (io.BytesIO(b"{}"), 5, None, [], {"a": 1}, [1], b"rows.jsonl"):
        with pytest.raises(tamis.TamisError):
            tamis.audit(given)
