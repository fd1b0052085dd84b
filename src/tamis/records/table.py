"""The one shape that every input becomes: a frame of rows and a frame of their turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

ROWS = pl.Schema(
    {
        "row": pl.Int64,  # 0-based over the whole run
        "file": pl.Int32,  # index into the run's list of files
        "line": pl.Int64,  # 1-based line where the record starts; null where the format has none
        "start": pl.Int64,  # byte range of the raw record (of the decompressed file); null where none
        "stop": pl.Int64,
        "source_schema": pl.String,
        "context": pl.String,  # the separate input of single-turn schemas, as it stands
        "tools": pl.String,  # tool definitions, as JSON
        "label": pl.String,  # KTO label, stepwise labels: as JSON
        "by": pl.String,  # the column that counts are split by, where one was asked for
        "keep": pl.String,  # the column that decides which duplicate stays, where one was asked for
    }
)
TURNS = pl.Schema(
    {
        "row": pl.Int64,  # position of the row in the rows frame of the same batch
        "turn": pl.Int32,  # 0-based in its conversation
        "side": pl.String,  # null: the conversation (and the chosen answer); "rejected": the other one
        "role": pl.String,  # system, developer, user, assistant, tool, text; any other word is unknown
        "text": pl.String,
        "reasoning": pl.String,
        "tool_calls": pl.String,  # as JSON
        "tool_call_id": pl.String,
        "name": pl.String,
        "weight": pl.Float64,  # training weight or mark, where the row states one
        "media": pl.Int32,  # images, audio and video that the turn's content names
    }
)
UNREADABLE = pl.Schema(
    [*((name, ROWS[name]) for name in ("row", "file", "line", "start", "stop")), ("reason", pl.String)]
)
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "text"})


@dataclass(frozen=True)
class Records:
    """A batch of examples: `rows` has one line an example, `turns` one line a turn, in order."""

    rows: pl.DataFrame
    turns: pl.DataFrame

    def __len__(self) -> int:
        return self.rows.height

    def only(self, wanted: NDArray[np.bool_]) -> Records:
        """Some of the rows, with their turns."""
        position, row = np.cumsum(wanted) - 1, self.turns["row"].to_numpy()
        turns = self.turns.filter(pl.Series(wanted[row]))
        return Records(
            self.rows.filter(pl.Series(wanted)), turns.with_columns(row=pl.Series(position[row[wanted[row]]]))
        )


def nested(records: Records) -> pl.DataFrame:
    """One frame, a line an example, its turns as a list of structs."""
    numbered = records.rows.with_row_index("_position").with_columns(pl.col("_position").cast(pl.Int64))
    turns = records.turns.group_by("row", maintain_order=True).agg(pl.struct(pl.exclude("row")).alias("turns"))
    joined = numbered.join(turns, left_on="_position", right_on="row", how="left", maintain_order="left")
    # an empty conversation has no turns, which is an empty list and no null
    return joined.drop("_position", "by", "keep").with_columns(pl.col("turns").fill_null([]))
