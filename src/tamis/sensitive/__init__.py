"""Personal data and secrets in a text: where each stands, and what it is.

A `Kind` has a pattern for what may be one and a judge that says whether it is. What is printed hides all that may be
one (`tamis.masking`); signals count, and `prune --redact` replaces, what the judge lets pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tamis.sensitive._kind import Kind, Span
from tamis.sensitive.network import EMAIL, IP
from tamis.sensitive.numbers import CARD, IBAN
from tamis.sensitive.secrets import KEY, PASSWORD, PRIVATE_KEY, TOKEN, URL_PASSWORD
from tamis.sensitive.telephones import PHONE

PERSONAL: Final = (EMAIL, IBAN, CARD, IP, PHONE)
SECRETS: Final = (PRIVATE_KEY, KEY, URL_PASSWORD, TOKEN, PASSWORD)
GROUPS: Final = {"pii": PERSONAL, "secrets": SECRETS}
"""What `--redact` names. Kinds stand in order: a span that one has claimed is not given to a later one."""

__all__ = [
    "CARD",
    "EMAIL",
    "GROUPS",
    "IBAN",
    "IP",
    "PERSONAL",
    "PHONE",
    "SECRETS",
    "Kind",
    "Span",
    "find",
    "hint",
    "redacted",
]


def hint(kinds: Iterable[Kind]) -> str:
    """A fast expression for polars: a text without a match holds none of these kinds."""
    return "|".join(kind.hint.replace("(?P<value>", "(?:") for kind in kinds)


def find(text: str, kinds: Iterable[Kind] = (*SECRETS, *PERSONAL)) -> list[tuple[Span, Kind]]:
    """The spans of these kinds in ascending order, none inside another.

    >>> [(span, kind.name) for span, kind in find("Ask jo@tamis.dev or +44 20 7946 1958.")]
    [((4, 16), 'email'), ((20, 36), 'phone')]
    """
    kinds, found = tuple(kinds), list[tuple[Span, Kind]]()
    while more := _find(text, kinds):  # what stood beside a span may be one too, once that is gone
        found += more
        for (start, stop), _ in more:
            text = f"{text[:start]}[{'.' * (stop - start - 2)}]{text[stop:]}"
    return sorted(found, key=lambda at: at[0])


def _find(text: str, kinds: Iterable[Kind]) -> list[tuple[Span, Kind]]:
    found: list[tuple[Span, Kind]] = []
    for kind in kinds:
        for start, stop in kind.spans(text):
            if all(stop <= other[0] or other[1] <= start for other, _ in found):
                found.append(((start, stop), kind))
    return found


def redacted(text: str, spans: Iterable[tuple[Span, Kind]]) -> str:
    """The text with a marker in the place of each span.

    >>> redacted("Ask jo@tamis.dev.", find("Ask jo@tamis.dev."))
    'Ask [EMAIL].'
    """
    return "".join(_pieces(text, spans))


def _pieces(text: str, spans: Iterable[tuple[Span, Kind]]) -> Iterator[str]:
    at = 0
    for (start, stop), kind in spans:
        yield text[at:start]
        yield kind.marker
        at = stop
    yield text[at:]
