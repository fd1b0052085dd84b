"""Findings that a person has reviewed are set aside by row hash, and dropped rows come back by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tamis
from tests.rows import THIN
from tests.written import write

ROWS = [
    {"instruction": "Name a colour.", "output": ""},
    {"instruction": "Name a bird.", "output": ""},
    {"instruction": "Name a fish.", "output": "A carp."},
    {"instruction": "Name a fish.", "output": "A carp."},
]


@pytest.fixture
def pruned(tmp_path: Path) -> tamis.PruneResult:
    source = write(ROWS, "jsonl", tmp_path)
    return tamis.prune(source, tmp_path / "out.jsonl", dropped=tmp_path / "gone.jsonl", recipe=THIN)


def again(tmp_path: Path, accept: str) -> tamis.PruneResult:
    (tmp_path / "accept").write_text(accept)
    return tamis.prune(tmp_path / "rows.jsonl", tmp_path / "out.jsonl", recipe=THIN, accept=tmp_path / "accept")


def test_the_file_of_dropped_rows_brings_them_back(pruned: tamis.PruneResult, tmp_path: Path) -> None:
    assert pruned.audit.dropped.to_list() == [0, 1, 3]
    lines = (tmp_path / "gone.jsonl").read_text().splitlines()
    back = again(tmp_path, lines[0])
    assert back.audit.dropped.to_list() == [1, 3]
    assert (tmp_path / "out.jsonl").read_bytes().splitlines()[0] == json.dumps(ROWS[0]).encode()
    assert back.audit.findings.filter(back.audit.findings["accepted"])["row"].to_list() == [0]
    assert back.summary()["accepted"] == 1


def test_a_rule_beside_the_hash_sets_that_rule_aside_alone(pruned: tamis.PruneResult, tmp_path: Path) -> None:
    row_hash = pruned.audit.rows["row_hash"][0]
    assert again(tmp_path, f"# reviewed\n{row_hash} copy  # no empty answer\n").audit.dropped.to_list() == [0, 1, 3]
    assert again(tmp_path, f"{row_hash} empty\n").audit.dropped.to_list() == [1, 3]


def test_copies_that_are_accepted_all_stay(pruned: tamis.PruneResult, tmp_path: Path) -> None:
    row_hash = pruned.audit.rows["row_hash"][2]
    back = again(tmp_path, row_hash)
    assert back.audit.kept.to_list() == [2, 3]
    assert back.audit.total == 4


def test_a_finished_audit_takes_an_accept_file(pruned: tamis.PruneResult, tmp_path: Path) -> None:
    pruned.audit.save(tmp_path / "a")
    (tmp_path / "accept").write_text(pruned.audit.rows["row_hash"][1])
    result = tamis.prune(tamis.AuditResult.load(tmp_path / "a"), accept=tmp_path / "accept")
    assert result.audit.kept.to_list() == [1, 2]
    result.audit.save(tmp_path / "b")
    assert tamis.AuditResult.load(tmp_path / "b").kept.to_list() == [1, 2]


def test_the_whole_file_of_dropped_rows_with_unreadable_ones_is_accepted(tmp_path: Path) -> None:
    source = write(ROWS, "jsonl", tmp_path)
    source.write_bytes(source.read_bytes() + b'{"cut": \n')
    tamis.prune(source, dropped=tmp_path / "gone.jsonl", recipe=THIN)
    back = tamis.prune(source, recipe=THIN, accept=tmp_path / "gone.jsonl")
    assert back.n_dropped == 0


@pytest.mark.parametrize("text", ["{}", '{"rule": "a"}', "{"])
def test_a_broken_accept_file_is_an_error(text: str, tmp_path: Path) -> None:
    write(ROWS, "jsonl", tmp_path)
    with pytest.raises(tamis.TamisError, match="--accept"):
        again(tmp_path, text)
