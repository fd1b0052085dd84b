"""How often languages are told right, and how fast, beside langdetect, fastText and pycld2.

python -m benchmarks.language      writes benchmarks/results/language.json

- sentences of lingua's test data in 29 files ($TAMIS_DATA/languages; Malay, which no profile knows, is left out), and
  pieces of 10 to 50 characters cut from them between words, 50 of each a file;
- texts of 200 and 2,000 characters joined from them;
- every sentence of these files, by language;
- agreement with langdetect on sentences of 100 characters or more where five seeds of it agree;
- answers of instruction data in English, by length: how many are said to be in another language. Every such answer was
  read, and `language_judged.json` has a digest of those that are no English: in another language, code, or names. An
  answer that is not in it counts as wrong. `elsewhere` is answers on which nothing was chosen.

Tools take turns on the same texts, one thread each, three times (langdetect once), and processor time counts, so that
others at work disturb little.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.environments import REQUIREMENTS, install, python_of
from benchmarks.machine import describe, versions
from tamis.models.language import load
from tamis.packed import Packed

DATA: Final = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
LARGE: Final = Path(__file__).parent / ".data" / "large.jsonl"
RESULTS: Final = Path(__file__).parent / "results" / "language.json"
JUDGED: Final = Path(__file__).parent / "language_judged.json"
PEERS: Final = ("langdetect", "fasttext", "pycld2")
LEAST: Final = 0.5
EACH, ROUNDS, SEEDS = 50, 3, 5
LENGTHS: Final = (1, 20, 50, 100, 300, 1000)
KINDS: Final = ("another", "code", "names")
_SAME: Final = {"nb": "no", "nn": "no", "iw": "he"}
_UNSPACED: Final = ("zh", "ja", "th")

Texts = list[tuple[str, str]]
"""A language and a text in it."""


def sentences() -> dict[str, list[str]]:
    """Each file's sentences, by its language."""
    files = sorted((DATA / "languages").glob("*--sentences__*.txt"))
    named = {file.stem.rpartition("__")[2]: file.read_text("utf-8").splitlines() for file in files}
    return {name: [line for line in lines if line.strip()] for name, lines in named.items() if name != "ms"}


def piece(sentence: str, language: str, chance: random.Random) -> str | None:
    """10 to 50 characters of a sentence, whole words where it has spaces; None where there are none such."""
    most = chance.randint(10, 50)
    if language in _UNSPACED:
        start = chance.randrange(max(1, len(sentence) - most + 1))
        cut = sentence[start : start + most]
        return cut if len(cut) >= 10 else None
    words = sentence.split()
    for start in chance.sample(range(len(words)), len(words)):
        cut = words[start]
        for word in words[start + 1 :]:
            if len(cut) + 1 + len(word) > most:
                break
            cut += f" {word}"
        if 10 <= len(cut) <= 50:
            return cut
    return None


