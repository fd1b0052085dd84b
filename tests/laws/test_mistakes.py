"""Law 5: a mistake is an error, told before a row is read, and it names the nearest thing that exists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.keeping import parse_keep
from tamis.recipe import _KEYS, _RULE_KEYS, load, parse
from tamis.records import formats
from tamis.registry import SIGNALS
from tests.rows import pairs, recipes
from tests.written import lines, write

ROW = {"instruction": "Name a colour.", "output": "Blue.", "source": "human"}
COPY = {"signal": "row_copies", "at_least": 2}


@pytest.fixture
def unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose rows may not be read."""
    path = write([ROW], "jsonl", tmp_path)

    def refused(*_: object) -> None:
        raise AssertionError("a row was read before the mistake was told")

    monkeypatch.setattr(formats, "read", refused)
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recipe": "defualt"}, "did you mean 'default'"),
        ({"recipe": "no/such.toml"}, "cannot be read"),
        ({"set": ["exact_duplicat.at_least=3"]}, "did you mean 'exact_duplicate'"),
        ({"set": ["exact_duplicate.at_leest=3"]}, "did you mean 'at_least'"),
        ({"set": ["exact_duplicate.action=dorp"]}, "did you mean 'drop'"),
        ({"set": ["exact_duplicate.at_least=high"]}, "must be a number"),
        ({"set": ["exact_duplicate.at_least=nan"]}, "must be a number"),
        ({"set": ["exact_duplicate.signal=row_copie"]}, "did you mean 'row_copies'"),
        ({"set": ["exact_duplicate.severity=hihg"]}, "did you mean 'high'"),
        ({"set": ["exact_duplicate.where=row_copyes > 1"]}, "did you mean 'row_copies'"),
        ({"set": ["exact_duplicate.where=row >"]}, "where"),
        ({"set": ["exact_duplicate.where=row"]}, "true or false"),
        ({"set": ["exact_duplicate.where=lower(row) = 'a'"]}, "where"),
        ({"set": ["exact_duplicate.message=3"]}, "must be text"),
        ({"set": ["exact_duplicate"]}, "RULE.KEY=VALUE"),
        ({"schema": "alpca"}, "did you mean 'alpaca'"),
        ({"mapping": {"instructoin": "source"}}, "did you mean 'instruction'"),
        ({"format": "jsnl"}, "did you mean 'jsonl'"),
        ({"accept": "no/such/file"}, "--accept"),
        ({"signals": ["no_such_module_of_mine"]}, "no such module"),
        ({"signals": ["no_such_file.py"]}, "no such file"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_a_row_is_read(options: dict[str, Any], said: str, unread: Path) -> None:
    with pytest.raises(tamis.TamisError) as caught:
        tamis.audit(unread, **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"by": "sorce"}, "did you mean 'source'"), ({"mapping": {"instruction": "instructio"}}, "'instruction'")],
)
@pytest.mark.parametrize("format", ["jsonl", "json array", "csv", "parquet"])
def test_a_column_that_is_not_there(format: str, options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match=said):
        tamis.audit(write([ROW] * 3, format, tmp_path), **options)
    with pytest.raises(tamis.TamisError, match=said):
        tamis.audit(pl.DataFrame([ROW] * 3), **options)


def test_a_column_of_nulls_is_there(tmp_path: Path) -> None:
    rows = [{**ROW, "team": None}] * 3
    assert tamis.audit(write(rows, "jsonl", tmp_path), by="team").summary()["by"]["groups"][0]["value"] == "(none)"


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"rules": {"a": {"signal": "row_copys", "at_least": 2}}}, "did you mean 'row_copies'"),
        ({"rules": {"a": {**COPY, "atleast": 2}}}, "did you mean 'at_least'"),
        ({"rules": {"a": {"at_least": 2}}}, "names no signal"),
        ({"rules": {"a": {"signal": "row_copies"}}}, "needs at_least or at_most"),
        ({"rules": {"a": {**COPY, "where": "sourc = 1"}}}, "sourc"),
        ({"rules": {"a": {"signal": "empty_response", "where": "row_copies > 1"}}}, "corpus signal"),
        ({"rules": {"a": {"signal": 3}}}, "must be text"),
        ({"rules": {"a": 3}}, "expected a table"),
        ({"rules": 3}, "must be a table"),
        ({"signals": {"response_prompts": {"answer_word": 8}}}, "did you mean 'answer_words'"),
        ({"signals": {"response_prompts": {"answer_words": "many"}}}, "answer_words"),
        ({"signals": {"response_promts": {}}}, "did you mean 'response_prompts'"),
        ({"compute": ["row_copie"]}, "did you mean 'row_copies'"),
        ({"compute": "all"}, "list"),
        ({"keep": "newst"}, "keep policy"),
        ({"ruls": {}}, "did you mean 'rules'"),
    ],
)
def test_recipes_are_checked_whole(tables: dict[str, Any], said: str) -> None:
    with pytest.raises(tamis.TamisError) as caught:
        parse(tables)
    assert said in str(caught.value)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*list(SIGNALS)[:5], "row_copies", "first", "drop", "row > 1", "by = 'a'", "file", "high"])
rules = st.dictionaries(st.sampled_from(_RULE_KEYS) | st.text(max_size=4), names | json, max_size=5)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(_KEYS), st.dictionaries(st.sampled_from(["a", "b"]), rules) | json, max_size=4))
def test_any_tables_make_a_recipe_or_an_error(tables: dict[str, Any]) -> None:
    try:
        recipe = parse(tables)
    except tamis.TamisError:
        return
    assert parse_keep(recipe.keep)
    assert all(rule.condition and rule.what is not None for rule in recipe.rules.values())


