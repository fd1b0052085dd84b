"""The benchmarks' data: made from the shared datasets under `$TAMIS_DATA`, the same bytes every time.

python -m benchmarks.data [NAME ...]      makes what is missing in benchmarks/.data
"""

from __future__ import annotations

import csv
import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import orjson
import zstandard

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("TAMIS_DATA", HERE.parent.parent / "shared" / "data"))
MADE = HERE / ".data"

GIGABYTE = 1_000_000_000
SHORT_ROWS = 200_000
CHAT_ROWS = 50_000
BLOCK = 8 << 20

Row = dict[str, Any]


class Editor:
    """Makes small seeded edits: a share of a text's words is replaced by others of the same corpus."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        words = {word for text in texts for word in text.split() if word.isalpha() and word.islower()}
        self._vocabulary = sorted(word for word in words if 4 <= len(word) <= 10)
        self._random = random.Random(seed)

    def edited(self, text: str, share: float = 0.03) -> str:
        """The text with at least one word replaced; its spaces and line breaks stay."""
        words = text.split(" ")
        for _ in range(max(1, round(share * len(words)))):
            words[int(self._random.random() * len(words))] = self._random.choice(self._vocabulary)
        return " ".join(words)


def large() -> Iterator[bytes]:
    """60 models' answers to the 805 AlpacaEval instructions, as they are: 48,298 rows, 88 MB."""
    with (SHARED / "large" / "alpaca_eval_60_models.jsonl.zst").open("rb") as file:
        yield from zstandard.ZstdDecompressor().read_to_iter(file, write_size=BLOCK)


def large_1gb() -> Iterator[bytes]:
    """`large` about eleven times over, every copy with its own edits in 3 % of the words."""
    return _copies(GIGABYTE)


def large_4gb() -> Iterator[bytes]:
    """The same some 45 times over: 2.2 million rows that begin with those of `large_1gb`."""
    return _copies(4 * GIGABYTE)


def _copies(least: int) -> Iterator[bytes]:
    """Edited copies of `large` until there are so many bytes."""
    rows = [orjson.loads(line) for line in (path_of("large")).open("rb")]
    editor = Editor([row["output"] for row in rows], seed=1)
    size = 0
    for number in count():
        for row in rows:
            line = _line(_edited_row(row, editor) | {"copy": number})
            yield line
            size += len(line)
            if size >= least:
                return


def short() -> Iterator[bytes]:
    """Banking77 intents, GSM8K questions with the bare number, short alpaca rows; then edited copies."""
    rows = list(_short_rows())
    editor = Editor([row["instruction"] for row in rows], seed=2)
    yield from map(_line, rows)
    for number in range(SHORT_ROWS - len(rows)):
        row = rows[number % len(rows)]
        yield _line(row | {"instruction": editor.edited(row["instruction"], 0.1)})


def chats() -> Iterator[bytes]:
    """ShareGPT rows, edited: real dialogues, some with tool calls, and single turns stacked to 2-6 rounds."""
    dialogues = list(_dialogues())
    singles = list(_single_turns())
    editor = Editor([turn["value"] for pair in singles for turn in pair], seed=3)
    chance = random.Random(4)
    for number in range(CHAT_ROWS):
        if number % 4 == 0:
            row = dialogues[number // 4 % len(dialogues)]
        else:
            rounds = chance.sample(singles, chance.randint(2, 6))
            row = {"conversations": [turn for pair in rounds for turn in pair]}
        yield _line(row | {"conversations": [_edited_turn(turn, editor) for turn in row["conversations"]]})


MAKERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "large": large,
    "large_1gb": large_1gb,
    "large_4gb": large_4gb,
    "short": short,
    "chats": chats,
}


def path_of(name: str) -> Path:
    """The file of that name, made first where it is missing."""
    path = MADE / f"{name}.jsonl"
    if not path.exists():
        MADE.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb", BLOCK) as file:
            file.writelines(MAKERS[name]())
        unfinished.rename(path)
    return path


def first_rows(name: str, rows: int) -> Path:
    """A file with the first rows of a dataset, for tools that would take hours over all of it."""
    path = MADE / f"{name}.first-{rows}.jsonl"
    if not path.exists():
        with path_of(name).open("rb") as source, path.open("wb") as file:
            file.writelines(islice(source, rows))
    return path


def size_of(path: Path) -> dict[str, int]:
    """Rows and bytes; reading the file also brings it into the page cache."""
    rows = size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            rows += block.count(b"\n")
            size += len(block)
    return {"rows": rows, "bytes": size}


def _line(row: Row) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _edited_row(row: Row, editor: Editor) -> Row:
    return row | {"instruction": editor.edited(row["instruction"]), "output": editor.edited(row["output"])}


def _edited_turn(turn: Row, editor: Editor) -> Row:
    if turn["from"] not in {"human", "gpt"}:
        return turn
    return turn | {"value": editor.edited(turn["value"])}


def _json(*parts: str) -> list[Row]:
    rows: list[Row] = orjson.loads((SHARED.joinpath(*parts)).read_bytes())
    return rows


def _short_rows() -> Iterator[Row]:
    banking = SHARED / "tasks" / "PolyAI-LDN_task-specific-datasets--banking_data__test.csv"
    with banking.open(newline="") as file:
        for row in csv.DictReader(file):
            yield {"instruction": row["text"], "input": "", "output": row["category"].replace("_", " ")}
    for line in (SHARED / "tasks" / "openai_grade-school-math--data__train.jsonl").open("rb"):
        row = orjson.loads(line)
        yield {"instruction": row["question"], "input": "", "output": row["answer"].rpartition("#### ")[2]}
    for row in _json("instructions", "hiyouga_LLaMA-Factory--alpaca_en_demo.json"):
        if len(row["output"]) <= 200:
            yield row


def _dialogues() -> Iterator[Row]:
    for row in _json("dialogues", "hiyouga_LLaMA-Factory--glaive_toolcall_en_demo.json"):
        yield {"conversations": row["conversations"], "tools": row["tools"]}
    for row in _json("dialogues", "lm-sys_FastChat--dummy_conversation.json"):
        yield {"conversations": row["conversations"]}
    speaker = {"USER": "human", "SYSTEM": "gpt"}
    guided = "google-research-datasets_dstc8-schema-guided-dialogue--dialogues_011.json"
    for row in _json("dialogues", guided):
        turns = [{"from": speaker[turn["speaker"]], "value": turn["utterance"]} for turn in row["turns"]]
        yield {"conversations": turns}


def _single_turns() -> Iterator[tuple[Row, Row]]:
    alpaca = _json("instructions", "hiyouga_LLaMA-Factory--alpaca_en_demo.json")
    roleplay = _json("instructions", "teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json")
    for row in [*alpaca, *roleplay]:
        prompt = "\n".join(part for part in (row["instruction"], row["input"]) if part)
        answer = row.get("output") or row.get("response")
        if prompt and answer:
            yield {"from": "human", "value": prompt}, {"from": "gpt", "value": answer}


if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS.keys() - {"large_4gb"}:  # that one when it is asked for
        made = path_of(name)
        print(made.relative_to(HERE), size_of(made))
