"""Files that unpack to thousands of times their size, and records without end: bounded memory, and a word about it."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import zstandard

import tamis
from tamis.records import raw, sources
from tamis.records.decompress import Decompressed
from tamis.records.formats import delimited, json_values, jsonl
from tamis.records.reader import read_batches
from tests.rows import THIN
from tests.written import lines

ROWS = [{"instruction": f"Name {i} colours.", "output": f"Blue and {i} more."} for i in range(6)]
MEGABYTE = 1 << 20
SCRIPT = """
import json, resource, sys
import tamis
from tests.rows import THIN
tamis.prune("examples/data/support_mix.jsonl", recipe=THIN)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
try:
    result = tamis.prune(sys.argv[1], sys.argv[2] + "/kept", dropped=sys.argv[2] + "/gone.jsonl", recipe=THIN)
    told = [result.n_kept, result.n_unreadable, list(result.audit.unreadable["reason"].head(3))]
except tamis.TamisError as error:
    told = [0, 0, [str(error)]]
print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, *told]))
"""


def packed(pieces: Iterable[bytes], path: Path) -> Path:
    """The pieces, compressed as the path's ending says, none of them held for long."""
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as out:
                for piece in pieces:
                    out.write(piece)
        else:
            with zstandard.ZstdCompressor(level=1).stream_writer(file, closefd=False) as out:
                for piece in pieces:
                    out.write(piece)
    return path


