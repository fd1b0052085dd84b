"""Process supervision: a solution in steps, each with a label."""

from __future__ import annotations

from tamis.records.builder import Builder, Misfit, as_json
from tamis.records.schemas._schema import Row, Schema, plain
from tamis.records.schemas.chat import read_turns


def _stepwise(row: Row, out: Builder) -> None:
    steps, labels = row["completions"], row["labels"]
    if not isinstance(steps, list) or not isinstance(labels, list) or not all(type(step) is str for step in steps):
        raise Misfit("completions and labels are not lists")
    if type(row["prompt"]) is str or row["prompt"] is None:
        out.turn("user", plain(row["prompt"], "prompt"))
    else:
        read_turns(row["prompt"], out)
    out.answer("\n".join(steps))
    out.label = as_json(labels if len(labels) == len(steps) else {"labels": labels, "steps": len(steps)})


SCHEMAS = (
    Schema(
        "stepwise",
        ("prompt", "completions", "labels"),
        lambda names: {"prompt", "completions", "labels"} <= names,
        _stepwise,
    ),
)
