"""What a target schema is, and the few writings that targets share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tamis.records.table import Records

Row = dict[str, Any]

LOSSES: Final = {
    "rejected": "the rejected answer is left out",
    "undecided": "the judge chose neither answer; the first is written",
    "step_labels": "the labels of single steps are left out",
    "tool_calls": "tool calls are left out",
    "tool_results": "the turns of tools are left out",
    "call_text": "tool calls that are not JSON are written as text",
    "reasoning": "reasoning outside of answers is left out",
    "names": "the names of speakers are left out",
    "weights": "training weights are left out",
    "turn_fields": "further fields of single turns are left out",
    "media": "images, audio or video inside a turn are left out",
    "developer": "developer turns are written as system prompts",
    "system_moved": "system prompts from mid-conversation are moved to the front",
    "system_in_prompt": "the system prompt is written at the head of the prompt",
    "transcript": "earlier turns are written into the prompt as a transcript",
    "joined": "turns of one role that follow each other are joined",
    "opening": "the conversation opens with an answer; its prompt is left empty",
    "unanswered": "turns after the last answer are left out",
    "other_roles": "turns of roles other than system, user and assistant are left out",
    "same_name": "a field of the row gives way to the target's own of that name",
    "binary": "binary values are written as base64 text",
    "not_a_number": "NaN and infinities, which JSON cannot hold, are written as null",
}
"""What a target may not be able to hold, by kind."""


class Inexpressible(Exception):  # noqa: N818 - as `Misfit`: a row's fault, not an error
    """A target has no sensible way of writing a row at all."""


class Turn(NamedTuple):
    """One turn; the columns of `table.TURNS` that are its own."""

    role: str
    text: str
    reasoning: str | None = None
    tool_calls: str | None = None
    tool_call_id: str | None = None
    name: str | None = None
    weight: float | None = None
    media: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A row as it was understood: `turns` ends with the (chosen) answer, `rejected` holds the other one."""

    schema: str
    turns: list[Turn]
    rejected: list[Turn]
    context: str | None = None
    tools: str | None = None
    label: str | None = None

    @property
    def verdict(self) -> Any:
        """The label's value: true or false, labels of steps, or which answer a judge chose."""
        return None if self.label is None else json.loads(self.label)


@dataclass(frozen=True)
class Target:
    """A schema that rows are written as.

    `fields` are the target's own; others are carried over. `write` gives the row and the kinds of loss, or
    raises `Inexpressible`. `has` says whether a row whose fields `used` carry the example has this shape
    already, and is then left as it stands.
    """

    name: str
    fields: tuple[str, ...]
    write: Callable[[Example, set[str]], Row]
    has: Callable[[str, Row, Set[str]], bool]


def examples(records: Records) -> Iterator[Example]:
    """The rows of a batch, each with its turns."""
    sides = records.turns.select("row", "side", *Turn._fields).iter_rows()
    pending = next(sides, None)
    facts = records.rows.select("source_schema", "context", "tools", "label").iter_rows()
    for row, (schema, context, tools, label) in enumerate(facts):
        turns: list[Turn] = []
        rejected: list[Turn] = []
        while pending is not None and pending[0] == row:
            (turns if pending[1] is None else rejected).append(Turn(*pending[2:]))
            pending = next(sides, None)
        yield Example(schema, turns, rejected, context, tools, label)


def beside(example: Example, losses: set[str]) -> Row:
    """The fields that stand beside the turns in every target: tool definitions and a true-or-false label."""
    fields: Row = {}
    if example.tools is not None:
        fields["tools"] = parsed(example.tools)
    verdict = example.verdict
    if isinstance(verdict, bool):
        fields["label"] = verdict
    elif isinstance(verdict, list) or example.schema == "stepwise":
        losses.add("step_labels")
    return fields


def without_rejected(example: Example, losses: set[str]) -> list[Turn]:
    """The turns with the chosen answer, for a target that holds no other."""
    if example.schema == "text":
        raise Inexpressible("raw text has no turns")
    if example.rejected:
        losses.add("rejected")
        verdict = example.verdict
        if isinstance(verdict, dict) and verdict.get("better") is None:
            losses.add("undecided")
    return example.turns


def parsed(text: str) -> Any:
    """The value of a JSON text, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def calls_of(turn: Turn) -> list[Row] | None:
    """A turn's tool calls as OpenAI writes them; None where they are not JSON objects.

    >>> calls_of(Turn("assistant", "", tool_calls='{"name": "now", "arguments": {}}'))
    [{'type': 'function', 'function': {'name': 'now', 'arguments': {}}}]
    """
    calls = parsed(turn.tool_calls or "[]")
    calls = [calls] if isinstance(calls, dict) else calls
    if not isinstance(calls, list) or not calls or not all(isinstance(call, dict) for call in calls):
        return None
    return [_call(call) for call in calls]


def _call(call: Row) -> Row:
    call = {key: value for key, value in call.items() if value is not None}
    if "function" in call or "name" not in call:
        return call
    function = {key: call.pop(key) for key in ("name", "arguments") if key in call}
    return {**call, "type": "function", "function": function}


def with_thought(turn: Turn) -> str:
    r"""The text, its reasoning before it in the tags that trainers know.

    >>> with_thought(Turn("assistant", "4", reasoning="2 + 2"))
    '<think>\n2 + 2\n</think>\n\n4'
    """
    return turn.text if turn.reasoning is None else f"<think>\n{turn.reasoning}\n</think>\n\n{turn.text}"


def reads_back(turn: Turn) -> bool:
    """Whether the reasoning can be told from the answer again once it stands before it in tags."""
    thought, text = turn.reasoning or "", turn.text
    return (
        turn.role == "assistant" and thought == thought.strip() and text == text.lstrip() and "</think>" not in thought
    )


def weight_of(turn: Turn) -> float | int | None:
    """The training weight, as the whole number that it usually is."""
    weight = turn.weight
    return int(weight) if weight is not None and weight.is_integer() else weight


def are_turns(value: Any, role: str, content: str, roles: Set[str]) -> bool:
    """Whether a value is a list of turns with these keys and roles."""
    return isinstance(value, list) and all(
        isinstance(turn, dict) and turn.get(role) in roles and content in turn for turn in value
    )
