"""TRL: SFTTrainer, DPOTrainer, KTOTrainer and their dataset formats.

Source: `docs/source/dataset_formats.md` and the `_prepare_dataset` methods of release 1.16.0.
"""

from __future__ import annotations

from typing import Any

from tamis.trainers._messages import check_tools, conversation, is_empty, messages_in
from tamis.trainers._trainer import Example, Kind, Piece, Reading, Row, Shape, Trainer, keep_start, kind_of, shown

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})

UNFIT = Kind("unknown_columns", "rejected", "no column that TRL reads: the run stops with a KeyError", True)
WRONG_TYPE = Kind("wrong_type", "rejected", "a column is missing, null or of the wrong type: the run stops", True)
EMPTY_LIST = Kind(
    "empty_conversation", "rejected", "a list of messages is empty: the run stops with an IndexError", True
)
BAD_MESSAGE = Kind("bad_message", "rejected", "a message is no object with a role: the chat template stops", True)
NULL_CONTENT = Kind(
    "null_content", "rejected", "content is null: many chat templates stop there, others write the word None"
)
UNKNOWN_ROLE = Kind(
    "unknown_role", "rejected", "a role that half of the chat templates do not know: they stop, or leave the turn out"
)
BAD_TOOLS = Kind("bad_tools", "rejected", "tools are neither a list nor its JSON text: the run stops", True)
NO_SHARED_PROMPT = Kind(
    "no_shared_prompt", "rejected", "chosen and rejected share no beginning, so there is no prompt: the run stops", True
)
NO_ANSWER = Kind(
    "no_answer",
    "masked",
    "no assistant turn: with assistant_only_loss the run stops, without it only prompts are learnt",
)
ALL_MASKED = Kind(
    "all_masked",
    "masked",
    "the prompt fills max_length, so every label is -100: the row is dropped (older TRL: loss 0)",
)
ANSWER_CUT = Kind(
    "answer_cut_off",
    "masked",
    "max_length ends before the answer: assistant_only_loss has no label, else prompts are learnt",
)
TRUNCATED = Kind("truncated", "truncated", "longer than max_length: the end is cut off, with it the end token")
EMPTY_ANSWER = Kind("empty_answer", "warning", "the answer is empty: the model learns to end at once")
LAST_TURN = Kind("last_turn_not_answer", "warning", "the conversation does not end with the assistant")
ARGUMENTS = Kind(
    "arguments_as_text", "warning", "tool arguments are JSON text: many chat templates stop, some encode them twice"
)
SAME = Kind("same_sides", "warning", "chosen and rejected are equal: there is nothing to prefer")
PROMPT_TWICE = Kind("prompt_repeated", "warning", "chosen repeats the prompt: the model sees it twice")
FROM_VALUE = Kind("from_value", "rejected", "from/value messages are converted in a column conversations only", True)
NOT_CONVERTED = Kind(
    "not_converted", "rejected", "conversations is converted from from/value only: the run stops with a KeyError", True
)
MIXED = Kind("mixed_types", "rejected", "a column is not of one type: TRL goes by the first row, the others fail", True)
MIXED_INSIDE = Kind(
    "mixed_types_inside", "warning", "a field has not one type in all rows: datasets before 4.7 cannot load it"
)
MERGED = Kind(
    "merged_arguments", "warning", "tool arguments differ: datasets before 4.7 fills what is missing with null"
)

_COUNTED = "of the 38 chat templates for text in TRL 1.16"


def check_messages(turns: Any, column: str, reading: Reading) -> bool:
    """Check a list of messages as chat templates read it; whether it can be rendered at all."""
    if not isinstance(turns, list):
        reading.add(WRONG_TYPE, f"{column} is {kind_of(turns)}, not a list of messages")
        return False
    if not turns:
        reading.add(EMPTY_LIST, f"{column} is an empty list")
        return False
    before = len(reading.problems)
    for number, turn in enumerate(turns, 1):
        if not isinstance(turn, dict) or not isinstance(turn.get("role"), str):
            if isinstance(turn, dict) and "from" in turn:
                reading.add(FROM_VALUE, f"{column} has from and value where role and content are read")
            else:
                reading.add(BAD_MESSAGE, f"message {number} of {column} is {_no_message(turn)}")
            return False
        _check_message(turn, f"message {number} of {column}", reading)
    return len(reading.problems) == before


def _no_message(turn: Any) -> str:
    return "an object without a role" if isinstance(turn, dict) else kind_of(turn)


