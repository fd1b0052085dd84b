"""Unsloth: standardize_sharegpt, to_sharegpt and the SFTTrainer that it patches.

Source: `chat_templates.py` of unsloth and `dataset_utils.py` of unsloth_zoo, releases 2026.10.9.
"""

from __future__ import annotations

from typing import Any

from tamis.trainers import trl
from tamis.trainers._messages import conversation
from tamis.trainers._trainer import Kind, Piece, Reading, Row, Shape, Trainer, keep_start, kind_of, names, shown

ROLES = {
    "system": "system", "user": "user", "human": "user", "input": "user",
    "gpt": "assistant", "assistant": "assistant", "output": "assistant",
}  # fmt: skip

UNFIT = Kind(
    "unknown_columns", "rejected", "no column that Unsloth reads: it asks for a formatting_func and stops", True
)
WRONG_TYPE = Kind("wrong_type", "rejected", "a value is missing or of the wrong type: the run stops", True)
UNKNOWN_ROLE = Kind("unknown_role", "rejected", "a role that is no alias: standardize_sharegpt stops", True)
NOT_TWO_KEYS = Kind(
    "not_two_keys", "rejected", "a message has not exactly two fields: standardize_sharegpt stops", True
)
EMPTY_LIST = Kind("empty_conversation", "blanked", "a conversation is empty: an empty text takes its place")
NULL_SIDE = Kind("null_side", "blanked", "instruction or output is null: to_sharegpt writes an empty text")
ALL_MASKED = Kind(
    "all_masked", "masked", "the prompt fills max_seq_length, so every label is -100: loss 0, or the row is dropped"
)
TRUNCATED = Kind("truncated", "truncated", "longer than max_seq_length: the end is cut off, with it the end token")
NO_ANSWER = Kind("no_answer", "masked", "no assistant turn: with train_on_responses_only every label is -100")
EMPTY_ANSWER = Kind("empty_answer", "warning", "the answer is empty: the model learns to end at once")
MERGED = Kind(
    "merged_arguments", "warning", "tool arguments differ: datasets before 4.7 fills what is missing with null"
)
MIXED = Kind(
    "mixed_types", "rejected", "a column is not of one type: Unsloth goes by the first row, the others fail", True
)
MIXED_INSIDE = Kind(
    "mixed_types_inside", "warning", "a field has not one type in all rows: datasets before 4.7 cannot load it"
)


def _read_conversations(row: Row, reading: Reading) -> None:
    turns = row.get("conversations")
    if not isinstance(turns, list):
        reading.add(WRONG_TYPE, f"conversations is {kind_of(turns)}, not a list")
        return
    if not turns:
        reading.add(EMPTY_LIST, "conversations is an empty list")
        return
    by, say = (
        ("from", "value") if any(isinstance(turn, dict) and "from" in turn for turn in turns) else ("role", "content")
    )
    for number, turn in enumerate(turns, 1):
        if not _is_sound(turn, number, (by, say), reading):
            return
    renamed = [{"role": ROLES[turn[by].strip().lower()], "content": turn[say]} for turn in turns]
    if all(turn["role"] != "assistant" for turn in renamed):
        reading.add(NO_ANSWER, f"roles are {', '.join(dict.fromkeys(shown(turn[by]) for turn in turns))}")
    for number, turn in enumerate(renamed, 1):
        if turn["role"] == "assistant" and not turn["content"].strip():
            reading.add(EMPTY_ANSWER, f"message {number}, by the assistant, is empty")
    reading.examples.append(conversation(renamed))


def _is_sound(turn: Any, number: int, keys: tuple[str, str], reading: Reading) -> bool:
    """Whether standardize_sharegpt gets through a message: two texts, one of them a known role."""
    by, say = keys
    if not isinstance(turn, dict):
        reading.add(WRONG_TYPE, f"message {number} is {kind_of(turn)}, not an object")
        return False
    if set(turn) != {by, say}:
        reading.add(NOT_TWO_KEYS, f"message {number} has the fields {names(turn)}, not {by} and {say}")
        return False
    for name in keys:
        if not isinstance(turn[name], str):
            reading.add(WRONG_TYPE, f"'{name}' of message {number} is {kind_of(turn[name])}, not text")
            return False
    if turn[by].strip().lower() not in ROLES:
        reading.add(UNKNOWN_ROLE, f"message {number} has role {shown(turn[by])}; the aliases are {', '.join(ROLES)}")
        return False
    return True


def _read_alpaca(row: Row, reading: Reading) -> None:
    instruction, given, output = row.get("instruction"), row.get("input"), row.get("output")
    missing = [name for name, value in (("instruction", instruction), ("output", output)) if value is None]
    if missing:
        reading.add(NULL_SIDE, f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} null")
        return
    if not str(output).strip():
        reading.add(EMPTY_ANSWER, "output is empty")
    prompt = f"{instruction}\n{given}" if given else str(instruction)
    reading.examples.append(
        conversation([{"role": "user", "content": prompt}, {"role": "assistant", "content": str(output)}])
    )


def _read_text(row: Row, reading: Reading) -> None:
    text = row.get("text")
    if not isinstance(text, str):
        reading.add(WRONG_TYPE, f"text is {kind_of(text)}, not text")
    elif not text:
        reading.add(EMPTY_LIST, "text is empty")
    else:
        reading.examples.append([Piece(text, True)])


TRAINER = Trainer(
    name="unsloth",
    title="Unsloth",
    release="2026.10.9",
    shapes=(
        Shape("conversations", ("conversations",), _read_conversations, "standardize_sharegpt"),
        Shape("prompt-completion", ("prompt", "completion"), trl.read_pair, "SFTTrainer"),
        Shape("text", ("text",), _read_text, "SFTTrainer"),
        Shape("messages", ("messages",), trl.read_conversation("messages"), "SFTTrainer"),
        Shape("alpaca", ("instruction", "output"), _read_alpaca, "to_sharegpt, or a formatting_func"),
    ),
    too_long=keep_start(ALL_MASKED, TRUNCATED, "with train_on_responses_only nothing of it is learnt"),
    unfit=UNFIT,
    length_option="max_seq_length",
    default_length=2048,
    mixed=MIXED,
    mixed_inside=MIXED_INSIDE,
    merged_arguments=MERGED,
    trains_with=trl.TRAINER.name,
)
