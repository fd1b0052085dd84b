"""What decontamination finds: recall of planted test items by kind, hits among rows without one, translations, speed.

python -m benchmarks.decontamination         write results/decontamination.json, from $TAMIS_DATA

Items of six benchmarks are planted in conversations: as they are, trimmed (a tenth of the words off one end), with
other punctuation, with one word changed, with one word in five changed, with an answer that is not theirs, and inside a
longer chat, between other words of the same turn. An item counts as found where its row is hit for that very item, or
for one with the same question. A changed word is another word of the carriers' prompts.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from benchmarks import machine
from tamis.contamination.index import ItemIndex
from tamis.contamination.items import read_benchmarks
from tamis.contamination.lexical import find_hits
from tamis.contamination.semantic import Meanings
from tamis.records.builder import Builder
from tamis.records.reader import read_batches
from tamis.records.sources import find
from tamis.verbs.decontaminate import decontaminate

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("TAMIS_DATA", ROOT.parent / "shared" / "data"))
PLANTED = {
    "HumanEval": "openai_human-eval--HumanEval.jsonl.gz",
    "GSM8K test": "openai_grade-school-math--data__test.jsonl",
    "MBPP": "microsoft_CodeT--mbpp_sanitized_for_code_generation.jsonl",
    "MMLU validation": "allenai_decon--mmlu_validation-1.jsonl.gz",
    "IFEval": "microsoft_llm-steer-instruct--input_data.jsonl",
    "MT-bench": "lm-sys_FastChat--mt_bench__question.jsonl",
}
CARRIERS = "instructions/hiyouga_LLaMA-Factory--alpaca_en_demo.json"
UNPLANTED = {
    "GSM8K train": "tasks/openai_grade-school-math--data__train.jsonl",
    "alpaca": CARRIERS,
    "GPTeacher code": "instructions/teknium1_GPTeacher--codegen-instruct.json",
    "GPTeacher role play": "instructions/teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json",
    "GPTeacher toolformer": "duplicates/teknium1_GPTeacher--toolformer-dedupe-only-dataset.json",
    "self-instruct seeds": "instructions/yizhongw_self-instruct--seed_tasks.jsonl",
    "SFT demo": "instructions/hiyouga_LLaMA-Factory--v1_sft_demo.jsonl",
    "DPO demo": "judged/hiyouga_LLaMA-Factory--dpo_en_demo.json",
    "KTO demo": "judged/hiyouga_LLaMA-Factory--kto_en_demo.json",
    "Banking77": "tasks/PolyAI-LDN_task-specific-datasets--banking_data__test.csv",
    "Glaive tools": "dialogues/hiyouga_LLaMA-Factory--glaive_toolcall_en_demo.json",
    "FastChat dummy": "dialogues/lm-sys_FastChat--dummy_conversation.json",
}
LANGUAGES = ("de", "es", "fr", "ja", "ru", "zh")
SEED, REPEATS = 7, 3
SIZES = {"8 or fewer": (1, 8), "9 to 20": (9, 20), "more than 20": (21, 10**9)}
_WORD = re.compile(r"[^\W_]+")
Pair = tuple[str, str]
Change = Callable[[str, random.Random, Sequence[str]], str]


def benchmark_files() -> list[str]:
    """All benchmark files; decon's training fixtures are data."""
    return [str(path) for path in sorted((DATA / "benchmarks").iterdir()) if "--fixtures__training__" not in path.name]


def items_of(name: str) -> list[tuple[int, str, str]]:
    """The items of a benchmark: number, question (its first turn, with the choices) and answer, which may be empty."""
    parts, _ = read_benchmarks(find([str(DATA / "benchmarks" / name)]))
    found = parts.group_by("item", "part", maintain_order=True).agg(pl.col("text").first())
    texts: dict[int, dict[str, str]] = {}
    for item, part, text in found.iter_rows():
        texts.setdefault(item, {})[part] = text
    asked = {item: held for item, held in texts.items() if "question" in held}
    return [(item, _with_choices(held), held.get("answer", "")) for item, held in asked.items()]


def _with_choices(held: dict[str, str]) -> str:
    choices = held.get("choices", "").split("\n") if "choices" in held else []
    return "\n".join(
        [held["question"], *(f"{letter}. {choice}" for letter, choice in zip("ABCDEFGHIJ", choices, strict=False))]
    )