def _check_message(turn: Row, place: str, reading: Reading) -> None:
    role, content = turn["role"], turn.get("content")
    if role not in ROLES:
        reading.add(
            UNKNOWN_ROLE,
            f"{place} has role {shown(role)} ({_COUNTED}, 7 stop at an unknown role, 12 leave the turn out)",
        )
    calls = turn.get("tool_calls")
    if content is None and not calls and not turn.get("thinking"):
        reading.add(NULL_CONTENT, f"{place}, by {shown(role)}, has no content ({_COUNTED}, 11 stop, 6 write None)")
    elif content is not None and not isinstance(content, str | list):
        reading.add(WRONG_TYPE, f"content of {place} is {kind_of(content)}, not text")
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("arguments"), str):
            reading.add(
                ARGUMENTS, f"{place} calls {shown(function.get('name'))} with arguments as text, not as an object"
            )


def read_conversation(column: str) -> Any:
    """What reads a column of messages that are learnt whole."""

    def read(row: Row, reading: Reading) -> None:
        turns: Any = row.get(column)
        if column == "conversations" and isinstance(turns, list):
            if any(isinstance(turn, dict) and "role" in turn for turn in turns):
                reading.add(NOT_CONVERTED, "role and content in conversations: name the column messages")
                return
            turns = [_renamed(turn) for turn in turns]
        check_tools(row, BAD_TOOLS, reading)
        if not check_messages(turns, column, reading):
            return
        check_answers(turns, reading)
        reading.examples.append(conversation(turns))

    return read


def _renamed(turn: Any) -> Any:
    """A from/value message with the names that TRL gives its fields; the words for the roles stay."""
    if not isinstance(turn, dict):
        return turn
    return {{"from": "role", "value": "content"}.get(name, name): value for name, value in turn.items()}


def check_answers(turns: list[Row], reading: Reading) -> None:
    """Check that a conversation has answers, and ends with one."""
    answers = [(number, turn) for number, turn in messages_in(turns) if turn["role"] == "assistant"]
    if not answers:
        reading.add(NO_ANSWER, f"roles are {', '.join(dict.fromkeys(shown(turn['role']) for turn in turns))}")
        return
    for number, turn in answers:
        if is_empty(turn):
            reading.add(EMPTY_ANSWER, f"message {number}, by the assistant, is empty")
    if turns[-1]["role"] != "assistant":
        reading.add(LAST_TURN, f"the last of {len(turns)} messages is by {shown(turns[-1]['role'])}")


def _side(row: Row, column: str, reading: Reading) -> list[Row] | str | None:
    """A side of a pair: a text or a list of messages; None where it can be neither."""
    value = row.get(column)
    if isinstance(value, list):
        return value if check_messages(value, column, reading) else None
    if isinstance(value, str):
        return value
    reading.add(WRONG_TYPE, f"{column} is {kind_of(value)}, not text or a list of messages")
    return None


def _pair(prompt: list[Row] | str, answer: list[Row] | str) -> Example:
    """A prompt that is given and an answer that is learnt; only plain text has an end token added by TRL itself."""
    if isinstance(prompt, str):
        return [Piece(prompt, False), Piece(answer if isinstance(answer, str) else "", True, 1)]
    given = [Piece(piece.text, False, piece.added) for piece in conversation(prompt)]
    turns = answer if isinstance(answer, list) else []
    learnt = [Piece(piece.text, True, piece.added) for piece in conversation(turns)]
    return [*given, Piece(learnt[0].text, False, learnt[0].added), *learnt[1:]] if learnt else given


def _check_both(prompt: Any, answer: Any, names: str, reading: Reading) -> bool:
    if isinstance(prompt, str) == isinstance(answer, str):
        return True
    reading.add(WRONG_TYPE, f"{names}: one is text, the other a list of messages")
    return False


def read_pair(row: Row, reading: Reading) -> None:
    """Prompt and completion, perhaps with the label of unpaired preferences."""
    check_tools(row, BAD_TOOLS, reading)
    prompt, completion = _side(row, "prompt", reading), _side(row, "completion", reading)
    if prompt is None or completion is None or not _check_both(prompt, completion, "prompt and completion", reading):
        return
    _check_said(completion, "completion", reading)
    reading.examples.append(_pair(prompt, completion))


def _check_said(answer: list[Row] | str, column: str, reading: Reading) -> None:
    said = answer.strip() if isinstance(answer, str) else any(not is_empty(turn) for turn in answer)
    if not said:
        reading.add(EMPTY_ANSWER, f"{column} is empty")


