"""SemHash: strings -> model2vec's StaticModel on tamis' own table -> its verdicts at 0.9; all tokens of a text count.

python run_semhash.py DATA FOLDER FIELD TABLE      e.g. run_semhash.py large.jsonl out output static.npz
Leaves FOLDER/semhash.json, [removed row, its kept row, score] each, for `run_semantic.py --check`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from protocol import timed
from semhash import SemHash
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

THRESHOLD = 0.9


def static_model(table: Path) -> StaticModel:
    """tamis' table as model2vec reads it; without its default of 512 tokens, since tamis reads on to the end."""
    arrays = np.load(table)
    words = arrays["vocabulary"].tobytes().decode().split("\n")
    vectors = arrays["vectors"].astype(np.float32) * arrays["scales"].astype(np.float32).reshape(len(words), -1)
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return StaticModel(vectors, tokenizer, normalize=True, max_length=None)


def deduplicate(texts: list[str], model: StaticModel, verdicts: Path) -> dict[str, int]:
    """Rows removed, exact copies among them; the verdicts go to a file by row number."""
    records = [{"row": number, "text": text} for number, text in enumerate(texts)]
    result = SemHash.from_records(records, columns=["text"], model=model).self_deduplicate(THRESHOLD)
    removed = [(gone.record["row"], gone.duplicate_of["row"], float(gone.score)) for gone in result.filtered]
    verdicts.write_text(json.dumps(removed))
    return {"removed": len(removed), "exact": sum(gone.exact for gone in result.filtered)}


if __name__ == "__main__":
    data, folder, field, table = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    with data.open("rb") as file:
        texts = [json.loads(line)[field] for line in file]
    model = static_model(table)
    timed(lambda _: (len(texts), deduplicate(texts, model, folder / "semhash.json")), data)
