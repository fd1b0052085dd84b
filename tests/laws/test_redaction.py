"""`prune --redact`: the bytes of the strings concerned change, no others, and nothing of their kind is left."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.recipe import load
from tamis.sensitive import PERSONAL, SECRETS, find
from tests import rows as make
from tests.laws.test_own_bytes import read_table, write_table
from tests.written import FORMATS, text_of, write

PLANTED = {
    "jo.bloggs@tamis.dev": "email",
    "+44 20 7946 1958": "phone",
    "4532 2766 4457 7020": "card",
    "DE44 5001 0517 5407 3249 31": "iban",
    "58.74.121.78": "ip",
    "ghp_9aK2mQx7Lr4TzV1bWc8Ny5Pd3Fs6Gh0Je2Ru": "api-key",
    "password: kT9$mmQ2x": "password",
    "api_key = 'f8G2kd91LmQz77pXw0aB'": "token",
}
RULES = load("default").only(["emails", "phone_numbers", "card_numbers", "ibans", "ip_addresses", "secrets"])
pieces = st.sampled_from(
    [*PLANTED, " ", "\n", '"', "\\", "é", "😀", "call ", "phone: ", "[EMAIL]", "12 ", "2024-01-02", ",", "\t"]
)
text = st.lists(pieces, max_size=6).map("".join) | make.free_text


@st.composite
def row(draw: st.DrawFn) -> dict[str, Any]:
    """An alpaca row of strings."""
    return {"instruction": draw(text) + "?", "input": draw(text), "output": draw(text) + ".", "source": draw(text)}


rows = st.lists(row(), min_size=1, max_size=5)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=6, deadline=None)
@given(rows=rows)
def test_nothing_is_left_and_twice_is_once(
    format: str, rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    source = write(rows, format, folder)
    out, again = (folder / f"{name}{''.join(source.suffixes)}" for name in ("out", "again"))
    first = tamis.prune(source, out, recipe=RULES, redact="pii,secrets")
    assert tamis.audit(out, recipe=RULES).findings.is_empty()
    second = tamis.prune(out, again, recipe=RULES, redact=["pii", "secrets"])
    assert second.redactions is not None
    assert second.redactions.is_empty()
    assert first.redactions is not None
    if out.is_file():
        assert text_of(out) == text_of(again)
        if first.redactions.is_empty() and "parquet" not in format and "arrow" not in format:
            assert text_of(out) == text_of(source)


def _masked(value: Any) -> Any:
    """A value with every string in it left out."""
    if isinstance(value, str):
        return None
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(row() | make.chat(), min_size=1, max_size=4),
    plain=st.booleans(),
    extra=st.sampled_from(['"n": 2.50', '"n": 1E5, "n": [ ]', '"big": 12345678901234567890, "deep": [[{"b": null}]]']),
)
def test_of_a_json_line_only_strings_change(
    rows: list[dict[str, Any]], plain: bool, extra: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    lines = [f"{{{extra} , {json.dumps(row, ensure_ascii=plain)[1:]}" for row in rows]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8", newline="")
    result = tamis.prune(folder / "in.jsonl", folder / "out.jsonl", recipe=RULES, redact="pii,secrets")
    kept = (folder / "out.jsonl").read_text(encoding="utf-8").split("\n")
    assert result.redactions is not None
    changed = set(result.redactions["row"])
    for number, (before, after) in enumerate(zip(lines, kept, strict=True)):
        if number not in changed:
            assert after == before
            continue
        assert after.startswith(f"{{{extra} , ")
        assert _masked(json.loads(after)) == _masked(json.loads(before))
        assert after != before


@settings(max_examples=10, deadline=None)
@given(rows=rows)
def test_a_redaction_says_where_in_the_old_row_it_was(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    for format in ("jsonl", "csv", "parquet"):
        source = write(rows, format, folder)
        told = tamis.prune(source, recipe=RULES, redact="pii,secrets").redactions
        assert told is not None
        for at in told.iter_rows(named=True):
            stood = rows[at["row"]][at["field"].partition(".")[0]][at["start"] : at["stop"]]
            assert stood.strip()
            assert at["kind"] in {kind.name for kind in (*PERSONAL, *SECRETS)}
            assert any(stood in planted for planted in PLANTED) or find(stood) or len(stood) >= 6


ARGUMENTS = '{"email": "jo.bloggs@tamis.dev", "note": "\\njo.bloggs@tamis.dev"}'
NESTED = {
    "messages": [
        {"role": "user", "content": "I am jo.bloggs@tamis.dev"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"function": {"name": "find", "arguments": ARGUMENTS}}]},
        {"role": "tool", "content": '{"card": 4532276644577020, "password": "kT9$mmQ2x"}'},
    ],
    "id": 17,
}  # fmt: skip


def test_turns_tool_calls_and_json_in_strings(tmp_path: Path) -> None:
    source = write([NESTED, {"messages": [{"role": "user", "content": "Hi"}], "id": 1}], "jsonl", tmp_path)
    result = tamis.prune(source, tmp_path / "out.jsonl", recipe=make.THIN, redact="pii,secrets")
    first, second = (tmp_path / "out.jsonl").read_text().splitlines()
    assert second == source.read_text().splitlines()[1]
    said = json.loads(first)["messages"]
    assert said[0]["content"] == "I am [EMAIL]"
    assert json.loads(said[1]["tool_calls"][0]["function"]["arguments"]) == {"email": "[EMAIL]", "note": "\n[EMAIL]"}
    assert json.loads(said[2]["content"]) == {"card": "[CARD]", "password": "[PASSWORD]"}
    assert result.redactions is not None
    assert result.redactions["field"].to_list()[:2] == [
        "messages[0].content",
        "messages[1].tool_calls[0].function.arguments.email",
    ]


def test_a_single_kind_may_be_named_and_an_unknown_one_is_a_mistake(tmp_path: Path) -> None:
    frame = pl.DataFrame({"instruction": ["Mail jo@tamis.dev or call +44 20 7946 1958"], "output": ["Fine."]})
    assert tamis.prune(frame, redact="email").kept["instruction"].to_list() == ["Mail [EMAIL] or call +44 20 7946 1958"]
    with pytest.raises(tamis.TamisError, match="did you mean 'secrets'"):
        tamis.prune(tmp_path / "none.jsonl", redact="secret")
    with pytest.raises(tamis.TamisError, match="redactions"):
        tamis.prune(frame, redactions=tmp_path / "r.jsonl")


def test_what_is_told_holds_nothing_of_what_was_redacted(tmp_path: Path) -> None:
    rows = [{"instruction": f"Take {planted}.", "output": "Done."} for planted in PLANTED]
    source = write(rows, "jsonl", tmp_path)
    result = tamis.prune(
        source, tmp_path / "o.jsonl", recipe=RULES, redact="pii,secrets", redactions=tmp_path / "r.jsonl"
    )
    told = (tmp_path / "r.jsonl").read_text() + str(result) + json.dumps(result.summary()) + result._repr_html_()
    assert [planted for planted in PLANTED if planted in told or planted[-9:] in told] == []
    entries = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [entry["kind"] for entry in entries] == list(PLANTED.values())
    assert entries[0] == {"row": 0, "file": str(source), "line": 1, "field": "instruction", "start": 5, "stop": 24,
                          "kind": "email"}  # fmt: skip
    assert {kind["kind"]: kind["spans"] for kind in result.summary()["redacted"]} == dict.fromkeys(PLANTED.values(), 1)


def test_a_finished_audit_can_be_pruned_with_redaction(tmp_path: Path) -> None:
    source = write(
        [{"instruction": "Mail jo@tamis.dev", "output": "Fine."}, {"instruction": "x", "output": ""}],
        "json array",
        tmp_path,
    )
    tamis.audit(source).save(tmp_path / "audit")
    tamis.prune(tamis.AuditResult.load(tmp_path / "audit"), tmp_path / "out.json", redact="pii")
    assert json.loads((tmp_path / "out.json").read_text()) == [{"instruction": "Mail [EMAIL]", "output": "Fine."}]


def test_csv_quotes_and_plain_fields(tmp_path: Path) -> None:
    body = 'instruction,output,note\r\nMail jo@tamis.dev,"say ""hi"" to\nann@tamis.dev, please",\r\nHi,"a ""b""",c\r\n'
    (tmp_path / "in.csv").write_text(body, newline="")
    tamis.prune(tmp_path / "in.csv", tmp_path / "out.csv", recipe=make.THIN, redact="pii")
    with (tmp_path / "out.csv").open(newline="") as file:
        after = file.read()
    assert after == body.replace("jo@tamis.dev", "[EMAIL]").replace("ann@tamis.dev", "[EMAIL]")
    assert len(list(csv.reader(io.StringIO(after)))) == 3


