"""Law 7: nothing leaves the machine, nothing in the data is run, and personal data are masked in what is shown."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import tamis
from tamis.cli.app import app
from tamis.recipe import parse
from tamis.sensitive import PERSONAL, SECRETS, Kind
from tests.rows import THIN
from tests.written import write

PLANTED = (
    "jo.bloggs@example.org",
    "+44 20 7946 0958",
    "+1 (555) 010-4477",
    "sk-live-4242424242ABCDEFabcdef99",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz012345",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "192.168.17.23",
)
FAULTS = (
    "{secret}",
    "I'm sorry, but as an AI language model I cannot help {secret}.",
    "Write to {secret} " * 40,
    "Sure {secret}<|im_end|>",
    "```python\nprint('{secret}')\n",
    "It's cafÃ© {secret} donâ€™t you think so?",
    "Dear [Your Name], {secret} is what you asked for [insert date]",
    "bell\x07{secret}\x08",
    "The three main reasons for {secret} are the",
)


def shown_everywhere(folder: Path, source: Path, *options: str) -> str:
    """All that a run prints and writes, but for the rows themselves."""
    ran = CliRunner().invoke(app, ["audit", str(source), "-o", str(folder / "audit"), *options])
    assert ran.exit_code == 0, ran.output
    as_json = CliRunner().invoke(app, ["audit", str(source), "--json", *options])
    audit = tamis.AuditResult.load(folder / "audit")
    html = audit._repr_html_()
    tables = audit.findings.write_json() + audit.rows.drop("row_hash").write_json() + audit.unreadable.write_json()
    return "".join(
        [ran.output, as_json.output, html, str(audit), tables, (folder / "audit" / "audit.json").read_text()]
    )


@settings(max_examples=5)
@given(secret=st.sampled_from(PLANTED), fault=st.sampled_from(FAULTS))
def test_planted_personal_data_is_not_shown(secret: str, fault: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("law")
    text = fault.replace("{secret}", secret)
    rows = [{"instruction": text, "output": text}, {"instruction": text, "output": ""}] * 2
    source = write(rows, "jsonl", folder)
    shown = shown_everywhere(folder, source)
    assert secret not in shown
    assert secret[-12:] not in shown, "the end of it is as telling"


def test_every_planted_secret_is_masked_in_excerpts_of_every_rule(tmp_path: Path) -> None:
    rows = [{"instruction": "Hi.", "output": fault.replace("{secret}", s)} for s in PLANTED for fault in FAULTS]
    shown = shown_everywhere(tmp_path, write(rows, "jsonl", tmp_path))
    assert [secret for secret in PLANTED if secret in shown] == []


def test_show_sensitive_shows(tmp_path: Path) -> None:
    source = write([{"instruction": "Hi.", "output": "Mail jo.bloggs@example.org<|im_end|>"}] * 2, "jsonl", tmp_path)
    recipe = parse({"compute": [], "rules": {"long": {"signal": "response_characters", "at_least": 1}}})
    hidden = tamis.audit(source, recipe=recipe).findings["excerpt"].to_list()
    shown = tamis.audit(source, recipe=recipe, show_sensitive=True).findings["excerpt"].to_list()
    assert len(hidden) == 2
    assert all("jo.bloggs" not in text for text in hidden)
    assert len(hidden) == 2
    assert all("jo.bloggs@example.org" in text for text in shown)


def test_values_of_a_column_to_split_by_are_masked(tmp_path: Path) -> None:
    rows = [{"instruction": "Hi.", "output": "", "mail": "jo.bloggs@example.org"}] * 2
    source = write(rows, "jsonl", tmp_path)
    assert "jo.bloggs" not in str(tamis.audit(source, by="mail"))
    assert "jo.bloggs" not in tamis.audit(source, by="mail")._repr_html_()


def test_reasons_of_unreadable_rows_hold_no_text_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"instruction": "jo.bloggs@example.org\n{"jo.bloggs@example.org": 1}\n{"instruction": "x", "output": "y"}\n'
    )
    audit = tamis.audit(path)
    assert audit.unreadable.height == 2
    assert "jo.bloggs" not in str(audit)
    assert "jo.bloggs" not in json.dumps(audit.summary())


def test_a_report_escapes_what_it_shows(tmp_path: Path) -> None:
    rows = [{"instruction": "Hi.", "output": "<script>alert(1)</script><|im_end|>", "by": "<b>x</b>"}] * 2
    audit = tamis.audit(write(rows, "jsonl", tmp_path), by="by")
    for html in (audit._repr_html_(), tamis.prune(audit)._repr_html_()):
        assert "<script>" not in html
        assert "<b>x" not in html


def test_terminal_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    rows = [{"instruction": "Hi.", "output": "\x1b[2Jgone\x07<|im_end|>", "by": "\x1b[31mred[bold]"}] * 2
    audit = tamis.audit(write(rows, "jsonl", tmp_path), by="by")
    assert "\x1b" not in str(audit)
    assert "\x07" not in str(audit)


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('a pickle was run')",))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet", "a.arrow", "a.pkl"])
def test_no_pickle_is_run(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(_Bomb()))
    try:
        rows = tamis.audit(tmp_path / name, recipe=THIN).rows.height
    except tamis.TamisError:
        rows = 0
    assert rows == 0


@pytest.mark.parametrize(
    "where",
    ["__import__('os').system('x')", "exec('x')", "row IN (SELECT 1)", "1; DROP TABLE x", "read_csv('/etc/passwd')"],
)
def test_a_where_is_no_code(where: str) -> None:
    recipe = tamis.load_recipe("default")
    with pytest.raises(tamis.TamisError):
        recipe.set([f"exact_duplicate.where={where}"])


def test_a_saved_dataset_folder_runs_nothing_and_leaves_its_folder_alone(tmp_path: Path) -> None:
    source = write([{"instruction": "Hi.", "output": "Hello."}], "dataset", tmp_path)
    (source / "rows.py").write_text("raise SystemExit('a script was run')")
    state = json.loads((source / "state.json").read_text())
    state["_data_files"].append({"filename": "../../../../etc/passwd"})
    (source / "state.json").write_text(json.dumps(state))
    with pytest.raises(tamis.TamisError):
        tamis.audit(source)


AUDIT = """
import sys
EVENTS = {"socket.connect", "socket.bind", "socket.getaddrinfo", "pickle.find_class", "subprocess.Popen", "os.system"}
def hook(event, args):
    if event in EVENTS:
        raise AssertionError(event)
import tamis
tamis.prune(sys.argv[1])  # numba reads its cache of compiled kernels by pickle: let it first
sys.addaudithook(hook)
tamis.prune(sys.argv[1], sys.argv[2], dropped=sys.argv[2] + ".gone.jsonl")
heavy = {"torch", "datasets", "transformers", "faiss"} & set(sys.modules)
assert not heavy, heavy
"""


def test_a_whole_run_in_a_fresh_process_opens_no_socket_and_unpickles_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", AUDIT, "examples/data/support_mix.jsonl", str(tmp_path / "out.jsonl")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@given(kind=st.sampled_from([kind for kind in (*PERSONAL, *SECRETS) if kind.words]), data=st.data())
def test_a_text_is_passed_over_only_where_no_candidate_stands(kind: Kind, data: st.DataObject) -> None:
    """In whatever case: the words that spare a text the pattern stand in all that the pattern finds."""
    text = data.draw(st.from_regex(kind.candidate))
    assert kind.masked(text) != text or kind.marker == text
