"""Which groups of people a row mentions."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.identity import Lexicon, identity_lexicon
from tamis.inputs import Texts
from tamis.registry import signal


@cache
def _lexicon() -> Lexicon:
    return identity_lexicon()


@signal(unit="groups", source="lexicon compiled after HolisticBias, Dixon et al. 2018 and Winogender")
def prompt_identities(rows: pl.DataFrame, prompts: Texts) -> NDArray[np.int64]:
    """Identity groups that the user's turns mention: bit g stands for group g of the lexicon; null is never given.

    `tamis.identity` lists the groups and their words; it reads English, so other languages have none.

    False positives: names ("Christian McBride"), parties and chessmen; about one hit in ten, by axis in docs/bias.md.
    """
    return _mask(prompts, rows.height)


@signal(unit="groups", source="lexicon compiled after HolisticBias, Dixon et al. 2018 and Winogender")
def response_identities(rows: pl.DataFrame, responses: Texts) -> NDArray[np.int64]:
    """Identity groups that the answers mention: bit g stands for group g of the lexicon; null is never given.

    False positives: those of `prompt_identities`.
    """
    return _mask(responses, rows.height)


def _mask(texts: Texts, n_rows: int) -> NDArray[np.int64]:
    lexicon = _lexicon()
    found = lexicon.mentions(texts.packed)
    masks = np.zeros(n_rows, np.int64)
    np.bitwise_or.at(masks, texts.row[found[:, 0]], np.int64(1) << lexicon.group[found[:, 3]])
    return masks
