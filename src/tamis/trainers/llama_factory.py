"""LLaMA-Factory: the alpaca, sharegpt and openai formats.

Source: `data/converter.py`, `data/processor/`, `data/formatter.py` and `data/mm_plugin.py` of release 0.9.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from tamis.trainers._messages import as_text, json_fault, turn
from tamis.trainers._trainer import Example, Kind, Piece, Reading, Row, Shape, Trainer, kind_of, shown

UNFIT = Kind("unknown_columns", "rejected", "no column that LLaMA-Factory reads: the run stops with a KeyError", True)
WRONG_TYPE = Kind("wrong_type", "rejected", "a value is missing or of the wrong type: the run stops", True)
ROLE_POSITION = Kind(
    "role_position", "blanked", "a role stands where it must not: an empty row takes its place and is dropped"
)
UNKNOWN_ROLE = Kind("unknown_role", "blanked", "an unknown role tag: an empty row takes its place and is dropped")
UNMAPPED_ROLE = Kind("unmapped_role", "rejected", "a role that has no tag: the run stops with a KeyError", True)
COUNT = Kind("message_count", "blanked", "an odd number of messages: an empty row takes its place and is dropped")
PAIR_COUNT = Kind(
    "pair_message_count", "blanked", "a preference row's messages must end with the user: an empty row takes its place"
)
NO_RESPONSE = Kind("no_response", "blanked", "the answer is no text: the row is dropped with a line in the log")
BAD_SIDE = Kind("bad_side", "blanked", "chosen or rejected is not what the format asks for: the row is dropped")
BAD_LABEL = Kind("bad_label", "blanked", "kto_tag is not true or false: the row is dropped")
SIDE_ROLE = Kind("side_role", "warning", "chosen or rejected is not by the assistant, and is learnt all the same")
FLIPPED = Kind("flipped_label", "warning", "a desired answer that is empty counts as undesired")
MEDIA = Kind(
    "media_count", "rejected", "media and their tokens differ in number: the run stops (multimodal models)", True
)
BAD_CALL = Kind("bad_call", "rejected", "a function call is no JSON with a name and arguments: the run stops", True)
BAD_TOOLS = Kind("bad_tools", "rejected", "tools are not JSON text: the run stops", True)
THIN_TOOL = Kind("thin_tool", "warning", "a tool has no name or no parameters: many templates stop there")
TAGS = Kind(
    "tags_needed", "warning", "roles are user and assistant: without `tags` in dataset_info.json all rows are blanked"
)
EMPTY_ANSWER = Kind("empty_answer", "warning", "an answer is empty: the model learns to end at once")
EMPTY_PROMPT = Kind("empty_prompt", "warning", "there is no instruction: the model answers nothing")
TRUNCATED = Kind(
    "truncated", "truncated", "longer than cutoff_len: cut at the end of the prompt, of the answer, or of both"
)
LATER_TURNS = Kind("later_turns_dropped", "truncated", "longer than cutoff_len: whole turns at the end are left out")
MIXED = Kind("mixed_types", "rejected", "a field has not one type in all rows: datasets cannot load the file", True)
MERGED = Kind("merged_arguments", "warning", "tool arguments differ: datasets fills what is missing with null")

_MEDIA = (("<image>", "images"), ("<video>", "videos"), ("<audio>", "audios"))
_SHAREGPT = {"human": "user", "gpt": "assistant", "observation": "observation", "function_call": "function"}
_OPENAI = {"user": "user", "assistant": "assistant", "tool": "observation", "function_call": "function"}
_GIVEN = ("user", "observation")
_SAID = ("assistant", "function")
_PLAIN = ({"user"}, {"assistant"}, {"user", "assistant"})
Turns = list[tuple[str | None, Any]]


def infer_lengths(source: int, target: int, limit: int) -> tuple[int, int]:
    """Tokens that stay of a prompt and its answer (`infer_seqlen` of LLaMA-Factory).

    >>> infer_lengths(900, 100, 500), infer_lengths(100, 900, 500), infer_lengths(600, 400, 500)
    ((400, 100), (100, 400), (300, 200))
    """
    if target * 2 < limit:
        most = limit
    elif source * 2 < limit:
        most = limit - source
    else:
        most = int(limit * (target / (source + target)))
    kept = min(most, target)
    return min(max(limit - kept, 0), source), kept


def _too_long(lengths: Sequence[int], answers: Sequence[bool], limit: int) -> tuple[Kind, str]:
    """What is cut, pair by pair of prompt and answer, as `SupervisedDatasetProcessor` does."""
    pairs = list(_paired(lengths, answers))
    used = cut_prompt = cut_answer = 0
    for number, (source, target) in enumerate(pairs):
        if used >= limit:
            left = len(pairs) - number
            gone = "the last exchange" if left == 1 else f"the last {left} exchanges"
            return LATER_TURNS, f"{sum(lengths):,} tokens, limit {limit:,}: without {gone} of {len(pairs)}"
        kept_source, kept_target = infer_lengths(source, target, limit - used)
        used += kept_source + kept_target
        cut_prompt += source - kept_source
        cut_answer += target - kept_target
    cuts = {"prompt": cut_prompt, "answer": cut_answer}
    cut = ", ".join(f"{count:,} off the end of the {side}" for side, count in cuts.items() if count)
    return TRUNCATED, f"{sum(lengths):,} tokens, limit {limit:,}: {cut}"


def _paired(lengths: Sequence[int], answers: Sequence[bool]) -> list[tuple[int, int]]:
    pairs, source = [], 0
    for length, answer in zip(lengths, answers, strict=True):
        if answer:
            pairs.append((source, length))
            source = 0
        else:
            source += length
    return pairs


def _check_tools(row: Row, reading: Reading) -> None:
    """Tools must be JSON text of a list of definitions; most templates want a name and parameters in each."""
    tools = row.get("tools")
    if not tools:
        return
    if not isinstance(tools, str) or (fault := json_fault(tools)) is not None:
        found = f"text that is not JSON: {fault}" if isinstance(tools, str) else f"{kind_of(tools)}, not JSON text"
        reading.add(BAD_TOOLS, f"tools is {found}")
        return
    listed = orjson.loads(tools)
    if not isinstance(listed, list) or not all(isinstance(tool, dict) for tool in listed):
        reading.add(BAD_TOOLS, f"tools is JSON of {kind_of(listed)}, not of a list of definitions")
        return
    for number, tool in enumerate(listed, 1):
        inner = tool.get("function") if tool.get("type") == "function" else tool
        if lacking := _lacking(inner, "name", "parameters"):
            reading.add(THIN_TOOL, f"tool {number} has no {lacking}")
            return


def _check_media(row: Row, turns: Turns, reading: Reading) -> None:
    if not any(column in row for _, column in _MEDIA):
        return
    for token, column in _MEDIA:
        named = row.get(column)
        given = len(named) if isinstance(named, list) else int(named is not None)
        written = sum(text.count(token) for _, text in turns)
        if given != written:
            reading.add(MEDIA, f"{written} {token} in the text, {given} in '{column}'")


def _check_call(text: str, number: int, reading: Reading) -> None:
    """A function call must be JSON with a name and arguments; a thought may stand before it."""
    body = text.partition("</think>")[2] if text.lstrip().startswith("<think>") else text
    try:
        calls = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        reading.add(BAD_CALL, f"message {number} is no JSON: {error.msg.partition(':')[0]}")
        return
    for call in calls if isinstance(calls, list) else [calls]:
        if lacking := _lacking(call, "name", "arguments"):
            reading.add(BAD_CALL, f"the call of message {number} has no {lacking}")


def _lacking(found: object, *names: str) -> str:
    """The names that an object does not have, in words."""
    return " and no ".join(name for name in names if not isinstance(found, dict) or name not in found)


def _finish(row: Row, turns: Turns, sides: list[str], reading: Reading) -> None:
    """Checks that all formats share once the trainer has made turns of a row; then the examples."""
    for number, (_, said) in enumerate(turns, 1):
        if not isinstance(said, str):
            reading.add(WRONG_TYPE, f"message {number} says {kind_of(said)}, not text")
            return
    system = row.get("system")
    if system and not isinstance(system, str):
        reading.add(WRONG_TYPE, f"the system prompt is {kind_of(system)}, not text")
    _check_tools(row, reading)
    _check_media(row, [*turns, *(("assistant", side) for side in sides[:1])], reading)
    for number, (role, text) in enumerate(turns, 1):
        if role == "function":
            _check_call(text, number, reading)
        elif role == "assistant" and not text.strip():
            reading.add(EMPTY_ANSWER, f"answer {(number + 1) // 2} is empty")
    before: Example = turn(system, answer=False) if isinstance(system, str) and system else []
    for number, (role, text) in enumerate(turns, 1):
        # of a row with a label or two sides one answer is learnt, the last; all before it is prompt
        is_earlier = bool(sides) or (isinstance(row.get("kto_tag"), bool) and number < len(turns))
        before += turn(text, answer=role in _SAID and not is_earlier)
    if not sides:
        reading.examples.append(before)
    for side in sides:
        reading.examples.append([*before, *turn(side, answer=True)])


def _history(row: Row, reading: Reading) -> Turns | None:
    """The exchanges before the instruction; None where they are none."""
    turns: Turns = []
    history = row.get("history")
    for number, old in enumerate(history if isinstance(history, list) else [], 1):
        if not isinstance(old, list) or len(old) != 2:
            reading.add(WRONG_TYPE, f"entry {number} of history is not a list of a question and an answer")
            return None
        turns += [("user", old[0]), ("assistant", old[1])]
    return turns


def _read_alpaca(row: Row, reading: Reading) -> None:
    turns = _history(row, reading)
    asked: list[Any] = [row.get(name) for name in ("instruction", "input") if row.get(name)]
    wrong = [value for value in asked if not isinstance(value, str)]
    if wrong:
        reading.add(WRONG_TYPE, f"instruction or input is {kind_of(wrong[0])}, not text")
    if turns is None or wrong:
        return
    prompt = "\n".join(asked)
    if not prompt.strip():
        reading.add(EMPTY_PROMPT, "instruction and input are empty")
    turns.append(("user", prompt))
    if isinstance(row.get("kto_tag"), bool):
        _finish_labelled(row, [*turns, ("assistant", row.get("output"))], reading)
        return
    if "chosen" in row or "rejected" in row:
        sides = [row.get("chosen"), row.get("rejected")]
        if all(isinstance(side, str) for side in sides):
            _finish(row, turns, [str(side) for side in sides], reading)
        else:
            reading.add(BAD_SIDE, f"chosen is {kind_of(sides[0])} and rejected {kind_of(sides[1])}, not two texts")
        return
    answer = row.get("output")
    if not isinstance(answer, str):
        reading.add(NO_RESPONSE, f"output is {kind_of(answer)}")
    elif "kto_tag" in row:
        reading.add(BAD_LABEL, f"kto_tag is {kind_of(row['kto_tag'])}")
    else:
        _finish(row, [*turns, ("assistant", answer)], [], reading)


def _finish_labelled(row: Row, turns: Turns, reading: Reading) -> None:
    """A row with a desired or undesired answer, which is told by the side that is not empty."""
    if row["kto_tag"] and not turns[-1][1]:
        reading.add(FLIPPED, f"kto_tag is true and the answer is {'null' if turns[-1][1] is None else 'empty'}")
        turns = [*turns[:-1], (turns[-1][0], "")]
    _finish(row, turns, [], reading)


def _messages(row: Row, column: str, reading: Reading) -> list[Row] | None:
    turns = row.get(column)
    if not isinstance(turns, list):
        reading.add(WRONG_TYPE, f"{column} is {kind_of(turns)}, not a list")
        return None
    for number, message in enumerate(turns, 1):
        if not isinstance(message, dict):
            reading.add(WRONG_TYPE, f"message {number} is {kind_of(message)}, not an object")
            return None
    return turns


def _alternates(turns: Turns, named: Sequence[Any], row: Row, reading: Reading) -> bool:
    """Whether prompts stand at odd places and answers at even ones, and the last is what the stage needs.

    `named` are the roles as the row has them; a role without a tag is None among the turns.
    """
    for number, (role, _) in enumerate(turns, 1):
        if role not in (_GIVEN if number % 2 else _SAID):
            should = "the user or a tool" if number % 2 else "the assistant"
            found = f"message {number} is by {shown(named[number - 1])}, must be by {should}"
            reading.add(UNKNOWN_ROLE if role is None else ROLE_POSITION, f"{found} (a system turn not counted)")
            return False
    paired = "chosen" in row and "rejected" in row
    if not turns or len(turns) % 2 != int(paired):
        reading.add(PAIR_COUNT if paired else COUNT, f"{len(turns)} messages without the system turn")
        return False
    return True


def _read_sharegpt(row: Row, reading: Reading) -> None:
    messages = _messages(row, "conversations", reading)
    if messages is None:
        return
    by, say = ("from", "value") if any("from" in message for message in messages) else ("role", "content")
    tags = _SHAREGPT
    sides = [side for side in (row.get("chosen"), row.get("rejected")) if isinstance(side, dict)]
    roles = {role for message in [*messages, *sides] if isinstance(role := message.get(by), str)}
    if roles & {"user", "assistant", "human", "gpt"} in _PLAIN:
        tags = {**_OPENAI, "observation": "observation"}
        reading.add(
            TAGS, f"roles stand in '{by}' as user and assistant: set user_tag, assistant_tag, role_tag, content_tag"
        )
    if messages and messages[0].get(by) == "system":
        row = {**row, "system": messages[0].get(say)}
        messages = messages[1:]
    known = {**tags, "system": "system"}
    turns = [(_tagged(message.get(by), known), message.get(say)) for message in messages]
    if _alternates(turns, [message.get(by) for message in messages], row, reading):
        _finish_messages(row, turns, (by, say), tags, reading)


def _tagged(role: Any, tags: dict[str, str]) -> str | None:
    """What a role's tag stands for; None where it has none, as a role that is no text."""
    return tags.get(role) if isinstance(role, str) else None


