"""One score of texts by the packages that publish it: diversity, lexicalrichness, nltk.

python run_diversity.py TASK TEXTS

TEXTS is a JSON list of strings whose words are parted by blanks. Prints a JSON object: `seconds` of processor time
after everything is imported, and the `value`.
"""

from __future__ import annotations

import importlib
import json
import sys
import sysconfig
import time
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any


def part(name: str) -> Any:
    """A module of the package diversity, whose own opening would import torch for other scores."""
    package = types.ModuleType("diversity")
    package.__path__ = [str(Path(sysconfig.get_path("purelib")) / "diversity")]
    sys.modules["diversity"] = package
    return importlib.import_module(f"diversity.{name}")


def self_bleu() -> Callable[[list[str]], float]:
    """The mean of nltk's BLEU with method 1, all other texts being references."""
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    smooth = SmoothingFunction().method1
    warnings.simplefilter("ignore")

    def scored(texts: list[str]) -> float:
        split = [text.split() for text in texts]
        each = [
            sentence_bleu(split[:i] + split[i + 1 :], own, smoothing_function=smooth) if own else 0.0
            for i, own in enumerate(split)
        ]
        return sum(each) / len(each)

    return scored


def richness(name: str, option: float) -> Callable[[list[str]], float]:
    """A measure of lexicalrichness on all texts joined."""
    from lexicalrichness import LexicalRichness

    def scored(texts: list[str]) -> float:
        joined = LexicalRichness(" ".join(texts), preprocessor=None, tokenizer=str.split)
        return getattr(joined, name)(option)

    return scored


def chosen(task: str) -> Callable[[list[str]], float]:
    """The function of a task."""
    if task == "self_bleu":
        return self_bleu()
    if task in ("mtld", "hdd"):
        return richness(task, {"mtld": 0.72, "hdd": 42}[task])
    if task == "self_repetition":
        score = part("self_repetition").self_repetition_score
        return lambda texts: score(texts, verbose=False)
    if task == "compression_ratio":
        return part("compression").compression_ratio
    return part("ngram_diversity").ngram_diversity_score


if __name__ == "__main__":
    score = chosen(sys.argv[1])
    texts = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    start = time.process_time()
    value = score(texts)
    print(json.dumps({"seconds": time.process_time() - start, "value": float(value)}))
