"""House rules that a script can check."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import tamis
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "src").rglob("*.py"))
FILES = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "examples").glob("*.py"))]
BANNED = {"utils", "common", "helpers", "base", "core", "manager", "process", "handle"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def statements(node: ast.AST) -> int:
    """Statements inside, docstrings not counted."""
    inner = [n for n in ast.walk(node) if isinstance(n, ast.stmt) and n is not node]
    return sum(not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)) for n in inner)


def test_files_are_short() -> None:
    long = {str(path.relative_to(ROOT)): n for path in FILES if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_functions_are_short() -> None:
    for path in SOURCES:
        most = 40 if "kernels" in path.parts else 30  # arrays in, arrays out: a loop costs more statements there
        assert {function.name: n for function in functions(path) if (n := statements(function)) > most} == {}


def test_functions_have_six_parameters_at_most_or_say_why() -> None:
    for path in SOURCES:
        text = path.read_text().splitlines()
        for function in functions(path):
            given = function.args
            count = len(given.posonlyargs + given.args + given.kwonlyargs)
            own_line = text[function.lineno - 1]
            is_command = "cli" in path.parts  # there a parameter is an option, as typer wants it
            if count > 6 and not is_command:
                assert "noqa: PLR0913 - " in own_line, f"{path.name}: {function.name} has {count} parameters"


def test_no_broad_except() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                caught = node.type
                broad = caught is None or (isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException"))
                raised = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert not broad or raised, f"{path.name}:{node.lineno}"


def test_public_functions_and_classes_have_docstrings() -> None:
    missing = []
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        if ast.get_docstring(tree) is None:
            missing.append(path.name)
        for node in ast.walk(tree):
            named = isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
            if named and node in tree.body and ast.get_docstring(node) is None:
                missing.append(f"{path.name}:{node.name}")
    assert missing == []


def test_no_banned_names_and_no_keyword_bags() -> None:
    assert [str(path) for path in SOURCES if path.stem in BANNED] == []
    bags = {f"{path.name}:{f.name}" for path in SOURCES for f in functions(path) if f.args.kwarg is not None}
    assert bags <= {"prune.py:prune", "duplicates.py:duplicates"}  # they hand options on to `audit`


def test_nothing_evaluates_code_or_unpickles() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "__import__", "compile"), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & {"pickle", "marshal", "shelve", "dill"}, path.name


def test_imports_go_down_only() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([str(command)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


RULES_OF_FAULT: dict[str, set[str]] = {
    # planted fault: the rules of the default recipe that may find it; an empty set is a fault for later rules
    "ai_self_reference": {"ai_self_reference"},
    "answer_echoes_prompt": {"prompt_echo", "response_equals_prompt"},
    "boilerplate_answer": {"boilerplate_answer"},
    "chosen_equals_rejected": {"chosen_equals_rejected"},
    "conflicting_answers": {"conflicting_answers"},
    "consecutive_user_turns": {"role_order"},
    "control_character": {"control_characters", "replacement_characters", "zero_width_characters"},
    "duplicate_row": {"exact_duplicate"},
    "near_duplicate": {"near_duplicate", "semantic_duplicate"},
    "duplicate_row_white_space": {"exact_duplicate"},
    "empty_answer": {"empty_response", "empty_rejection"},
    "empty_prompt": {"empty_prompt"},
    "empty_turn": {"empty_response", "empty_prompt"},
    "fence_empty": {"empty_fences"},
    "fence_unbalanced": {"unbalanced_fences"},
    "input_marker": {"input_marker"},
    "leading_assistant": {"leading_assistant"},
    "misplaced_system": {"misplaced_system"},
    "mojibake": {"mojibake"},
    "output_marker": {"response_marker", "missing_answer"},
    "personal_data": set(),
    "placeholder": {"placeholders"},
    "refusal": {"refusal"},
    "secret": set(),
    "sentence_loop": {"looping_response", "repeated_sentence"},
    "template_token": {"template_tokens", "template_headers"},
    "trailing_user": {"trailing_user"},
    "truncated_answer": {"truncated"},
    "unknown_role": {"unknown_roles"},
    "word_loop": {"looping_response"},
}
NOT_YET: set[tuple[str, int]] = {
    ("tickets.parquet", 23),  # the question comes back as the answer, but the prompt holds a context too
    ("support_mix.jsonl", 124),  # lorem ipsum in the midst of an answer
    ("dialogues.json", 37),  # ends with the user and has no answer at all
}
"""Planted rows that no default rule finds; a rule that does must be taken off here."""
UNREADABLE = {"unknown_keys", "unreadable_json", "unreadable_not_an_object", "unreadable_utf8"}
PLANTED = json.loads((ROOT / "examples" / "planted.json").read_text())


@pytest.fixture(scope="module")
def audits() -> dict[str, tamis.AuditResult]:
    names = sorted({entry["file"] for entry in PLANTED})
    return {name: tamis.audit(ROOT / "examples" / "data" / name) for name in names}


@pytest.mark.parametrize("fault", sorted(RULES_OF_FAULT.keys() | UNREADABLE))
def test_planted_faults_are_found_where_they_are(fault: str, audits: dict[str, tamis.AuditResult]) -> None:
    rules = RULES_OF_FAULT.get(fault, set())
    entries = [entry for entry in PLANTED if entry["fault"] == fault]
    assert entries
    if fault not in UNREADABLE and not rules & audits["chats.jsonl"].recipe.rules.keys():
        pytest.skip(f"no rule of the default recipe looks for {fault}")
    missed = []
    for entry in entries:
        audit = audits[entry["file"]]
        if fault in UNREADABLE:
            found = entry["row"] in audit.unreadable["row"]
        else:
            hits = audit.findings.filter(pl.col("rule").is_in(sorted(rules)))
            found = entry["row"] in hits["row"]
            if "duplicate" in fault and not found:  # the copy that is kept may be the later one
                found = entry["row"] in hits["other"]
        if not found:
            missed.append((entry["file"], entry["row"]))
    assert set(missed) == {(e["file"], e["row"]) for e in entries} & NOT_YET


def test_every_planted_fault_is_in_the_table() -> None:
    assert {entry["fault"] for entry in PLANTED} == RULES_OF_FAULT.keys() | UNREADABLE | {"none"}


def test_no_near_miss_is_dropped(audits: dict[str, tamis.AuditResult]) -> None:
    for entry in PLANTED:
        if entry["fault"] == "none":
            audit = audits[entry["file"]]
            hits = audit.findings.filter((pl.col("row") == entry["row"]) & (pl.col("action") == "drop"))
            assert hits.is_empty(), (entry, hits["rule"].to_list())


def test_no_row_that_is_meant_to_be_clean_is_dropped(audits: dict[str, tamis.AuditResult]) -> None:
    for name, audit in audits.items():
        planted = {entry["row"] for entry in PLANTED if entry["file"] == name}
        twins = set(audit.findings.filter(pl.col("action") == "drop")["other"].drop_nulls())
        unplanted = set(audit.dropped) - planted
        for row in unplanted:  # the first of two copies may be the one that goes
            partners = set(audit.findings.filter(pl.col("row") == row)["other"].drop_nulls())
            assert partners & planted, (name, row, audit.findings.filter(pl.col("row") == row)["rule"].to_list(), twins)


def test_signals_are_known_without_compiling_a_kernel() -> None:
    code = "import sys, tamis.recipe; print([name for name in ('numba', 'torch', 'ftfy') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
