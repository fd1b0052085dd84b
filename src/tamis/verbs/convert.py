"""`convert`: the same rows in another schema or another format."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from tamis.errors import TamisError
from tamis.records.formats.columnar import open_table
from tamis.records.opening import Inputs, chunks, open_inputs
from tamis.records.table import UNREADABLE
from tamis.records.targets import LOSSES, find
from tamis.records.targets.columns import Columns
from tamis.records.targets.conversion import EXAMPLES, Conversion, Place, Tally
from tamis.records.targets.output import TABULAR, copy_tables, format_of, writer
from tamis.unfinished import check_local
from tamis.workspace import check_steady, state, whole_file

Progress = Callable[[int, int], None]
"""Called after each chunk with the bytes and rows that were done."""

LOSS_TABLE = pl.Schema(
    {
        "kind": pl.String(),
        "what": pl.String(),
        "rows": pl.Int64(),
        "first": pl.List(
            pl.Struct([pl.Field("row", pl.Int64), pl.Field("file", pl.Int32), pl.Field("line", pl.Int64)])
        ),
    }
)


@dataclass(frozen=True)
class ConvertResult:
    """What was converted: `rows` = `written` + the rows of `left_out` + the rows of `unreadable`.

    `losses` has a line a kind of loss: how many of the written rows it touched, and the first of them.
    `left_out` and `unreadable` have a line a row: where it stands, and why. `as_json` names the columns in
    which a value had to become JSON text. `file` is everywhere an index into `files`.
    """

    output: str
    to: str | None
    rows: int
    written: int
    lossy: int
    losses: pl.DataFrame
    left_out: pl.DataFrame
    unreadable: pl.DataFrame
    files: tuple[str, ...]
    schemas: Mapping[str, int] = field(default_factory=dict)
    as_json: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """Counts, kinds of loss and reasons, each with its first rows, as plain values."""
        return {
            "output": self.output,
            "to": self.to,
            "inputs": list(self.files),
            "schemas": [{"name": name, "rows": rows} for name, rows in self.schemas.items()],
            "rows": self.rows,
            "written": self.written,
            "with_losses": self.lossy,
            "left_out": self.left_out.height,
            "unreadable": self.unreadable.height,
            "losses": [{**loss, "first": self._named(loss["first"])} for loss in self.losses.to_dicts()],
            "left_out_reasons": self._reasons(self.left_out),
            "unreadable_reasons": self._reasons(self.unreadable),
            "json_text_columns": list(self.as_json),
        }

    def _named(self, places: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**place, "file": self.files[place["file"]]} for place in places]

    def _reasons(self, refused: pl.DataFrame) -> list[dict[str, Any]]:
        grouped = refused.group_by("reason", maintain_order=True).agg(
            rows=pl.len(), first=pl.struct("row", "file", "line").head(EXAMPLES)
        )
        reasons = grouped.sort("rows", descending=True, maintain_order=True).to_dicts()
        return [{**reason, "first": self._named(reason["first"])} for reason in reasons]

    def __str__(self) -> str:
        return (
            f"{self.written:,} of {self.rows:,} rows written to {self.output}, {self.lossy:,} of them with losses; "
            f"{self.left_out.height:,} left out, {self.unreadable.height:,} unreadable"
        )


def convert(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Any,
    output: str | os.PathLike[str],
    *,
    to: str | None = None,
    schema: str | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    drop_fields: bool = False,
    progress: Progress | None = None,
) -> ConvertResult:
    """Write rows as another schema, another format, or both, and report what that loses.

    Every row of the input is written, left out with a reason, or unreadable. A row that has the target's
    shape already is written as it stands. Fields that hold no part of the example (an id, a source) are
    carried over. Of a separate input (alpaca's `input`), only alpaca keeps it apart: elsewhere it is part
    of the prompt, and stays so on the way back.

    Parameters
    ----------
    data
        A path, glob, folder or `-` (or a list of them), or a polars, pandas, pyarrow or `datasets` table.
    output
        The file to write; its ending says the format, and `.gz` or `.zst` after it compresses. It appears
        whole, or not at all.
    to
        `messages`, `sharegpt`, `alpaca`, `prompt-completion` or `preference`; None leaves the schema.
    schema, mapping, format
        What the input is, where detection should not decide.
    drop_fields
        Leave out the fields that hold no part of the example.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> import tempfile, polars as pl
    >>> path = Path(tempfile.mkdtemp()) / "chat.jsonl"
    >>> rows = pl.DataFrame({"question": ["2 + 2?"], "answer": ["4"], "id": [7]})
    >>> print(convert(rows, path, to="messages").written, path.read_text(), end="")
    1 {"messages":[{"role":"user","content":"2 + 2?"},{"role":"assistant","content":"4"}],"id":7}
    """
    path = Path(output)
    target = None if to is None else find(to)
    if target is None and (schema or mapping or drop_fields):
        raise TamisError("--schema, --map and --drop-fields say how rows are rewritten, so they need --to")
    kind = format_of(path)
    inputs = open_inputs(data, format)
    files = tuple(source.name for source in inputs) if isinstance(inputs, list) else ("table",)
    _check_output(path, inputs)
    seen = [state(source) for source in inputs] if isinstance(inputs, list) else []
    conversion = Conversion(target, schema, mapping, drop_fields=drop_fields)
    as_json: set[str] = set()
    try:
        with whole_file(path) as part:
            if target is None and kind in ("parquet", "arrow") and (copied := _copied(inputs, part, path)) is not None:
                conversion.tally.rows = conversion.tally.written = copied
            else:
                again = Conversion(target, schema, mapping, drop_fields=drop_fields)
                _write(inputs, part, path, (again, conversion), as_json, progress)
            if not conversion.tally.rows:
                raise TamisError("the input holds no rows")
            check_steady(seen)
    except OSError as error:
        raise TamisError(f"{path}: cannot be written ({error.strerror or error})") from None
    return _result(str(path), to, files, conversion.tally, as_json)


def _check_output(path: Path, inputs: Inputs) -> None:
    check_local(path)
    if path.is_dir():
        raise TamisError(f"{path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise TamisError(f"{path}: the folder {path.parent} does not exist; make it first")
    if path.exists() and isinstance(inputs, list):
        for source in inputs:
            if path.samefile(source.path):
                raise TamisError(f"{path}: is an input; write to another file")


def _write(
    inputs: Inputs,
    part: Path,
    path: Path,
    passes: tuple[Conversion, Conversion],
    as_json: set[str],
    progress: Progress | None,
) -> None:
    """Convert and write; a format with columns needs a pass over the input before that, to know them."""
    surveying, conversion = passes
    columns, surveyed = Columns(), format_of(path) in TABULAR
    if surveyed:
        for file, chunk in chunks(inputs):
            columns.see(surveying.convert(chunk, file).rows)
            if progress is not None:
                progress(chunk.consumed // 2, 0)
    with writer(part, path, columns, as_json) as out:
        for file, chunk in chunks(inputs):
            converted = conversion.convert(chunk, file)
            conversion.tally.wrote(converted, out.write(converted.rows))
            if progress is not None:
                progress(chunk.consumed - chunk.consumed // 2 if surveyed else chunk.consumed, len(chunk.values))


def _copied(inputs: Inputs, part: Path, path: Path) -> int | None:
    """Tables of one schema are copied batch by batch, types included; None where the input is no such thing."""
    if isinstance(inputs, pl.DataFrame):
        table = inputs.to_arrow()
        return copy_tables(iter(table.to_batches()), table.schema, part, format_of(path))
    if any(source.format not in ("parquet", "arrow") for source in inputs):
        return None
    with ExitStack() as stack:
        opened = [stack.enter_context(open_table(source)) for source in inputs]
        schema: pa.Schema = opened[0][0]
        if not all(schema.equals(other) for other, _ in opened):
            return None
        return copy_tables(chain.from_iterable(batches for _, batches in opened), schema, part, format_of(path))


def _result(output: str, to: str | None, files: tuple[str, ...], tally: Tally, as_json: set[str]) -> ConvertResult:
    losses = [(kind, LOSSES[kind], rows, _first(tally.first[kind])) for kind, rows in tally.losses.most_common()]
    return ConvertResult(
        output=output,
        to=to,
        rows=tally.rows,
        written=tally.written,
        lossy=tally.lossy,
        losses=pl.DataFrame(losses, schema=LOSS_TABLE, orient="row"),
        left_out=pl.DataFrame(tally.left_out, schema=UNREADABLE, orient="row"),
        unreadable=pl.DataFrame(tally.unreadable, schema=UNREADABLE, orient="row"),
        files=files,
        schemas=dict(tally.schemas.most_common()),
        as_json=tuple(sorted(as_json)),
    )


def _first(places: list[Place]) -> list[dict[str, int | None]]:
    return [{"row": row, "file": file, "line": line} for row, file, line, _, _ in places]
