"""The obvious version of each kernel, on `str` and `list`; shares no code with `src`."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter

import numpy as np

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U000323ff"
)
NOT_WORD = (
    "\x80-\xbf\xd7\xf7\u1680\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\ue000-\uf8ff\ufe00-\ufe6f\ufeff"
    "\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001ffff\U00032400-\U0010ffff"
)
_WORD = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]+")
_RUN = re.compile(f"[{UNSPACED}]|(?:(?![{UNSPACED}{NOT_WORD}])[0-9A-Za-z\x80-\U0010ffff])+")


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def estimated_tokens(text: str, weights: dict[str, int]) -> int:
    found = {
        "run": len(re.findall("[A-Za-z]+", text)),
        "letter": sum(len(run) - 5 for run in re.findall("[A-Za-z]{6,}", text)),
        "digit": len(re.findall("[0-9]", text)),
        "mark": len(re.findall(r"[^\sA-Za-z0-9\x80-\U0010ffff]", text)),
        "marks": len(re.findall(r"[^\sA-Za-z0-9\x80-\U0010ffff]+", text)),
        "gap": len([gap for gap in re.findall(r"[\x00-\x7f]+", text) for gap in _gaps(gap)]),
        "unspaced": len(re.findall(f"[{UNSPACED}]", text)),
        "two": len(re.findall("[\x80-\u07ff]", text)),
        "long": len(re.findall(f"[^\x00-\u07ff{UNSPACED}]", text)),
    }
    return max(int(text != ""), (sum(count * weights[kind] for kind, count in found.items()) + 500) // 1000)


def _gaps(text: str) -> list[str]:
    """Runs of ASCII white space other than one space; one that goes on from a line feed counts as two."""
    gaps = []
    for gap in re.findall(r"\s+", text):
        gaps += [gap] * ((gap[0] != " ") + (len(gap) > 1))
    return gaps


def looks_english(text: str, members: set[str]) -> bool:
    text = text.encode()[:1024].decode(errors="replace")
    kept = "".join(text.split("```")[::2])
    text = " ".join(text.split("```")[::2])
    letters = [c for c in kept if re.fullmatch("[A-Za-z]", c) or (c >= "\x80" and _in_word(c))]
    basic = [c for c in letters if c < "\x80"]
    if len(letters) >= 20 and 2 * len(basic) < len(letters):
        return False
    latin = []
    for run in _latin_runs(text):
        letters_only = "".join(c for c in run if c < "\u0250" or "\u1e00" <= c < "\u1f00")
        if letters_only:
            latin.append(run)
    common = [run for run in latin if "".join(c for c in run if c < "\x80" or c < "\u0250").lower() in members]
    common = [run for run in common if all(c < "\x80" or not (c < "\u0250" or "\u1e00" <= c < "\u1f00") for c in run)]
    return not (len(latin) >= 12 and 100 * len(common) < 8 * len(latin))


def _in_word(character: str) -> bool:
    return re.fullmatch(f"[^{NOT_WORD}]", character) is not None


def _latin_runs(text: str) -> list[str]:
    return re.findall(f"(?:[A-Za-z]|(?![{NOT_WORD}])[\x80-\U0010ffff])+", text)


_MASK = (1 << 64) - 1
_A, _B = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F


def _finish(state: int) -> int:
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


def _hash(pairs: list[tuple[int, int]], seed: int) -> list[int]:
    lanes = [seed ^ _B, seed ^ _A]
    for pair in pairs:
        for lane, multiplier in ((0, _A), (1, _B)):
            state = ((lanes[lane] ^ pair[lane]) * multiplier) & _MASK
            lanes[lane] = state ^ (state >> 32)
    return [_finish(lane) for lane in lanes]


def content_hash(text: str, seed: int) -> list[int]:
    said = " ".join(text.split()).encode()
    whole = len(said) // 8 * 8
    words = [int.from_bytes(said[i : i + 8], "big") for i in range(0, whole, 8)]
    words.append((int.from_bytes(said[whole:], "big") << 8) ^ (len(said) - whole))
    return _hash([(word, word) for word in words], seed)


def combine(hashes: list[list[int]]) -> list[int]:
    return _hash([(a, b) for a, b in hashes], 0)


def repetition(text: str) -> list[float]:
    """Datatrove 0.10.0's gopher_repetition_filter, with `str.split` for its tokenizer."""
    if not text:
        return [0.0] * 13
    lines = _duplicates(re.split(r"\n+", text))
    paragraphs = _duplicates(re.split(r"\n{2,}", text.strip()))
    split = text.split()
    top = [_top(split, n) for n in (2, 3, 4)]
    scanned = [_scan(split, n) for n in (5, 6, 7, 8, 9, 10)]
    shares = [count / len(text) for count in top + scanned]
    return [lines[0], lines[1] / len(text), paragraphs[0], paragraphs[1] / len(text), *shares]


