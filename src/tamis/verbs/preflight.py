"""`preflight`: what a trainer would reject, blank, cut or never learn from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.errors import TamisError, unknown
from tamis.models.tokenizer import Tokenizer, load_tokenizer
from tamis.packed import Packed
from tamis.records.opening import chunks, open_inputs
from tamis.records.raw import Chunk, Unreadable
from tamis.records.schemas import renamed
from tamis.reports import preflight as report
from tamis.reports.pages import preflight as page
from tamis.trainers import find
from tamis.trainers._columns import Types
from tamis.trainers._trainer import HEAD, LOST, SEVERITIES, TAIL, Kind, Reading, Shape, Trainer
from tamis.workspace import check_steady, state, whole_file

Progress = Callable[[int, int], None]
"""Called after each chunk with the bytes and rows that were done."""
QUANTILES = (0.5, 0.9, 0.95, 0.99, 1.0)

PROBLEMS = pl.Schema(
    {
        "row": pl.Int64,  # 0-based over the whole run; null for what is wrong with the data as a whole
        "file": pl.Int32,
        "line": pl.Int64,
        "severity": pl.String,
        "code": pl.String,
        "message": pl.String,
    }
)
LENGTHS = pl.Schema({"row": pl.Int64, "tokens": pl.Int64, "prompt_tokens": pl.Int64, "answer_tokens": pl.Int64})
EXAMPLES = 3


@dataclass(frozen=True)
class PreflightResult:
    """What a trainer would do to the data.

    `problems` has a line a row and problem, with its place and reason; `lengths` the tokens of every row that
    becomes an example (of the longer side of a preference pair). `file` is an index into `files`.
    """

    trainer: Trainer
    shape: Shape | None
    max_length: int | None
    tokenizer: str | None
    rows: int
    problems: pl.DataFrame
    lengths: pl.DataFrame
    files: tuple[str, ...]
    kinds: Mapping[tuple[str, str], Kind] = field(repr=False)
    is_default_length: bool = False
    added_per_message: int = 0  # tokens that were counted for the chat template; 0 where no row is made of messages

    @cached_property
    def lost(self) -> pl.Series:
        """Numbers of the rows that teach the model nothing, ascending."""
        lost = self.problems.filter(pl.col("severity").is_in(list(LOST)) & pl.col("row").is_not_null())
        return lost["row"].unique().sort()

    def rows_of(self, code: str) -> pl.DataFrame:
        """The problems of one code."""
        return self.problems.filter(pl.col("code") == code)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write JSON lines: one a row with problems, with its place and all of them."""
        found = self.problems.group_by("row", "file", "line", maintain_order=True).agg(
            problems=pl.struct("severity", "code", "message")
        )
        try:
            with whole_file(Path(path)) as part, part.open("wb") as out:
                for row in found.iter_rows(named=True):
                    named = {**row, "file": None if row["file"] is None else self.files[row["file"]]}
                    out.write(orjson.dumps(named, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            raise TamisError(f"{path}: cannot be written ({error.strerror or error})") from None

    def summary(self) -> dict[str, Any]:
        """Counts, reasons with their first rows, and lengths, as plain values: what `--json` prints."""
        counts: dict[str, int] = {name: self._rows(pl.col("severity") == name) for name in SEVERITIES}
        shape = self.shape
        return {
            "trainer": self.trainer.name,
            "title": self.trainer.title,
            "release": self.trainer.release,
            "format": None if shape is None else shape.name,
            "setting": None if shape is None else shape.setting,
            "inputs": list(self.files),
            "rows": self.rows,
            "learnt": self.rows - len(self.lost),
            **counts,
            "unreadable": self._rows(pl.col("code") == "unreadable"),
            "problems": self._rows(pl.lit(True)),
            "stopping": self._rows(pl.col("code").is_in([kind.code for kind in self.kinds.values() if kind.stops])),
            "rules": self._groups(),
            "max_length": self.max_length,
            "is_default_length": self.is_default_length,
            "length_option": self.trainer.length_option,
            "tokenizer": self.tokenizer,
            "added_per_message": self.added_per_message,
            "lengths": self._quantiles(),
        }

    def _rows(self, which: pl.Expr) -> int:
        return self.problems.filter(which)["row"].drop_nulls().n_unique()

    def _groups(self) -> list[dict[str, Any]]:
        """What was found, worst first: how many rows, and the first of them with their reasons."""
        groups = (
            self._first_of_each()
            .group_by("severity", "code", maintain_order=True)
            .agg(
                rows=pl.col("row").drop_nulls().n_unique(),
                examples=pl.struct("row", "file", "line", "message").head(EXAMPLES),
            )
        )
        found = []
        for group in groups.iter_rows(named=True):
            kind = self.kinds[group["severity"], group["code"]]
            examples = [
                {**one, "file": None if one["file"] is None else self.files[one["file"]]} for one in group["examples"]
            ]
            found.append(
                {
                    "rule": kind.code,
                    "severity": kind.severity,
                    "what": kind.what,
                    "stops": kind.stops,
                    "rows": group["rows"],
                    "share": group["rows"] / max(1, self.rows),
                    "examples": examples,
                }
            )
        return sorted(found, key=lambda one: (SEVERITIES.index(one["severity"]), -one["rows"], one["rule"]))

    def _first_of_each(self) -> pl.DataFrame:
        """The problems without those that a row has twice."""
        return self.problems.unique(["row", "severity", "code"], keep="first", maintain_order=True)

    def _quantiles(self) -> list[dict[str, Any]]:
        measures = {"rows": "tokens", "prompts": "prompt_tokens", "answers": "answer_tokens"}
        found: list[dict[str, Any]] = []
        for name, column in measures.items():
            tokens = self.lengths[column]
            if len(tokens):
                values = {f"p{q * 100:g}": int(tokens.quantile(q, "higher") or 0) for q in QUANTILES}
                over = None if self.max_length is None else int((tokens > self.max_length).sum())
                found.append({"of": name, "mean": float(tokens.mean() or 0), **values, "over": over})  # type: ignore[arg-type]
        return found

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


def preflight(  # noqa: PLR0913 - the options of a verb, each of them a flag of the command line
    data: Any,
    *,
    trainer: str,
    max_length: int | None = None,
    tokenizer: str | os.PathLike[str] | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,
    progress: Progress | None = None,
) -> PreflightResult:
    """Find what a trainer would reject, silently blank, cut or mask to nothing, row by row with the reason.

    The raw row is judged as that trainer reads it, by the rules of the release that the result names.

    Parameters
    ----------
    data
        A path, glob, folder or `-` (or a list of them), or a polars, pandas, pyarrow or `datasets` table.
    trainer
        `trl`, `axolotl`, `llama-factory`, `unsloth` or `openai`.
    max_length
        The trainer's limit in tokens; without it, the limit that the trainer sets by itself, if it has one.
    tokenizer
        A `tokenizer.json`, a folder that holds one, or a model's name; without it tokens are estimated.
    mapping
        The trainer's column names and what the file calls them, as its own configuration would say.

    Raises
    ------
    TamisError
        For anything the caller can mend.

    Examples
    --------
    >>> import polars as pl
    >>> found = preflight(pl.DataFrame({"prompt": ["2 + 2?"], "completion": [None]}), trainer="trl")
    >>> found.problems["code"].to_list()
    ['wrong_type']
    """
    chosen = find(trainer)
    if max_length is not None and max_length < 1:
        raise TamisError(f"--max-length {max_length}: give a number of tokens, 1 or more")
    limit = chosen.default_length if max_length is None else max_length
    encoder = None if tokenizer is None else load_tokenizer(os.fspath(tokenizer))
    inputs = open_inputs(data, format)
    seen = [state(source) for source in inputs] if isinstance(inputs, list) else []
    run = _Run(chosen, limit, encoder, dict(mapping or {}))
    for file, chunk in chunks(inputs):
        run.take(file, chunk)
        if progress is not None:
            progress(chunk.consumed, len(chunk.values))
    if not run.rows:
        raise TamisError("the input holds no rows")
    check_steady(seen)
    run.judge_as_a_whole()
    files = tuple(source.name for source in inputs) if isinstance(inputs, list) else ("table",)
    return run.result(files, None if encoder is None else encoder.name, is_default=max_length is None)


UNREADABLE = Kind("unreadable", "rejected", "the record cannot be read", stops=True)
Place = tuple[int | None, int | None, int | None]


@dataclass
class _Run:
    """What is known after some of the chunks."""

    trainer: Trainer
    limit: int | None
    encoder: Tokenizer | None
    mapping: dict[str, str]
    rows: int = 0
    shape: Shape | None = None
    problems: list[tuple[Place, Kind, str]] = field(default_factory=list)
    lengths: list[NDArray[np.int64]] = field(default_factory=list)
    types: Types = field(default_factory=Types)
    has_turns: bool = False
    places: list[tuple[int, int, Sequence[int]]] = field(default_factory=list)

    def take(self, file: int, chunk: Chunk) -> None:
        """Read a chunk of raw records as the trainer would."""
        values = self._mapped(chunk.values)
        if not self.rows:
            self.shape = self.trainer.shape_of(values)
        first = self.rows
        self.places.append((first, file, chunk.lines))
        self.rows += len(values)
        read: list[tuple[int, Reading]] = []
        for number, value in enumerate(values, first):
            if isinstance(value, Unreadable):
                self.problems.append((self._place(number), UNREADABLE, value.reason))
            elif not isinstance(value, dict):
                self.problems.append((self._place(number), UNREADABLE, "a row must be an object"))
            else:
                self.types.see(value, number)
                read.append((number, self.trainer.read(value, self.shape)))
        self._measure(read)
        for number, reading in read:
            self.problems += [(self._place(number), kind, message) for kind, message in reading.problems]

    def _mapped(self, values: list[Any]) -> list[Any]:
        if not self.mapping:
            return values
        known = {name for value in values if isinstance(value, dict) for name in value}
        for column in self.mapping.values():
            if not self.rows and column not in known:
                raise unknown("column in --map", column, known)
        return [renamed(value, self.mapping) if isinstance(value, dict) else value for value in values]

    def _place(self, number: int) -> Place:
        first, file, lines = next(place for place in reversed(self.places) if place[0] <= number)
        return number, file, lines[number - first] if len(lines) else None

    def _measure(self, read: list[tuple[int, Reading]]) -> None:
        """Count the tokens of all examples of a chunk together, and find those that are too long."""
        examples = [(number, reading, example) for number, reading in read for example in reading.examples]
        texts = [piece.text for _, _, example in examples for piece in example]
        counts = self._tokens(texts).tolist()
        at, longest = 0, dict[int, tuple[int, int, int, int]]()
        for number, reading, example in examples:
            tokens = [count + piece.added for count, piece in zip(counts[at : at + len(example)], example, strict=True)]
            at += len(example)
            self.has_turns = self.has_turns or any(piece.added == HEAD for piece in example)
            answers = [piece.answer for piece in example]
            total = sum(tokens)
            said = sum(count for count, answer in zip(tokens, answers, strict=True) if answer)
            longest[number] = max(longest.get(number, (number, 0, 0, 0)), (number, total, total - said, said))
            if self.limit is not None and total > self.limit and not reading.is_lost and not reading.is_split:
                special = None if self.shape is None else self.shape.too_long
                kind, message = (special or self.trainer.too_long)(tokens, answers, self.limit)
                if all(known is not kind for known, _ in reading.problems):
                    reading.add(kind, message)
        if longest:
            self.lengths.append(np.array(list(longest.values()), np.int64))

    def _tokens(self, texts: list[str]) -> NDArray[np.int64]:
        if self.encoder is not None:
            return self.encoder.count(texts)
        packed = Packed.of(texts)
        return kernels.counting.words_and_tokens(packed.offsets, packed.data)[1]

    def judge_as_a_whole(self) -> None:
        """What only all rows together show: too few of them, columns of several types, tool arguments that differ."""
        trainer, whole = self.trainer, (None, None, None)
        if self.rows < trainer.at_least and trainer.too_few is not None:
            self.problems.append(
                (whole, trainer.too_few, f"{self.rows:,} rows; at least {trainer.at_least} are needed")
            )
        for path, usual, other, rows in self.types.mixed():
            inside = "." in path or "[]" in path
            kind = trainer.mixed_inside if inside else trainer.mixed
            if kind is not None:
                message = f"{path} is {other} here, {usual} in most rows"
                self.problems += [(self._place(row), kind, message) for row in rows]
        merged = self.types.merged()
        if merged and trainer.merged_arguments is not None:
            shown = ", ".join(merged[:6]) + (", ..." if len(merged) > 6 else "")
            self.problems.append((whole, trainer.merged_arguments, f"not in all calls: {shown}"))

    def result(self, files: tuple[str, ...], tokenizer: str | None, *, is_default: bool) -> PreflightResult:
        """All that was found, in the order of the rows."""
        found = [(*place, kind.severity, kind.code, message) for place, kind, message in self.problems]
        problems = pl.DataFrame(found, schema=PROBLEMS, orient="row").sort("row", nulls_last=True, maintain_order=True)
        lengths = np.concatenate(self.lengths) if self.lengths else np.zeros((0, 4), np.int64)
        return PreflightResult(
            self.trainer,
            self.shape,
            self.limit,
            tokenizer,
            self.rows,
            problems,
            pl.DataFrame(lengths, schema=LENGTHS, orient="row"),
            files,
            {(kind.severity, kind.code): kind for _, kind, _ in self.problems},
            is_default_length=is_default,
            added_per_message=HEAD + TAIL if self.has_turns else 0,
        )
