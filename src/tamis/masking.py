"""Personal data and secrets are hidden in everything that is shown, unless the user asks to see them."""

from __future__ import annotations

import re
from typing import Final

from tamis.sensitive import PERSONAL, SECRETS
from tamis.sensitive._kind import holds_one

_ASSIGNED: Final = re.compile(
    r"(?i)(?<=\bpassword[:=] )\S{6,}|(?<=\bpassword[:=])\S{6,}|(?<=\bapi_key[:=])\S{8,}|(?<=\bapi_key = )\S{8,}"
)
_HINT: Final = re.compile(r"[@\d:=_-]|[A-Za-z]{16}")


def mask(text: str) -> str:
    """The text with e-mail addresses, telephone, card and account numbers, IPs and keys replaced by their kind.

    It would rather hide too much than too little: it serves what is shown, and decides nothing.

    >>> mask("write to jo@example.org or call +44 20 7946 0958")
    'write to [e-mail] or call [phone]'
    """
    if not _HINT.search(text):
        return text
    email, *numbers = PERSONAL
    for kind in (email, *SECRETS):
        text = kind.masked(text)
    if holds_one(text, ("password", "api_key")):
        text = _ASSIGNED.sub("[secret]", text)
    for kind in numbers:
        text = kind.masked(text)
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
