"""MiniLM's WordPiece pieces less those of no use, the tokenizer they make, and near words by the teacher."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from teacher import folder
from texts import Neighbours

if TYPE_CHECKING:
    from tokenizers import Tokenizer

UNKNOWN = "[UNK]"
_PLAIN = re.compile(r"[a-z]{3,}")


def readable(piece: str) -> bool:
    """Is every letter of a piece Latin or Greek? Other scripts are unknown text: MiniLM was trained on English."""
    return all(
        character.isascii()
        or not unicodedata.category(character).startswith(("L", "M"))
        or unicodedata.name(character, "").startswith(("LATIN", "GREEK", "MICRO"))
        for character in piece.removeprefix("##")
    )


def pieces() -> list[str]:
    """[UNK] first, then the kept pieces in MiniLM's order, which is roughly that of their frequency."""
    every = (folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return [UNKNOWN] + [piece for piece in every if piece and not re.fullmatch(r"\[.+\]", piece) and readable(piece)]


def tokenizer(vocabulary: list[str]) -> Tokenizer:
    """BERT's uncased normaliser and pre-tokeniser and WordPiece over these pieces; no marks, no truncation."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    made = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(vocabulary)}, unk_token=UNKNOWN))
    made.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
    )
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def near_words(vocabulary: list[str], vectors: NDArray[np.float16], count: int = 12) -> Neighbours:
    """For each plain word of the vocabulary, the words whose vectors (rows as the vocabulary's) are nearest."""
    index = np.array([i for i, piece in enumerate(vocabulary) if _PLAIN.fullmatch(piece)])
    words = [vocabulary[i] for i in index]
    unit = vectors[index].astype(np.float32)
    near: Neighbours = {}
    for start in range(0, len(words), 1000):
        similarity = unit[start : start + 1000] @ unit.T
        similarity[np.arange(len(similarity)), np.arange(start, start + len(similarity))] = -1
        best = np.argpartition(-similarity, count, axis=1)[:, :count]
        for row, columns in enumerate(best):
            near[words[start + row]] = [words[column] for column in sorted(columns)]
    return near
