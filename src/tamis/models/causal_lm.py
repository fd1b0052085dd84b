"""How surprising an answer is to a causal language model, with its prompt and without: any of transformers' models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.packed import Packed

MOST_TOKENS: Final = 1_024
BATCH: Final = 8
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Losses:
    """Mean negative log-likelihood of an answer's tokens, in nats, after its prompt and without it: shape (n,) each.

    NaN where prompt or answer is empty. Both are means over the very same tokens.
    """

    after_prompt: NDArray[np.float64]
    alone: NDArray[np.float64]


@dataclass(frozen=True)
class CausalModel:
    """A causal language model and its tokenizer, on the processor."""

    name: str
    model: Any
    tokenizer: Any

    def losses(self, prompts: Packed, answers: Packed, on_progress: Progress | None = None) -> Losses:
        """How surprising each answer is. Rows are batched by length; the result does not depend on which are.

        A text begins with the model's own beginning token, so that the first token of an answer counts in both. The
        prompt is followed by a line break. Of longer rows the end of the prompt and the beginning of the answer are
        read, half of `MOST_TOKENS` each, or of what the model reads at most.
        """
        half = min(MOST_TOKENS, getattr(self.model.config, "max_position_embeddings", MOST_TOKENS)) // 2 - 1
        n = len(answers)
        said = [self._tokens(text)[:half] for text in answers.strings()]
        asked = [self._tokens(f"{text}\n")[-half:] if text else [] for text in prompts.strings()]
        found = np.full((2, n), np.nan)
        rows = [row for row in range(n) if said[row] and asked[row]]
        rows.sort(key=lambda row: (len(said[row]) + len(asked[row]), row))
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            nothing: list[list[int]] = [[]] * n
            for side, before in enumerate((asked, nothing)):
                found[side, some] = self._batch([before[row] for row in some], [said[row] for row in some])
            if on_progress:
                on_progress(start + len(some), len(rows))
        return Losses(found[0], found[1])

    def _tokens(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _batch(self, before: list[list[int]], said: list[list[int]]) -> NDArray[np.float64]:
        import torch

        first = self.tokenizer.bos_token_id
        first = self.tokenizer.eos_token_id if first is None else first
        texts = [[first, *one, *other] for one, other in zip(before, said, strict=True)]
        width = max(map(len, texts))
        tokens = torch.tensor([text + [first] * (width - len(text)) for text in texts])
        mask = torch.tensor([[1] * len(text) + [0] * (width - len(text)) for text in texts])
        with torch.inference_mode():
            logits = self.model(input_ids=tokens, attention_mask=mask).logits[:, :-1].float()
            chosen = logits.gather(2, tokens[:, 1:, None])[:, :, 0]
            losses = (torch.logsumexp(logits, 2) - chosen).double().numpy()
        spans = ((len(text) - len(own) - 1, len(text) - 1) for text, own in zip(texts, said, strict=True))
        return np.array([losses[i, start:stop].mean() for i, (start, stop) in enumerate(spans)])


@cache
def load_causal(model: str) -> CausalModel:
    """Load a model by its name on the hub, its folder, or a GGUF file; once a process. No remote code is run.

    Raises
    ------
    TamisError
        If there is no such model, or what it needs is missing; the message says how to get it.

    Examples
    --------
    >>> load_causal("no/such.gguf")
    Traceback (most recent call last):
    tamis.errors.TamisError: causal model no/such.gguf: no such file
    """
    path = Path(model)
    if not model:
        raise TamisError("ifd needs a causal model: name one, a folder or a GGUF file with --causal-model")
    if path.suffix == ".gguf" and not path.is_file():
        raise TamisError(f"causal model {model}: no such file")
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        raise TamisError("a causal model needs transformers: pip install 'tamis[models]'") from None
    where, which = (str(path.parent), {"gguf_file": path.name}) if path.suffix == ".gguf" else (model, {})
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, **which)
        loaded: Any = AutoModelForCausalLM.from_pretrained(where, **which)
    except ImportError as error:
        told = "needs gguf: pip install 'tamis[gguf]'" if "gguf" in str(error) else str(error).strip().splitlines()[0]
        raise TamisError(f"causal model {model}: {told}") from None
    except (OSError, ValueError, KeyError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise TamisError(f"causal model {model}: cannot be loaded ({lines[0]})") from None
    return CausalModel(model, loaded.to(torch.float32).eval(), tokenizer)
