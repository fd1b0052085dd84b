"""The judged sets: pairs of answers to one question, of which people or a model prefer one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np


@dataclass(frozen=True)
class Pair:
    """Two answers to one question; `given` is the separate input, empty for none."""

    question: str
    given: str
    preferred: str
    rejected: str

    @property
    def prompt(self) -> str:
        """What the model is asked: instruction and input."""
        return f"{self.question}\n{self.given}" if self.given else self.question


def pandalm(folder: Path) -> list[Pair]:
    """PandaLM's test set (Apache-2.0): pairs that at least two of three people decide alike."""
    pairs = []
    for row in _read(folder / "WeOpenML_PandaLM--testset-v1.json"):
        votes = [row[f"annotator{i}"] for i in (1, 2, 3)]
        answers = [row["response1"], row["response2"]]
        for winner in (1, 2):
            if sum(int(vote) == winner for vote in votes) >= 2:
                pairs.append(_pair(row["instruction"], row["input"], answers, winner))
    return pairs


def llmbar_natural(folder: Path) -> list[Pair]:
    """LLMBar (MIT), natural part: one output follows the instruction, the other does not."""
    return _llmbar(folder / "princeton-nlp_LLMBar--LLMBar_Natural.json")


def llmbar_adversarial(folder: Path) -> list[Pair]:
    """LLMBar (MIT), written so that the worse output looks better."""
    return _llmbar(folder / "princeton-nlp_LLMBar--LLMBar_Adversarial_Manual.json")


def alpaca_eval(folder: Path, model: str) -> list[Pair]:
    """AlpacaEval's GPT-4 preferences (CC-BY-NC-4.0, so for evaluation only): a model beside text-davinci-003."""
    rows = _read(folder / f"tatsu-lab_alpaca_eval--{model}__gpt4_annotations.json")
    return [
        _pair(row["instruction"], "", [row["output_1"], row["output_2"]], int(float(row["preference"])))
        for row in rows
        if row["preference"] is not None and float(row["preference"]) in (1, 2)
    ]


def dpo(folder: Path) -> list[Pair]:
    """LLaMA-Factory's demo of preferences (origin not stated, so for evaluation only), the last turn of each."""
    rows = _read(folder / "hiyouga_LLaMA-Factory--dpo_en_demo.json")
    return [
        _pair(row["conversations"][-1]["value"], "", [row["chosen"]["value"], row["rejected"]["value"]], 1)
        for row in rows
    ]


MAY_TRAIN: Final = {"PandaLM": pandalm, "LLMBar natural": llmbar_natural}
"""Sets that the shipped weights are made from."""


def shuffled(pairs: list[Pair], seed: int) -> list[Pair]:
    """Each preferred answer beside the preferred answer to another of the questions."""
    order = np.random.default_rng(seed).permutation(len(pairs))
    other = dict(zip(order.tolist(), np.roll(order, 1).tolist(), strict=True))
    return [
        Pair(pair.question, pair.given, pair.preferred, pairs[other[place]].preferred)
        for place, pair in enumerate(pairs)
    ]


def _llmbar(file: Path) -> list[Pair]:
    return [_pair(row["input"], "", [row["output_1"], row["output_2"]], int(row["label"])) for row in _read(file)]


def _pair(question: str, given: str, answers: list[Any], winner: int) -> Pair:
    said = [str(answer) for answer in answers]  # some outputs are JSON's true or false
    return Pair(question, given, said[winner - 1], said[2 - winner])


def _read(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return rows
