"""Train the toxicity screen: labelled posts, neutral text, sentences about identities; fit, quantise, write.

python training/toxicity.py --data ../shared/data --wordnet /tmp/wordnet/usr/share/wordnet
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import toxicity_texts as texts
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from tamis.kernels import toxicity as kernel
from tamis.kernels.wordpiece import scratch, word_pieces
from tamis.kernels.wordpiece_characters import characters
from tamis.models.embedders.static import TABLE, load_static
from tamis.packed import Packed

FOLDER = Path(__file__).parent.parent / "src" / "tamis" / "models" / "toxicity_table"
VERSION = 1
Csr = Any


@dataclass(frozen=True)
class Settings:
    """What the fit was told."""

    strength: float = 1.0
    meaning: float = 0.7
    fewest_words: int = 2
    fewest_pairs: int = 3
    fewest_grams: int = 5
    least_weight: float = 0.01
    tolerance: float = 1e-3
    most_of_identity: float = 2.0
    seed: int = 7


class Places(dict[Any, int]):
    """A number for each thing met, in the order in which they are met."""

    def __missing__(self, key: Any) -> int:
        self[key] = len(self)
        return self[key]


def grams(word: bytes) -> list[bytes]:
    """The pieces of a word that the kernel looks up."""
    padded, shortest, longest = b" " + word + b" ", kernel.SHORTEST_GRAM, kernel.LONGEST_GRAM
    return [padded[i : i + n] for n in range(shortest, longest + 1) for i in range(len(padded) - n + 1)]


@dataclass(frozen=True)
class Features:
    """Texts as sparse matrices of what the kernel adds up, and what their columns stand for."""

    words: Csr
    pairs: Csr
    grams: Csr
    word_places: Places
    pair_places: Places
    gram_places: Places


def features(written: Iterable[list[bytes]]) -> Features:
    """Count words, pairs and n-grams as the kernel does, each text over the root of its length."""
    places = (Places(), Places(), Places())
    cells: tuple[list[dict[int, float]], ...] = ([], [], [])
    pieces: dict[bytes, list[int]] = {}
    for words in written:
        scale = 1 / np.sqrt(len(words) + kernel.DAMPING)
        new = [i for i, word in enumerate(words) if word not in words[max(0, i - kernel.WINDOW) : i]]
        word_counts, pair_counts = Counter(words[i] for i in new), Counter((words[i - 1], words[i]) for i in new if i)
        cells[0].append({places[0][word]: n * scale for word, n in word_counts.items()})
        cells[1].append({places[1][pair]: n * scale for pair, n in pair_counts.items()})
        found: Counter[int] = Counter()
        for word, n in word_counts.items():
            if word not in pieces:
                pieces[word] = [places[2][gram] for gram in grams(word)]
            for place in pieces[word]:
                found[place] += n * scale / np.sqrt(len(pieces[word]))  # type: ignore[assignment]
        cells[2].append(dict(found))
    word, pair, gram = (_matrix(part, len(place)) for part, place in zip(cells, places, strict=True))
    return Features(word, pair, gram, *places)


def _matrix(rows: list[dict[int, float]], width: int) -> Csr:
    ends = np.cumsum([0] + [len(row) for row in rows])
    columns = np.fromiter((place for row in rows for place in row), np.int64, ends[-1])
    values = np.fromiter((value for row in rows for value in row.values()), np.float64, ends[-1])
    return sparse.csr_matrix((values, columns, ends), shape=(len(rows), width))


def meanings(words: list[bytes]) -> NDArray[np.float32]:
    """What the static embedding table says of each word: the sum of its pieces' rows."""
    table, packed = load_static(), Packed.of([word.decode("utf-8", "replace") for word in words])
    ends, ids, _ = word_pieces(packed.offsets, packed.data, table.pieces, characters(), scratch())
    rows = table.vectors[ids].astype(np.float32) * table.scales[ids, None]
    sums = np.concatenate([np.zeros((1, rows.shape[1]), np.float32), np.cumsum(rows, axis=0, dtype=np.float64)])
    return np.asarray(sums[ends[1:]] - sums[ends[:-1]], np.float32)


def table_words() -> list[bytes]:
    """The whole words of the static embedding table."""
    with np.load(TABLE) as stored:
        pieces = stored["vocabulary"].tobytes().split(b"\n")
    return [piece for piece in pieces if piece.isalpha() and len(piece) > 1]