def cases() -> dict[str, Texts]:
    """The texts by kind, `EACH` a language."""
    chance, found = (
        random.Random(5),
        {"10-50 characters": [], "sentences": [], "200 characters": [], "2,000 characters": []},
    )
    for name, lines in sentences().items():
        language, chosen = _SAME.get(name, name), chance.sample(lines, min(EACH, len(lines)))
        pieces = [cut for line in chosen if (cut := piece(line, name, chance))]
        found["10-50 characters"] += [(language, cut) for cut in pieces]
        found["sentences"] += [(language, line) for line in chosen]
        joined = " ".join(lines)
        for size, count in ((200, EACH), (2000, EACH // 5)):
            starts = [chance.randrange(max(1, len(joined) - size)) for _ in range(count)]
            found[f"{size:,} characters"] += [(language, joined[start : start + size]) for start in starts]
    return found


def detected(tool: str, texts: list[str], seeds: int = 1) -> dict[str, Any]:
    """The languages and processor seconds of a tool; of tamis with confidences."""
    if tool == "tamis":
        detector, packed = load(), Packed.of(texts)
        detector.detect(packed)
        start = time.process_time()
        found = detector.detect(packed)
        return {"seconds": time.process_time() - start, "languages": [found["language"].to_list()],
                "confidence": found["confidence"].fill_null(0.0).to_list()}  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(texts), "utf-8")
        command = [str(python_of("language")), str(REQUIREMENTS / "run_language.py"), tool, str(path), str(seeds)]
        done = subprocess.run(command, check=True, capture_output=True, env={"OMP_NUM_THREADS": "1"})
    answer: dict[str, Any] = json.loads(done.stdout)
    answer["languages"] = [[code and _SAME.get(code, code[:2]) for code in one] for one in answer["languages"]]
    return answer


def scored(texts: Texts, found: dict[str, Any]) -> dict[str, Any]:
    """The shares of texts that are told right, of those answered and of all, by language too."""
    right: dict[str, list[bool]] = {}
    answered, guessed, sure = [], [], found.get("confidence", [1.0] * len(texts))
    for (language, _), code, confidence in zip(texts, found["languages"][0], sure, strict=True):
        told = code not in (None, "un") and confidence >= LEAST
        guessed.append(code == language)
        right.setdefault(language, []).append(guessed[-1])
        if told:
            answered.append(code == language)
    shares = {language: sum(hits) / len(hits) for language, hits in right.items()}
    return {"likeliest": sum(guessed) / len(texts), "answered": len(answered) / len(texts),
            "right_of_answered": sum(answered) / len(answered), "by_language": shares}  # fmt: skip


def measured(texts: Texts) -> dict[str, Any]:
    """Accuracy and speed of each tool on the same texts, in turns."""
    plain, seconds, scores = [text for _, text in texts], {}, {}
    for turn in range(ROUNDS):
        for tool in ("tamis", *PEERS) if turn == 0 else ("tamis", *PEERS[1:]):
            found = detected(tool, plain)
            seconds.setdefault(tool, []).append(found["seconds"])
            if turn == 0:
                scores[tool] = scored(texts, found)
    ratios = {
        tool: [theirs / ours for theirs, ours in zip(seconds[tool], seconds["tamis"], strict=False)] for tool in PEERS
    }
    speed = {tool: _spread([len(texts) / one for one in taken]) for tool, taken in seconds.items()}
    return {"texts": len(texts), "characters": sum(map(len, plain)), "scores": scores, "texts_per_second": speed,
            "ratio": {tool: _spread(values) for tool, values in ratios.items()}}  # fmt: skip


def agreement() -> dict[str, Any]:
    """How often tamis says what langdetect says where five seeds of it agree."""
    chance = random.Random(7)
    long = [[line for line in lines if len(line) >= 100] for lines in sentences().values()]
    texts = [line for lines in long for line in chance.sample(lines, min(EACH, len(lines)))]
    theirs = detected("langdetect", texts, SEEDS)["languages"]
    steady = [(text, codes[0]) for text, *codes in zip(texts, *theirs, strict=True) if len(set(codes)) == 1]
    ours = detected("tamis", [text for text, _ in steady])["languages"][0]
    same = sum(code == other for code, (_, other) in zip(ours, steady, strict=True))
    return {"texts": len(texts), "steady": len(steady), "same": same}


def every_sentence() -> dict[str, Any]:
    """The share of all sentences of a language whose likeliest language is right, by tool."""
    texts = [(_SAME.get(name, name), line) for name, lines in sentences().items() for line in lines]
    plain = [text for _, text in texts]
    shares = {tool: scored(texts, detected(tool, plain))["by_language"] for tool in ("tamis", *PEERS)}
    return {"texts": dict(Counter(language for language, _ in texts)), "shares": shares}


def english(answers: Iterable[str]) -> list[dict[str, Any]]:
    """Distinct answers that should be English by length: how many are named English, none, or another, and why."""
    texts = sorted({text for text in answers if text})
    found = detected("tamis", texts)
    kinds = {digest: kind for kind, digests in json.loads(JUDGED.read_text()).items() for digest in digests}
    rows = [{"least": least, "answers": 0} | dict.fromkeys(("en", "none", *KINDS, "wrong"), 0) for least in LENGTHS]
    for text, code, sure in zip(texts, found["languages"][0], found["confidence"], strict=True):
        row = rows[sum(len(text) >= least for least in LENGTHS) - 1]
        row["answers"] += 1
        told = "en" if code == "en" else kinds.get(digest(text), "wrong")
        row["none" if sure < LEAST else told] += 1
    return rows


def digest(text: str) -> str:
    """By what `language_judged.json` knows an answer: the sets' texts are not ours to copy."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def answers_looked_at() -> Iterator[str]:
    """Answers of `large` and of the instruction sets, on which the prior of English was chosen."""
    with LARGE.open(encoding="utf-8") as lines:
        yield from (json.loads(line)["output"] for line in lines)
    yield from strings_of(sorted((DATA / "instructions").glob("*.json")), ("output", "response"))


def answers_elsewhere() -> Iterator[str]:
    """Answers of LLMBar and PandaLM."""
    files = sorted((DATA / "judged").glob("*LLMBar*.json")) + sorted((DATA / "judged").glob("*PandaLM*.json"))
    seen = set(answers_looked_at())
    yield from (
        text for text in strings_of(files, ("output_1", "output_2", "response1", "response2")) if text not in seen
    )


def strings_of(files: list[Path], keys: tuple[str, ...]) -> Iterator[str]:
    for file in files:
        for row in json.loads(file.read_text("utf-8")):
            yield from (row[key] for key in keys if isinstance(row.get(key), str))


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values)}


def main() -> None:
    install("language")
    pins = (REQUIREMENTS / "language.txt").read_text().splitlines()
    peers = dict(pin.split("==") for pin in pins if "==" in pin)
    results = {
        "machine": describe(),
        "versions": {name: version for name, version in versions().items() if name in ("tamis", "numba")} | peers,
        "date": date.today().isoformat(),
        "cases": {name: measured(texts) for name, texts in cases().items()},
        "sentences": every_sentence(),
        "agreement": agreement(),
        "english": english(answers_looked_at()),
        "elsewhere": english(answers_elsewhere()),
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for name, case in results["cases"].items():
        for tool, score in case["scores"].items():
            print(name, tool, {key: round(score[key], 4) for key in score if key != "by_language"},
                  f"{case['texts_per_second'][tool]['median']:,.0f} texts/s")  # fmt: skip


if __name__ == "__main__":
    main()