def _finish_messages(row: Row, turns: Turns, keys: tuple[str, str], tags: dict[str, str], reading: Reading) -> None:
    """What follows the turns: a label, two sides, or nothing."""
    if isinstance(row.get("kto_tag"), bool):
        _finish_labelled(row, turns, reading)
    elif "kto_tag" in row:
        reading.add(BAD_LABEL, f"kto_tag is {kind_of(row['kto_tag'])}")
    elif "chosen" not in row or "rejected" not in row:
        _finish(row, turns, [], reading)
    elif not isinstance(row["chosen"], dict) or not isinstance(row["rejected"], dict):
        kinds = [kind_of(row[column]) for column in ("chosen", "rejected")]
        reading.add(BAD_SIDE, f"chosen is {kinds[0]} and rejected {kinds[1]}, not two messages")
    else:
        sides = [_side(row[column], column, (keys, tags), reading) for column in ("chosen", "rejected")]
        if all(side is not None for side in sides):
            _finish(row, turns, [str(side) for side in sides], reading)


def _side(side: Row, column: str, form: tuple[tuple[str, str], dict[str, str]], reading: Reading) -> str | None:
    (by, say), tags = form
    role, said = side.get(by), side.get(say)
    known = "system" if role == "system" else _tagged(role, tags)
    if known is None:
        reading.add(UNMAPPED_ROLE, f"{column} has role {shown(role)}")
        return None
    if not isinstance(said, str):
        reading.add(WRONG_TYPE, f"{column} says {kind_of(said)}, not text")
        return None
    if known not in _SAID:
        reading.add(SIDE_ROLE, f"{column} is by {shown(role)}")
    elif known == "function":
        _check_call(said, 1, reading)
    return said


