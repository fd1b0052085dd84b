"""Personal data and secrets are hidden in everything that is shown, unless the user asks to see them."""

from __future__ import annotations

import re

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "secret",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"),
    ),
    (
        "secret",
        re.compile(
            r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}\b"
            r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bhf_[A-Za-z0-9]{20,}"
            r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}"
        ),
    ),
    (
        "secret",
        re.compile(
            r"(?i)(?<=\bpassword[:=] )\S{6,}|(?<=\bpassword[:=])\S{6,}|(?<=\bapi_key[:=])\S{8,}|(?<=\bapi_key = )\S{8,}"
        ),
    ),
    ("card", re.compile(r"\b(?:\d[ -]?){12,18}\d\b")),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("ip", re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b")),
    # eight digits or more with what parts them, but for dates such as 2026-01-31
    ("phone", re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d\b)\+?\(?\d(?:[ ().-]{0,2}\d){7,14}(?!\w)")),
    ("phone", re.compile(r"(?<![\w.-])\d{3}[-. ]\d{4}(?![\w-])")),
)
_HINT = re.compile(r"[@\d]|sk[-_]|pk[-_]|rk[-_]|gh[pousr]_|glpat-|xox|AIza|hf_|eyJ|PRIVATE KEY|(?i:password|api_key)")


def mask(text: str) -> str:
    """The text with e-mail addresses, telephone, card and account numbers, IPs and keys replaced by their kind.

    It would rather hide too much than too little: it serves what is shown, and decides nothing.

    >>> mask("write to jo@example.org or call +44 20 7946 0958")
    'write to [e-mail] or call [phone]'
    """
    if not _HINT.search(text):
        return text
    for kind, pattern in _PATTERNS:
        text = pattern.sub(f"[{kind}]", text)
    return text


def excerpt(text: str, start: int | None, stop: int | None, *, width: int = 60, show_sensitive: bool = False) -> str:
    """The stretch around a span in about `width` characters on one line, with ellipses and sensitive parts masked.

    >>> excerpt("one two three four five", 8, 13, width=9)
    '...o three f...'
    """
    at, end = (0, min(len(text), width)) if start is None or stop is None else (start, min(stop, start + width))
    room = max(0, width - (end - at)) // 2
    left, right = max(0, at - room), min(len(text), end + room)
    # masked before it is cut, and from a wider stretch: a cut must not leave half a number unmasked
    wide = (max(0, left - 64), min(len(text), right + 64))
    head, body, tail = text[wide[0] : left], text[left:right], text[right : wide[1]]
    if not show_sensitive:
        head, body, tail = _masked(head, body, tail)
    shown = " ".join(f"{'...' if left > 0 else ''}{body}{'...' if right < len(text) else ''}".split())
    return "".join(c if c.isprintable() else "\ufffd" for c in shown)


def _masked(head: str, body: str, tail: str) -> tuple[str, str, str]:
    """Mask the whole, and keep what of the masked text lies between the two cuts."""
    joined = head + body + tail
    masked = mask(joined)
    if masked == joined:
        return head, body, tail
    kept = mask(body) if mask(head) + mask(body) + mask(tail) == masked else None
    if kept is not None:
        return "", kept, ""
    prefix = len(_common(joined[: len(head)], masked))
    suffix = len(_common(joined[::-1][: len(tail)], masked[::-1]))
    return "", masked[prefix : len(masked) - suffix], ""


def _common(left: str, right: str) -> str:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return left[:count]
