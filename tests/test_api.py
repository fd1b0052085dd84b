"""The verbs on tables, what results show, and signals of the user's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

import tamis
from tamis.recipe import parse
from tamis.registry import SIGNALS
from tests import rows as make
from tests.written import write

ROWS = [
    {"instruction": "Name a colour.", "output": "Blue, for one.", "source": "a"},
    {"instruction": "Name a bird.", "output": "", "source": "b"},
    {"instruction": "Name a colour.", "output": "Blue,  for one.", "source": "a"},
    {"instruction": "Name a fish.", "output": "A carp.", "source": "b"},
]


def tables(rows: Any) -> dict[str, Any]:
    import datasets

    return {
        "polars": pl.DataFrame(rows),
        "lazy": pl.LazyFrame(rows),
        "pandas": pd.DataFrame(rows),
        "pyarrow": pa.Table.from_pylist(rows),
        "batch": pa.RecordBatch.from_pylist(rows),
        "datasets": datasets.Dataset.from_list(rows),
    }


def as_rows(table: Any) -> list[dict[str, Any]]:
    if isinstance(table, pd.DataFrame):
        return table.to_dict("records")
    if isinstance(table, pl.DataFrame):
        return table.to_dicts()
    return table.to_pylist() if isinstance(table, pa.Table | pa.RecordBatch) else list(table)


@settings(max_examples=3)
@given(rows=make.pairs)
def test_a_table_has_the_findings_of_the_file(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    expected = tamis.audit(write(rows, "jsonl", tmp_path_factory.mktemp("api"))).findings
    for name, table in tables(rows).items():
        assert tamis.audit(table).findings.equals(expected), name


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow", "batch", "datasets"])
def test_the_kept_table_is_of_the_same_kind(kind: str) -> None:
    table = tables(ROWS)[kind]
    result = tamis.prune(table, by="source")
    assert type(result.kept) is type(table)
    assert as_rows(result.kept) == [ROWS[i] for i in result.audit.kept]
    assert (result.n_kept, result.n_dropped, result.n_unreadable) == (2, 2, 0)
    if kind == "datasets":
        assert result.kept.features == table.features


def test_thresholds_move_over_the_audit_of_a_table() -> None:
    found = tamis.audit(pl.DataFrame(ROWS))
    softer = tamis.prune(found, set=["exact_duplicate.action=flag", "near_duplicate.action=flag"])
    assert (softer.n_kept, softer.n_dropped) == (3, 1)


def test_pandas_index_dtypes_and_pyarrow_metadata_stay() -> None:
    frame = pd.DataFrame(ROWS, index=["w", "x", "y", "z"]).astype({"source": "category"})
    kept = tamis.prune(frame).kept
    assert list(kept.index) == [frame.index[i] for i in tamis.audit(frame).kept]
    assert (kept.dtypes == frame.dtypes).all()
    table = pa.Table.from_pylist(ROWS).replace_schema_metadata({b"a": b"b"})
    assert tamis.prune(table).kept.schema.equals(table.schema, check_metadata=True)


def test_a_table_cannot_be_written_to_a_file_but_its_dropped_rows_can(tmp_path: Path) -> None:
    with pytest.raises(tamis.TamisError, match=r"\.kept"):
        tamis.prune(pl.DataFrame(ROWS), tmp_path / "o.jsonl")
    tamis.prune(pl.DataFrame(ROWS), dropped=tmp_path / "gone.jsonl")
    gone = pl.read_ndjson(tmp_path / "gone.jsonl")
    assert gone["record"].to_list() == [ROWS[row] for row in gone["row"]]


def test_an_empty_table_holds_no_rows() -> None:
    for table in (pl.DataFrame(), pl.DataFrame({"instruction": [], "output": []}), pd.DataFrame()):
        with pytest.raises(tamis.TamisError, match="no rows"):
            tamis.audit(table)


def test_results_show_themselves() -> None:
    audit = tamis.audit(
        pl.DataFrame([*ROWS, {"instruction": "<b>x</b>", "output": "", "source": "<script>"}]), by="source"
    )
    for result in (audit, tamis.prune(audit)):
        assert "5 rows" in str(result)
        html = result._repr_html_()
        assert html.startswith("<")
        assert "<script>" not in html
    assert "polars table" in str(audit)
    assert audit.rows_of("empty_response")["row"].to_list() == [1, 4]
    with pytest.raises(tamis.TamisError, match="did you mean 'empty_response'"):
        audit.rows_of("empty_respose")
    assert tamis.prune(audit).reasons()["row"].n_unique() == audit.dropped.len()


def test_public_names_are_there_and_no_others() -> None:
    assert all(getattr(tamis, name) is not None for name in tamis.__all__)
    assert set(tamis.__all__) <= set(dir(tamis))
    with pytest.raises(AttributeError, match="has no attribute 'audits'"):
        tamis.audits  # noqa: B018


OWN = '''
"""Signals of my own."""
import numpy as np
import polars as pl
from tamis import signal
from tamis.registry import first_match


@signal(unit="count", source="mine", reduce="sum", locate=first_match("colou?r"))
def colour_words_{name}(prompts):
    """How often a colour is asked for."""
    return prompts.text.str.count_matches("colou?r")


@signal(unit="flag", source="mine")
def odd_row_{name}(rows, *, step: int = 2):
    """Whether the row's number is odd."""
    return rows["row"].to_numpy() % step == 1