def _duplicates(parts: list[str]) -> tuple[float, int]:
    known: set[str] = set()
    characters = count = 0
    for part in parts:
        if part in known:
            characters += len(part)
            count += 1
        known.add(part)
    return count / len(parts), characters


def _top(split: list[str], n: int) -> int:
    grams = Counter(" ".join(split[i : i + n]) for i in range(len(split) - n + 1))
    return len(grams.most_common(1)[0][0]) * grams.most_common(1)[0][1] if grams else 0


def _scan(split: list[str], n: int) -> int:
    known: set[str] = set()
    characters = i = 0
    while i < len(split) - n + 1:
        gram = "".join(split[i : i + n])
        if gram in known:
            characters += len(gram)
            i += n
        else:
            known.add(gram)
            i += 1
    return characters


def sentences(text: str) -> list[str]:
    parts = re.split(r"(?<=[.!?])(?=\s)|(?<=[。！？\n])", text)
    return [part.strip() for part in parts if len(part.strip()) >= 12]


def sentence_repeats(text: str) -> int:
    return max(Counter(sentences(text)).values(), default=0)


def trailing_repeats(text: str) -> int:
    if not text:
        return 0
    found = list(_WORD.finditer(text))
    split = [match[0] for match in found]
    for period in range(1, 65):
        piece, repeats = split[-period:], 1
        if len(piece) < period:
            break
        while split[: len(split) - repeats * period][-period:] == piece:
            repeats += 1
        if repeats > 1 and found[-1].end() - found[len(split) - repeats * period].start() >= 30:
            return repeats
    return 1


CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_JOINING = re.compile(
    "[\u0590-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\u2190-\u2bff\ua800-\uabff\ufb1d-\ufe0f\ufe70-\ufefe"
    "\U00010800-\U00011fff\U0001e800-\U0001faff\U000e0020-\U000e01ef]"
)
_ALWAYS = re.compile("[\xad\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SOUTH_EAST = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff]")


def zero_width_characters(text: str) -> int:
    count = 0
    for i, character in enumerate(text):
        beside = text[max(i - 1, 0) : i] + text[i + 1 : i + 2]
        count += _ALWAYS.match(character) is not None
        count += character == "\u200b" and not _SOUTH_EAST.search(beside)
        count += "\u200c" <= character <= "\u200f" and not _JOINING.search(beside)
    return count


def ngram_containment(a: str, b: str, n: int) -> float:
    ours, theirs = ([_lower(run) for run in _RUN.findall(text)] for text in (a, b))
    if not ours:
        return math.nan
    n = min(n, len(ours))
    held = {tuple(theirs[i : i + n]) for i in range(len(theirs) - n + 1)}
    grams = [tuple(ours[i : i + n]) for i in range(len(ours) - n + 1)]
    return sum(gram in held for gram in grams) / len(grams)


def _lower(run: str) -> str:
    return "".join(c.lower() if c < "\x80" else c for c in run)


def json_values(raw: bytes, start: int) -> tuple[list[tuple[int, int]], int, bool]:
    text, at, found = raw.decode("latin-1"), start, []
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at == len(text):
            return found, at, False
        if text[at] in "]}":
            return found, at + 1, True
        try:
            stop = json.JSONDecoder(strict=False).raw_decode(text, at)[1]
        except json.JSONDecodeError:
            return found, at, False
        if stop == len(text) and text[at] not in "[{":
            return found, at, False
        found.append((at, stop))
        at = stop


def csv_rows(text: str, delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]


