"""Personal data: e-mail addresses, telephone, card and account numbers, IP addresses."""

from __future__ import annotations

import polars as pl

from tamis import kernels
from tamis.inputs import Texts
from tamis.registry import Locate, Span, signal
from tamis.sensitive import CARD, EMAIL, IBAN, IP, PHONE, Kind, find


def _first(kind: Kind) -> Locate:
    """A `locate` for a kind: where the first one stands."""

    def locate(text: str) -> Span | None:
        return next((span for span, _ in find(text, [kind])), None)

    return locate


def _counts(texts: Texts, trace: int, kind: Kind) -> pl.Series:
    """How many of a kind each text holds; only texts with its trace are searched."""
    return texts.judged(pl.Series(texts.traces & trace > 0), lambda text: len(find(text, [kind])))


@signal(unit="count", source="RFC 5321, RFC 2606", severity="medium", reduce="sum", locate=_first(EMAIL))
def emails(texts: Texts) -> pl.Series:
    """E-mail addresses in a conversation, whoever speaks; null for a row without turns.

    Not counted: the domains that RFC 2606 reserves (`example.org`, `.test`), names that only stand for an address
    (`you@yourcompany.com`, `john.doe@...`, `user@email.com`), top-level domains that no country has and few use.

    False positives: invented people at real domains; the public address of a firm.

    >>> _counts(Texts(pl.Series(["jo@tamis.dev", "jo@example.org"]), [0, 1], [0, 0]), 1, EMAIL).to_list()
    [1, 0]
    """
    return _counts(texts, kernels.traces.EMAIL, EMAIL)


@signal(unit="count", source="libphonenumber 9.0.43; NANP", severity="medium", reduce="sum", locate=_first(PHONE))
def phone_numbers(texts: Texts) -> pl.Series:
    """Telephone numbers in a conversation, whoever speaks; null for a row without turns.

    Counted are numbers with a country code and as many digits as that country has, numbers grouped as in North
    America, France and Britain, and any other number of seven digits or more that follows a word such as "phone",
    "call", "Telefon", "portable" or "电话". Not counted: numbers kept for fiction (555, Ofcom's 7700 900),
    1234567 and its like, dates.

    False positives: invented numbers, of which most are; other numbers after the word "call" or "contact".
    """
    return _counts(texts, kernels.traces.PHONE, PHONE)


@signal(unit="count", source="ISO/IEC 7812-1", severity="high", reduce="sum", locate=_first(CARD))
def card_numbers(texts: Texts) -> pl.Series:
    """Payment card numbers in a conversation: prefix, length and Luhn's digit fit; null for a row without turns.

    Not counted: the numbers that schemes publish for tests, such as 4111 1111 1111 1111.

    A number that follows a word such as "order" or "ISBN" is none; one that follows "card" may have any prefix.

    False positives: one in ten other numbers of 16 digits that begin like a card's.
    """
    return _counts(texts, kernels.traces.CARD, CARD)


@signal(unit="count", source="ISO 13616, SWIFT's IBAN registry", severity="high", reduce="sum", locate=_first(IBAN))
def ibans(texts: Texts) -> pl.Series:
    """Bank account numbers (IBAN) in a conversation, length and check digits right; null for a row without turns.

    Not counted: the examples of the registry that everybody quotes, such as DE89 3704 0044 0532 0130 00.

    False positives: none to be expected but invented accounts; one random string in 97 has the right digits.
    """
    return _counts(texts, kernels.traces.IBAN, IBAN)


@signal(
    unit="count", source="IANA's special-purpose registries, RFC 5737", severity="low", reduce="sum", locate=_first(IP)
)
def ip_addresses(texts: Texts) -> pl.Series:
    """Public IP addresses in a conversation, version 4 and 6; null for a row without turns.

    Not counted: private, local, reserved and multicast addresses, those kept for documentation (192.0.2.0/24,
    198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32), networks (`.0`), well-known name servers, and what is a version.

    False positives: numbers of sections or versions with four parts; the address of a server.
    """
    return _counts(texts, kernels.traces.IP, IP)
