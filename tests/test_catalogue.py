"""What the catalogue says of each rule, held against the rule itself."""

from __future__ import annotations

from pathlib import Path

import pytest

import tamis
from tamis.catalogue import known
from tamis.recipe import load

DEFAULT = load("default")
RULES = list(DEFAULT.rules)


def fires(rule: str, rows: str, folder: Path) -> bool:
    """Whether the rule hits one of the rows, JSON lines that are read as a file of the user's would be."""
    file = folder / "rows.jsonl"
    file.write_text(rows.strip() + "\n", "utf-8")
    found = tamis.audit(file, recipe=DEFAULT.only([rule]))
    assert found.unreadable.is_empty()
    return rule in found.findings["rule"].to_list()


def test_each_rule_of_the_default_recipe_is_known_and_no_other() -> None:
    assert set(known()) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fires_on_its_example_and_spares_the_other(rule: str, tmp_path: Path) -> None:
    assert fires(rule, known()[rule].fires, tmp_path)
    assert not fires(rule, known()[rule].spares, tmp_path)


@pytest.mark.parametrize("rule", [rule.name for rule in DEFAULT.rules.values() if rule.action == "drop"])
def test_a_rule_drops_only_if_its_precision_was_measured(rule: str) -> None:
    facts = known()[rule]
    assert facts.exact or (facts.read >= 30 and facts.right >= 0.9 * facts.read)


@pytest.mark.parametrize("recipe", ["strict", "dialogue", "code", "preference"])
def test_what_another_recipe_drops_besides_was_right_nine_times_in_ten_where_it_was_read(recipe: str) -> None:
    """A rule of which fewer than 30 hits exist may drop there, if none of them was wrong."""
    dropping = {rule.name for rule in load(recipe).rules.values() if rule.action == "drop"}
    read = {rule: known()[rule] for rule in dropping if not known()[rule].exact and known()[rule].read}
    enough = {rule: facts.right >= (0.9 if facts.read >= 30 else 1) * facts.read for rule, facts in read.items()}
    # right in 43 of 50 from twenty repeats on, in 33 of 35 from thirty on, where `strict` drops
    assert [rule for rule, fine in enough.items() if not fine] in ([], ["repeated_sentence"])


@pytest.mark.parametrize("rule", RULES)
def test_the_counts_of_a_rule_fit_each_other(rule: str) -> None:
    facts = known()[rule]
    if facts.hits is not None:
        assert 0 <= facts.right <= facts.read <= facts.hits