_WORD_OR_MARK = re.compile(f"(?:(?![{NOT_WORD}])[0-9A-Za-z\x80-\U0010ffff])+", re.S)
_STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
_TERMINAL = tuple(".!?։؟۔।॥၊။።፧፨។៕‼‽⁇⁈⁉⸮⸼。﹒﹖﹗！．？｡")


def web(text: str) -> list[float]:
    """Datatrove 0.10.1's Gopher and FineWeb quality filters, a word or a mark for each token of its tokenizer."""
    word = _WORD_OR_MARK.pattern
    pieces = re.findall(f"{word}(?:[.,'’]{word})*|\\S", text)
    found = [piece for piece in pieces if _WORD_OR_MARK.match(piece)]
    count = max(len(pieces), 1)
    lines = text.split("\n")[:-1] + [line for line in text.split("\n")[-1:] if line]
    filled = [line for line in lines if line.strip()]
    return [
        len(found),
        sum(map(len, found)) / len(found) if found else math.nan,
        len([piece for piece in found if re.search(f"(?![{NOT_WORD}])[A-Za-z\x80-\U0010ffff]", piece)]) / count,
        text.count("#") / count,
        (text.count("...") + text.count("…")) / count,
        len(_STOP_WORDS & set(found)),
        sum(line.lstrip().startswith(("•", "-")) for line in lines) / max(len(lines), 1),
        sum(line.rstrip().endswith(("...", "…")) for line in lines) / max(len(lines), 1),
        sum(line.endswith(_TERMINAL) for line in filled) / max(len(filled), 1),
        sum(len(line) <= 30 for line in filled) / max(len(filled), 1),
        text.count("\n") / count,
    ]


_SCRIPTS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff", "\u0386-\u03ff\u1f00-\u1fff", "\u0400-\u052f",
    "\u05d0-\u05f4", "\u0620-\u065f\u066e-\u06ff\u0750-\u077f\ufb50-\ufdff", "\u0900-\u097f", "\u0980-\u09ff",
    "\u0e00-\u0e3e\u0e40-\u0e5f", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323ff",
    "\u3041-\u30fa\u30fc-\u30ff\uff66-\uff9f", "\uac00-\ud7a3",
)  # fmt: skip


def script_letters(text: str) -> list[int]:
    return [len(re.findall(f"[{letters}]", text)) for letters in _SCRIPTS]


def speaks(text: str, lists: list[set[str]]) -> bool:
    text = text.encode()[:1024].decode(errors="replace")
    letters = [c for c in text if re.fullmatch("[A-Za-z]", c) or (c >= "\x80" and _in_word(c))]
    han = sum(bool(re.fullmatch("[\u3400-\u4dbf\u4e00-\u9fff]", c)) for c in letters)
    kana = sum("\u3040" <= c < "\u3100" for c in letters)
    if len(letters) < 20:
        return True
    if 2 * han >= len(letters):
        return 100 * kana < 5 * len(letters)
    words = ["".join(c.lower() if c < "\xdf" else c for c in run) for run in _latin_runs(text)]
    german, french, spanish, others = (sum(word in known for word in words) for known in lists)
    most = max(german, french, spanish)
    return most > others and 100 * most >= 22 * len(words)


def toxicity_words(text: str) -> list[str]:
    """Words in small letters, with marks between letters; no names of accounts, no addresses."""
    found, at = [], 0
    word = f"(?:[0-9A-Za-z]|(?![{NOT_WORD}])[\x80-\U0010ffff])"
    while at < len(text):
        name = re.compile(f"@(?:{word}|_)*").match(text, at)
        run = re.compile(f"{word}+(?:[*$!@'’]+{word}+)*").match(text, at)
        if name or not run:
            at = name.end() if name else at + 1
            continue
        at = run.end()
        folded = re.sub(r"([0-9a-z])\1{2,}", r"\1\1", re.sub("[A-Z]", lambda c: c[0].lower(), run[0])).replace("’", "'")
        if (folded in ("http", "https") and text[at : at + 1] == ":") or (folded == "ww" and text[at : at + 1] == "."):
            while at < len(text) and not text[at].isspace():
                at += 1
            continue
        kept = ""
        for character in folded:
            if len((kept + character).encode()) <= 40:
                kept += character
        found.append(kept)
    return found


