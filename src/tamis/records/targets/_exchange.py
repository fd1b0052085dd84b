"""A conversation as question and answer pairs, for the targets that know nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from tamis.records.targets._target import Example, Inexpressible, Turn, with_thought, without_rejected


@dataclass(frozen=True, slots=True)
class Exchange:
    """The system prompt (None where there is none), the pairs that come first, and the last pair."""

    system: str | None
    history: list[tuple[str, str]]
    prompt: str
    answer: str


def exchange(example: Example, losses: set[str]) -> Exchange:
    """What of an example fits into pairs; reasoning goes into the answers, in tags.

    Raises
    ------
    Inexpressible
        Where there is no answer.
    """
    system: list[str] = []
    said: list[tuple[str, str]] = []
    for turn in without_rejected(example, losses):
        _note_extras(turn, losses)
        if turn.role in ("system", "developer"):
            losses |= _system_losses(turn, system, said)
            system.append(turn.text)
        elif turn.role in ("user", "assistant"):
            _say(turn, said, losses)
        else:
            losses.add("tool_results" if turn.role == "tool" else "other_roles")
    while said and said[-1][0] == "user":
        said.pop()
        losses.add("unanswered")
    if not said:
        only = any(turn.tool_calls for turn in example.turns)
        raise Inexpressible("its only answers are tool calls" if only else "it has no answer")
    if said[0][0] == "assistant":
        said.insert(0, ("user", ""))
        losses.add("opening")
    texts = [text for _, text in said]
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    return Exchange("\n\n".join(system) if system else None, pairs[:-1], *pairs[-1])


def _note_extras(turn: Turn, losses: set[str]) -> None:
    if turn.tool_calls is not None:
        losses.add("tool_calls")
    if turn.name is not None and turn.role != "tool":
        losses.add("names")
    if turn.weight is not None:
        losses.add("weights")
    if turn.media:
        losses.add("media")
    if turn.reasoning is not None and turn.role != "assistant":
        losses.add("reasoning")


def _system_losses(turn: Turn, system: list[str], said: list[tuple[str, str]]) -> set[str]:
    kinds = {"developer": turn.role == "developer", "system_moved": bool(said), "joined": bool(system)}
    return {kind for kind, lost in kinds.items() if lost}


def _say(turn: Turn, said: list[tuple[str, str]], losses: set[str]) -> None:
    """Add a turn; one that only calls a tool says nothing, and two of one role in a row become one."""
    if turn.role == "assistant" and turn.tool_calls is not None and not turn.text and turn.reasoning is None:
        return
    text = with_thought(turn) if turn.role == "assistant" else turn.text
    if said and said[-1][0] == turn.role:
        losses.add("joined")
        text = f"{said.pop()[1]}\n\n{text}"
    said.append((turn.role, text))
