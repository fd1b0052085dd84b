"""What a run needs is known before it is used, and held against what there is."""

from __future__ import annotations

import os
import random
from pathlib import Path

import polars as pl
import pytest

import tamis
from tamis import memory
from tamis.errors import TamisError
from tamis.frames import HELD, Frames, let_go, put_away
from tamis.recipe import load, parse
from tamis.verbs.room import Room, needed
from tamis.workspace import digest_of, write_parquet
from tests.laws.test_alike import WORDS
from tests.written import write

PAGE = os.sysconf("SC_PAGE_SIZE")


def machine(root: Path, free: int, groups: str = "", held: int = 0, **files: str) -> Path:
    """A folder that looks like `/proc` and `/sys` to `available`; of files `__` stands for a slash."""
    told = {"proc/meminfo": f"MemTotal: 1 kB\nMemAvailable: {free // 1024} kB\n", "proc/self/cgroup": groups}
    told["proc/self/statm"] = f"900 {held // PAGE + 7} 7 0 0 0 0"
    told |= {f"sys/fs/cgroup/{name.replace('__', '/').replace('_dot_', '.')}": text for name, text in files.items()}
    for name, text in told.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_what_is_free_is_added_to_what_is_held(tmp_path: Path) -> None:
    assert memory.available(machine(tmp_path, 8 << 30, held=4 * PAGE)) == (8 << 30) + 4 * PAGE


def test_a_limit_of_the_container_or_of_one_around_it_counts(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        8 << 30,
        "0::/pod/one\n",
        pod__one__memory_dot_max="max\n",
        pod__one__memory_dot_current="5\n",
        pod__memory_dot_max=f"{2 << 30}\n",
        pod__memory_dot_current=f"{1 << 30}\n",
        pod__memory_dot_stat=f"anon 5\ninactive_file {1 << 29}\n",
    )
    assert memory.available(root) == (3 << 29)


def test_the_old_kind_of_control_group_counts_too(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        8 << 30,
        "5:cpu:/a\n4:memory:/a\n",
        memory__a__memory_dot_limit_in_bytes=f"{1 << 30}\n",
        memory__a__memory_dot_usage_in_bytes=f"{1 << 28}\n",
    )
    assert memory.available(root) == 3 << 28


@pytest.mark.parametrize(("told", "size"), [("6G", 6 << 30), ("1.5g", 3 << 29), ("700 MiB", 700 << 20), ("any", None)])
def test_the_variable_decides(told: str, size: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, told)
    assert memory.available() == size


def test_a_size_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, "much")
    with pytest.raises(TamisError, match="TAMIS_MEMORY is 'much'; write a size as 6G"):
        memory.available()


def test_what_will_not_fit_is_refused_once_a_part_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room.of(load("default"), [{"bytes": 4_000_000_000, "format": "jsonl", "compression": None}], 2)
    monkeypatch.setenv(memory.VARIABLE, "2G")
    with pytest.raises(TamisError, match=r"2,000,000 rows need about \d\.\d GB of memory, and there are 2\.1 GB"):
        room.check_share(6_000, 12_000_000)
    monkeypatch.setenv(memory.VARIABLE, "any")
    room.check_share(6_000, 12_000_000)


def test_a_small_set_is_never_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(memory.VARIABLE, "1M")
    assert tamis.audit(write([{"prompt": "Add 2 and 3.", "completion": "5"}], "jsonl", tmp_path)).total == 1


def test_what_is_needed_grows_with_rows_and_with_what_compares_them() -> None:
    default, plain = load("default"), parse({"name": "plain", "compute": ["response_words"]})
    assert needed(2_000_000, default, 1) > needed(1_000_000, default, 1) > needed(1_000_000, plain, 1)
    larger = default.set(["semantic_similarity.embedder=all-mpnet-base-v2"])
    assert needed(1_000_000, larger, 1) > needed(1_000_000, default, 1)


def test_frames_past_the_limit_are_mapped_and_the_same() -> None:
    frames, parts = Frames(), []
    for start in range(0, 3 * HELD, HELD // 2 + 1):
        rows = range(start, start + HELD // 2 + 1)
        part = pl.DataFrame({"row": rows, "text": [None if row % 3 else f"row {row}" * 3 for row in rows]})
        parts.append(part.with_columns(hit=pl.col("row") % 2 == 0, hash=pl.col("text").cast(pl.Binary)))
        frames.add(parts[-1])
    assert frames.frame().equals(pl.concat(parts))


def test_strings_that_were_filtered_out_are_not_written() -> None:
    rows = pl.DataFrame({"row": range(2 * HELD), "text": [f"the text of row {row}" for row in range(2 * HELD)]})
    frames = Frames()
    frames.add(rows.filter(pl.col("row") % 2 == 0))
    assert frames._file is not None
    frames._file.flush()
    assert os.fstat(frames._file.fileno()).st_size < 60 * HELD


def test_what_is_put_away_is_the_same_once_its_pages_are_gone() -> None:
    rows = pl.DataFrame({"row": range(3 * HELD), "text": [None if row % 5 else "ab" * 9 for row in range(3 * HELD)]})
    mapped = put_away(rows, lambda part: part.filter(pl.col("row") % 2 == 0))
    assert mapped["text"].n_chunks() > 1
    let_go()
    assert mapped.equals(rows.filter(pl.col("row") % 2 == 0))


def test_an_audit_in_small_parts_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chance = random.Random(3)
    said = [" ".join(chance.choices(WORDS, k=60)) for _ in range(4)]
    rows = [
        {"prompt": chance.choice(said), "completion": f"{chance.choice(said)} {number % 40}"} for number in range(90)
    ]
    whole = tamis.audit(write(rows, "jsonl", tmp_path))
    assert whole.findings["rule"].n_unique() > 2
    assert whole.pairs["signal"].n_unique() == 2
    for place in ("tamis.frames.HELD", "tamis.verdicts.HELD", "tamis.signals.neighbours.HELD", "tamis.verdicts.LINKED"):
        monkeypatch.setattr(place, 7)
    parts = tamis.audit(write(rows, "jsonl", tmp_path))
    assert parts.pairs["left"].n_chunks() > 1
    for one, other in ((whole.rows, parts.rows), (whole.findings, parts.findings), (whole.pairs, parts.pairs)):
        assert one.equals(other)
        assert one.schema == other.schema
    assert write_parquet(parts.pairs, tmp_path / "pairs.parquet") == digest_of(tmp_path / "pairs.parquet")
    assert pl.read_parquet(tmp_path / "pairs.parquet").equals(whole.pairs)


def test_an_empty_first_frame_settles_no_types() -> None:
    frames = Frames()
    frames.add(pl.DataFrame({"a": []}, schema={"a": pl.Null}))
    frames.add(pl.DataFrame({"a": [1]}))
    assert frames.frame()["a"].to_list() == [1]