def toxicity(text: str, weights: dict[str, float]) -> float:
    """The best mean, by root of length, of what words, pairs and n-grams weigh, over stretches of 48 words."""
    said = []
    words = toxicity_words(text)
    for before, word in zip(["", *words], words, strict=False):
        padded = f" {word} ".encode()
        pieces = [padded[i : i + n] for n in (2, 3, 4, 5) for i in range(len(padded) - n + 1)]
        grams = sum(weights.get(f"gram {piece!r}", 0.0) for piece in pieces) / math.sqrt(len(pieces))
        pair = weights.get(f"pair {before} {word}", 0.0) if said else 0.0
        new = word not in words[max(0, len(said) - 48) : len(said)]
        said.append(weights.get(f"word {word}", 0.0) + grams + pair if new else 0.0)
    stops = range(48, len(said) + 24, 24) if len(said) > 48 else [len(said)]
    parts = [said[max(0, min(stop, len(said)) - 48) : stop] for stop in stops]
    return max(sum(part) / math.sqrt(len(part) + 3) for part in parts) if said else -math.inf


def vendi(rows: list[list[float]], q: float) -> float:
    """By the n x n kernel, as the paper has it."""
    kernel = [[sum(a * b for a, b in zip(one, other, strict=True)) / len(rows) for other in rows] for one in rows]
    shares = [value for value in np.linalg.eigvalsh(np.array(kernel)).tolist() if value > 1e-12]
    if q == 1:
        return math.exp(-sum(p * math.log(p) for p in shares))
    if q == math.inf:
        return 1 / max(shares)
    return math.exp(math.log(sum(p**q for p in shares)) / (1 - q))


def cosine_distances(rows: list[list[float]]) -> list[list[float]]:
    """Of each row with all rows, itself too."""
    return [[1 - sum(a * b for a, b in zip(one, other, strict=True)) for other in rows] for one in rows]


def novel_sum(rows: list[list[float]], densities: list[float]) -> float:
    """The mean over i of sigma(i) sum_j d(i, j) / rank_i(j), divided by the sum of 1 / rank; i is not among the j."""
    novelties = []
    for i, far in enumerate(cosine_distances(rows)):
        others = sorted(distance for j, distance in enumerate(far) if j != i)
        weights = [1 / rank for rank in range(1, len(others) + 1)]
        total = sum(weight * distance for weight, distance in zip(weights, others, strict=True))
        novelties.append(densities[i] * total / sum(weights))
    return sum(novelties) / len(novelties)


def facility_location(
    alike: list[list[float]], factor: list[float], cost: list[int], group: list[int], limit: list[int]
) -> list[int]:
    """Greedy as it is written: every gain anew at every step."""
    picked: list[int] = []
    left, best = list(limit), [0.0] * len(alike)
    while free := [i for i in range(len(alike)) if i not in picked and cost[i] <= left[group[i]]]:
        gains = {i: factor[i] * sum(max(0.0, s - b) for s, b in zip(alike[i], best, strict=True)) for i in free}
        row = max(free, key=lambda i: (gains[i], -i))
        picked.append(row)
        left[group[row]] -= cost[row]
        best = [max(s, b) for s, b in zip(alike[row], best, strict=True)]
    return picked


def k_center(
    alike: list[list[float]], first: int, factor: list[float], cost: list[int], group: list[int], limit: list[int]
) -> list[int]:
    """The first row, then each time the one whose factor times distance to the nearest picked is greatest."""
    picked, left = [first], list(limit)
    left[group[first]] -= cost[first]
    while True:
        free = [i for i in range(len(alike)) if i not in picked and cost[i] <= left[group[i]]]
        far = {i: factor[i] * (1 - max(alike[i][j] for j in picked)) for i in free}
        if not free or max(far.values()) <= 1e-9:
            return picked
        row = max(free, key=lambda i: (far[i], -i))
        picked.append(row)
        left[group[row]] -= cost[row]


def deita(alike: list[list[float]], order: list[int], threshold: float, most: int) -> list[int]:
    """Rows in order, unless too like one before."""
    picked: list[int] = []
    for row in order:
        if len(picked) < most and all(alike[row][other] < threshold for other in picked):
            picked.append(row)
    return picked
