"""The static embedder against the tokenizers library and sentence-transformers, with the table of the package."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.errors import TamisError
from tamis.models.embedders import StaticEmbedder, load
from tamis.models.embedders.static import TABLE, load_static, static_embedder
from tamis.packed import Packed
from tests.kernels import strategies

TEXTS = [
    "How do I locate my card?", "Où est ma carte ?", "The 3rd “quote” — isn’t it?", "", "ᎠᎡ",
    "def f(x):\n    return x**2",    "internationalisation antidisestablishmentarianism", "漢字 and 한국어", "x" * 300,
]  # fmt: skip


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return load_static()


@pytest.fixture(scope="module")
def reference() -> object:
    """The same table as sentence-transformers reads it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    with np.load(TABLE, allow_pickle=False) as archive:
        pieces = archive["vocabulary"].tobytes().decode().split("\n")
        weights = archive["vectors"].astype(np.float32) * archive["scales"].astype(np.float32)[:, None]
    weights[pieces.index("[UNK]")] = 0
    tokenizer = Tokenizer(WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    layer = StaticEmbedding(tokenizer, embedding_weights=torch.from_numpy(weights))
    return SentenceTransformer(modules=[layer, Normalize()], device="cpu")


def close(embedder: StaticEmbedder, reference: object, texts: list[str]) -> bool:
    found = embedder.encode(Packed.of(texts))
    expected = reference.encode(texts, show_progress_bar=False)  # type: ignore[attr-defined]
    return bool(np.abs(found - expected).max(initial=0) < 1e-5)


def test_sentence_transformers_agrees(embedder: StaticEmbedder, reference: object) -> None:
    assert close(embedder, reference, TEXTS)


@given(st.lists(strategies.text, min_size=1, max_size=6))
def test_sentence_transformers_agrees_on_any_text(
    embedder: StaticEmbedder, reference: object, texts: list[str]
) -> None:
    assert close(embedder, reference, texts)


@pytest.mark.slow
@pytest.mark.data
def test_sentence_transformers_agrees_on_real_answers(embedder: StaticEmbedder, reference: object, data: Path) -> None:
    import polars as pl

    file = data / "instructions" / "hiyouga_LLaMA-Factory--alpaca_en_demo.json"
    texts = pl.read_json(file)["output"].to_list()[:1000]
    assert close(embedder, reference, texts)


@given(st.lists(strategies.text, max_size=8), st.integers(1, 4))
def test_rows_depend_on_nothing_but_their_text(embedder: StaticEmbedder, texts: list[str], threads: int) -> None:
    threaded = load_static(threads=threads)
    whole = threaded.encode(Packed.of(texts * 3))
    alone = np.concatenate([embedder.encode(Packed.of([text])) for text in texts * 3] or [whole])
    assert np.array_equal(whole, alone)
    lengths = np.linalg.norm(whole, axis=1)
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()


def test_many_rows_in_threads_equal_one_thread() -> None:
    texts = Packed.of([f"{text} {n}" for n in range(2000) for text in TEXTS])
    assert np.array_equal(load_static(threads=1).encode(texts), load_static(threads=3).encode(texts))


def test_what_is_not_known_is_told_and_says_nothing(embedder: StaticEmbedder) -> None:
    vectors, known = embedder.encode_and_tell(Packed.of(["ᎠᎡ", "cat", "cat ᎠᎡᎢ", "", " \n"]))
    assert known.characters.tolist() == [2, 3, 6, 0, 0]
    assert known.unknown.tolist() == [2, 0, 3, 0, 0]
    assert known.unknown_ratio == 5 / 11
    assert not vectors[[0, 3, 4]].any()
    assert np.array_equal(vectors[1], vectors[2])


def test_meaning_is_nearer_than_letters(embedder: StaticEmbedder) -> None:
    near, other, far = embedder.encode(
        Packed.of(["A cat sat on the sofa.", "A kitten was sitting on the couch.", "A car sat in the snow."])
    )
    assert near @ other > near @ far


def test_the_default_is_static() -> None:
    assert isinstance(load(), StaticEmbedder)
    assert load().name == load("static").name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"vectors": np.zeros((2, 3), np.float32)}, "wanted int8"),
        ({"scales": np.ones(2, np.float32)}, "do not belong together"),
        ({"scales": np.array([1, np.nan, 1], np.float32)}, "1 scales are NaN"),
        ({"pieces": [b"a", b"b", b"c"]}, "[UNK]"),
        ({"pieces": [b"[UNK]", b"b", b"b"]}, "different pieces"),
    ],
)
def test_a_table_that_is_none_is_refused(change: dict[str, object], told: str) -> None:
    parts: dict[str, object] = {
        "vectors": np.zeros((3, 2), np.int8), "scales": np.ones(3, np.float32), "pieces": [b"[UNK]", b"a", b"b"],
        **change,
    }  # fmt: skip
    with pytest.raises(TamisError) as caught:
        static_embedder(**parts)  # type: ignore[arg-type]
    assert told in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "table.npz"
    if content is None:
        buffer = io.BytesIO()
        np.savez(buffer, vectors=np.zeros((1, 1), np.int8))
        content = buffer.getvalue()
    file.write_bytes(content)
    with pytest.raises(TamisError, match="no static table"):
        load(file)
    with pytest.raises(TamisError, match="no static table at"):
        load(tmp_path / "missing.npz")
