"""HF tokenizers on all cores, and the mean of the same table's rows by torch's EmbeddingBag.

The fastest honest form: no offsets are kept (`encode_batch_fast`), blocks of rows bound the memory, and the mean
is one fused operation. With the vectors of run_embed.py it also tells how near the two are, on a second line.

python run_tokenizers.py DATA FIELD [VECTORS.npy]
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
import orjson
import torch
from protocol import timed
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

BLOCK = 4096


def strings(data: Path, field: str) -> list[str]:
    """One field of every row."""
    with data.open("rb") as file:
        return [orjson.loads(line)[field] for line in file]


def load_table() -> tuple[Tokenizer, torch.nn.EmbeddingBag]:
    """The tokenizer of tamis' table, and its rows as float32."""
    found = find_spec("tamis")
    assert found is not None
    assert found.submodule_search_locations is not None
    with np.load(Path(found.submodule_search_locations[0]) / "models" / "static_table" / "static.npz") as archive:
        pieces = archive["vocabulary"].tobytes().decode().split("\n")
        weights = archive["vectors"].astype(np.float32) * archive["scales"].astype(np.float32)[:, None]
    tokenizer = Tokenizer(WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer, torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(weights), mode="mean")


def embed(texts: list[str], tokenizer: Tokenizer, bag: torch.nn.EmbeddingBag) -> tuple[np.ndarray, int]:
    """Unit vectors, and the number of tokens."""
    rows, tokens = np.empty((len(texts), bag.embedding_dim), np.float32), 0
    for start in range(0, len(texts), BLOCK):
        ids = [each.ids for each in tokenizer.encode_batch_fast(texts[start : start + BLOCK], add_special_tokens=False)]
        ends = np.cumsum([0, *map(len, ids)])
        flat = np.fromiter(chain.from_iterable(ids), np.int64, ends[-1])
        with torch.inference_mode():
            means = bag(torch.from_numpy(flat), torch.from_numpy(ends[:-1]))
            rows[start : start + len(ids)] = torch.nn.functional.normalize(means).numpy()
        tokens += len(flat)
    return rows, tokens


if __name__ == "__main__":
    texts = strings(Path(sys.argv[1]), sys.argv[2])
    tokenizer, bag = load_table()
    kept: list[np.ndarray] = []

    def work(_: Path) -> tuple[int, dict[str, int]]:
        """Rows, and tokens."""
        rows, tokens = embed(texts, tokenizer, bag)
        kept.append(rows)
        return len(texts), {"tokens": tokens}

    timed(work, Path(sys.argv[1]))
    if len(sys.argv) > 3:
        other = np.load(sys.argv[3])
        cosines = np.einsum("ij,ij->i", kept[0], other)
        cosines[~kept[0].any(axis=1) & ~other.any(axis=1)] = 1  # both say: nothing known
        near = {"rows_below_0.9999": int((cosines < 0.9999).sum()), "worst_cosine": round(float(cosines.min()), 6)}
        print(json.dumps(near))
