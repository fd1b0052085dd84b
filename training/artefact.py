"""The stored table: written whole or not at all, read back, checked against sentence-transformers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import student
import vocabulary as words
from numpy.typing import NDArray

LARGEST = 8_000_000
"""Bytes the table may take in the package, its metadata included."""


def write(folder: Path, vocabulary: list[str], table: student.Rows, metadata: dict[str, Any]) -> int:
    """Write `static.npz` and `static.json`, each beside its place and then renamed; bytes of both."""
    folder.mkdir(parents=True, exist_ok=True)
    vectors, scales = student.quantised(table)
    flat = np.frombuffer("\n".join(vocabulary).encode(), np.uint8)
    part = folder / "static.part.npz"
    np.savez(part, vectors=vectors, scales=scales, vocabulary=flat)
    text = json.dumps(metadata, indent=1, ensure_ascii=False) + "\n"
    size = part.stat().st_size + len(text.encode())
    if size > LARGEST:
        raise ValueError(f"{size} bytes, more than {LARGEST}: fewer dimensions or pieces")
    part.rename(folder / "static.npz")
    beside = folder / "static.part.json"
    beside.write_text(text, encoding="utf-8")
    beside.rename(folder / "static.json")
    return size


def read(folder: Path) -> tuple[list[str], student.Rows]:
    """Vocabulary and dequantised table (v, d) float32."""
    with np.load(folder / "static.npz", allow_pickle=False) as stored:
        vocabulary = stored["vocabulary"].tobytes().decode().split("\n")
        table = stored["vectors"].astype(np.float32) * stored["scales"].astype(np.float32)[:, None]
    return vocabulary, table


def encode(vocabulary: list[str], texts: list[str]) -> list[list[int]]:
    """Ids of each text's known pieces: [UNK], index 0, is left out."""
    return [[i for i in found.ids if i] for found in words.tokenizer(vocabulary).encode_batch(texts)]


def through_sentence_transformers(vocabulary: list[str], table: student.Rows, texts: list[str]) -> NDArray[np.float32]:
    """The same texts through StaticEmbedding (a mean) and a normalising layer."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    module = StaticEmbedding(words.tokenizer(vocabulary), embedding_weights=torch.from_numpy(table))
    model = SentenceTransformer(modules=[module, Normalize()], device="cpu")
    return np.asarray(model.encode(texts, show_progress_bar=False), np.float32)
