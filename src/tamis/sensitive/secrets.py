"""Keys, tokens and passwords.

The formats of keys are those that their makers document and that gitleaks (config/gitleaks.toml) and detect-secrets
(Yelp) know; that a random string is told from a word by its entropy comes from the latter two.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

from tamis.sensitive._kind import Kind, before

_DUMMY: Final = re.compile(
    r"(?i)example|sample|dummy|fake|placeholder|not[-_]?real|your|xxx|\*\*\*|\.\.\.|<|>|changeme|change[-_]me|insert"
    r"|replace|redacted|todo"
    r"|test[-_]?(?:key|token|secret|api)|abcdefg|bcdefgh|1234567|0123456|qwerty|deadbeef|0000000|my[-_]?(?:secret"
    r"|api|token|key|pass)"
    r"|secret[-_]?(?:key|token)|api[-_]?key|access[-_]?(?:key|token)|a1b2c3|1a2b3c|[$]\{|\{\{|env[.\[(]|process\."
    r"|os\.|getenv|config"
    r"|(?:^|[-_])(?:foo|bar|baz)|(.)\1{5}"
)


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits a character.

    >>> entropy("aaaa"), entropy("abcd")
    (0.0, 2.0)
    """
    return math.log2(len(text)) - sum(n * math.log2(n) for n in Counter(text).values()) / len(text)


def _is_key(found: re.Match[str]) -> bool:
    """A key of a known format whose characters look drawn by lot, unlike those of an example."""
    value = found[0]
    drawn = re.sub(r"^(?:sk|pk|rk)[-_](?:(?:live|test|proj|ant|svcacct|admin)[-_])?|^[a-zA-Z]+[-_]", "", value)
    mixed = any(map(str.isdecimal, drawn)) + any(map(str.islower, drawn)) + any(map(str.isupper, drawn)) >= 2
    return (mixed or value.startswith("A")) and entropy(drawn) >= 3 and not _DUMMY.search(value)


_FORMATS: Final = (
    r"(?:[spr]k[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic, Stripe and their like
    r"|A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}"  # AWS
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|xox[abeoprs]-[A-Za-z0-9_-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}"
    r"|hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}"
    r"|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|(?:SK|AC)[0-9a-f]{32}|npm_[A-Za-z0-9]{36}|pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{20,}|dop_v1_[0-9a-f]{64}"
    r"|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}|eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,2})"  # Shopify; a web token
)
KEY: Final = Kind(
    "api-key",
    "secret",
    re.compile(_FORMATS),
    lambda found: _opens(found) and (_is_web_token(found[0]) if found[0].startswith("eyJ") else _is_key(found)),
    hint=_FORMATS,
)


def _opens(found: re.Match[str]) -> bool:
    """Whether a word begins here; a backslash and n before it is a line break in quoted JSON or code."""
    said = before(found, 2)
    return not said[-1:].isalnum() or said in ("\\n", "\\r", "\\t")


_EXAMPLE_TOKEN: Final = "eyJzdWIiOiIxMjM0NTY3ODkw"
"""How the payload of jwt.io's example begins, which every tutorial quotes."""


def _is_web_token(value: str) -> bool:
    parts = value.split(".")
    return (
        len(parts) == 3 and min(map(len, parts[:2])) >= 16 and len(parts[2]) >= 20 and not value.count(_EXAMPLE_TOKEN)
    )


def _is_private_key(found: re.Match[str]) -> bool:
    """Whether the block holds a key, and not three dots in its place."""
    lines = re.findall(r"[A-Za-z0-9+/=]{40,}", found[0])
    return sum(map(len, lines)) >= 64 and entropy("".join(lines)) >= 4


PRIVATE_KEY: Final = Kind(
    "private-key",
    "secret",
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
    ),
    _is_private_key,
    hint="PRIVATE KEY",
)


def _is_password(found: re.Match[str]) -> bool:
    """A value that only a person or a machine that wants a password writes: letters, digits and more, and no word."""
    value = found["value"]
    kinds = [any(map(test, value)) for test in (str.islower, str.isupper, str.isdecimal, lambda c: not c.isalnum())]
    if sum(kinds) < 3 or not kinds[2] or len(set(value)) < 6 or entropy(value) < 2.7:
        return False
    return not (_DUMMY.search(value) or _WORDS.search(value) or _CODE.search(value))


_WORDS: Final = re.compile(
    r"(?i)p[a@4]ss?(?:w[o0]rd|wd)?|passw|s[e3]cr[e3]t|admin|user|hello|welcome|letmein|login|root|hunter2|1234|abc"
    r"|mypw|test"
)
_CODE: Final = re.compile(r"[(){}\[\]<>;,]|^[$%&@/\\.]|::|->|=>|^https?:|\.(?:com|py|js|txt|get|text|value|env)\b")

_AT_SERVER: Final = r"[a-z0-9+]://[^\s:/@\"'<>]{1,64}:(?P<value>[^\s/@\"'<>]{4,})@[\w.-]"
URL_PASSWORD: Final = Kind(
    "url-password",
    "secret",
    re.compile(_AT_SERVER),
    lambda found: len(found["value"]) >= 8 and entropy(found["value"]) >= 2.7 and not _weak(found["value"]),
    hint=_AT_SERVER,
    words=("://",),
)


def _weak(value: str) -> bool:
    return (
        bool(_DUMMY.search(value) or _WORDS.search(value) or _CODE.search(value))
        or value.isalpha()
        or value.isdecimal()
    )


_ASSIGNED: Final = r"[\"']?[ \t]{0,3}(?::|=>|:=|==?)[ \t]{0,3}[\"'`]?"


def _is_token(found: re.Match[str]) -> bool:
    """A long string without a word in it, of letters and digits."""
    value = found["value"]
    if not any(c.isdecimal() for c in value) or not any(c.isalpha() for c in value):
        return False
    low = 3.0 if re.fullmatch(r"[0-9a-f-]+|[0-9A-F-]+", value) else 3.7
    return entropy(value) >= low and not _DUMMY.search(value) and not re.search(r"[a-z]{7}|[A-Z]{8}", value)


_TOKEN: Final = (
    r"(?i:api[ _-]?key|secret|token|auth[_-]?key|private[_-]?key|encryption[_-]?key|account[_-]?key|access[_-]?key"
    r"|consumer[_-]?key)"
    r"(?i:[_ -]?(?:key|id|token))?" + _ASSIGNED + r"(?:Bearer )?(?P<value>[A-Za-z0-9+/_=.~-]{16,})"
)
TOKEN: Final = Kind("token", "secret", re.compile(_TOKEN), _is_token, hint=_TOKEN, words=("key", "secret", "token"))

_PASSWORD: Final = (
    r"(?i:passw(?:or)?d|passwort|passphrase|mot de passe|contrase(?:ñ|n)a|pwd|_pass|密码)"
    + _ASSIGNED
    + r"(?P<value>[^\s\"'`]{5,}[^\s\"'`.,;)\]}])"
)
PASSWORD: Final = Kind(
    "password",
    "secret",
    re.compile(_PASSWORD),
    _is_password,
    hint=_PASSWORD,
    words=("passw", "passphrase", "mot de passe", "contrase", "pwd", "_pass", "密码"),
)
