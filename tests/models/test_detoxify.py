"""The real loading and predicting code of detoxify, on a tiny random checkpoint made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tamis.errors import TamisError
from tamis.models.toxicity import Cascade, DetoxifyOptions, DetoxifyScorer, load, load_detoxify, load_screen
from tamis.packed import Packed

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("detoxify", reason="detoxify is not installed")

CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "you",
    "are",
    "an",
    "idiot",
    "kind",
    "person",
    "the",
    "river",
    "runs",
    "north",
    ".",
    "!",
]
PLAIN = DetoxifyOptions(precision="float32")


def write(folder: Path, *, labels: int = 6, room: int | None = 32, positions: int = 32, **changes: Any) -> Path:
    """A checkpoint as detoxify's training writes it, beside its config and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=positions, num_labels=labels,
    )  # fmt: skip
    torch.manual_seed(3)
    model = transformers.BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.mul_(60)
    config.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    told = {"do_lower_case": True} | ({} if room is None else {"model_max_length": room})
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    arch = {"num_classes": 6, "model_type": "bert-base-uncased", "model_name": "BertForSequenceClassification"}
    checkpoint = {
        "config": {
            "dataset": {"args": {"classes": CLASSES}},
            "arch": {"args": {**arch, "tokenizer_name": "BertTokenizer"}},
        },
        "state_dict": model.state_dict(),
    }
    torch.save({**checkpoint, **changes}, folder / "tiny.ckpt")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "model")


@pytest.fixture
def scorer(folder: Path) -> DetoxifyScorer:
    return load_detoxify(str(folder), PLAIN)


TEXTS = ["you are an idiot!", "the river runs north.", "", "you are a kind person", "you are an idiot!", "river"]


def test_scores_are_the_models_own(scorer: DetoxifyScorer, folder: Path) -> None:
    model = transformers.BertForSequenceClassification.from_pretrained(
        None,
        config=transformers.AutoConfig.from_pretrained(folder),
        state_dict=torch.load(folder / "tiny.ckpt", weights_only=True)["state_dict"],
    ).eval()
    ids = {word: i for i, word in enumerate(WORDS)}
    wanted = []
    for text in TEXTS:
        tokens = text.replace("!", " !").replace(".", " .").split()
        row = [2, *(ids.get(token, 1) for token in tokens), 3]
        with torch.no_grad():
            wanted.append(torch.sigmoid(model(torch.tensor([row])).logits)[0].numpy() if tokens else np.zeros(6))
    assert np.allclose(scorer.score(Packed.of(TEXTS)), np.array(wanted), atol=1e-5)
    assert scorer.labels == ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")


def test_order_and_batches_do_not_matter(scorer: DetoxifyScorer, folder: Path) -> None:
    small = load_detoxify(str(folder), DetoxifyOptions(precision="float32", batch_size=1))
    turned = small.score(Packed.of(TEXTS[::-1]))[::-1]
    assert np.allclose(scorer.score(Packed.of(TEXTS)), turned, atol=1e-6)


@pytest.mark.parametrize("texts", [[], [""], ["you are kind"]])
def test_no_text_and_one_text_are_fine(scorer: DetoxifyScorer, texts: list[str]) -> None:
    assert scorer.score(Packed.of(texts)).shape == (len(texts), 6)


