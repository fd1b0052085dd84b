"""How much the prompt helps a language model to foresee the answer: instruction-following difficulty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tamis.corpus import Corpus
from tamis.registry import signal


@signal(
    unit="ratio",
    source="IFD: Li et al. 2024 (Cherry LLM; Superfiltering): ratio of perplexities",
    scope="corpus",
    on_request=True,
)
def ifd(corpus: Corpus, *, causal_model: str = "") -> NDArray[np.float64]:
    """Perplexity of the answer given its prompt over its perplexity alone: the smaller, the more the prompt helps.

    `exp(loss after the prompt - loss alone)`, losses being means over the same tokens of the answer. Those papers
    leave out what is 1 or more, where the prompt does not help at all, and keep the greatest of the rest as the most
    instructive. `causal_model` is a name on the hub, a folder or a GGUF file of a model that transformers reads;
    signals never choose one. Texts are cut as `tamis.models.causal_lm` says. Null where prompt or answer is empty.

    False positives: short answers that nobody can foresee; the answers of a weak model, which are easy to foresee. It
    finds answers that do not belong to their prompt, not good ones.
    """
    after, alone = _losses(corpus, causal_model)
    return np.asarray(np.exp(after - alone), np.float64)


@signal(
    unit="ratio",
    source="own: ratio of losses, where Cherry LLM and Superfiltering take that of perplexities",
    scope="corpus",
    on_request=True,
)
def ifd_loss_ratio(corpus: Corpus, *, causal_model: str = "") -> NDArray[np.float64]:
    """Loss of the answer given its prompt over its loss alone: as `ifd`, by mean log-likelihood in place of perplexity.

    It orders rows otherwise than `ifd` does: a given share of the loss counts the same for easy and for hard answers.

    False positives: as for `ifd`.
    """
    after, alone = _losses(corpus, causal_model)
    ratio = np.full(len(after), np.nan)
    np.divide(after, alone, out=ratio, where=alone > 0)
    return ratio


def _losses(corpus: Corpus, model: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found = corpus.losses(model)
    own = len(corpus) - corpus.reference
    return found.after_prompt[:own], found.alone[:own]