def trimmed(text: str, chance: random.Random, _: Sequence[str]) -> str:
    """A tenth of the words, one at least, off the beginning or the end."""
    words = list(_WORD.finditer(text))
    cut = max(1, len(words) // 10)
    if len(words) <= cut:
        return text
    return text[words[cut].start() :] if chance.random() < 0.5 else text[: words[-cut - 1].end()]


def repunctuated(text: str, chance: random.Random, _: Sequence[str]) -> str:
    """Each mark of punctuation dropped or replaced; those of code and arithmetic stay."""
    return re.sub(
        r"[.,;:!?\"“”()](?!\d)|(?<!\w)['’]|['’](?!\w)", lambda _: chance.choice(["", ",", ";", "!", " - ", "..."]), text
    )


def changed(text: str, chance: random.Random, others: Sequence[str], share: float = 0.0) -> str:
    """One word, or a share of the words, replaced by other words."""
    words = list(_WORD.finditer(text))
    count = min(len(words), max(1, round(share * len(words))))
    for word in sorted(chance.sample(words, count), key=lambda word: -word.start()):
        text = text[: word.start()] + chance.choice(others) + text[word.end() :]
    return text


def one_in_five(text: str, chance: random.Random, others: Sequence[str]) -> str:
    """One word in five replaced."""
    return changed(text, chance, others, 0.2)


KINDS: dict[str, Change] = {
    "verbatim": lambda text, *_: text,
    "trimmed": trimmed,
    "re-punctuated": repunctuated,
    "one word changed": changed,
    "answer missing": lambda text, *_: text,
    "in a longer chat": lambda text, *_: text,
    "one word in five changed": one_in_five,
}


def carriers() -> list[Pair]:
    """Prompts and answers that hold no test item."""
    rows = orjson.loads((DATA / CARRIERS).read_bytes())
    return [(f"{row['instruction']}\n{row['input']}".strip(), row["output"]) for row in rows]


def planted(name: str, kind: str) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """A conversation for each item of a benchmark, as turns, and the items in order."""
    chance, others = random.Random(f"{SEED} {name} {kind}"), carriers()
    words = sorted({word for prompt, _ in others for word in _WORD.findall(prompt) if len(word) > 3})
    out, items = Builder(), list[tuple[int, str]]()
    for item, question, answer in items_of(name):
        text = KINDS[kind](question, chance, words)
        before, after, last = chance.sample(others, 3)
        if kind == "in a longer chat":
            out.pair(*before)
            out.pair(f"Thanks, that helps. One more thing.\n\n{text}\n\nPlease answer as briefly as you can.", after[1])
            out.pair(*last)
        else:
            out.pair(text, answer if answer and kind != "answer missing" else last[1])
        out.finish("messages")
        items.append((item, question))
    return out.build().turns, items


def recall() -> list[dict[str, Any]]:
    """By benchmark, kind and size of the item in tokens: items, how many were found, how many with their answer."""
    lines = []
    for label, name in PLANTED.items():
        index = _index_of(label)
        told = index.parts.filter(pl.col("part") == "question").unique("item", keep="first")
        sizes = dict(told.select("item", "tokens").iter_rows())
        for kind in KINDS:
            turns, items = planted(name, kind)
            hits = find_hits(turns, index).filter(pl.col("part") == "question")
            found = {(row, item): verdict for row, item, verdict in hits.select("row", "item", "verdict").iter_rows()}
            twins: dict[str, list[int]] = {}
            for item, question in items:
                twins.setdefault(" ".join(_WORD.findall(question.lower())), []).append(item)
            for size, (low, high) in SIZES.items():
                verdicts = [
                    next((found[row, twin] for twin in twins[key] if (row, twin) in found), None)
                    for row, (item, question) in enumerate(items)
                    if low <= sizes.get(item, 0) <= high and (key := " ".join(_WORD.findall(question.lower())))
                ]
                if verdicts:
                    both = verdicts.count("question and answer")
                    lines.append({"benchmark": label, "kind": kind, "tokens": size, "items": len(verdicts),
                                  "found": len(verdicts) - verdicts.count(None), "with_answer": both})  # fmt: skip
    return lines


def _index_of(label: str) -> ItemIndex:
    return ItemIndex.of(*read_benchmarks(find([str(DATA / "benchmarks" / PLANTED[label])])))


def by_kind(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The recall of all benchmarks together."""
    summed = pl.DataFrame(lines).group_by("kind", "tokens", maintain_order=True).agg(pl.col("items", "found").sum())
    return summed.with_columns(recall=(pl.col("found") / pl.col("items")).round(4)).to_dicts()


def unplanted(index: ItemIndex) -> list[dict[str, Any]]:
    """Rows of real data by set, how many are hit, and which items; benchmarks of the same questions count once."""
    lines = []
    for label, path in UNPLANTED.items():
        rows, found = 0, list[pl.DataFrame]()
        for batch in read_batches(find([str(DATA / path)])):
            hits = find_hits(batch.records.turns, index)
            found.append(hits.with_columns(batch.records.rows["row"].gather(hits["row"])))
            rows += batch.records.rows.height
        hits = pl.concat(found)
        named = hits.unique(["benchmark", "item"], maintain_order=True).select("benchmark", "item", "score")
        lines.append({"data": label, "rows": rows, "rows_hit": hits["row"].n_unique(), "items": named.to_dicts()})
    return lines


def translations() -> list[dict[str, Any]]:
    """MGSM by language against English GSM8K, in words and by meaning: how often the nearest question is the right one.

    The first 250 questions of GSM8K's test set are MGSM's. `flagged` are those of at least 0.9.
    """
    index = _index_of("GSM8K test")
    meanings = Meanings.of(index, 1e-6)
    lines = []
    for language in LANGUAGES:
        parts, _ = read_benchmarks(find([str(DATA / "benchmarks" / f"google-research_url-nlp--mgsm_{language}.tsv")]))
        out = Builder()
        for text in parts.filter(pl.col("part") == "question")["text"]:
            out.turn("user", text)
            out.finish("prompt-only")
        turns = out.build().turns
        words = find_hits(turns, index)
        near = meanings.find(turns, "prompt", pl.Series([], dtype=pl.Int64))
        right = near.filter(pl.col("row") == pl.col("item"))
        sure = near.filter(pl.col("score") >= 0.9)
        lines.append(
            {
                "language": language,
                "items": turns["row"].n_unique(),
                "by_words": words["row"].n_unique(),
                "nearest_is_right": right.height,
                "flagged": sure.height,
                "flagged_and_right": sure.filter(pl.col("row") == pl.col("item")).height,
            }
        )
    return lines


def meaning_thresholds() -> list[dict[str, Any]]:
    """By cosine: how many GSM8K train prompts, which hold no test item, and how many reworded items are flagged."""
    meanings = Meanings.of(_index_of("GSM8K test"), 1e-6)
    batches = read_batches(find([str(DATA / UNPLANTED["GSM8K train"])]))
    none = pl.Series([], dtype=pl.Int64)
    clean = pl.concat([meanings.find(batch.records.turns, "prompt", none)["score"] for batch in batches])
    turns, _ = planted(PLANTED["GSM8K test"], "one word in five changed")
    own = meanings.find(turns, "prompt", none)["score"]
    return [
        {
            "cosine": cosine,
            "train_rows": len(clean),
            "train_flagged": int((clean >= cosine).sum()),
            "changed_items": len(own),
            "changed_flagged": int((own >= cosine).sum()),
        }
        for cosine in (0.8, 0.85, 0.9, 0.95)
    ]


def speed(path: Path) -> dict[str, Any]:
    """The whole verb on a file against all benchmarks: reading both, indexing, searching."""
    runs = list(_runs(path, {}))
    searched = list(_runs(path, {"semantic": 0.9}))
    read = list(_read_alone(path))
    size = path.stat().st_size / 1e6
    return {
        "load": [round(value, 1) for value in os.getloadavg()],
        "file_mb": round(size, 1),
        "benchmarks": len(benchmark_files()),
        "repeats": REPEATS,
        "decontaminate": _told(runs, size),
        "with_semantic": _told(searched, size),
        "read_alone": _told(read, size),
    }


def _runs(path: Path, options: dict[str, Any]) -> Iterator[Pair]:
    against = benchmark_files()
    for _ in range(REPEATS + 1):
        started, worked = time.perf_counter(), time.process_time()
        decontaminate(str(path), against, **options)
        yield time.perf_counter() - started, time.process_time() - worked  # type: ignore[misc]


def _read_alone(path: Path) -> Iterator[Pair]:
    for _ in range(REPEATS + 1):
        started, worked = time.perf_counter(), time.process_time()
        for _batch in read_batches(find([str(path)])):
            pass
        yield time.perf_counter() - started, time.process_time() - worked  # type: ignore[misc]


def _told(runs: list[Any], size: float) -> dict[str, Any]:
    """Medians with the lowest and highest; the first run warms up and is left out."""
    walls, works = zip(*runs[1:], strict=True)
    median = statistics.median(walls)
    return {
        "wall_seconds": [round(value, 2) for value in (median, min(walls), max(walls))],
        "cpu_seconds": [round(value, 2) for value in (statistics.median(works), min(works), max(works))],
        "mb_per_second": round(size / median, 1),
        "mb_per_cpu_second": round(size / statistics.median(works), 1),
    }


def main() -> None:
    """Measure everything and write the results."""
    index = ItemIndex.of(*read_benchmarks(find(benchmark_files())))
    lines = recall()
    results = {
        "machine": machine.describe(),
        "seed": SEED,
        "recall": lines,
        "recall_by_kind": by_kind(lines),
        "unplanted": unplanted(index),
        "translations": translations(),
        "meaning": meaning_thresholds(),
        "speed": speed(Path(os.environ.get("TAMIS_LARGE", ROOT / "benchmarks" / ".data" / "large.jsonl"))),
    }  # fmt: skip
    path = ROOT / "benchmarks" / "results" / "decontamination.json"
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
