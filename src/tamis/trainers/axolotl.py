"""Axolotl: chat_template, alpaca, completion and preference datasets.

Source: `prompt_strategies/chat_template.py`, `prompt_strategies/dpo/`, `prompt_tokenizers.py`, `utils/trainer.py` and
`utils/data/` of release 0.19.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from tamis.trainers._messages import check_tools, conversation, is_empty, json_fault, text_of, turn
from tamis.trainers._trainer import Example, Kind, Piece, Reading, Row, Shape, Trainer, kind_of, shown

ROLES = {
    "human": "user",
    "user": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "system": "system",
    "tool": "tool",
}

UNFIT = Kind("unknown_columns", "rejected", "no column that Axolotl reads by itself: the run stops", True)
WRONG_TYPE = Kind("wrong_type", "rejected", "a value is missing or of the wrong type: the run stops", True)
EMPTY_LIST = Kind(
    "empty_conversation", "rejected", "a list of messages is empty: the run stops with an IndexError", True
)
BAD_MESSAGE = Kind("bad_message", "rejected", "a message is no object with a role: the run stops", True)
BAD_TOOLS = Kind("bad_tools", "rejected", "tools are neither a list nor its JSON text: the run stops", True)
BAD_ARGUMENTS = Kind("bad_arguments", "rejected", "tool arguments are text that is not JSON: the run stops", True)
UNMAPPED_ROLE = Kind("unmapped_role", "rejected", "a role that the preference format does not map: the run stops", True)
EMPTY_SIDE = Kind(
    "empty_side", "rejected", "prompt, chosen or rejected is empty: the run stops with a ValueError", True
)
TOO_LONG = Kind("too_long", "rejected", "longer than sequence_len: the row is dropped (excess_length_strategy: drop)")
NOTHING_TRAINED = Kind("nothing_trained", "masked", "no turn is trained: every label is -100, and the row is dropped")
UNKNOWN_ROLE = Kind(
    "unknown_role", "warning", "an unknown role: the turn is never trained, and some chat templates stop there"
)
EMPTY_TURN = Kind(
    "empty_turn", "warning", "a turn is empty: it is not found again in the template, so it is not trained"
)
LAST_TURN = Kind("last_turn_not_trained", "warning", "the last turn is not trained: the wrong end token may be")
WEIGHT = Kind(
    "weight_ignored", "warning", "a weight of 0 on a message is ignored (without message_field_training: weight)"
)
TRAIN = Kind("train_ignored", "warning", "a train mark is ignored without message_field_training in the configuration")
NO_INSTRUCTION = Kind("no_instruction", "warning", "the instruction is missing: the prompt says None, or nothing")
MERGED = Kind(
    "merged_arguments", "warning", "tool arguments differ: datasets before 4.7 fills what is missing with null"
)
MIXED = Kind("mixed_types", "warning", "a field has not one type in all rows: datasets before 4.7 cannot load the file")
_MARKS = {"weight": WEIGHT, "train": TRAIN, "training": TRAIN}


def _too_long(lengths: Sequence[int], _: Sequence[bool], limit: int) -> tuple[Kind, str]:
    return TOO_LONG, f"{sum(lengths):,} tokens, limit {limit:,}"


def _list_of(row: Row, column: str, reading: Reading) -> list[Row] | None:
    """The messages of a column, which may be JSON text; None where the run would stop."""
    turns: Any = row.get(column)
    if isinstance(turns, str):
        fault = json_fault(turns)
        turns = orjson.loads(turns) if fault is None else turns
    if not isinstance(turns, list):
        reading.add(WRONG_TYPE, f"{column} is {kind_of(turns)}, not a list of messages")
        return None
    if not turns:
        reading.add(EMPTY_LIST, f"{column} is an empty list")
        return None
    return turns


def _reader(column: str) -> Any:
    """What reads a column of messages, as role and content or as from and value."""

    def read(row: Row, reading: Reading) -> None:
        check_tools(row, BAD_TOOLS, reading)
        turns = _list_of(row, column, reading)
        if turns is None:
            return
        old = any(isinstance(message, dict) and "from" in message for message in turns)
        by, say = ("from", "value") if old else ("role", "content")
        for number, message in enumerate(turns, 1):
            if not isinstance(message, dict) or not isinstance(message.get(by), str):
                found = f"an object without '{by}'" if isinstance(message, dict) else kind_of(message)
                reading.add(BAD_MESSAGE, f"message {number} of {column} is {found}")
                return
            _check_message(message, number, (by, say), reading)
        _check_trained(turns, (by, say), reading)
        answering = [name for name, role in ROLES.items() if role == "assistant"]
        reading.examples.append(conversation(turns, role=by, content=say, answering=answering))

    return read


def _check_message(message: Row, number: int, keys: tuple[str, str], reading: Reading) -> None:
    role = message[keys[0]]
    if role not in ROLES:
        reading.add(UNKNOWN_ROLE, f"message {number} has role {shown(role)}; axolotl maps {', '.join(ROLES)}")
    if is_empty(message, keys[1]):
        reading.add(EMPTY_TURN, f"message {number}, by {shown(role)}, is empty")
    for mark, kind in _MARKS.items():
        if message.get(mark) in (0, False):
            reading.add(kind, f"message {number} has {mark} {str(message[mark]).lower()}")
    _check_calls(message.get("tool_calls") or [], number, reading)


def _check_calls(calls: Any, number: int, reading: Reading) -> None:
    if not isinstance(calls, list):
        reading.add(WRONG_TYPE, f"tool_calls of message {number} is {kind_of(calls)}, not a list")
        return
    for call in calls:
        if not isinstance(call, dict):
            reading.add(WRONG_TYPE, f"a tool call of message {number} is {kind_of(call)}, not an object")
            return
        function = call.get("function")
        given = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(given, str) and (fault := json_fault(given)) is not None:
            reading.add(BAD_ARGUMENTS, f"message {number}: {fault}")


def _check_trained(turns: list[Row], keys: tuple[str, str], reading: Reading) -> None:
    by, say = keys
    trained = [ROLES.get(message[by]) == "assistant" and not is_empty(message, say) for message in turns]
    if not any(trained):
        roles = ", ".join(dict.fromkeys(shown(message[by]) for message in turns))
        reading.add(NOTHING_TRAINED, f"no assistant turn with text; roles are {roles}")
    elif not trained[-1]:
        reading.add(LAST_TURN, f"the last of {len(turns)} messages is by {shown(turns[-1][by])}")


def _read_alpaca(row: Row, reading: Reading) -> None:
    instruction, given, output = row.get("instruction"), row.get("input"), row.get("output")
    for name, value in (("instruction", instruction), ("input", given), ("output", output)):
        if value is not None and not isinstance(value, str):
            reading.add(WRONG_TYPE, f"{name} is {kind_of(value)}, not text")
            return
    if not instruction:
        reading.add(NO_INSTRUCTION, f"instruction is {'null' if instruction is None else 'empty'}")
    if not output:
        reading.add(NOTHING_TRAINED, f"output is {'null' if output is None else 'empty'}")
    prompt = f"{instruction or ''}\n{given or ''}"
    reading.examples.append([Piece(prompt, False), Piece(output or "", True, 1)])


def _read_completion(row: Row, reading: Reading) -> None:
    text = row.get("text")
    if text is not None and not isinstance(text, str):
        reading.add(WRONG_TYPE, f"text is {kind_of(text)}, not text")
    elif not text:
        reading.add(NOTHING_TRAINED, f"text is {'null' if text is None else 'empty'}")
    else:
        reading.is_split = True
        reading.examples.append([Piece(text, True, 1)])


def _read_preference(row: Row, reading: Reading) -> None:
    """`chat_template.default`: messages, and two sides of which the last message counts."""
    turns: Any = row.get("messages")
    turns = [{"role": "user", "content": turns}] if isinstance(turns, str) else turns
    if not isinstance(turns, list):
        reading.add(WRONG_TYPE, f"messages is {kind_of(turns)}, not a list of messages")
        return
    sides = [_last(row.get(column)) for column in ("chosen", "rejected")]
    known = ("user", "assistant", "system", "tool")  # no set: a role may be a list
    for place, message in [
        *((f"message {i}", m) for i, m in enumerate(turns, 1)),
        ("chosen", sides[0]),
        ("rejected", sides[1]),
    ]:
        if not isinstance(message, dict):
            reading.add(WRONG_TYPE, f"{place} is {kind_of(message)}, not a message")
            return
        if message.get("role") not in known:
            reading.add(UNMAPPED_ROLE, f"{place} has role {shown(message.get('role'))}")
            return
    _add_sides(conversation(turns, answering=()), [text_of(side.get("content")) for side in sides], reading)


def _last(side: Any) -> Any:
    if isinstance(side, str):
        return {"role": "assistant", "content": side}
    return side[-1] if isinstance(side, list) and side else side


def _read_prompt_pairs(row: Row, reading: Reading) -> None:
    """`chatml.ultra`, `chatml.prompt_pairs` and their like: a prompt, and two sides as texts or conversations."""
    prompt = row.get("prompt")
    sides = [_last(row.get(column)) for column in ("chosen", "rejected")]
    texts = [text_of(side.get("content")) if isinstance(side, dict) else side for side in sides]
    for name, value in (("prompt", prompt), ("chosen", texts[0]), ("rejected", texts[1])):
        if not isinstance(value, str):
            reading.add(WRONG_TYPE, f"{name} is {kind_of(value)}, not text")
            return
    _add_sides(turn(str(prompt), answer=False), [str(text) for text in texts], reading)


def _add_sides(given: Example, sides: list[str], reading: Reading) -> None:
    said = {"prompt": any(piece.text for piece in given), "chosen": bool(sides[0]), "rejected": bool(sides[1])}
    empty = [name for name, there in said.items() if not there]
    if empty:
        reading.add(EMPTY_SIDE, f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty")
        return
    reading.examples += [[*given, *turn(side, answer=True)] for side in sides]


TRAINER = Trainer(
    name="axolotl",
    title="Axolotl",
    release="0.19.0",
    shapes=(
        Shape(
            "preference", ("messages", "chosen", "rejected"), _read_preference, "rl: dpo, type: chat_template.default"
        ),
        Shape("prompt pairs", ("prompt", "chosen", "rejected"), _read_prompt_pairs, "rl: dpo, type: chatml.ultra"),
        Shape("messages", ("messages",), _reader("messages"), "type: chat_template"),
        Shape(
            "conversations",
            ("conversations",),
            _reader("conversations"),
            "type: chat_template, field_messages: conversations, message_property_mappings: role: from, content: value",
        ),
        Shape("alpaca", ("instruction", "output"), _read_alpaca, "type: alpaca"),
        Shape("completion", ("text",), _read_completion, "type: completion"),
    ),
    too_long=_too_long,
    unfit=UNFIT,
    length_option="sequence_len",
    default_length=512,
    mixed=MIXED,
    mixed_inside=MIXED,
    merged_arguments=MERGED,
)
