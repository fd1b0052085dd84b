"""The rules for LLaMA-Factory against LLaMA-Factory, on rows put together at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tamis.trainers import llama_factory
from tamis.trainers._trainer import Row
from tests.trainers import llama_factory_itself as itself

pytestmark = [
    pytest.mark.skipif(itself.FOLDER is None, reason="TAMIS_LLAMA_FACTORY names no unpacked wheel of llamafactory"),
    pytest.mark.filterwarnings("ignore"),
]
ROWS = 1000
CALL = '{"name":"f","arguments":{}}'
TEXTS = ["a b", "", "c <image> d", None, "x", 3, ["p"], CALL, '{"name":"f"}', "{bad", f"<think>hm</think>{CALL}"]
TOOL = {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}, "required": []}}
SIDES = [
    {"from": "human", "value": "n"}, "txt", None, {"from": "gpt"}, {"from": "gpt", "value": None},
    {"from": "critic", "value": "x"}, {"from": "gpt", "value": ""}, {"from": "function_call", "value": CALL},
]  # fmt: skip


class Maker:
    """Rows that are mostly sound, each with its own faults."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def rarely(self, share: float) -> bool:
        return self.random.random() < share

    def text(self) -> Any:
        return self.random.choices(TEXTS, [20, 2, 1, 1, 10, 1, 1, 3, 1, 1, 1])[0]

    def sharegpt(self) -> Row:
        roles = ["human", "gpt", "observation", "function_call", "system", "critic"]
        turns: list[Any] = []
        for number in range(self.random.choice([0, 1, 2, 2, 2, 3, 4, 4, 5])):
            role = self.random.choice(roles) if self.rarely(0.2) else ("human", "gpt")[number % 2]
            turns.append({"from": role, "value": CALL if role == "function_call" and self.rarely(0.7) else self.text()})
            if self.rarely(0.02):
                turns[-1].pop(self.random.choice(["from", "value"]))
        if self.rarely(0.2):
            turns.insert(0, {"from": "system", "value": self.text()})
        return {"conversations": self.random.choice([None, "x", [1]]) if self.rarely(0.03) else turns}

    def openai(self) -> Row:
        roles = ["user", "assistant", "tool", "system", "critic", "function_call", "developer"]
        calls: list[Any] = [[], None, [{"id": "1", "function": {"name": "f", "arguments": "{}"}}], [{"id": "1"}]]
        calls.append([{"function": {"name": "f"}}])
        turns: list[Any] = []
        for number in range(self.random.choice([0, 1, 2, 2, 2, 3, 4, 4, 5, 6])):
            role = self.random.choice(roles) if self.rarely(0.25) else ("user", "assistant")[number % 2]
            turns.append({"role": role, "content": self.text()})
            if role == "assistant" and self.rarely(0.15):
                turns[-1]["tool_calls"] = self.random.choice(calls)
        if self.rarely(0.2):
            turns.insert(0, {"role": "system", "content": self.text()})
        return {"messages": self.random.choice([None, "x", [1]]) if self.rarely(0.03) else turns}

    def alpaca(self) -> Row:
        row = {"instruction": self.text(), "input": self.random.choice(["", None, self.text()]), "output": self.text()}
        if self.rarely(0.3):
            row["system"] = self.random.choice(["be nice", None, ""])
        if self.rarely(0.3):
            row["history"] = self.random.choice(
                [None, [], [["q", "a"]], [["q"]], [["q", "a", "b"]], [["q", None]], "x"]
            )
        return row

    def tools(self) -> Any:
        return self.random.choices([None, "", "[]", "[bad", [TOOL], {"a": 1}], [20, 2, 2, 1, 1, 1])[0]

    def images(self) -> Any:
        return self.random.choices([None, ["i"], [], ["i", "j"], "i"], [10, 3, 1, 1, 1])[0]

    def label(self) -> Any:
        return self.random.choices([True, False, None, 1, "yes"], [9, 9, 1, 1, 1])[0]

    def side(self) -> Any:
        return self.random.choice(SIDES) if self.rarely(0.3) else {"from": "gpt", "value": "yes"}