@signal(unit="ratio", source="mine")
def short_{name}(rows):
    """One value too few."""
    return np.zeros(max(0, len(rows) - 1))


@signal(unit="ratio", source="mine")
def failing_{name}(rows):
    """It fails."""
    raise KeyError("oh dear")
'''


@pytest.fixture
def own(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Signals of the user's own in a file, forgotten after the test; their names end in the file's."""
    before = dict(SIGNALS)
    name = f"own{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / f"{name}.py").write_text(OWN.replace("{name}", name))
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    SIGNALS.clear()
    SIGNALS.update(before)
    sys.modules.pop(name, None)


def test_an_installed_package_brings_signals_by_an_entry_point(own: str, tmp_path: Path) -> None:
    facts = tmp_path / f"{own}-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {own}\nVersion: 1\n")
    (facts / "entry_points.txt").write_text(f"[tamis.signals]\nmine = {own}\n")
    found = tamis.audit(pl.DataFrame(ROWS), recipe=load_without_broken(own))
    assert found.rows[f"odd_row_{own}"].to_list() == [bool(row % 2) for row in range(len(ROWS))]


def load_without_broken(own: str) -> Path:
    """A recipe that computes one signal, since the fixture's others fail on purpose."""
    recipe = Path(sys.path[0]) / "odd.toml"
    recipe.write_text(f'compute = ["odd_row_{own}"]\n')
    return recipe


@pytest.mark.parametrize("where", ["file", "module"])
def test_signals_of_the_users_own_are_equals_of_the_built_in_ones(where: str, own: str, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        f'extends = "default"\ncompute = ["colour_words_{own}"]\n'
        f'[signals.odd_row_{own}]\nstep = 3\n'
        f'[rules.colours]\nsignal = "colour_words_{own}"\nat_least = 1\naction = "drop"\n'
        f'[rules.odd]\nsignal = "odd_row_{own}"\n'
    )  # fmt: skip
    source = write(ROWS, "jsonl", tmp_path)
    named = str(tmp_path / f"{own}.py") if where == "file" else own
    options = {"recipe": tmp_path / "r.toml", "signals": [named]}
    audit = tamis.audit(source, **options)
    hits = audit.rows_of("colours")
    assert hits.select("row", "value", "turn", "start", "stop").rows() == [(0, 1.0, 0, 7, 13), (2, 1.0, 0, 7, 13)]
    assert audit.rows_of("odd")["row"].to_list() == [1]
    assert audit.rows[f"colour_words_{own}"].to_list() == [1, 0, 1, 0]
    audit.save(tmp_path / "a")
    again = tamis.prune(tamis.AuditResult.load(tmp_path / "a"), set=["colours.at_least=2"])
    assert again.audit.rows_of("colours").is_empty()
    tamis.audit(source, **options)  # the same file may be named again


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        ("short", "returned 3 values for 4 rows"),
        ("failing", "oh dear"),
    ],
)
def test_a_signal_that_fails_names_itself(signal: str, said: str, own: str, tmp_path: Path) -> None:
    source = write(ROWS, "jsonl", tmp_path)
    tamis.audit(source, recipe=make.THIN, signals=[str(tmp_path / f"{own}.py")])
    recipe = parse({"compute": [f"{signal}_{own}"]})
    with pytest.raises(tamis.TamisError, match=f"{signal}_{own}.*{said}"):
        tamis.audit(source, recipe=recipe)


@pytest.mark.parametrize("text", ["def (", "import no_such_module_at_all", "raise ValueError('x')", "1 / 0"])
def test_a_file_of_signals_that_fails_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(tamis.TamisError, match=r"mine\.py"):
        tamis.audit(pl.DataFrame(ROWS), signals=[str(tmp_path / "mine.py")])


def test_an_empty_conversation_is_an_empty_list_of_turns() -> None:
    frame = tamis.read(pl.DataFrame({"messages": [[], [{"role": "user", "content": "hi"}]]}))
    assert frame["turns"].list.len().to_list() == [0, 1]
