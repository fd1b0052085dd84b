"""Secrets: keys of services, private keys, tokens and passwords."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis import kernels
from tamis.inputs import Texts
from tamis.registry import Span, signal
from tamis.sensitive import SECRETS, find, hint

_PASSWORD_HINT: Final = "assw|ASSW|assphrase|pwd|PWD|_pass|_PASS|contrase|ot de passe|密码"
_HINT: Final = hint(SECRETS)


def _first(text: str) -> Span | None:
    return next((span for span, _ in find(text, SECRETS)), None)


@signal(
    unit="count",
    source="key formats as gitleaks 8 and detect-secrets 1.5 know them; Shannon's entropy",
    severity="high",
    reduce="sum",
    locate=_first,
)
def secrets(texts: Texts) -> pl.Series:
    """Keys, tokens and passwords in a conversation, whoever speaks; null for a row without turns.

    Counted are keys of known formats (AWS, GitHub, GitLab, Slack, Google, OpenAI, Anthropic, Hugging Face, Stripe,
    Twilio, SendGrid, npm, PyPI, web tokens), private key blocks, passwords in the URL of a server, and strings without
    a word in them that are given to a name such as `api_key`, `token` or `password`. Not counted: what says that it
    stands for a key ("your_api_key", "EXAMPLE", "xxxx"), and passwords that are words.

    False positives: keys invented at random for an example; checksums that are called a token.
    """
    bits = kernels.traces.KEY | kernels.traces.EMAIL
    hinted = pl.Series(texts.traces & bits > 0) | texts.text.str.contains(_PASSWORD_HINT)
    hinted &= _matching(texts.text, hinted)
    return texts.judged(hinted, lambda text: len(find(text, SECRETS)))


def _matching(text: pl.Series, where: pl.Series) -> pl.Series:
    """Which of the texts may hold a secret by the formats of the kinds; asked only of those that `where` marks."""
    asked = where.arg_true()
    return pl.zeros(len(text), pl.Boolean, eager=True).scatter(asked, text.gather(asked).str.contains(_HINT))
