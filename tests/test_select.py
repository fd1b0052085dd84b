"""What `select` writes, refuses, and repeats."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tamis
from tamis.cli import main
from tamis.errors import TamisError
from tests.written import BYTES, lines, write

TOPICS = ("the moon", "a bicycle", "French cooking", "prime numbers", "garden birds")
ROWS = [
    {
        "instruction": f"Explain {TOPICS[i % 5]} to a child of {i} years.",
        "output": f"Well, {TOPICS[i % 5]} is {'quite ' * (i % 7)}simple. Number {i} will do.",
        "rating": (i * 7) % 10,
        "source": "human" if i % 4 else "machine",
        "meta": {"kind": "long" if i % 2 else "short"},
    }
    for i in range(60)
]
FRAME = pl.DataFrame(ROWS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(ROWS, "jsonl", tmp_path)


@pytest.mark.parametrize("format", BYTES)
def test_picked_rows_and_the_rest_are_the_input_in_every_format(format: str, tmp_path: Path) -> None:
    rows = [{name: row[name] for name in ("instruction", "output")} for row in ROWS]
    source = write(rows, format, tmp_path)
    ending = "".join(source.suffixes)
    found = tamis.select(source, tmp_path / f"some{ending}", n=20, rest=tmp_path / f"rest{ending}")
    said = [
        [turn[0]["text"] for turn in tamis.read(tmp_path / f"{name}{ending}")["turns"]] for name in ("some", "rest")
    ]
    every = [row["instruction"] for row in rows]
    assert said[0] == [every[row] for row in found.selected]
    assert said[1] == [text for row, text in enumerate(every) if row not in set(found.selected)]
    assert len(said[0]) == 20


def test_lines_are_the_inputs_own_bytes_and_what_cannot_be_read_is_with_the_rest(tmp_path: Path) -> None:
    written = [json.dumps(row, indent=None).encode() + b"  \r\n" for row in ROWS[:9]]
    written.insert(4, b"{broken\n")
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"".join(written))
    found = tamis.select(source, tmp_path / "out.jsonl", n=5, strategy="random", rest=tmp_path / "rest.jsonl")
    kept, rest = ((tmp_path / name).read_bytes() for name in ("out.jsonl", "rest.jsonl"))
    assert kept == b"".join(written[row] for row in found.selected)
    assert rest == b"".join(line for row, line in enumerate(written) if row not in set(found.selected))
    assert b"{broken" in rest
    assert found.summary()["unreadable"] == 1


@pytest.mark.parametrize("table", [FRAME, FRAME.to_pandas(), FRAME.to_arrow(), FRAME.lazy()])
def test_a_table_gives_a_table(table: Any) -> None:
    found = tamis.select(table, n=7, strategy="k-center")
    ratings = found.kept["rating"]
    assert isinstance(found.kept, pl.DataFrame if isinstance(table, pl.LazyFrame) else type(table))
    picked = ratings.to_pylist() if isinstance(found.kept, pa.Table) else ratings.to_list()
    assert picked == FRAME["rating"].gather(found.selected).to_list()
    if isinstance(found.kept, pd.DataFrame):
        assert len(found.kept) == 7
    with pytest.raises(TamisError, match="no file"):
        tamis.select(table, "out.jsonl", n=3)


def test_quality_is_a_column_of_the_data_or_a_signal_and_less_may_be_better() -> None:
    best = tamis.select(FRAME, n=12, strategy="quality", quality="rating")
    assert set(best.kept["rating"]) == {8, 9}
    assert best.rows["quality"].to_list() == sorted(best.rows["quality"], reverse=True)
    worst = tamis.select(FRAME, n=6, strategy="quality", quality="lowest:rating")
    assert set(worst.kept["rating"]) == {0}
    longest = tamis.select(FRAME, n=8, strategy="quality", quality="response_characters")
    lengths = FRAME["output"].str.len_chars()
    assert min(longest.kept["output"].str.len_chars()) == lengths.sort(descending=True)[7]
    nested = FRAME.with_columns(meta=pl.struct(score=pl.col("rating") / 10))
    assert min(tamis.select(nested, n=6, strategy="quality", quality="meta.score").kept["rating"]) == 9


def test_strata_keep_their_shares_and_quotas_bring_theirs_about() -> None:
    found = tamis.select(FRAME, n=20, stratify=["source", "meta.kind"])
    counted = dict(found.kept.group_by("source").len().iter_rows())
    assert counted == {"human": 15, "machine": 5}
    assert found.strata is not None
    assert found.strata["stratum"].to_list() == ["human / long", "human / short", "machine / short"]
    even = tamis.select(FRAME, n=20, strategy="k-center", quota="source=human:50%,machine:0.5")
    assert dict(even.kept.group_by("source").len().iter_rows()) == {"human": 10, "machine": 10}
    few = tamis.select(FRAME, n=40, strategy="random", quota="source=machine:0.9")
    assert dict(few.kept.group_by("source").len().iter_rows()) == {"human": 25, "machine": 15}  # all there are


def test_language_is_the_datas_own_column_or_else_that_of_the_answers() -> None:
    said = {"en": "The house is near the old river.", "de": "Das Haus steht nahe am alten Fluss."}
    rows = [{"instruction": f"Number {i}?", "output": said["de" if i % 4 else "en"]} for i in range(60)]
    measured = tamis.select(pl.DataFrame(rows), n=20, stratify=["language"])
    assert measured.strata is not None
    assert dict(measured.strata.select("stratum", "selected").iter_rows()) == {"de": 15, "en": 5}
    stated = pl.DataFrame(rows).with_columns(language=pl.Series(["fr"] * 30 + ["es"] * 30))
    own = tamis.select(stated, n=20, stratify=["language"])
    assert own.strata is not None
    assert set(own.strata["stratum"]) == {"fr", "es"}


def test_a_token_budget_is_nearly_spent() -> None:
    found = tamis.select(FRAME, tokens="0.5k", strategy="coverage", clusters=5)
    assert 460 < found.summary()["tokens"] <= 500
    assert found.summary()["tokens"] == found.rows["tokens"].sum()


def test_random_subsets_stand_beside_it() -> None:
    found = tamis.select(FRAME, n=10, strategy="quality*diverse", quality="rating", weight=0.8, seed=3)
    lines = {line["figure"]: line for line in found.summary()["figures"]}
    assert lines["rows"]["random"] == {"mean": 10, "low": 10, "high": 10}
    assert lines["quality"]["subset"] > lines["quality"]["random"]["high"]
    assert lines["quality"]["all"] == pytest.approx(np.mean([row["rating"] for row in ROWS]))
    assert "seeds 4 to 8" in str(found)
    assert "nothing here says" in str(found)


@pytest.mark.parametrize("strategy", ["random", "facility", "k-center", "dpp", "coverage"])
def test_threads_do_not_change_what_is_picked(strategy: str) -> None:
    one, two = (tamis.select(FRAME, n=25, strategy=strategy, threads=threads, seed=1) for threads in (1, 2))
    assert one.rows.equals(two.rows)


def test_a_manifest_repeats_the_selection_and_tells_that_data_has_changed(source: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "out.jsonl", tmp_path / "again.jsonl"
    found = tamis.select(source, out, n=9, strategy="quality", quality="rating", seed=5)
    manifest = tmp_path / "out.jsonl.manifest.json"
    assert found.outputs["manifest"] == str(manifest)
    repeated = tamis.select(source, again, manifest=manifest)
    assert again.read_bytes() == out.read_bytes()
    assert repeated.rows["row"].to_list() == found.rows["row"].to_list()
    assert "repeats" in str(repeated)
    assert not (tmp_path / "again.jsonl.manifest.json").exists()
    recorded = json.loads(manifest.read_text())
    assert recorded["versions"]["tamis"]
    assert recorded["summary"]["options"]["seed"] == 5
    assert len(recorded["rows"]["hash"]) == 9
    picked = set(found.selected)
    other = next(row for row in range(60) if row not in picked)
    for changed, said in (
        ([{**row, "output": "Other."} if i == found.selected[0] else row for i, row in enumerate(ROWS)], "row"),
        ([{**row, "rating": 3} if i == other else row for i, row in enumerate(ROWS)], "changed since"),
        (ROWS[:-1], "60 rows, and the data has 59"),
    ):
        source.write_bytes(lines(changed))
        with pytest.raises(TamisError, match=said):
            tamis.select(source, again, manifest=manifest)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "how much"),
        ({"n": 3, "tokens": 5}, "one of the two"),
        ({"n": 61}, "n is 61 and the data has 60 rows"),
        ({"n": 0}, "n is 0"),
        ({"tokens": "many"}, "500k or 2M"),
        ({"n": 5, "strategy": "qualty"}, "did you mean 'quality'"),
        ({"n": 5, "strategy": "deita"}, "what is good"),
        ({"n": 5, "quality": "rating"}, "looks at no quality"),
        ({"n": 5, "strategy": "quality", "quality": "ratng"}, "did you mean 'rating'"),
        ({"n": 5, "strategy": "quality", "quality": "source"}, "holds no number"),
        ({"n": 5, "stratify": ["sorce"]}, "did you mean 'source'"),
        ({"n": 5, "stratify": ["response_characters"]}, "too many"),
        ({"n": 5, "quota": "source=human"}, "COLUMN=VALUE:SHARE"),
        ({"n": 5, "quota": "source=humn:0.5"}, "did you mean 'human'"),
        ({"n": 5, "quota": "source=human:80%,machine:30%"}, "make 1 at most"),
        ({"n": 5, "weight": 0.5}, "combination"),
        ({"n": 5, "alike": 0.5}, "for strategy deita"),
        ({"n": 5, "field": "promt"}, "did you mean 'prompt'"),
        ({"manifest": "no/such.json"}, "cannot be read"),
        ({"manifest": __file__}, "no manifest"),
    ],
)
def test_a_mistake_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(TamisError, match=said):
        tamis.select(FRAME, **options)


def test_the_command_writes_prints_and_refuses(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tamis", "select", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    out = tmp_path / "out.jsonl"
    code, printed, _ = run(source, "-n", 6, "-o", out, "--json")
    assert code == 0
    assert json.loads(printed)["selected"] == len(out.read_bytes().splitlines()) == 6
    assert run(source, "-n", 6, "-q", "--dry-run") == (0, "", "")
    assert run(source, "-n", 6)[0] == 2
    code, printed, err = run(source, "-n", 61, "-o", out)
    assert (code, printed) == (2, "")
    assert err.count("\n") == 1
    assert run(source, "-n", 6, "-o", source)[0] == 2
    assert source.read_bytes() == lines(ROWS)
