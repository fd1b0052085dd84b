"""A file that changes between the first byte that is read and the last: every verb says so, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tamis
from tamis.errors import TamisError
from tamis.records import formats
from tamis.verbs import kept
from tests.rows import THIN
from tests.written import lines, write

ROWS = [{"instruction": f"Tell me of the number {i}.", "output": f"Blue {i}, and no more of it."} for i in range(40)]


def overwritten(path: Path) -> None:
    """Other bytes, as many of them."""
    path.write_bytes(path.read_bytes().replace(b"Blue", b"Grey"))


def grown(path: Path) -> None:
    """As a file that is still written."""
    with path.open("ab") as out:
        out.write(lines(ROWS[:1]))


VERBS: dict[str, Callable[[Path, Path], Any]] = {
    "audit": lambda file, out: tamis.audit(file, recipe=THIN).save(out),
    "prune": lambda file, out: tamis.prune(file, out / "kept.jsonl", dropped=out / "gone.jsonl", recipe=THIN),
    "duplicates": lambda file, _: tamis.duplicates(file),
    "decontaminate": lambda file, out: tamis.decontaminate(
        file, write(ROWS[:2], "jsonl", out.with_name("t")), output=out / "kept.jsonl"
    ),
    "diversity": lambda file, _: tamis.diversity(file),
    "bias": lambda file, _: tamis.bias(file, sample=0),
    "compare": lambda file, out: tamis.compare(write(ROWS, "jsonl", out.with_name("t")), file, recipe=THIN),
    "select": lambda file, out: tamis.select(file, out / "picked.jsonl", n=3, strategy="random"),
    "preflight": lambda file, _: tamis.preflight(file, trainer="trl"),
    "convert": lambda file, out: tamis.convert(file, out / "chat.jsonl", to="messages"),
    "convert in two passes": lambda file, out: tamis.convert(file, out / "chat.csv", to="messages"),
    "read": lambda file, _: tamis.read(file),
}


@pytest.mark.parametrize("change", [overwritten, grown, Path.unlink], ids=["overwritten", "grown", "gone"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_change_after_the_last_row_was_read_is_told(
    verb: str, change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = write(ROWS, "jsonl", tmp_path / "in"), tmp_path / "out"
    out.mkdir()
    real, changed = formats.read, list[Path]()

    def read(source: Any, wanted: Any = None) -> Iterator[Any]:
        yield from real(source, wanted)
        if source.path == file and not changed:
            changed.append(file)
            change(file)

    monkeypatch.setattr(formats, "read", read)
    with pytest.raises((TamisError, FileNotFoundError)) as error:
        VERBS[verb](file, out)
    assert changed
    assert isinstance(error.value, TamisError), error.value
    assert "rows.jsonl" in str(error.value) or "chat.csv" in str(error.value)
    assert list(out.iterdir()) == []


COPIERS: dict[str, Callable[[Path, Path], Any]] = {
    "prune": lambda file, out: tamis.prune(file, out, recipe=THIN),
    "select": lambda file, out: tamis.select(file, out, n=3, strategy="random"),
}


@pytest.mark.parametrize("format", ["jsonl", "json array", "csv", "parquet", "jsonl.gz"])
@pytest.mark.parametrize("target", ["kept", "folder/"])
@pytest.mark.parametrize("verb", COPIERS)
def test_a_change_while_rows_are_copied_is_told(
    verb: str, target: str, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = write(ROWS, format, tmp_path / "in"), tmp_path / "out"
    name = out / ("folder" if target.endswith("/") else f"kept{''.join(file.suffixes)}")
    out.mkdir()
    real, whole = kept.write_kept, file.read_bytes()

    def write_kept(*given: Any, **named: Any) -> bytes:
        written = real(*given, **named)
        file.write_bytes(whole + b"\n")
        return written

    monkeypatch.setattr(kept, "write_kept", write_kept)
    with pytest.raises(TamisError, match=r"rows\..*: changed while it was read"):
        COPIERS[verb](file, name)
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_a_touch_is_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, real = write(ROWS, "jsonl", tmp_path), kept.write_kept
    monkeypatch.setattr(kept, "write_kept", lambda *given, **named: (real(*given, **named), file.touch())[0])
    assert tamis.prune(file, tmp_path / "kept.jsonl", recipe=THIN).n_kept == len(ROWS)
