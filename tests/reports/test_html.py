"""The page of an audit as text: what it carries, what it hides, and that nothing breaks out of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tamis
from tamis.masking import mask
from tamis.reports.embedding import as_json, embedded
from tamis.reports.html import SECTIONS, Section, render
from tamis.verbs.page.conversations import pieces, start_of
from tamis.verbs.page.sampling import rows_to_carry
from tamis.verbs.report import page
from tests.reports.pages import HOSTILE, audit_of_examples, hostile_file
from vendoring import fetch


class Outline(HTMLParser):
    """The elements of a page, their attributes, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open = tag
        if tag == "script":
            self.scripts.append("")
        elif tag == "style":
            self.styles.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open == "script":
            self.scripts[-1] += data
        elif self.open == "style":
            self.styles[-1] += data


@pytest.fixture(scope="module")
def examples() -> tamis.AuditResult:
    return audit_of_examples()


@pytest.fixture(scope="module")
def text(examples: tamis.AuditResult) -> str:
    return tamis.report(examples)


def data_of(text: str) -> dict[str, Any]:
    return dict(json.loads(Outline(text).scripts[0]))


def test_a_page_loads_nothing_and_its_policy_allows_its_own_scripts_alone(text: str) -> None:
    outline = Outline(text)
    policy = next(a["content"] for t, a in outline.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    script_policy = re.search(r"script-src ([^;]*)", policy)
    assert script_policy is not None
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in outline.scripts[1:]}
    assert set(script_policy[1].split()) == hashes
    assert "unsafe-eval" not in policy
    assert not re.search(r"script-src[^;]*unsafe", policy)
    loaded = [(t, a) for t, a in outline.elements if {"src", "srcset", "data", "action"} & a.keys() or t == "link"]
    assert loaded == []
    assert all(str(a["href"]).startswith("#") for t, a in outline.elements if "href" in a)
    assert not any(name.startswith("on") for _, a in outline.elements for name in a)


def test_a_page_is_small_and_repeats_itself(examples: tamis.AuditResult, text: str) -> None:
    assert len(text.encode()) < 3_000_000
    assert tamis.report(examples) == text


def test_every_rule_that_hit_is_represented_and_its_counts_are_those_of_the_audit(
    examples: tamis.AuditResult, text: str
) -> None:
    data = data_of(tamis.report(examples, rows=60))
    rows, rules = data["findings"]["rows"], data["rules"]
    assert len(rows) <= 60
    hit = {rule["rule"] for rule in rules if rule["rows"]}
    assert {rules[found["rule"]]["rule"] for row in rows for found in row["findings"]} == hit
    counts = dict(examples.findings.filter(~pl.col("accepted"))["rule"].value_counts().iter_rows())
    explored = data_of(text)["thresholds"]["rules"]
    assert {rule["rule"]: rule["rows"] for rule in explored} == {
        rule["rule"]: counts.get(rule["rule"], 0) for rule in explored
    }