@pytest.mark.parametrize(
    "text", ['extends = "a.toml"', "extends = 3", "[rules", "a = \xff", 'extends = "nope"', "[rules]\nx = false"]
)
def test_a_broken_recipe_file_is_an_error(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(tamis.TamisError):
        load("a.toml")


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"schema_version": 1}', '{"schema_version": 99}', "{", "\x00"])
def test_a_folder_that_is_no_audit_is_an_error(text: str, tmp_path: Path) -> None:
    tamis.audit(write([ROW], "jsonl", tmp_path)).save(tmp_path / "a")
    (tmp_path / "a" / "audit.json").write_text(text)
    with pytest.raises(tamis.TamisError, match="audit"):
        tamis.AuditResult.load(tmp_path / "a")


@pytest.mark.parametrize("table", ["signals", "findings", "unreadable"])
def test_a_damaged_audit_folder_is_an_error(table: str, tmp_path: Path) -> None:
    tamis.audit(write([ROW], "jsonl", tmp_path)).save(tmp_path / "a")
    whole = (tmp_path / "a" / f"{table}.parquet").read_bytes()
    (tmp_path / "a" / f"{table}.parquet").write_bytes(whole[:-9])
    with pytest.raises(tamis.TamisError, match="audit again"):
        tamis.AuditResult.load(tmp_path / "a")


def test_an_input_that_changed_since_the_audit_is_an_error(tmp_path: Path) -> None:
    source = write([ROW, {**ROW, "output": ""}], "jsonl", tmp_path)
    tamis.audit(source).save(tmp_path / "a")
    audit = tamis.AuditResult.load(tmp_path / "a")
    source.write_bytes(lines([ROW, ROW]))
    for _ in range(2):
        with pytest.raises(tamis.TamisError, match=r"rows\.jsonl: (changed|gone) since the audit"):
            tamis.prune(audit, tmp_path / "out.jsonl")
        source.unlink(missing_ok=True)


CHANGES = st.sampled_from(
    [
        ["exact_duplicate.at_least=3"],
        ["exact_duplicate.at_least=1"],
        ["exact_duplicate.action=flag"],
        ["empty_response.action=flag"],
        ["conflicting_answers.action=drop"],
        ["boilerplate_answer.at_least=2", "boilerplate_answer.action=drop"],
        ["empty_response.where=row > 2"],
        ["empty_response.where=by = 'human'"],
        ["empty_response.where=response_words < 3"],
        ["empty_response.signal=refusal"],
        ["empty_response.severity=low", "exact_duplicate.severity=high"],
        ["refusal.action=drop"],
    ]
)  # fmt: skip


@settings(max_examples=8)
@given(rows=pairs, changes=CHANGES, recipe=recipes)
def test_another_threshold_on_a_finished_audit_is_a_fresh_audit(
    rows: list[dict[str, str]], changes: list[str], recipe: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chosen = load("default") if not isinstance(recipe, str) else load(recipe)
    if any(change.partition(".")[0] not in chosen.rules for change in changes) or "response_words" not in SIGNALS:
        return
    folder = tmp_path_factory.mktemp("law")
    source = write(rows, "jsonl", folder)
    tamis.audit(source, recipe=chosen, by="source").save(folder / "a")
    finished = tamis.AuditResult.load(folder / "a")
    fresh = tamis.prune(source, folder / "fresh.jsonl", dropped=folder / "fresh.gone.jsonl", recipe=chosen, set=changes,
                        by="source")  # fmt: skip
    again = tamis.prune(finished, folder / "again.jsonl", dropped=folder / "again.gone.jsonl", set=changes)
    assert again.audit.findings.equals(fresh.audit.findings)
    for name in ("", ".gone"):
        assert (folder / f"again{name}.jsonl").read_bytes() == (folder / f"fresh{name}.jsonl").read_bytes()


@pytest.mark.parametrize("signal", ["response_characters", "response_words"])
@pytest.mark.parametrize("bound", [1, 5, 100])
@pytest.mark.parametrize("key", ["at_least", "at_most"])
def test_thresholds_up_and_down(signal: str, bound: int, key: str, tmp_path: Path) -> None:
    if signal not in SIGNALS:
        pytest.skip(f"no signal {signal}")
    rows = [{"instruction": "Name " + "a " * i, "output": "blue " * i} for i in range(30)]
    recipe = parse({"compute": [], "rules": {"size": {"signal": signal, key: 10, "action": "drop"}}})
    source = write(rows, "csv", tmp_path)
    audit = tamis.audit(source, recipe=recipe)
    change = [f"size.{key}={bound}"]
    again, fresh = tamis.prune(audit, set=change), tamis.prune(source, recipe=recipe, set=change)
    assert again.audit.findings.equals(fresh.audit.findings)
    assert again.n_dropped > 0 or bound in (1, 100)


def test_one_action_for_all_rules_gives_way_to_a_set_value() -> None:
    recipe = parse({"action": "flag", "rules": {"a": {**COPY, "action": "drop"}, "b": {**COPY, "action": "drop"}}})
    assert {rule.action for rule in recipe.rules.values()} == {"flag"}
    changed = recipe.set(["a.action=drop"]).set(["b.at_least=3"])
    assert [rule.action for rule in changed.rules.values()] == ["drop", "flag"]