def test_equal_texts_are_scored_once(scorer: DetoxifyScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = scorer.model.predict
    monkeypatch.setattr(scorer.model, "predict", lambda texts: asked.extend(texts) or real(texts))
    first = scorer.score(Packed.of(TEXTS))
    assert sorted(asked) == sorted({text for text in TEXTS if text})
    assert (scorer.score(Packed.of(TEXTS)) == first).all()
    assert len(asked) == len({text for text in TEXTS if text})


@pytest.mark.parametrize("room", [32, None])
def test_a_long_text_is_read_in_windows_to_its_end(tmp_path: Path, room: int | None) -> None:
    scorer = load_detoxify(str(write(tmp_path, room=room)), PLAIN)
    long = " ".join(["the river runs north"] * 40 + ["you are an idiot"])
    scores, windows = scorer.score_and_tell(Packed.of([long, "river", ""]))
    cut = scorer.windows(long)
    assert windows.tolist() == [len(cut), 1, 0]
    assert len(cut) > 5
    assert cut[0].startswith("the river")
    assert cut[-1].endswith("you are an idiot")
    assert all(len(part.split()) <= 30 for part in cut)
    assert set(" ".join(cut).split()) == set(long.split())
    assert np.allclose(scores[0], scorer.score(Packed.of(cut)).max(axis=0), atol=1e-6)


def test_a_word_longer_than_the_model_reads_is_cut(scorer: DetoxifyScorer) -> None:
    assert np.isfinite(scorer.score(Packed.of(["a" * 5000 + " idiot"]))).all()


def test_other_weights_than_the_checkpoints_are_refused(tmp_path: Path) -> None:
    good = torch.load(write(tmp_path / "a") / "tiny.ckpt", weights_only=True)["state_dict"]
    renamed = {name.replace("bert.", "encoder."): tensor for name, tensor in good.items()}
    with pytest.raises(TamisError, match="would be random numbers"):
        load_detoxify(str(write(tmp_path / "b", state_dict=renamed)), PLAIN)


def test_a_stock_config_is_named(tmp_path: Path) -> None:
    broken = write(tmp_path)
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps({k: v for k, v in config.items() if "2" not in k}))
    with pytest.raises(TamisError, match=r"says 2 labels and the checkpoint has 6"):
        load_detoxify(str(broken), PLAIN)


def test_a_checkpoint_without_its_config_says_what_it_needs(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(TamisError, match="tokenizer of bert-base-uncased beside it"):
        load_detoxify(str(folder / "tiny.ckpt"), PLAIN)


class Payload:
    """What a checkpoint may hold beside tensors."""


def test_a_pickle_with_more_than_tensors_is_warned_of(tmp_path: Path) -> None:
    path = write(tmp_path, trainer=Payload())
    with pytest.warns(UserWarning, match="runs whatever code its maker put there"):
        assert load_detoxify(str(path), PLAIN).score(Packed.of(["river"])).shape == (1, 6)


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    write(tmp_path, state_dict={})
    with pytest.raises(TamisError, match="is no detoxify checkpoint"):
        load_detoxify(str(tmp_path), PLAIN)


def test_a_published_model_that_cannot_be_had_says_what_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(TamisError, match=r"is not at .*toxic_original.*or use 'screen'"):
        load_detoxify("original", DetoxifyOptions(download=False))


@pytest.mark.parametrize("precision", ["auto", "bfloat16", "int8"])
def test_other_number_formats_keep_close(scorer: DetoxifyScorer, folder: Path, precision: str) -> None:
    other = load_detoxify(str(folder), DetoxifyOptions(precision=precision))
    texts = Packed.of([text for text in TEXTS if text])
    assert np.abs(other.score(texts) - scorer.score(texts)).max() < 0.1


def test_the_cascade_asks_the_model_only_where_the_screen_is_unsure(scorer: DetoxifyScorer) -> None:
    texts = Packed.of(["The river runs north to the sea.", "You fucking idiot, shut up.", "you are a sad person"])
    screen = load_screen()
    cascade = Cascade(screen, scorer, low=0.1, high=0.9)
    alone, found = screen.score(texts)[:, 0], cascade.score(texts)[:, 0]
    asked = (alone >= 0.1) & (alone <= 0.9)
    assert (found[~asked] == alone[~asked]).all()
    assert np.allclose(found[asked], scorer.score(texts)[asked, 0])


def test_a_path_is_a_model_by_name(folder: Path) -> None:
    assert load(str(folder)) is load(str(folder))