KINDS: dict[str, tuple[str, Callable[[Maker], Row], dict[str, Any]]] = {
    "sharegpt": ("sharegpt", lambda make: make.sharegpt(), {}),
    "sharegpt, tools": ("sharegpt", lambda make: {**make.sharegpt(), "tools": make.tools()}, {}),
    "sharegpt, media": ("sharegpt", lambda make: {**make.sharegpt(), "images": make.images()}, {"media": True}),
    "sharegpt, pairs": (
        "sharegpt", lambda make: {**make.sharegpt(), "chosen": make.side(), "rejected": make.side()}, {"ranking": True},
    ),
    "sharegpt, labels": ("sharegpt", lambda make: {**make.sharegpt(), "kto_tag": make.label()}, {}),
    "openai": ("openai", lambda make: make.openai(), itself.OPENAI),
    "openai, tools": ("openai", lambda make: {**make.openai(), "tools": make.tools()}, itself.OPENAI),
    "alpaca": ("alpaca", lambda make: make.alpaca(), {}),
    "alpaca, pairs": (
        "alpaca",
        lambda make: {**make.alpaca(), "output": None, "chosen": make.text(), "rejected": make.text()},
        {"ranking": True},
    ),
    "alpaca, labels": ("alpaca", lambda make: {**make.alpaca(), "kto_tag": make.label()}, {}),
}  # fmt: skip


def judged(row: Row, form: str) -> str:
    shape = next(shape for shape in llama_factory.TRAINER.shapes if shape.name == form)
    reading = llama_factory.TRAINER.read(row, shape)
    if any(kind.stops for kind, _ in reading.problems):
        return "stops"
    return "blanked" if reading.is_lost else "trained"


@pytest.mark.parametrize("name", KINDS)
def test_random_rows_meet_the_same_fate(name: str) -> None:
    form, made, options = KINDS[name]
    make = Maker(len(name))
    rows = [made(make) for _ in range(ROWS)]
    theirs = itself.verdicts(rows, form, **options)
    fates = ["trained" if isinstance(fate, list) else fate for fate in theirs]
    assert {"stops", "blanked", "trained"} == set(fates)
    differing = [(row, fate) for row, fate in zip(rows, fates, strict=True) if judged(row, form) != fate]
    assert differing == []


def test_long_conversations_are_cut_to_the_same_tokens() -> None:
    chance = random.Random(1)
    for _ in range(300):
        sizes = [chance.randrange(1, 60) for _ in range(2 * chance.randrange(1, 5))]
        turns = [{"from": ("human", "gpt")[i % 2], "value": "w " * size} for i, size in enumerate(sizes)]
        limit = chance.randrange(5, 100)
        (labels,) = itself.verdicts([{"conversations": turns}], "sharegpt", limit=limit)
        kept = _kept(sizes, limit)
        assert len(labels) == sum(source + target for source, target in kept)
        assert sum(label != -100 for label in labels) == sum(target for _, target in kept)


def _kept(sizes: list[int], limit: int) -> list[tuple[int, int]]:
    kept, used = [], 0
    for source, target in zip(sizes[::2], sizes[1::2], strict=True):
        if used >= limit:
            break
        kept.append(llama_factory.infer_lengths(source, target, limit - used))
        used += sum(kept[-1])
    return kept


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "form", "options"),
    [
        ("dialogues/hiyouga_LLaMA-Factory--glaive_toolcall_en_demo.json", "sharegpt", {}),
        ("judged/hiyouga_LLaMA-Factory--dpo_en_demo.json", "sharegpt", {"ranking": True}),
        ("judged/hiyouga_LLaMA-Factory--kto_en_demo.json", "openai", {**itself.OPENAI, "kto_tag": "label"}),
        ("instructions/hiyouga_LLaMA-Factory--alpaca_en_demo.json", "alpaca", {}),
        ("dialogues/lm-sys_FastChat--dummy_conversation.json", "sharegpt", {}),
    ],
)
def test_real_files_meet_the_same_fate(file: str, form: str, options: dict[str, Any], data: Path) -> None:
    rows = orjson.loads((data / file).read_bytes())
    fates = ["trained" if isinstance(fate, list) else fate for fate in itself.verdicts(rows, form, **options)]
    assert [judged(row, form) for row in rows] == fates
