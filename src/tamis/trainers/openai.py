"""OpenAI's fine-tuning service: chat and preference files.

Source: the fine-tuning guide and its "Data preparation and analysis for chat model fine-tuning" notebook, and the
request schemas of the published API description (FineTuneChatRequestInput, FineTunePreferenceRequestInput). The
service itself cannot be asked offline.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tamis.trainers._messages import conversation, is_empty, json_fault, text_of
from tamis.trainers._trainer import Kind, Piece, Reading, Row, Shape, Trainer, keep_start, kind_of, shown

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
FIELDS = frozenset(
    {"role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal", "audio"}
)
COLUMNS = frozenset({"messages", "tools", "parallel_tool_calls", "functions"})

UNFIT = Kind("unknown_columns", "rejected", "no messages, and no input with two outputs: the file is refused", True)
NO_LIST = Kind("no_messages", "rejected", "messages is not a list with at least one message: the file is refused", True)
BAD_MESSAGE = Kind("bad_message", "rejected", "a message is no object with a role: the file is refused", True)
UNKNOWN_ROLE = Kind("unknown_role", "rejected", "a role that the service does not know: the file is refused", True)
EXTRA_COLUMN = Kind("extra_column", "warning", "a column that the chat format does not name: the file may be refused")
UNKNOWN_FIELD = Kind("unknown_field", "rejected", "a field that the service does not know: the file is refused", True)
BAD_CONTENT = Kind(
    "bad_content", "rejected", "content is missing, null or of the wrong type: the file is refused", True
)
NO_ANSWER = Kind("no_answer", "rejected", "no assistant message to learn from: the file is refused", True)
LAST_TURN = Kind(
    "last_turn_not_answer", "rejected", "the last message is not the assistant's: the file is refused", True
)
BAD_WEIGHT = Kind(
    "bad_weight", "rejected", "weight is not 0 or 1, or not on an assistant message: the file is refused", True
)
ALL_ZERO = Kind("nothing_trained", "masked", "every assistant message has weight 0: nothing is learnt")
BAD_CALL = Kind(
    "bad_call", "rejected", "a tool call lacks an id, a type, a name or arguments as text: the file is refused", True
)
UNANSWERED = Kind("unanswered_call", "rejected", "a tool call is not followed by its result: the file is refused", True)
ORPHAN = Kind("orphan_result", "rejected", "a tool result answers no call: the file is refused", True)
BAD_TOOLS = Kind("bad_tools", "rejected", "tools is not a list of functions with names: the file is refused", True)
BAD_ARGUMENTS = Kind("bad_arguments", "warning", "tool arguments are text that is not JSON")
BAD_PAIR = Kind(
    "bad_pair", "rejected", "an output of a preference row is not one assistant message: the file is refused", True
)
TOO_FEW = Kind("too_few_examples", "rejected", "fewer examples than the service takes: the job is refused", True)
SAME = Kind("same_sides", "warning", "preferred and non-preferred output are equal: there is nothing to prefer")
EMPTY_ANSWER = Kind("empty_answer", "warning", "an answer is empty")
TRUNCATED = Kind("truncated", "truncated", "longer than the model's training context: the end is cut off")
ALL_MASKED = Kind("all_masked", "masked", "the prompt fills the model's training context: no answer is left")


def _read_chat(row: Row, reading: Reading) -> None:
    for name in row:
        if name not in COLUMNS:
            reading.add(EXTRA_COLUMN, f"{shown(name)} beside messages")
            break
    _check_tools(row, reading)
    turns: Any = row.get("messages")
    if not _check_messages(turns, "messages", reading):
        return
    answers = [turn for turn in turns if turn["role"] == "assistant"]
    if not answers:
        reading.add(NO_ANSWER, "no message is the assistant's")
    elif turns[-1]["role"] != "assistant":
        reading.add(LAST_TURN, f"the last of {len(turns)} messages is by the {turns[-1]['role']}")
    elif all(turn.get("weight", 1) == 0 for turn in answers):
        reading.add(ALL_ZERO, f"{len(answers)} of {len(answers)} assistant messages have weight 0")
    reading.examples.append(
        [
            Piece(piece.text, piece.answer and turn.get("weight", 1) != 0, piece.added)
            for turn in turns
            for piece in conversation([turn])
        ]
    )


def _check_messages(turns: Any, column: str, reading: Reading) -> bool:
    """Check a list of messages one by one and the calls between them; whether all have a known role."""
    if not isinstance(turns, list) or not turns:
        reading.add(NO_LIST, f"{column} is {'an empty list' if turns == [] else kind_of(turns)}")
        return False
    for number, turn in enumerate(turns, 1):
        if not isinstance(turn, dict) or not isinstance(turn.get("role"), str):
            found = "an object without a role" if isinstance(turn, dict) else kind_of(turn)
            reading.add(BAD_MESSAGE, f"message {number} of {column} is {found}")
            return False
        if turn["role"] not in ROLES:
            reading.add(UNKNOWN_ROLE, f"message {number} has role {shown(turn['role'])}; known are {', '.join(ROLES)}")
            return False
        _check_message(turn, number, reading)
    _check_calls(turns, reading)
    return True


def _check_message(turn: Row, number: int, reading: Reading) -> None:
    strange = [str(name) for name in turn if name not in FIELDS]
    if strange:
        reading.add(UNKNOWN_FIELD, f"message {number} has {shown(strange[0])}")
    role, content = turn["role"], turn.get("content")
    calls = turn.get("tool_calls") or turn.get("function_call") or turn.get("refusal")
    if content is None:
        if role != "assistant" or not calls:
            reading.add(BAD_CONTENT, f"message {number}, by the {role}, has no content and calls no tool")
    elif not isinstance(content, str | list):
        reading.add(BAD_CONTENT, f"content of message {number} is {kind_of(content)}")
    elif role == "assistant" and is_empty(turn):
        reading.add(EMPTY_ANSWER, f"message {number}, by the assistant, is empty")
    weight = turn.get("weight")
    if "weight" in turn and (role != "assistant" or isinstance(weight, bool) or weight not in (0, 1)):
        reading.add(BAD_WEIGHT, f"message {number}, by the {role}, has weight {shown(weight)}")


def _check_calls(turns: list[Row], reading: Reading) -> None:
    """Every call needs an id, and the next messages its result; every result needs a call before it."""
    waiting: list[str] = []
    for number, turn in enumerate(turns, 1):
        if turn["role"] == "tool":
            told = turn.get("tool_call_id")
            if told in waiting:
                waiting.remove(str(told))
            else:
                reading.add(ORPHAN, f"message {number} answers call {shown(told)}, for which none waits")
            continue
        if waiting:
            reading.add(UNANSWERED, f"message {number} comes before the result of call {shown(waiting[0])}")
        waiting = _calls_of(turn, number, reading)
    # a conversation may end with a call: that is what the model learns


def _calls_of(turn: Row, number: int, reading: Reading) -> list[str]:
    calls = turn.get("tool_calls")
    if calls is None:
        return []
    found = []
    for call in calls if isinstance(calls, list) else [calls]:
        fault = _call_fault(call)
        if fault is not None:
            reading.add(BAD_CALL, f"message {number}: {fault}")
        elif json_fault(call["function"]["arguments"]) is not None:
            reading.add(BAD_ARGUMENTS, f"message {number}: arguments of {shown(call['function']['name'])}")
        if isinstance(call, dict) and isinstance(call.get("id"), str):
            found.append(call["id"])
    return found


def _call_fault(call: Any) -> str | None:
    if not isinstance(call, dict):
        return f"a tool call is {kind_of(call)}"
    function = call.get("function")
    if not isinstance(call.get("id"), str):
        return "a tool call has no id"
    if call.get("type") != "function" or not isinstance(function, dict):
        return "a tool call has no type 'function' with a function"
    for name in ("name", "arguments"):
        if not isinstance(function.get(name), str):
            return f"{name} of a tool call is {kind_of(function.get(name))}, not text"
    return None


def _check_tools(row: Row, reading: Reading) -> None:
    tools = row.get("tools")
    if tools is None:
        return
    if not isinstance(tools, list):
        reading.add(BAD_TOOLS, f"tools is {kind_of(tools)}")
        return
    for number, tool in enumerate(tools, 1):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            reading.add(BAD_TOOLS, f"tool {number} has no function with a name")
            return


def _read_preference(row: Row, reading: Reading) -> None:
    given = row.get("input")
    turns = given.get("messages") if isinstance(given, dict) else None
    if isinstance(given, dict):
        _check_tools(given, reading)
    if not _check_messages(turns, "input.messages", reading):
        return
    sides = [row.get("preferred_output"), row.get("non_preferred_output")]
    for name, side in zip(("preferred_output", "non_preferred_output"), sides, strict=True):
        if not _is_answer(side):
            reading.add(BAD_PAIR, f"{name} is {_found(side)}, not a list of one assistant message")
            return
    if sides[0] == sides[1]:
        reading.add(SAME, "both outputs are equal")
    before = [Piece(piece.text, False, piece.added) for piece in conversation(_messages(turns))]
    reading.examples += [[*before, *conversation(_messages(side))] for side in sides]


def _messages(turns: Any) -> Iterable[Any]:
    return turns if isinstance(turns, list) else []


def _is_answer(side: Any) -> bool:
    one = side[0] if isinstance(side, list) and len(side) == 1 else None
    return isinstance(one, dict) and one.get("role") == "assistant" and bool(text_of(one.get("content")))


def _found(side: Any) -> str:
    if not isinstance(side, list):
        return kind_of(side)
    return f"a list of {len(side)}" if len(side) != 1 else "a list of another message or of an empty one"


TRAINER = Trainer(
    name="openai",
    title="OpenAI",
    release=None,
    shapes=(
        Shape("chat", ("messages",), _read_chat, "method supervised"),
        Shape("preference", ("input", "preferred_output", "non_preferred_output"), _read_preference, "method dpo"),
    ),
    too_long=keep_start(ALL_MASKED, TRUNCATED, "nothing of it is learnt"),
    unfit=UNFIT,
    length_option="the model's training context",
    at_least=10,
    too_few=TOO_FEW,
)
