"""Law 3: every verdict has evidence, and a duplicate names the kept row that it matches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.recipe import Recipe, load
from tamis.recipe import parse as parse_recipe
from tests import rows as make
from tests.written import write

KEEPS = ("fewest", "first", "last", "longest")


def normal(row: dict[str, Any]) -> Any:
    """A row's conversation with white space made equal."""
    return [(turn["role"], turn["side"], " ".join(turn["text"].split()), turn["tool_calls"]) for turn in row["turns"]]


def check_evidence(audit: tamis.AuditResult, read: pl.DataFrame) -> None:
    turns = {row["row"]: row["turns"] or [] for row in read.iter_rows(named=True)}
    for found in audit.findings.iter_rows(named=True):
        rule = audit.recipe.rules[found["rule"]]
        assert (found["action"], found["signal"], found["threshold"]) == (rule.action, rule.signal, rule.threshold)
        assert found["value"] is not None
        assert rule.at_least is None or found["value"] >= rule.at_least
        assert rule.at_most is None or found["value"] <= rule.at_most
        assert found["threshold"] is not None or found["value"] == 1.0
        if found["turn"] is not None:
            texts = [turn["text"] for turn in turns[found["row"]] if turn["turn"] == found["turn"]]
            contexts = [read.filter(pl.col("row") == found["row"])["context"][0] or ""]
            thoughts = [turn["reasoning"] or "" for turn in turns[found["row"]] if turn["turn"] == found["turn"]]
            assert texts
            if found["start"] is not None:
                assert 0 <= found["start"] <= found["stop"]
                assert any(found["stop"] <= len(text) for text in texts + contexts + thoughts)


def check_hits(audit: tamis.AuditResult) -> None:
    """The findings of a rule are the rows whose value is beyond its threshold; of duplicates, all but those kept."""
    for rule in audit.recipe.rules.values():
        beyond = set(audit.rows.filter(rule.fires())["row"])
        found = audit.findings.filter(pl.col("rule") == rule.name)["row"].to_list()
        assert len(found) == len(set(found))
        assert set(found) <= beyond
        if rule not in audit.recipe.rules_on("pairs") and (
            rule.action == "flag" or rule in audit.recipe.rules_on("row")
        ):
            assert set(found) == beyond


def check_duplicates(audit: tamis.AuditResult, read: pl.DataFrame, rule: str) -> None:
    rows = {row["row"]: row for row in read.iter_rows(named=True)}
    kept = set(audit.kept)
    for row, other in audit.rows_of(rule).select("row", "other").iter_rows():
        assert other in kept, "a duplicate names a row that is kept"
        assert other != row
        assert normal(rows[row]) == normal(rows[other])
    seen: dict[str, int] = {}
    for number in sorted(kept):
        key = repr((normal(rows[number]), rows[number]["label"], rows[number]["tools"]))
        assert key not in seen, f"rows {seen[key]} and {number} are equal and both kept"
        seen[key] = number


@given(rows=make.any_rows, recipe=make.recipes)
def test_findings_say_why(
    rows: list[dict[str, Any]], recipe: str | Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = write(rows, "jsonl", tmp_path_factory.mktemp("law"))
    audit, read = tamis.audit(source, recipe=recipe), tamis.read(str(source))
    check_evidence(audit, read)
    check_hits(audit)


@given(rows=make.any_rows, keep=st.sampled_from(KEEPS))
def test_a_duplicate_names_a_kept_row_that_equals_it(
    rows: list[dict[str, Any]], keep: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = write(rows, "jsonl", tmp_path_factory.mktemp("law"))
    recipe = parse_recipe({**make.THIN.text, "keep": keep, "rules": {"copy": make.THIN.text["rules"]["copy"]}})
    audit = tamis.audit(source, recipe=recipe)
    check_duplicates(audit, tamis.read(str(source)), "copy")


@settings(max_examples=15)
@given(rows=make.pairs)
def test_no_chains_between_several_relations(
    rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rows may match on the prompt, others on the answer: each dropped row still matches a kept one directly."""
    drop = {"at_least": 2, "action": "drop"}
    rules = {"asked": {"signal": "prompt_copies", **drop}, "said": {"signal": "response_copies", **drop}}
    audit = tamis.audit(
        write(rows, "jsonl", tmp_path_factory.mktemp("law")), recipe=parse_recipe({"compute": [], "rules": rules})
    )
    kept = set(audit.kept)
    groups = {row["row"]: row for row in audit.rows.iter_rows(named=True)}
    assert set(audit.dropped) == set(audit.findings["row"])
    for row, signal, other in audit.findings.select("row", "signal", "other").iter_rows():
        assert other in kept
        assert groups[row][f"{signal}_group"] == groups[other][f"{signal}_group"] is not None


@pytest.mark.parametrize(("keep", "expected"), [("first", 0), ("last", 2), ("longest", 1), ("fewest", 1)])
def test_the_keep_policy_says_which_copy_stays(keep: str, expected: int, tmp_path: Path) -> None:
    rows = [
        {"prompt": "Name a colour.", "completion": text}
        for text in ("Blue or red.", "Blue  \n  or red.", "Blue or red.")
    ]
    recipe = parse_recipe({**make.THIN.text, "keep": keep})
    audit = tamis.audit(write(rows, "jsonl", tmp_path), recipe=recipe)
    assert audit.kept.to_list() == [expected]
    assert audit.findings["other"].to_list() == [expected] * 2


def test_a_row_that_goes_for_another_reason_is_not_named_as_the_kept_one(tmp_path: Path) -> None:
    rows = [{"prompt": "Name a colour.", "completion": ""}] * 3
    audit = tamis.audit(write(rows, "jsonl", tmp_path), recipe=make.THIN)
    assert audit.kept.is_empty()
    assert set(audit.findings["rule"]) == {"empty"}


def test_every_default_rule_states_its_evidence_on_the_samples() -> None:
    for file in sorted(Path("examples/data").iterdir()):
        audit = tamis.audit(file, recipe=load("default"))
        check_evidence(audit, tamis.read(str(file)))
        check_hits(audit)
        if "exact_duplicate" in audit.recipe.rules:
            check_duplicates(audit, tamis.read(str(file)), "exact_duplicate")