def repeated(first: bytes, piece: bytes, megabytes: int, last: bytes = b"") -> Iterable[bytes]:
    yield first
    block = piece * (MEGABYTE // len(piece))
    for _ in range(megabytes):
        yield block
    yield last


HEAD = b'{"instruction": "a", "output": "'
BOMBS = {
    # name: what unpacks, megabytes of memory that it may take, rows kept, said of the rest
    "blanks.jsonl": (lambda: repeated(lines(ROWS), b" \n", 60), 400, 6, None),
    "line.jsonl": (
        lambda: repeated(lines(ROWS) + HEAD, b"x", 600, b'"}\n' + lines(ROWS[:1])),
        1200,
        6,
        "longer than 256 MB",
    ),
    "open.jsonl": (lambda: repeated(lines(ROWS) + HEAD, b"x", 600), 1200, 6, "longer than 256 MB"),
    "rows.jsonl": (lambda: repeated(lines(ROWS), b"{}\n", 24), 3000, 0, "cannot be read"),
    "value.json": (
        lambda: repeated(b'[{"instruction": "a", "output": "b"}, ["', b"x", 600),
        1600,
        1,
        "longer than 256 MB",
    ),
    "object.json": (lambda: repeated(b'{"meta": "', b"x", 1100, b'", "data": []}'), 3000, 0, "more than 1 GB"),
    "after.json": (lambda: repeated(b'[{"instruction": "a", "output": "b"}]', b"] ", 600), 1200, 1, "no part of them"),
    "quote.csv": (lambda: repeated(b'instruction,output\na,b\nc,"', b"x\n", 600), 1600, 1, "longer than 256 MB"),
    "zeros.arrow": (lambda: repeated(b"ARROW1\0\0", b"\0", 1100), 2600, 0, "more than 1 GB"),
}


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["gz", "zst"])
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_bounded_memory(name: str, ending: str, tmp_path: Path) -> None:
    pieces, most, kept, said = BOMBS[name]
    file = packed(pieces(), tmp_path / f"{name}.{ending}")
    assert file.stat().st_size < 20 * MEGABYTE
    ran = subprocess.run([sys.executable, "-c", SCRIPT, file, tmp_path], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    grown, n_kept, _, reasons = json.loads(ran.stdout)
    assert n_kept == kept
    assert said is None or said in reasons[0]
    assert grown < most * 1024, f"{grown >> 10} MB"
    written = sum(path.stat().st_size for path in tmp_path.iterdir() if path != file)
    assert written < 600 * MEGABYTE


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits at a size that takes no time."""
    for module in (raw, jsonl, json_values, delimited):
        monkeypatch.setattr(module, "LONGEST", 4000)
    monkeypatch.setattr(json_values, "WHOLE", 9000)
    monkeypatch.setattr(sources, "BLOCK", 1000)
    monkeypatch.setattr(jsonl, "MOST_LINES", 2)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("length", [3000, 4500, 5000, 9999])
@pytest.mark.parametrize("after", [0, 1, 40])
def test_a_line_that_is_too_long_is_one_record(length: int, after: int, tmp_path: Path) -> None:
    content = lines(ROWS) + HEAD + b"x" * length + b'"}' + (b"\n" if after else b"") + lines(ROWS[:1] * after)
    (tmp_path / "rows.jsonl").write_bytes(content)
    batches = list(read_batches(sources.find([tmp_path / "rows.jsonl"])))
    rows = [row for batch in batches for row in batch.records.rows.select("row", "line", "start", "stop").rows()]
    bad = [row for batch in batches for row in batch.unreadable.rows()]
    assert len(rows) + len(bad) == len(ROWS) + 1 + after
    assert sum(batch.consumed for batch in batches) in (len(content), len(content) + 1)
    for row, line, start, stop in rows:
        assert line == row + 1
        json.loads(content[start:stop])
    for row, _, line, start, stop, reason in bad:
        assert (row, line, start, stop) == (6, 7, len(lines(ROWS)), len(content.splitlines()[6]) + len(lines(ROWS)))
        assert "longer than" in reason
    assert bool(bad) == (length > 4999) or length == 4500
    kept = tamis.prune(tmp_path / "rows.jsonl", tmp_path / "kept.jsonl", dropped=tmp_path / "gone.jsonl", recipe=THIN)
    assert kept.n_kept + kept.n_dropped + kept.n_unreadable == len(ROWS) + 1 + after
    assert len((tmp_path / "gone.jsonl").read_bytes().splitlines()) == kept.n_dropped + kept.n_unreadable


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b'[{"instruction": "a", "output": "b"}, ["' + b"x" * 20_000 + b'"]]', "not read"),
        ("a.json", b'[{"instruction": "a", "output": "b"}' + b" " * 20_000, "not read"),
        ("a.json", b'[{"instruction": "a", "output": "b"}]' + b"] " * 20_000, "no part of them"),
        ("a.csv", b'instruction,output\na,b\nc,"' + b"x\n" * 20_000, "not read"),
    ],
)
def test_what_is_too_long_is_told_and_what_came_before_is_read(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    found = tamis.prune(tmp_path / name, tmp_path / f"kept{name[1:]}", recipe=THIN)
    assert found.n_kept == found.n_unreadable == 1
    assert said in found.audit.unreadable["reason"][0]


@pytest.mark.usefixtures("small")
def test_an_object_around_too_much_is_refused_and_many_values_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json.dumps({"data": ROWS * 40}).encode())
    with pytest.raises(tamis.TamisError, match="JSON lines"):
        tamis.audit(tmp_path / "a.json", recipe=THIN)
    (tmp_path / "a.json").write_bytes(b"\n".join(json.dumps(row, indent=1).encode() for row in ROWS * 40))
    assert tamis.audit(tmp_path / "a.json", recipe=THIN).rows.height == 240


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_pieces_of_a_bomb_are_small_and_together_all_of_it(ending: str, tmp_path: Path) -> None:
    file = packed(repeated(b"begin", b"\0", 300, b"end"), tmp_path / f"a.{ending}")
    text, longest, total = Decompressed(file, ending), 0, 0  # type: ignore[arg-type]
    while (piece := text._next()) is not None:
        longest, total = max(longest, len(piece)), total + len(piece)
    text.close()
    assert total == 300 * MEGABYTE + 8
    assert longest <= 34 * MEGABYTE


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_members_and_cuts_at_every_byte(ending: str, tmp_path: Path) -> None:
    pack = gzip.compress if ending == "gz" else zstandard.compress
    members = [pack(b"one " * 9), pack(b""), pack(b"two"), pack(bytes(3000))]
    whole, file = b"".join(members), tmp_path / f"a.{ending}"
    ends = [len(b"".join(members[: i + 1])) for i in range(4)]
    for cut in range(len(whole) + 1):
        file.write_bytes(whole[:cut])
        out, damaged = io.BytesIO(), False
        with Decompressed(file, ending) as text:  # type: ignore[arg-type]
            try:
                while piece := text.read(7):
                    out.write(piece)
            except Exception as error:  # noqa: BLE001 - its kind is what is tested
                damaged = type(error).__name__ == "Damaged"
        assert damaged == (cut not in (0, *ends))
        assert (b"one " * 9 + b"two" + bytes(3000)).startswith(out.getvalue())
        assert cut < ends[0] or out.getvalue().startswith(b"one " * 9)