def _frequent(matrix: Csr, fewest: int) -> NDArray[np.int64]:
    return np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= fewest)


def fit(found: list[texts.Labelled], settings: Settings) -> tuple[dict[int, float], float]:
    """Fit a logistic regression; the weight under each key of the kernel, and the intercept."""
    written = [kernel.words(text.encode()) for part in found for text in part.texts]
    all_of = features(written)
    words, pairs, pieces = list(all_of.word_places), list(all_of.pair_places), list(all_of.gram_places)
    kept_words, kept_pairs, kept_grams = (
        _frequent(all_of.words, settings.fewest_words),
        _frequent(all_of.pairs, settings.fewest_pairs),
        _frequent(all_of.grams, settings.fewest_grams),
    )
    meant = settings.meaning * meanings(words)
    origin = np.concatenate([np.full(len(part.texts), part.origin) for part in found])
    columns = [
        all_of.words[:, kept_words],
        all_of.pairs[:, kept_pairs],
        all_of.grams[:, kept_grams],
        sparse.csr_matrix(all_of.words @ meant),
        sparse.csr_matrix(np.stack([origin == each for each in range(1, origin.max() + 1)], axis=1).astype(float)),
    ]
    model = LogisticRegression(
        C=settings.strength, solver="liblinear", tol=settings.tolerance, random_state=settings.seed
    )
    label = np.concatenate([part.labels for part in found])
    importance = np.concatenate([np.full(len(part.texts), part.importance) for part in found])
    model.fit(sparse.hstack(columns).tocsr(), label, sample_weight=importance)
    edges = np.cumsum([0] + [part.shape[1] for part in columns])
    own, of_pairs, of_grams, of_meaning, _ = (model.coef_[0][start:stop] for start, stop in itertools.pairwise(edges))
    every = list(dict.fromkeys([*words, *table_words()]))
    says = dict(zip(every, (settings.meaning * meanings(every) @ of_meaning).tolist(), strict=True))
    for place, weight in zip(kept_words, own.tolist(), strict=True):
        says[words[place]] += weight
    weights = {kernel.word_key(word): weight for word, weight in says.items()}
    weights |= {kernel.pair_key(*pairs[place]): w for place, w in zip(kept_pairs, of_pairs.tolist(), strict=True)}
    weights |= {kernel.gram_key(pieces[place]): w for place, w in zip(kept_grams, of_grams.tolist(), strict=True)}
    return weights, float(model.intercept_[0])


def mask(weights: dict[int, float], words: Iterable[str], most: float) -> None:
    """Let no word of these say more than so much by itself: its own weight makes up for that of its n-grams."""
    for word in sorted({part for each in words for part in each.encode().split(b"-")}):
        pieces = grams(word)
        says = sum(weights.get(kernel.gram_key(piece), 0.0) for piece in pieces) / np.sqrt(len(pieces))
        key = kernel.word_key(word)
        weights[key] = min(weights.get(key, 0.0), most - float(says))


def write(folder: Path, weights: dict[int, float], intercept: float, metadata: dict[str, Any]) -> int:
    """Write `toxicity.npz` and `toxicity.json`; bytes of both."""
    least = metadata["settings"]["least_weight"]
    kept = sorted((key, weight) for key, weight in weights.items() if abs(weight) >= least)
    keys = np.array([key for key, _ in kept], np.uint32)
    values = np.array([weight for _, weight in kept], np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "toxicity.npz", keys=keys, weights=values, intercept=np.float64(intercept))
    (folder / "toxicity.json").write_text(json.dumps({**metadata, "weights": len(kept)}, indent=1) + "\n")
    return sum((folder / name).stat().st_size for name in ("toxicity.npz", "toxicity.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--wordnet", type=Path, help="the folder of WordNet 3.0; without it that set is left out")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    started, settings = time.time(), Settings()
    found = texts.all_sets(given.data, given.wordnet, settings.seed)
    weights, intercept = fit(found, settings)
    mask(weights, texts.IDENTITIES, settings.most_of_identity)
    metadata = {
        "version": VERSION,
        "made": time.strftime("%Y-%m-%d"),
        "settings": vars(settings),
        "sets": [part.about() for part in found],
    }
    size = write(given.out, weights, intercept, metadata)
    print(f"{size:,} bytes, {time.time() - started:.0f} s")


if __name__ == "__main__":
    main()