def test_the_count_at_every_stop_is_what_the_audit_would_find_there(examples: tamis.AuditResult, text: str) -> None:
    from tamis.verbs.rejudge import rejudge

    for rule in data_of(text)["thresholds"]["rules"]:
        for at in {0, len(rule["stops"]) // 2, len(rule["stops"]) - 1}:
            stop = rule["stops"][at]
            if rule["unit"] != "ratio" and stop != int(stop):
                continue
            changed = examples.recipe.set([f"{rule['rule']}.{rule['key']}={stop}"])
            found = rejudge(examples, changed, examples.accepted)
            assert found.rows_of(rule["rule"]).height == rule["affected"][at], (rule["rule"], stop)


def test_marks_stand_where_the_findings_say(examples: tamis.AuditResult, text: str) -> None:
    data = data_of(text)
    rows = {row["row"]: row for row in data["findings"]["rows"]}
    checked = 0
    for found in examples.findings.filter(pl.col("start").is_not_null() & ~pl.col("accepted")).iter_rows(named=True):
        turns = [t for t in rows[found["row"]]["turns"] if t.get("side") is None]
        whole = "".join(p if isinstance(p, str) else p.get("mark", "") for p in turns[found["turn"]]["text"])
        marks = [p for p in turns[found["turn"]]["text"] if isinstance(p, dict) and "mark" in p]
        rules = {data["rules"][rule]["rule"] for mark in marks for rule in mark["rules"]}
        if "[" not in whole:  # nothing was masked
            assert found["rule"] in rules
            checked += 1
    assert checked > 10


def test_hostile_rows_are_text(tmp_path: Path) -> None:
    found = tamis.audit(hostile_file(tmp_path), by="source")
    text = tamis.report(found)
    outline = Outline(text)
    assert [tag for tag, _ in outline.elements if tag in ("img", "svg", "iframe", "base", "a") and tag != "a"] == []
    assert len(outline.scripts) == 3
    assert not any(name.startswith("on") for _, a in outline.elements for name in a)
    assert "\x00" not in text
    assert len(text) < 4_000_000
    shown = json.dumps(data_of(text), ensure_ascii=False)
    assert json.dumps(HOSTILE["handler"], ensure_ascii=False)[1:-1] in shown
    assert json.dumps(HOSTILE["template"], ensure_ascii=False)[1:-1] in shown


def test_personal_data_and_secrets_are_masked_unless_asked_for(tmp_path: Path) -> None:
    secret, mail, phone = "AKIA" + "Q3EGRIYJXN7WMZ2T", "jo.field@tamis.dev", "+44 20 7946 1958"
    said = f"Write to {mail} or call {phone}; the key is {secret}."
    rows = [
        {"instruction": f"{said} Why? {'x ' * n}", "output": f"{'y' * n} {said}", "source": mail}
        for n in range(90, 150)
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = tamis.audit(path, by="source", show_sensitive=True)
    hidden, shown = tamis.report(found), tamis.report(found, show_sensitive=True)
    for part in (secret, mail, phone, "7946 1958", "field@"):
        assert part not in hidden
        assert part in shown


@given(
    st.lists(st.sampled_from(["jo@tamis.dev", "+44 20 7946 1958", "word", "[phone]", "<b>", "\n", "x" * 50])),
    st.integers(0, 40), st.integers(0, 60), st.integers(1, 80),
)  # fmt: skip
def test_pieces_lose_nothing_but_gaps_and_leak_nothing(words: list[str], start: int, length: int, most: int) -> None:
    text = " ".join(words)
    found = pieces(text, [(start, start + length, 0)], mask, most)
    hidden = mask(text)
    whole, at = "", 0
    for part in found:
        if isinstance(part, dict) and "gap" in part:
            at += part["gap"]
        else:
            said = part if isinstance(part, str) else part["mark"]
            assert hidden[at : at + len(said)] == said
            whole, at = whole + said, at + len(said)
    assert at == len(hidden)
    assert "jo@tamis" not in whole
    assert "7946" not in start_of(text, mask, most)


@given(st.recursive(st.none() | st.booleans() | st.integers(-99, 99) | st.text() | st.floats(allow_nan=False),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12))  # fmt: skip
def test_embedded_json_is_the_value_and_holds_no_markup(value: Any) -> None:
    text = embedded(value)
    assert not set("<>&\u2028\u2029") & set(text)
    if "\\ud" not in text:
        assert json.loads(text) == value


def test_json_takes_half_a_surrogate_pair_and_nan() -> None:
    assert json.loads(as_json({"a": "\ud800", "b": [float("nan"), 1.5]})) == {"a": "\ud800", "b": [None, 1.5]}


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc"))), st.integers(0, 30))
def test_the_rows_carried_are_rows_and_no_more_than_asked_for(hits: list[tuple[int, str]], most: int) -> None:
    rows = pl.Series(range(41), dtype=pl.Int64)
    findings = pl.DataFrame(hits, schema={"row": pl.Int64, "rule": pl.String}, orient="row").unique(maintain_order=True)
    carried = rows_to_carry(rows, findings, most)
    assert len(set(carried)) == len(carried) <= max(most, findings["rule"].n_unique())
    assert set(carried) <= set(range(41))
    missing = set(findings["rule"]) - set(findings.filter(pl.col("row").is_in(carried))["rule"])
    assert not missing or most < 3


def test_sections_are_shown_where_the_page_has_them(examples: tamis.AuditResult) -> None:
    values = page(examples, projection="none")
    text = render(values)
    assert 'id="map"' not in text
    only = render(values, [Section("overview", "Overview")])
    assert len(only) < 200_000 < len(text)  # no charts, no library for them
    assert all(section.key in page(examples) for section in SECTIONS)


def test_files_of_others_are_those_that_are_pinned() -> None:
    for path, digest in fetch.DIGESTS.items():
        assert hashlib.sha256((fetch.ROOT / path).read_bytes()).hexdigest() == digest, path