def _read_openai(row: Row, reading: Reading) -> None:
    messages = _messages(row, "messages", reading)
    if messages is None:
        return
    if messages and messages[0].get("role") == "system":
        row = {**row, "system": messages[0].get("content")}
        messages = messages[1:]
    if row.get("system") and not isinstance(row["system"], str | list):
        reading.add(WRONG_TYPE, f"the system prompt is {kind_of(row['system'])}, not text")
        return
    turns = _openai_turns(messages, reading)
    if isinstance(row.get("tools"), list | dict):
        row = {**row, "tools": as_text(row["tools"]) if row["tools"] else None}
    if turns is not None and _alternates(turns, [role for role, _ in turns], row, reading):
        _finish_messages(row, turns, ("role", "content"), _OPENAI, reading)


def _openai_turns(messages: list[Row], reading: Reading) -> Turns | None:
    """The turns with tool results put together, as the converter does; None where it stops."""
    turns: Turns = []
    results: list[Any] = []
    for number, message in enumerate(messages, 1):
        role, said = message.get("role"), message.get("content")
        known = "system" if role == "system" else _tagged(role, _OPENAI)
        if known is None:
            reading.add(UNMAPPED_ROLE, f"message {number} has role {shown(role)}")
            return None
        if role in ("assistant", "function_call") and message.get("tool_calls"):
            calls = message["tool_calls"]
            if not isinstance(calls, list) or not all(isinstance(call, dict) and "function" in call for call in calls):
                reading.add(BAD_CALL, f"a tool call of message {number} has no function")
                return None
            known, said = "function", as_text([call["function"] for call in calls])
        if role == "tool":
            results.append(said)
            continue
        if results:
            if not all(isinstance(result, str) for result in results):
                reading.add(WRONG_TYPE, f"a tool result before message {number} is not text")
                return None
            turns.append(("observation", "\n".join(results)))
            results = []
        turns.append((known, said))
    return turns


def _read_text(row: Row, reading: Reading) -> None:
    text = row.get("text")
    if isinstance(text, str) and text:
        reading.examples.append([Piece(text, True, 1)])
    else:
        reading.add(EMPTY_PROMPT, f"text is {kind_of(text)}" if text is None else "text is empty")


TRAINER = Trainer(
    name="llama-factory",
    title="LLaMA-Factory",
    release="0.9.5",
    shapes=(
        Shape("sharegpt", ("conversations",), _read_sharegpt, "formatting: sharegpt"),
        Shape("openai", ("messages",), _read_openai, "formatting: openai, tags role, content, user, assistant, tool"),
        Shape(
            "alpaca preference",
            ("instruction", "chosen", "rejected"),
            _read_alpaca,
            "formatting: alpaca, ranking: true",
        ),
        Shape("alpaca", ("instruction", "output"), _read_alpaca, "formatting: alpaca"),
        Shape("pretraining text", ("text",), _read_text, "columns: prompt: text"),
    ),
    too_long=_too_long,
    unfit=UNFIT,
    length_option="cutoff_len",
    default_length=2048,
    mixed=MIXED,
    mixed_inside=MIXED,
    merged_arguments=MERGED,
)