def _read_unpaired(row: Row, reading: Reading) -> None:
    if not isinstance(row.get("label"), bool):
        reading.add(WRONG_TYPE, f"label is {kind_of(row.get('label'))}, not true or false")
    read_pair(row, reading)


def _read_preference(row: Row, reading: Reading) -> None:
    check_tools(row, BAD_TOOLS, reading)
    chosen, rejected = _side(row, "chosen", reading), _side(row, "rejected", reading)
    if chosen is None or rejected is None or not _check_both(chosen, rejected, "chosen and rejected", reading):
        return
    if chosen == rejected:
        reading.add(SAME, "chosen and rejected are equal")
    if row.get("prompt") is None:
        shared = _shared(chosen, rejected)
        if not shared and isinstance(chosen, list):
            reading.add(NO_SHARED_PROMPT, "the first messages of chosen and rejected differ, and there is no prompt")
            return
        prompt: list[Row] | str | None = chosen[:shared]
        chosen, rejected = chosen[shared:], rejected[shared:]
    else:
        prompt = _side(row, "prompt", reading)
        if prompt is None or not _check_both(prompt, chosen, "prompt and chosen", reading):
            return
        if isinstance(prompt, list) and chosen[: len(prompt)] == prompt:
            reading.add(PROMPT_TWICE, f"chosen begins with the {len(prompt)} messages of the prompt")
    for column, side in (("chosen", chosen), ("rejected", rejected)):
        _check_said(side, column, reading)
        reading.examples.append(_pair(prompt or "", side))


def _shared(chosen: list[Row] | str, rejected: list[Row] | str) -> int:
    """How many messages or characters of two sides are the same from the start."""
    pairs = zip(chosen, rejected, strict=False)
    return next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(chosen), len(rejected)))


def read_text(row: Row, reading: Reading) -> None:
    """A text that is learnt whole."""
    text = row.get("text")
    if not isinstance(text, str):
        reading.add(WRONG_TYPE, f"text is {kind_of(text)}, not text")
    elif not text.strip():
        reading.add(EMPTY_ANSWER, "text is empty")
    else:
        reading.examples.append([Piece(text, True, 1)])


def _read_stepwise(row: Row, reading: Reading) -> None:
    steps, labels = row.get("completions"), row.get("labels")
    if not isinstance(row.get("prompt"), str):
        reading.add(WRONG_TYPE, f"prompt is {kind_of(row.get('prompt'))}, not text")
    if not isinstance(steps, list) or not isinstance(labels, list):
        reading.add(WRONG_TYPE, f"completions is {kind_of(steps)} and labels {kind_of(labels)}, not two lists")
    elif len(steps) != len(labels):
        reading.add(WRONG_TYPE, f"{len(steps)} completions but {len(labels)} labels")
    elif not reading.problems:
        reading.examples.append([Piece(row["prompt"], False), *(Piece(str(step), True, 1) for step in steps)])


def _read_prompt(row: Row, reading: Reading) -> None:
    prompt = _side(row, "prompt", reading)
    if prompt is not None:
        reading.examples.append([Piece(prompt, False)] if isinstance(prompt, str) else conversation(prompt))


_KEEP_PROMPT = keep_start(ANSWER_CUT, TRUNCATED, "nothing of it is learnt")
TRAINER = Trainer(
    name="trl",
    title="TRL",
    release="1.16.0",
    shapes=(
        Shape("preference", ("chosen", "rejected"), _read_preference, "DPOTrainer, RewardTrainer"),
        Shape("unpaired preference", ("prompt", "completion", "label"), _read_unpaired, "KTOTrainer"),
        Shape("stepwise", ("prompt", "completions", "labels"), _read_stepwise, "PRMTrainer"),
        Shape("prompt-completion", ("prompt", "completion"), read_pair, "SFTTrainer"),
        Shape("messages", ("messages",), read_conversation("messages"), "SFTTrainer", _KEEP_PROMPT),
        Shape("conversations", ("conversations",), read_conversation("conversations"), "SFTTrainer", _KEEP_PROMPT),
        Shape("text", ("text",), read_text, "SFTTrainer"),
        Shape("prompt only", ("prompt",), _read_prompt, "GRPOTrainer"),
    ),
    too_long=keep_start(ALL_MASKED, TRUNCATED, "nothing of it is learnt"),
    unfit=UNFIT,
    length_option="max_length",
    default_length=1024,
    mixed=MIXED,
    mixed_inside=MIXED_INSIDE,
    merged_arguments=MERGED,
)