TABLE = pa.table(
    {
        "instruction": ["Mail jo@tamis.dev", "Add 1 and 2.", "Name a bird."],
        "output": ["Fine.", "3", "A wren, says ann@tamis.dev."],
        "label": pa.array(["jo@tamis.dev", "b", None]).dictionary_encode(),
        "meta": [{"n": 1, "s": "jo@tamis.dev"}, None, {"n": 2, "s": None}],
        "tags": [["x", "jo@tamis.dev"], [], None],
        "when": pa.array([1, 2, None], pa.timestamp("ns")),
    }
).replace_schema_metadata({b"author": b"jo"})


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_table_keeps_its_schema_and_all_other_values(kind: str, tmp_path: Path) -> None:
    ending = "parquet" if kind == "parquet" else "arrow"
    source, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    write_table(TABLE, source, kind)
    result = tamis.prune(source, out, redact="pii")
    after = read_table(out, kind)
    assert after.schema.equals(read_table(source, kind).schema, check_metadata=True)
    expected = json.loads(
        json.dumps(TABLE.drop(["when"]).to_pylist())
        .replace("jo@tamis.dev", "[EMAIL]")
        .replace("ann@tamis.dev", "[EMAIL]")
    )
    assert after.drop(["when"]).to_pylist() == expected
    assert after["when"].combine_chunks().equals(TABLE["when"].combine_chunks())
    assert result.redactions is not None
    assert result.redactions["field"].to_list() == ["instruction", "label", "meta.s", "tags[1]", "output"]


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "pyarrow", "datasets"])
def test_tables_in_memory(kind: str) -> None:
    import datasets

    data = {"instruction": ["Mail jo@tamis.dev", "Hi", "Go"], "output": ["Fine.", "", "Ask ann@tamis.dev."]}
    table = {
        "polars": lambda: pl.DataFrame(data),
        "lazy": lambda: pl.LazyFrame(data),
        "pandas": lambda: pl.DataFrame(data).to_pandas(),
        "pyarrow": lambda: pa.table(data),
        "datasets": lambda: datasets.Dataset.from_dict(data),
    }[kind]()
    kept = tamis.prune(table, redact="pii").kept
    assert list(kept["instruction"] if kind != "pyarrow" else kept["instruction"].to_pylist()) == ["Mail [EMAIL]", "Go"]
    assert list(kept["output"] if kind != "pyarrow" else kept["output"].to_pylist()) == ["Fine.", "Ask [EMAIL]."]
    if kind != "lazy":
        assert type(kept) is type(table)
